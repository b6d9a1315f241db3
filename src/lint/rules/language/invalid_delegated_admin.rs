//! A delegated administrator that cannot be one.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A `delegated_admin` that is the management account.
    ///
    /// ## Why it matters
    ///
    /// AWS delegates to member accounts only.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// identity_center:
    ///   delegated_admin: management  # error: [invalid-delegated-admin] "management"
    /// ```
    ///
    /// ## Put right
    ///
    /// Leave the key out: without it, the management account administers Identity Center.
    ///
    /// ```yaml
    /// identity_center:
    ///   delegated_admin: audit
    /// ```
    INVALID_DELEGATED_ADMIN {
        id: "invalid-delegated-admin",
        summary: "a delegated administrator that cannot be one",
        kind: Fixed,
        check: None,
    }
}
