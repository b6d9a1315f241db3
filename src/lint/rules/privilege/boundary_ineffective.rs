//! A boundary that takes nothing away.

use crate::access::PermissionsBoundary;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::assess::BoundaryEffect;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permissions boundary that allows every action on everything and denies nothing.
    ///
    /// ## Why it matters
    ///
    /// A boundary grants nothing and takes away what it does not allow: this one takes nothing away. It reads as if the
    /// permission set were limited.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Operator:
    ///     aws_managed_policies: [SecurityAudit]
    ///     permissions_boundary: { aws_managed: AdministratorAccess }  # warning: [boundary-ineffective]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Operator:
    ///     aws_managed_policies: [SecurityAudit]
    ///     permissions_boundary: { aws_managed: ReadOnlyAccess }
    /// ```
    BOUNDARY_INEFFECTIVE {
        id: "boundary-ineffective",
        summary: "a permissions boundary that takes nothing away",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for id in access.set_ids() {
        let set = access.permission_set(id);
        let Some(boundary) = &set.permissions_boundary else { continue };
        if context.reach(id).iter().all(|reach| reach.assessment.boundary != BoundaryEffect::Unrestricting) {
            continue;
        }
        let (name, place) = match boundary {
            PermissionsBoundary::Customer(policy) => (&policy.name, policy.span),
            PermissionsBoundary::AwsManaged(name) => (&name.value, name.span),
        };
        let mut finding = Diagnostic::warning(
            "boundary-ineffective",
            place,
            format!("`{name}` allows everything, so it does not limit `{}`", set.name.value),
        );
        if let PermissionsBoundary::Customer(policy) = boundary
            && let Some(declared) = policy.policy
        {
            finding = finding.related(access.policy(declared).name.span, "allows everything and denies nothing");
        }
        diagnostics
            .push(finding.help("write a boundary that allows what the function may ever need, and nothing else"));
    }
}
