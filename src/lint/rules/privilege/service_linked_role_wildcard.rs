//! Service-linked roles for every service.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow of `iam:CreateServiceLinkedRole` on every role, without a condition on `iam:AWSServiceName`, in a document
    /// of the model.
    ///
    /// ## Why it matters
    ///
    /// It lets any service of AWS into the account, with the permissions that the service has chosen for itself.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "iam:CreateServiceLinkedRole", Resource: "*" }  # warning: [service-linked-role-wildcard]
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
    ///           Action: "iam:CreateServiceLinkedRole"
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "iam:AWSServiceName": ecs.amazonaws.com } }
    /// ```
    SERVICE_LINKED_ROLE_WILDCARD {
        id: "service-linked-role-wildcard",
        summary: "`iam:CreateServiceLinkedRole` for every service",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for body in context.bodies().iter().filter(|body| body.grants) {
        for statement in body.document.policy.creates_any_service_linked_role() {
            let Some(span) = statement.span else { continue };
            diagnostics.push(
                Diagnostic::warning(
                    "service-linked-role-wildcard",
                    span,
                    "`iam:CreateServiceLinkedRole` for every service of AWS",
                )
                .help("add a condition such as `StringEquals: { \"iam:AWSServiceName\": ecs.amazonaws.com }`"),
            );
        }
    }
}
