//! A key with several values, compared as if it had one.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::Family;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition on a key that can have several values in one request, such as `aws:TagKeys` or `aws:CalledVia`, without
    /// `ForAnyValue:` or `ForAllValues:` in front of the operator. It is an error for keys of all services and a warning for
    /// those of one, some of which are documented as lists and carry one value.
    ///
    /// ## Why it matters
    ///
    /// Without a set operator the key is read as one with a single value, and which requests match is not defined
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
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
    ///           Action: "ec2:CreateTags"
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "aws:TagKeys": [team] } }  # error: [missing-set-operator] "StringEquals"
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
    ///           Action: "ec2:CreateTags"
    ///           Resource: "*"
    ///           Condition: { "ForAnyValue:StringEquals": { "aws:TagKeys": [team] } }
    /// ```
    MISSING_SET_OPERATOR {
        id: "missing-set-operator",
        summary: "a condition key with several values, compared without `ForAnyValue:` or `ForAllValues:`",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        for (number, clause) in stated.clauses() {
            let statement = stated.statement;
            if statement.family(number) == Family::Null || !statement.is_single(number) {
                continue;
            }
            let Some(key) = clause.known_key.filter(|key| key.is_multivalued) else {
                continue;
            };
            let operator = &clause.operator.value;
            let message = format!("`{}` can have several values, `{operator}` compares one", clause.key.value);
            let place = clause.operator.span;
            // Some services call a key a list and take one value; AWS's own policies compare it so.
            let finding = match key.name.starts_with("aws:") {
                true => Diagnostic::error("missing-set-operator", place, message),
                false => Diagnostic::warning("missing-set-operator", place, message),
            };
            let finding = finding.related(clause.key.span, "this key").help(format!(
                "write `ForAnyValue:{operator}` if one value is enough, `ForAllValues:{operator}` if all must match"
            ));
            diagnostics.push(finding);
        }
    }
}
