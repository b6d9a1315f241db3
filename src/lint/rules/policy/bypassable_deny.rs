//! A Deny that its own permission set can get around.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::assess::{AccountKind, Class, Finding};
use crate::iam::catalogue::Catalogue;
use crate::iam::policy::Actions;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A Deny in a permission set that can create or change another principal: everything of IAM, or a way to it that needs
    /// nothing else. A Deny of identity actions alone (of IAM, STS, Organizations and Identity Center) is left alone, for it
    /// may be what closes such a way.
    ///
    /// ## Why it matters
    ///
    /// A Deny binds the role it stands in. Whoever can make another role, or give one more, does what is denied from there; a
    /// permissions boundary, or a service control policy, binds those too
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:  # error: [iam-without-boundary]
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "*", Resource: "*" }
    ///         - { Effect: Deny, Action: "cloudtrail:StopLogging", Resource: "*" }  # warning: [bypassable-deny] "Deny"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, NotAction: ["iam:*", "sts:*", "sso:*", "organizations:*"], Resource: "*" }
    ///         - { Effect: Deny, Action: "cloudtrail:StopLogging", Resource: "*" }
    /// ```
    BYPASSABLE_DENY {
        id: "bypassable-deny",
        summary: "a Deny that its own permission set can get around",
        kind: Adjustable,
        check: Some(check),
    }
}

/// The services whose actions say who may do what: those of Identity Center have several prefixes.
const IDENTITY: [&str; 9] = [
    "iam",
    "sts",
    "organizations",
    "sso",
    "sso-directory",
    "sso-oauth",
    "identitystore",
    "identitystore-auth",
    "identity-sync",
];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let identity = Actions::of_services(Catalogue::embedded(), &IDENTITY);
    for merged in context.merged() {
        let Some(way) =
            merged.assessment.findings.iter().filter(|finding| makes_principals(finding)).min_by_key(|f| f.class)
        else {
            continue;
        };
        let allows = merged.statements().filter(|statement| statement.allows);
        let granted = Actions::union(allows.map(|statement| statement.actions()));
        for stated in merged.own().filter(|stated| !stated.statement.allows) {
            let denied = stated.statement.actions();
            if !denied.meet(&granted) || identity.includes(denied) {
                continue;
            }
            let name = merged.name;
            let message = format!("`{name}` can get around this Deny: it can create or change another principal");
            let mut finding = Diagnostic::warning("bypassable-deny", stated.wording.effect, message)
                .help("deny it in a service control policy, or stop the other principal with a permissions boundary");
            if let Some(place) = way.steps.iter().find_map(|step| step.span) {
                finding = finding.related(place.at_start(), "granted here");
            }
            diagnostics.push(merged.judged(&stated, finding));
        }
    }
}

fn makes_principals(finding: &Finding) -> bool {
    let far = matches!(finding.class, Class::FullAdmin | Class::IamWildcard | Class::Direct);
    // What a way depends on beside the model may not be there; it does not depend on the account.
    far && finding.is_certain(AccountKind::Member)
}
