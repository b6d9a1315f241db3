//! An account that is named by hand and not active.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An account under `accounts` whose status is not `ACTIVE`.
    ///
    /// ## Why it matters
    ///
    /// AWS refuses assignments in suspended and closed accounts, so bailiwick emits none.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dev, shop-old]  # warning: [inactive-account] "shop-old"
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it, or refresh the snapshot of the organization.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dev]
    /// ```
    INACTIVE_ACCOUNT {
        id: "inactive-account",
        summary: "an account that is named by hand and not active",
        kind: Adjustable,
        check: None,
    }
}
