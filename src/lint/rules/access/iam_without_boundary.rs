//! Reaching `iam:*`, or a way to it, with nothing in between.

use crate::access::{Access, AccountId, Organization, PermissionsBoundary, SetId};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::iam::assess::{AccountKind, BoundaryEffect, Class, Finding};
use crate::lint::{Context, Reach, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set whose policies together reach `iam:*`, or can escalate to it, without a permissions boundary that
    /// stops it. All policies of the set are judged together, AWS-managed documents included, with `NotAction`, wildcards,
    /// conditions and Deny; what the boundary takes away does not count, and neither does what service control policies
    /// withhold in every account where the set is assigned. The management account is beyond their reach.
    ///
    /// It is an error where the policies grant it for certain, or under a condition that can be met, and a warning where
    /// that depends on something the model does not know, such as the trust policy of a role or a session tag. A Deny under a
    /// condition that people need not meet, such as `aws:SecureTransport`, changes nothing. Resource policies, key
    /// policies, trust policies and resource control policies are not considered.
    ///
    /// ## Why it matters
    ///
    /// Whoever can change identities can become any of them: every other limit of the permission set is then a matter of
    /// courtesy. A Deny in the same set does not help, because the new principal does not inherit it. A permissions
    /// boundary that withholds these actions does.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Admin:  # error: [iam-without-boundary]
    ///     aws_managed_policies: [AdministratorAccess]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Admin:
    ///     aws_managed_policies: [AdministratorAccess]
    ///     permissions_boundary: AdminBoundary
    /// policies:
    ///   AdminBoundary:
    ///     path: /boundaries/
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, NotAction: ["iam:*", "sts:*", "sso:*", "organizations:*"], Resource: "*" }
    /// ```
    IAM_WITHOUT_BOUNDARY {
        id: "iam-without-boundary",
        summary: "a permission set that reaches `iam:*`, or can escalate to it, without a boundary that stops it",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for set in access.set_ids().filter(|&set| access.permission_set(set).declared) {
        // The bodies of variants and what is withheld differ from account to account; the first choice that is as bad as
        // any speaks for the set.
        let worst = context
            .reach(set)
            .iter()
            .filter_map(|reach| {
                let kind = account_kind(access, reach);
                reach.assessment.worst(kind).map(|finding| (reach, finding, kind))
            })
            .min_by_key(|(_, finding, kind)| (severity(finding, *kind), finding.class));
        if let Some((reach, finding, kind)) = worst {
            diagnostics.push(diagnostic(context, set, reach, finding, kind));
        }
    }
}

fn account_kind(access: &Access, reach: &Reach) -> AccountKind {
    let administrative = access.administrative_accounts().any(|account| reach.accounts.contains(account.index()));
    if administrative { AccountKind::Administrative } else { AccountKind::Member }
}

fn severity(finding: &Finding, kind: AccountKind) -> Severity {
    if finding.is_certain(kind) { Severity::Error } else { Severity::Warning }
}

fn diagnostic(context: &Context<'_>, set: SetId, reach: &Reach, finding: &Finding, kind: AccountKind) -> Diagnostic {
    let details = context.access.permission_set(set);
    let name = &details.name.value;
    let without = match reach.assessment.boundary {
        BoundaryEffect::None => "without a permissions boundary",
        BoundaryEffect::Unrestricting => "under a permissions boundary that allows everything",
        BoundaryEffect::Restricting => "in spite of its permissions boundary",
        BoundaryEffect::Undecided => "under a permissions boundary whose body is not known",
    };
    let what = match finding.class {
        Class::FullAdmin | Class::IamWildcard => "reaches `iam:*`",
        _ => "can escalate its privileges",
    };
    let dependence = finding.dependence(kind).map(|depends| format!(", {depends}")).unwrap_or_default();
    let message = format!("`{name}` {what} {without}");
    let mut diagnostic = match severity(finding, kind) {
        Severity::Error => Diagnostic::error("iam-without-boundary", details.name.span, message),
        _ => Diagnostic::warning("iam-without-boundary", details.name.span, message),
    }
    .because(format!("it {}{dependence}", finding.sentence(&reach.policies)));
    // Service control policies may hold it back elsewhere.
    let restricted = context.reach(set).iter().any(|other| !other.policies.service_controls.is_empty());
    if restricted && !reach.accounts.is_clear() {
        let accounts: Vec<AccountId> = context
            .organization()
            .into_iter()
            .flat_map(Organization::account_ids)
            .filter(|account| reach.accounts.contains(account.index()))
            .collect();
        diagnostic = diagnostic.because(format!("that holds in {}", context.name_accounts(&accounts)));
    }
    for step in &finding.steps {
        let named = reach.places.get(step.policy).copied();
        if let Some(place) =
            step.span.or(named).filter(|place| diagnostic.related.iter().all(|(known, _)| known != place))
        {
            diagnostic = diagnostic.related(place, "granted here");
        }
    }
    for (place, text) in reach.denials(finding) {
        if diagnostic.related.iter().all(|(known, _)| *known != place) {
            diagnostic = diagnostic.related(place, text);
        }
    }
    if let Some(boundary) = &details.permissions_boundary {
        let place = match boundary {
            PermissionsBoundary::Customer(policy) => policy.span,
            PermissionsBoundary::AwsManaged(policy) => policy.span,
        };
        diagnostic = diagnostic.related(place, "the permissions boundary");
    }
    let others = reach.assessment.needs_boundary(kind).count().saturating_sub(1);
    let others = match others {
        0 => String::new(),
        1 => "; there is 1 more way".to_owned(),
        more => format!("; there are {more} more ways"),
    };
    let remedy = match (&details.permissions_boundary, reach.assessment.boundary) {
        (None, _) | (_, BoundaryEffect::None) => "attach a `permissions_boundary` that does not allow it".to_owned(),
        (Some(PermissionsBoundary::Customer(policy)), BoundaryEffect::Undecided) => {
            format!("write what the boundary allows as the `document` of `{}` under `policies`", policy.name)
        }
        (Some(PermissionsBoundary::Customer(policy)), _) => {
            format!("narrow the boundary `{}`, so that it does not allow it", policy.name)
        }
        (Some(PermissionsBoundary::AwsManaged(_)), _) => {
            "choose a `permissions_boundary` that does not allow it".to_owned()
        }
    };
    diagnostic.help(format!("{remedy}, or grant less{others}"))
}
