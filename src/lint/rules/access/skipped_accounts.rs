//! Accounts that units bring in and that are not active.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// Accounts below a targeted unit whose status is not `ACTIVE`. It is a note, said once for the whole model.
    ///
    /// ## Why it matters
    ///
    /// They receive no access, which is right, and worth knowing when somebody asks.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    ///           shop-old: { id: "333333333333", status: SUSPENDED }  # note: [skipped-accounts] "shop-old"
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Nothing. Set its level to `allow` to silence it.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    SKIPPED_ACCOUNTS {
        id: "skipped-accounts",
        summary: "accounts that units bring in and that are not active",
        kind: Adjustable,
        check: None,
    }
}
