//! A name that no service control policy has.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A name in a list of `service_control_policies` that `organization.service_control_policies` does not declare.
    /// `FullAWSAccess`, the policy of AWS that allows everything, needs no declaration.
    ///
    /// ## Why it matters
    ///
    /// Permission sets are judged by what the policies above an account withhold. With a policy that nobody knows, every
    /// answer about the accounts below is a guess.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     DenyLeavingOrganization: policies/deny-leaving.json
    ///   root:
    ///     service_control_policies: [FullAWSAccess, DenyLeaveOrganization]  # error: [unknown-service-control-policy] "DenyLeaveOrganization"
    ///     accounts: { management: "111111111111" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     DenyLeavingOrganization: policies/deny-leaving.json
    ///   root:
    ///     service_control_policies: [FullAWSAccess, DenyLeavingOrganization]
    ///     accounts: { management: "111111111111" }
    /// ```
    UNKNOWN_SERVICE_CONTROL_POLICY {
        id: "unknown-service-control-policy",
        summary: "a service control policy that the organization does not declare",
        kind: Fixed,
        check: None,
    }
}
