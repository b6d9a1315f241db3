//! Grants on roles that only Identity Center may touch.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::words::few;

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow of `sts:AssumeRole` or `iam:PassRole` whose resources are all roles of Identity Center, below
    /// `role/aws-reserved/`; an Allow of an action that changes roles, such as `iam:PutRolePolicy`, is a note.
    ///
    /// ## Why it matters
    ///
    /// It grants nothing: the roles trust the SAML provider of Identity Center and nobody else, and IAM protects them from
    /// every change that Identity Center does not make. Somebody expects it to work.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "sts:AssumeRole", Resource: "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*" }  # warning: [reserved-role-action]
    /// ```
    ///
    /// ## Put right
    ///
    /// Assign the other permission set to the group, and let people choose it when they sign in.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_sets: [AppDeveloper, ReadOnlyAuditor]
    ///     ous: [Workloads]
    /// ```
    RESERVED_ROLE_ACTION {
        id: "reserved-role-action",
        summary: "a grant on roles of Identity Center, which nobody may assume, pass or change",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for body in context.bodies().iter().filter(|body| body.grants) {
        for (statement, actions) in body.document.policy.grants_on_reserved_roles() {
            let Some(span) = statement.span else { continue };
            let mut changing = Vec::new();
            for action in actions {
                let why = match action {
                    "iam:PassRole" => "no service can use its roles",
                    "sts:AssumeRole" => "its roles trust nobody but Identity Center",
                    _ => {
                        changing.push(action);
                        continue;
                    }
                };
                diagnostics.push(
                    Diagnostic::warning(
                        "reserved-role-action",
                        span,
                        format!("`{action}` on roles of Identity Center grants nothing"),
                    )
                    .label(why)
                    .help("remove the action; to give people another permission set, assign it to their group"),
                );
            }
            if changing.is_empty() {
                continue;
            }
            diagnostics.push(
                Diagnostic::note(
                    "reserved-role-action",
                    span,
                    format!("{} on reserved roles grants nothing", few(&changing, 3, |action| format!("`{action}`"))),
                )
                .label("IAM protects these roles from everybody but AWS")
                .help("remove the action; a role of Identity Center changes with its permission set"),
            );
        }
    }
}
