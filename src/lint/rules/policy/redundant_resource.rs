//! A resource that another one of its statement holds.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A resource pattern that another one of the same list holds already. The rule is off until a level is set: lists are
    /// often written so on purpose.
    ///
    /// ## Why it matters
    ///
    /// It costs characters of a document that has few
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { redundant-resource: warn } }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: ["arn:aws:s3:::data/*", "arn:aws:s3:::data/in/*"]  # warning: [redundant-resource] ""arn:aws:s3:::data/in/*""
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { redundant-resource: warn } }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "arn:aws:s3:::data/*"
    /// ```
    REDUNDANT_RESOURCE {
        id: "redundant-resource",
        summary: "a resource that another one of its statement holds",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        let words = &stated.wording.resources;
        for (at, word) in words.iter().enumerate() {
            // Of two alike, the first stays.
            let holds = |other: usize| {
                let statement = stated.statement;
                other != at
                    && statement.resource_holds(other, at)
                    && (other < at || !statement.resource_holds(at, other))
            };
            let Some(wider) = (0..words.len()).find(|&other| holds(other)) else { continue };
            let message = format!("`{}` holds `{}` already", words[wider].value, word.value);
            let finding = Diagnostic::warning("redundant-resource", word.span, message)
                .related(words[wider].span, "the wider one")
                .help("remove it");
            diagnostics.push(finding);
        }
    }
}
