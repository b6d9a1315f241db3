//! Everything but a few resources.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow with `NotResource`, in a document of the model that a permission set attaches.
    ///
    /// ## Why it matters
    ///
    /// It grants the actions on everything that is not named: all that is there, and all that is made tomorrow. Whoever
    /// wrote it meant to protect a few resources; a Deny protects them, whatever else is allowed.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:PutObject", NotResource: "arn:aws:s3:::payroll/*" }  # warning: [allow-not-resource]
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
    ///         - { Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::team-a/*" }
    /// ```
    ALLOW_NOT_RESOURCE {
        id: "allow-not-resource",
        summary: "an Allow of everything but some resources",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for body in context.bodies().iter().filter(|body| body.grants) {
        for statement in body.document.policy.statements().iter().filter(|statement| statement.allows_all_but()) {
            let Some(span) = statement.span else { continue };
            diagnostics.push(
                Diagnostic::warning(
                    "allow-not-resource",
                    span,
                    "an Allow with `NotResource` grants the actions on everything else",
                )
                .help("name the resources under `Resource`, and deny what must stay out of reach"),
            );
        }
    }
}
