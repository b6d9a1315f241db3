//! A service control policy that is attached nowhere.

use fixedbitset::FixedBitSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A service control policy that is declared and attached neither to the root nor to a unit or an account.
    ///
    /// ## Why it matters
    ///
    /// It withholds nothing, but whoever reads the model believes that it does.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     DenyLeavingOrganization: policies/deny-leaving.json  # warning: [unused-service-control-policy] "DenyLeavingOrganization"
    ///   root:
    ///     service_control_policies: [FullAWSAccess]
    ///     accounts: { management: "111111111111" }
    /// ```
    ///
    /// ## Put right
    ///
    /// Attach it where it is attached in AWS Organizations, or remove it.
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
    UNUSED_SERVICE_CONTROL_POLICY {
        id: "unused-service-control-policy",
        summary: "a service control policy that is attached nowhere",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(organization) = context.organization() else { return };
    // A name that points at nothing may be this policy, misspelt: one mistake is one finding.
    if organization.attached_controls().any(|list| list.unresolved) {
        return;
    }
    let attached = organization.attached_controls().flat_map(|list| &list.policies);
    let used: FixedBitSet = attached.map(|policy| policy.value.index()).collect();
    for (index, policy) in organization.service_control_policies.iter().enumerate() {
        if !used.contains(index) {
            let message = format!("the service control policy `{}` is attached nowhere", policy.name.value);
            diagnostics.push(
                Diagnostic::warning("unused-service-control-policy", policy.name.span, message)
                    .help("name it under `service_control_policies` of the root, a unit or an account, or remove it"),
            );
        }
    }
}
