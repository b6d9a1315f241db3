//! The rows of the matrix, as declared.

use crate::record;
use crate::syntax::decode::{AccountRef, List, Named, OneOrMany, Text};

record! {
    /// A row of the matrix: a principal gets a permission set in a selection of accounts.
    Assignment, "an assignment" {
        /// A group, by display name.
        group: Option<Text>,
        /// Several groups.
        groups: Option<Box<List<Text>>>,
        /// A user, by user name: the documented exception, which needs `owner`, `expires` and `reason`.
        user: Option<Box<Text>>,
        /// A permission set, by name.
        permission_set: Option<Text>,
        /// Several permission sets.
        permission_sets: Option<Box<List<Text>>>,
        /// Organizational units by path from the root; descendants are included, `_root_` is the whole organization
        /// without its management account.
        ous: Option<List<Text>>,
        /// Accounts by name or id.
        accounts: Option<Box<List<AccountRef>>>,
        /// Narrows the selection to accounts with these tags: a value or a list of values for each key.
        account_tags: Option<Box<Named<OneOrMany>>>,
        /// What is taken out of the selection; it always wins.
        exclude: Option<Box<Exclude>>,
        /// Who answers for the row.
        owner: Option<Box<Text>>,
        /// When the access ends: a date (it ends at the next midnight UTC) or a timestamp with an offset.
        expires: Option<Box<Text>>,
        /// Why the row exists.
        reason: Option<Box<Text>>,
    }
}

record! {
    /// Accounts that are taken out of a selection.
    Exclude, "`exclude`" {
        /// Organizational units by path; descendants are included.
        ous: Option<List<Text>>,
        /// Accounts by name or id.
        accounts: Option<List<AccountRef>>,
    }
}
