//! A `*` that is a character.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::KeyType;
use crate::iam::policy::Family;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A `*` in a value of `StringEquals`, `StringNotEquals` or one of their `IgnoreCase` forms.
    ///
    /// ## Why it matters
    ///
    /// These operators compare the text as it stands, so the `*` matches a `*` and nothing else: an Allow grants nothing, a
    /// Deny with the negated operator denies everybody
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).
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
    ///           Action: "s3:ListBucket"
    ///           Resource: "arn:aws:s3:::data"
    ///           Condition: { StringEquals: { "s3:prefix": "home/*" } }  # warning: [wildcard-without-like] ""home/*""
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
    ///           Action: "s3:ListBucket"
    ///           Resource: "arn:aws:s3:::data"
    ///           Condition: { StringLike: { "s3:prefix": "home/*" } }
    /// ```
    WILDCARD_WITHOUT_LIKE {
        id: "wildcard-without-like",
        summary: "a `*` behind an operator that reads it as a character",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        for (number, clause) in stated.clauses() {
            let statement = stated.statement;
            if statement.family(number) != Family::String || statement.reads_wildcards(number) {
                continue;
            }
            let has_star = |text: &str| text.contains('*') && text.replace("${*}", "").contains('*');
            for value in clause.values.iter().filter(|value| has_star(&value.value)) {
                let is_arn = clause.known_key.is_some_and(|key| key.kind == KeyType::Arn);
                let not = if statement.is_negated(number) { "Not" } else { "" };
                let like = if is_arn { "Arn" } else { "String" };
                let message = format!("`{}` reads `*` as a character", clause.operator.value);
                let finding = Diagnostic::warning("wildcard-without-like", value.span, message)
                    .related(clause.operator.span, "the operator")
                    .help(format!("write `{like}{not}Like`, or `${{*}}` if the character is meant"));
                diagnostics.push(finding);
            }
        }
    }
}
