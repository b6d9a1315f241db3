//! `ForAllValues`, which holds for a request without the key.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// `ForAllValues:` in an Allow without a `Null` condition that asks for the key to be there; and `ForAllValues:` on a
    /// key that has one value at most. A key of one service with several values is a note, for most requests carry it.
    /// `aws:TagKeys` in an Allow is left alone: a request without tags is what that pattern
    /// means to let through.
    ///
    /// ## Why it matters
    ///
    /// `ForAllValues:` also holds for a request that does not carry the key at all, so the Allow is wider than it looks
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
    ///           Action: "s3:GetObject"
    ///           Resource: "*"
    ///           Condition:
    ///             "ForAllValues:StringEquals": { "aws:CalledVia": [athena.amazonaws.com] }  # warning: [for-all-values-alone] ""ForAllValues:StringEquals""
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
    ///             "ForAllValues:StringEquals": { "aws:CalledVia": [athena.amazonaws.com] }
    ///             "Null": { "aws:CalledVia": "false" }
    /// ```
    FOR_ALL_VALUES_ALONE {
        id: "for-all-values-alone",
        summary: "`ForAllValues:` that also holds for a request without the key",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        for (number, clause) in stated.clauses() {
            let name = &*clause.key.value;
            if !stated.statement.is_for_all(number) || stated.statement.asks_for(name) {
                continue;
            }
            let Some(key) = clause.known_key else { continue };
            let operator = &*clause.operator.value;
            let bare = operator.split_once(':').map_or(operator, |(_, bare)| bare);
            let (message, help) = if !key.is_multivalued {
                let message = format!("`{name}` has one value at most, and `ForAllValues:` also holds without it");
                (message, format!("write `{bare}`"))
            } else if stated.statement.allows && !name.eq_ignore_ascii_case("aws:TagKeys") {
                let message = format!("this Allow also holds for requests without `{name}`");
                (message, format!("add `\"Null\": {{ \"{name}\": \"false\" }}`"))
            } else {
                continue;
            };
            // A service that has such a key mostly sends it with every request that the key is documented for.
            let finding = match key.is_multivalued && !key.is_global {
                true => Diagnostic::note("for-all-values-alone", clause.operator.span, message),
                false => Diagnostic::warning("for-all-values-alone", clause.operator.span, message),
            };
            diagnostics.push(finding.help(help));
        }
    }
}
