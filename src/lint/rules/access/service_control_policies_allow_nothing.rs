//! A level at which service control policies allow nothing.

use crate::access::{AttachedControls, Organization};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A list of `service_control_policies` without `FullAWSAccess` in which no other policy allows anything either.
    ///
    /// ## Why it matters
    ///
    /// An action needs an Allow at every level from the root down to the account. Policies that only deny do not take the
    /// place of `FullAWSAccess`: below such a level nobody can do anything. Where that is meant, `FullAWSAccess` with a
    /// policy that denies everything says so.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     DenyLeavingOrganization:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*" }
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         service_control_policies: [DenyLeavingOrganization]  # warning: [service-control-policies-allow-nothing] "[DenyLeavingOrganization]"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     DenyLeavingOrganization:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*" }
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         service_control_policies: [FullAWSAccess, DenyLeavingOrganization]
    /// ```
    SERVICE_CONTROL_POLICIES_ALLOW_NOTHING {
        id: "service-control-policies-allow-nothing",
        summary: "a level at which no service control policy allows anything",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(organization) = context.organization() else { return };
    for list in organization.attached_controls().filter(|list| allows_nothing(organization, list)) {
        let finding = Diagnostic::warning(
            "service-control-policies-allow-nothing",
            list.span,
            "none of these policies allows anything, so nobody can do anything below",
        );
        diagnostics.push(finding.help("add `FullAWSAccess`: policies that deny take away from it"));
    }
}

fn allows_nothing(organization: &Organization, list: &AttachedControls) -> bool {
    !list.full_aws_access
        && !list.unresolved
        && list.policies.iter().all(|policy| {
            let document = organization.service_control_policy(policy.value).document.as_ref();
            document.is_some_and(|document| {
                document.policy.is_complete() && document.policy.statements().iter().all(|statement| !statement.allows)
            })
        })
}
