//! More service control policies than AWS Organizations takes.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

/// Since May 2026 a root, a unit or an account takes 10 and a document has 10,240 characters, twice as many as before
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>).
const MOST_ATTACHED: usize = 10;

declare_rule! {
    /// ## What it finds
    ///
    /// More than 10 service control policies on the root, on a unit or on an account; `FullAWSAccess` is one of them.
    ///
    /// ## Why it matters
    ///
    /// AWS Organizations refuses the eleventh, so the snapshot cannot be right.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     { A: policies/deny.json, B: policies/deny.json, C: policies/deny.json, D: policies/deny.json, E: policies/deny.json, F: policies/deny.json, G: policies/deny.json, H: policies/deny.json, I: policies/deny.json, J: policies/deny.json }
    ///   root:
    ///     service_control_policies: [FullAWSAccess, A, B, C, D, E, F, G, H, I, J]  # error: [too-many-service-control-policies]
    ///     accounts: { management: "111111111111" }
    /// ```
    ///
    /// ## Put right
    ///
    /// Take the list from AWS Organizations again: policies of the levels above are not part of it.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     { A: policies/deny.json, B: policies/deny.json, C: policies/deny.json, D: policies/deny.json, E: policies/deny.json, F: policies/deny.json, G: policies/deny.json, H: policies/deny.json, I: policies/deny.json, J: policies/deny.json }
    ///   root:
    ///     service_control_policies: [FullAWSAccess, A, B, C, D, E, F]
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads: { service_control_policies: [FullAWSAccess, G, H, I, J] }
    /// ```
    TOO_MANY_SERVICE_CONTROL_POLICIES {
        id: "too-many-service-control-policies",
        summary: "more service control policies at one level than AWS Organizations takes",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(organization) = context.organization() else { return };
    for list in organization.attached_controls().filter(|list| list.count() > MOST_ATTACHED) {
        let message =
            format!("{} service control policies at one level, AWS Organizations takes {MOST_ATTACHED}", list.count());
        diagnostics.push(
            Diagnostic::error("too-many-service-control-policies", list.span, message)
                .help("list what is attached here; what is attached above counts there"),
        );
    }
}
