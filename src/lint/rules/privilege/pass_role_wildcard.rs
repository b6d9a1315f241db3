//! `iam:PassRole` on every role.

use crate::access::SetId;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::Certainty;
use crate::iam::assess::{AccountKind, Class, Granted};
use crate::lint::{Context, Reach, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// `iam:PassRole` on every role of the account: an error without a condition on `iam:PassedToService`, a warning with
    /// one, be it in the Allow or in a Deny of everything else. Where a Deny may apply of which nothing is certain, or a policy
    /// that has a say is not in the model, it is a warning, too. Where `iam-without-boundary` already reports what the grant leads to, and in policies of AWS that carry the
    /// condition, it is not said again.
    ///
    /// ## Why it matters
    ///
    /// Whoever may hand any role to a service has the permissions of the mightiest role that trusts one, as soon as they
    /// may also create what the service runs.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "iam:PassRole", Resource: "*" }  # error: [pass-role-wildcard]
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
    ///         - Effect: Allow
    ///           Action: "iam:PassRole"
    ///           Resource: "arn:aws:iam::*:role/workloads/*"
    ///           Condition: { StringEquals: { "iam:PassedToService": lambda.amazonaws.com } }
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   passable_roles: ["arn:aws:iam::*:role/workloads/*"]  # judged harmless: whoever passes them gains nothing
    /// ```
    PASS_ROLE_WILDCARD {
        id: "pass-role-wildcard",
        summary: "`iam:PassRole` on every role",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    if let Some(lint) = &access.lint {
        for role in lint.passable_roles.iter().chain(&lint.assumable_roles).flat_map(|list| &list.value) {
            if !role.as_str().starts_with("arn:") || role.as_str().matches(':').count() < 5 {
                diagnostics.push(
                    Diagnostic::error(
                        "invalid-value",
                        role.span,
                        format!("`{}` is not the ARN of a role", role.as_str()),
                    )
                    .help("write a pattern such as `arn:aws:iam::*:role/workloads/*`"),
                );
            }
        }
    }
    for set in access.set_ids() {
        for reach in context.reach(set) {
            let granted = reach.assessment.granted("iam:PassRole").filter(|granted| granted.unlimited);
            for granted in granted.filter(|granted| !is_said(reach, granted)) {
                diagnostics.extend(judge(context, set, reach, granted));
            }
        }
    }
}

/// Whether another rule says what the grant leads to.
fn is_said(reach: &Reach, granted: &Granted) -> bool {
    reach.assessment.needs_boundary(AccountKind::Member).any(|finding| {
        matches!(finding.class, Class::FullAdmin | Class::IamWildcard)
            || finding.steps.iter().any(|step| {
                (step.action, step.policy, step.statement) == (Some(granted.action), granted.policy, granted.statement)
            })
    })
}

fn judge(context: &Context<'_>, set: SetId, reach: &Reach, granted: &Granted) -> Option<Diagnostic> {
    let name = &context.access.permission_set(set).name;
    let receiver = granted.keys.iter().chain(&granted.denying_keys).any(|key| &**key == "iam:passedtoservice");
    let place = match granted.span {
        Some(span) => span,
        // A policy of AWS with the condition is meant to be used as it is.
        None if receiver => return None,
        None => *reach.places.get(granted.policy)?,
    };
    let possible = granted.certainty == Certainty::Possible;
    let verb = if possible { "may be able to" } else { "may" };
    // A Deny without a condition leaves some roles out.
    let limited = granted.certainty == Certainty::Proven && !granted.unless.is_empty();
    let which = if limited { "every role of the account that no Deny names" } else { "every role of the account" };
    let message = format!("`{}` {verb} pass {which}", name.value);
    let mut finding = match (receiver, possible) {
        (true, _) => Diagnostic::warning("pass-role-wildcard", place, format!("{message} to a service")),
        (false, true) => Diagnostic::warning("pass-role-wildcard", place, format!("{message} to every service")),
        (false, false) => Diagnostic::error("pass-role-wildcard", place, format!("{message} to every service")),
    };
    if let Some(caveat) = &reach.assessment.caveat {
        finding = finding.because(caveat.as_str());
    }
    finding = finding.related(name.span, "the permission set");
    for place in granted.unless.iter().filter_map(|deny| deny.span).take(1) {
        let what = if possible { "may be denied here" } else { "denied here in part" };
        finding = finding.related(place, what);
    }
    let finding = finding
        .help("name the roles, best by a path such as `role/workloads/*`, and the services with `iam:PassedToService`");
    Some(reach.judged(granted.policy, finding))
}
