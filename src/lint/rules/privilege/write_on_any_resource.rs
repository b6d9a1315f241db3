//! Changes to every resource there is.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow, in a document of the model, of actions that change something, on `*` and without a condition, though the
    /// actions could be limited to named resources.
    ///
    /// It is off until a level is set: most policies have such statements.
    ///
    /// ## Why it matters
    ///
    /// The statement reaches everything in the account, also what others put there tomorrow.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { write-on-any-resource: warn } }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: ["sqs:ListQueues", "sqs:PurgeQueue"], Resource: "*" }  # warning: [write-on-any-resource]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { write-on-any-resource: warn } }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "sqs:ListQueues", Resource: "*" }
    ///         - { Effect: Allow, Action: "sqs:PurgeQueue", Resource: "arn:aws:sqs:*:*:team-a-*" }
    /// ```
    WRITE_ON_ANY_RESOURCE {
        id: "write-on-any-resource",
        summary: "actions that change something, on every resource",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for body in context.bodies().iter().filter(|body| body.grants) {
        for (statement, actions) in body.document.policy.changes_anything() {
            let (Some(span), Some(first)) = (statement.span, actions.first()) else { continue };
            let more = match actions.len() - 1 {
                0 => String::new(),
                1 => " and 1 more action".to_owned(),
                more => format!(" and {more} more actions"),
            };
            diagnostics.push(
                Diagnostic::warning(
                    "write-on-any-resource",
                    span,
                    format!("`{first}`{more} on every resource, though they could be limited"),
                )
                .help("move them to a statement that names the resources, or add a condition on their tags"),
            );
        }
    }
}
