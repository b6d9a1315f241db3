//! A name that several accounts have.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An account name that stands more than once in the organization.
    ///
    /// ## Why it matters
    ///
    /// AWS does not keep account names unique.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads: { accounts: { shop: "222222222222" } }
    ///       Sandbox: { accounts: { shop: "333333333333" } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop]  # error: [ambiguous-account] "shop"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use the id.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads: { accounts: { shop: "222222222222" } }
    ///       Sandbox: { accounts: { shop: "333333333333" } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: ["222222222222"]
    /// ```
    AMBIGUOUS_ACCOUNT {
        id: "ambiguous-account",
        summary: "a name that several accounts have",
        kind: Fixed,
        check: None,
    }
}
