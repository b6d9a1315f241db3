//! A key with several values, compared as if it had one.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::Catalogue;
use crate::iam::policy::Family;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition on a key that can have several values in one request, such as `aws:TagKeys` or `aws:CalledVia`, without
    /// `ForAnyValue:` or `ForAllValues:` in front of the operator.
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
    let catalogue = Catalogue::embedded();
    for stated in context.stated() {
        for (number, clause) in stated.clauses() {
            let statement = stated.statement;
            if statement.family(number) == Family::Null || !statement.is_single(number) {
                continue;
            }
            let key = catalogue.condition_key(&clause.key.value);
            if !key.is_some_and(|key| key.is_multivalued) {
                continue;
            }
            let operator = &clause.operator.value;
            let message = format!("`{}` can have several values, `{operator}` compares one", clause.key.value);
            let finding = Diagnostic::error("missing-set-operator", clause.operator.span, message)
                .related(clause.key.span, "this key")
                .help(format!(
                    "write `ForAnyValue:{operator}` if one value is enough, `ForAllValues:{operator}` if all must match"
                ));
            diagnostics.push(stated.place(finding));
        }
    }
}
