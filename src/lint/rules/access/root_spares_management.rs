//! `_root_` does not reach the management account.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A row that targets `_root_` and does not name the management account. It is a note.
    ///
    /// ## Why it matters
    ///
    /// StackSets never reach the management account, and a permission set that is used there cannot be administered
    /// by a delegated administrator. So units, `_root_` included, never reach it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [_root_]  # note: [root-spares-management] "_root_"
    /// ```
    ///
    /// ## Put right
    ///
    /// Name it under `accounts` if it is meant, or under `exclude` to say that it is not.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [_root_]
    ///     accounts: [management]
    /// ```
    ROOT_SPARES_MANAGEMENT {
        id: "root-spares-management",
        summary: "`_root_` does not reach the management account",
        kind: Adjustable,
        check: None,
    }
}
