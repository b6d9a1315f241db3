//! Conditions that no request can satisfy.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::Contradiction;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// Conditions of one statement that exclude each other, such as two different values for one key or `Null: "true"` beside
    /// a comparison; and a condition on a time that is over.
    ///
    /// ## Why it matters
    ///
    /// All conditions of a statement must hold together, so the statement never applies: an Allow grants nothing, a Deny
    /// protects nothing
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "*"
    ///           Condition:
    ///             StringEquals: { "aws:RequestedRegion": eu-west-1 }
    ///             StringLike: { "aws:RequestedRegion": us-east-1 }  # warning: [contradictory-condition] ""aws:RequestedRegion""
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
    ///           Action: "s3:GetObject"
    ///           Resource: "*"
    ///           Condition:
    ///             StringEquals: { "aws:RequestedRegion": [eu-west-1, us-east-1] }
    /// ```
    CONTRADICTORY_CONDITION {
        id: "contradictory-condition",
        summary: "conditions that no request can satisfy",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let as_of = context.access.as_of.as_second();
    for stated in context.stated() {
        let clauses = &stated.wording.clauses;
        let finding = match stated.statement.contradiction(as_of) {
            None => continue,
            Some(Contradiction::Alone(at)) => {
                let place = clauses[at].values.first().map_or(clauses[at].key.span, |value| value.span);
                Diagnostic::warning(
                    "contradictory-condition",
                    place,
                    "this time is over, so the statement never applies",
                )
                .help("remove the statement, or correct the date")
            }
            // Two keys of one operator are one key in other capitals, which is reported as that.
            Some(Contradiction::Pair(a, b)) if clauses[a].operator.span == clauses[b].operator.span => continue,
            Some(Contradiction::Pair(a, b)) => {
                let message = format!(
                    "no request satisfies both conditions on `{}`, so the statement never applies",
                    clauses[b].key.value
                );
                Diagnostic::warning("contradictory-condition", clauses[b].key.span, message)
                    .related(clauses[a].key.span, "the other condition")
                    .help("list alternatives as several values of one key, or make two statements")
            }
        };
        diagnostics.push(finding);
    }
}
