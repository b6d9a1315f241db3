//! An account that is not in the organization.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A name or id that no account of the snapshot has.
    ///
    /// ## Why it matters
    ///
    /// An assignment in an account that does not exist, or that is not yours, must not be deployed.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dve]  # error: [unknown-account] "shop-dve"
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the name, or refresh the snapshot.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dev]
    /// ```
    UNKNOWN_ACCOUNT {
        id: "unknown-account",
        summary: "an account that is not in the organization",
        kind: Fixed,
        check: None,
    }
}
