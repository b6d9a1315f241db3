//! A service control policy on the account that none restricts.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A service control policy that is attached to the management account itself.
    ///
    /// ## Why it matters
    ///
    /// Service control policies do not restrict the management account: neither those on the root nor those on the account.
    /// Whoever reads the list believes otherwise.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     DenyLeavingOrganization: policies/deny-leaving.json
    ///   root:
    ///     accounts:
    ///       management:
    ///         id: "111111111111"
    ///         service_control_policies: [FullAWSAccess, DenyLeavingOrganization]  # warning: [service-control-policy-without-effect] "DenyLeavingOrganization"
    /// ```
    ///
    /// ## Put right
    ///
    /// Attach it to the units or accounts that it is meant for. What the management account is to be kept from belongs in the
    /// permission sets that are assigned there.
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
    SERVICE_CONTROL_POLICY_WITHOUT_EFFECT {
        id: "service-control-policy-without-effect",
        summary: "a service control policy on the management account, which none restricts",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(organization) = context.organization() else { return };
    let Some(management) = organization.management_account.map(|account| organization.account(account)) else { return };
    let Some(attached) = &management.service_controls else { return };
    for policy in &attached.policies {
        let name = &organization.service_control_policy(policy.value).name.value;
        diagnostics.push(
            Diagnostic::warning(
                "service-control-policy-without-effect",
                policy.span,
                format!("`{name}` does nothing on the management account `{}`", management.name),
            )
            .help("attach it elsewhere: service control policies do not restrict the management account"),
        );
    }
}
