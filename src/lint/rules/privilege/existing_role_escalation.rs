//! Entering what already runs with a role.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::assess::Class;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that may change or enter what already runs with a role: the code of a function, a shell on an
    /// instance, a build, a stack.
    ///
    /// It is off until a level is set: every set that deploys or operates something can do this, and what it gives depends
    /// on the roles of the account, which the model does not hold.
    ///
    /// ## Why it matters
    ///
    /// The permissions of such a role are as good as granted, and `iam:PassRole` is not needed.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { existing-role-escalation: warn } }
    /// permission_sets:
    ///   Operator:  # warning: [existing-role-escalation] "Operator"
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "lambda:UpdateFunctionCode", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { existing-role-escalation: warn } }
    /// permission_sets:
    ///   Operator:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "lambda:InvokeFunction", Resource: "*" }
    /// ```
    EXISTING_ROLE_ESCALATION {
        id: "existing-role-escalation",
        summary: "changing or entering what already runs with a role",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for id in access.set_ids() {
        let name = &access.permission_set(id).name;
        let of_class = |class: Class| class == Class::ExistingRole;
        let found = context.reach(id).iter().find_map(|reach| {
            let mut findings = reach.assessment.findings.iter().filter(|finding| of_class(finding.class));
            findings.next().map(|first| (reach, first, findings.count()))
        });
        let Some((reach, finding, more)) = found else { continue };
        let more = match more {
            0 => String::new(),
            1 => "; there is 1 more way".to_owned(),
            more => format!("; there are {more} more ways"),
        };
        let mut diagnostic = Diagnostic::warning(
            "existing-role-escalation",
            name.span,
            format!("`{}` may act as roles that already run something", name.value),
        )
        .because(format!("it {}", finding.sentence(&reach.policies)));
        for step in &finding.steps {
            if let Some(place) = step.span.or_else(|| reach.places.get(step.policy).copied()) {
                diagnostic = diagnostic.related(place, "granted here");
            }
        }
        diagnostics
            .push(diagnostic.help(format!("limit the actions to resources of the team, by name or by tag{more}")));
    }
}
