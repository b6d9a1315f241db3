//! A condition that restricts nothing.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::Family;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition that every request satisfies: a network that holds every address, a time that is over behind
    /// `DateGreaterThan`, the value `*` behind an operator that also holds for an absent key. The value `*` behind a plain
    /// `StringLike` is a note: it only asks for the key to be there.
    ///
    /// ## Why it matters
    ///
    /// It looks like a limit and is none
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
    ///           Action: "s3:GetObject"
    ///           Resource: "*"
    ///           Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }  # warning: [always-true-condition] ""0.0.0.0/0""
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
    ///           Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }
    /// ```
    ALWAYS_TRUE_CONDITION {
        id: "always-true-condition",
        summary: "a condition that every request satisfies",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let as_of = context.access.as_of.as_second();
    for stated in context.stated() {
        let statement = stated.statement;
        for (number, clause) in stated.clauses() {
            let family = statement.family(number);
            if statement.is_past(number, as_of) {
                let place = clause.values.first().map_or(clause.key.span, |value| value.span);
                let message = "this time is over, so the condition holds for every request";
                let finding = Diagnostic::warning("always-true-condition", place, message);
                diagnostics.push(finding.help("remove the condition, or correct the date"));
                continue;
            }
            if statement.is_negated(number) {
                continue;
            }
            for value in &clause.values {
                let finding = match (&*value.value, family) {
                    ("0.0.0.0/0" | "::/0", Family::IpAddress) => Diagnostic::warning(
                        "always-true-condition",
                        value.span,
                        format!("`{}` is every address", value.value),
                    )
                    .help("name the networks that are meant, or remove the condition"),
                    ("*", Family::String | Family::Arn) if !statement.reads_wildcards(number) => continue,
                    ("*", Family::String | Family::Arn) if statement.when_absent(number) == Some(true) => {
                        let message = format!("every request satisfies this, with `{}` or without", clause.key.value);
                        Diagnostic::warning("always-true-condition", value.span, message)
                            .related(clause.operator.span, "holds for an absent key")
                            .help("remove the condition, or name what is meant")
                    }
                    ("*", Family::String | Family::Arn) if statement.when_absent(number) == Some(false) => {
                        let message = format!("this asks only that `{}` is there", clause.key.value);
                        Diagnostic::note("always-true-condition", value.span, message)
                            .help(format!("write `\"Null\": {{ \"{}\": \"false\" }}`, which says so", clause.key.value))
                    }
                    _ => continue,
                };
                diagnostics.push(finding);
            }
        }
    }
}
