//! An operator, a key and values that do not go together.

use std::net::IpAddr;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::iam::catalogue::KeyType;
use crate::iam::policy::{Family, is_date};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition value that its operator cannot read, such as a word behind `Bool` or a malformed network behind
    /// `IpAddress`; and an operator of another type than its key, such as `NumericLessThan` on an ARN. String operators on
    /// ARN keys are left alone, for they compare the text, and so are ARN operators with ARNs on keys of text. String operators on keys of other types are a warning, for they
    /// compare the spelling.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts most of these documents, and the comparison fails for every request: an Allow grants nothing, a Deny
    /// protects nothing
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
    ///           Action: "s3:*"
    ///           Resource: "*"
    ///           Condition: { Bool: { "aws:SecureTransport": "no" } }  # error: [condition-type-mismatch] ""no""
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
    ///           Action: "s3:*"
    ///           Resource: "*"
    ///           Condition: { Bool: { "aws:SecureTransport": "false" } }
    /// ```
    CONDITION_TYPE_MISMATCH {
        id: "condition-type-mismatch",
        summary: "an operator, a condition key and values that do not go together",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        for (number, clause) in stated.clauses() {
            let family = stated.statement.family(number);
            let is_variable = |value: &str| stated.wording.variables && value.contains("${");
            let unread = clause.values.iter().filter(|value| !is_variable(&value.value));
            for value in unread.filter(|value| !reads(family, &value.value)) {
                let (what, help) = expected(family);
                let message = format!("`{}` reads {what}, not `{}`", clause.operator.value, value.value);
                let finding = Diagnostic::error("condition-type-mismatch", value.span, message);
                diagnostics.push(finding.related(clause.operator.span, "the operator").help(help));
            }
            let Some(key) = clause.known_key else { continue };
            // A tag or an encryption context may well hold ARNs.
            let holds_arns = family == Family::Arn && clause.values.iter().all(|value| reads(family, &value.value));
            if key.kind == KeyType::String && holds_arns {
                continue;
            }
            let Some((severity, help)) = mismatch(family, key.kind) else { continue };
            let message = format!(
                "`{}` is no operator for `{}`, {}",
                clause.operator.value,
                clause.key.value,
                described(key.kind)
            );
            let finding = match severity {
                Severity::Error => Diagnostic::error("condition-type-mismatch", clause.operator.span, message),
                _ => Diagnostic::warning("condition-type-mismatch", clause.operator.span, message),
            };
            diagnostics.push(finding.related(clause.key.span, "the key").help(help));
        }
    }
}

/// Whether an operator can read a value.
fn reads(family: Family, value: &str) -> bool {
    match family {
        Family::String | Family::Binary => true,
        Family::Numeric => value.parse::<f64>().is_ok_and(f64::is_finite),
        Family::Date => is_date(value),
        Family::Bool | Family::Null => ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)),
        Family::IpAddress => is_network(value),
        Family::Arn => value.starts_with("arn:") || value.starts_with(['*', '?']),
    }
}

/// Whether a value is an address, alone or with the length of its prefix behind a slash.
fn is_network(value: &str) -> bool {
    let (address, length) = value.split_once('/').map_or((value, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= longest))
}

/// What an operator reads, and what to write.
fn expected(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Numeric => ("a number", "write digits, or use a string operator"),
        Family::Date => ("a date", "write it as `2026-12-01T00:00:00Z`"),
        Family::Bool | Family::Null => ("`true` or `false`", "write `true` or `false`"),
        Family::IpAddress => ("an address or a network", "write it as `203.0.113.0/24` or `2001:db8::/32`"),
        Family::Arn => ("an ARN", "write `arn:partition:service:region:account:resource`, or use a string operator"),
        Family::String | Family::Binary => ("text", "write text"),
    }
}

fn described(kind: KeyType) -> &'static str {
    match kind {
        KeyType::String => "which is text",
        KeyType::Arn => "which is an ARN",
        KeyType::Bool => "which is `true` or `false`",
        KeyType::Numeric => "which is a number",
        KeyType::Date => "which is a date",
        KeyType::IpAddress => "which is an address",
    }
}

/// How wrong an operator is for a type of key, and what to use.
fn mismatch(family: Family, kind: KeyType) -> Option<(Severity, &'static str)> {
    let help = match kind {
        KeyType::String => "use `StringEquals` or `StringLike`",
        KeyType::Arn => "use `ArnEquals` or `ArnLike`",
        KeyType::Bool => "use `Bool`",
        KeyType::Numeric => "use `NumericEquals` or another numeric operator",
        KeyType::Date => "use `DateLessThan` or another date operator",
        KeyType::IpAddress => "use `IpAddress` or `NotIpAddress`",
    };
    let severity = match (family, kind) {
        (Family::Null, _)
        | (Family::String, KeyType::String | KeyType::Arn)
        | (Family::Arn, KeyType::Arn)
        | (Family::Bool, KeyType::Bool)
        | (Family::Numeric, KeyType::Numeric | KeyType::Date)
        | (Family::Date, KeyType::Date)
        | (Family::IpAddress, KeyType::IpAddress)
        | (Family::Binary, _) => return None,
        // The text of a value is compared: `True` is not `true`, `08` is not `8`.
        (Family::String, _) => Severity::Warning,
        // What AWS documents as text may have been given a type since.
        (_, KeyType::String) => Severity::Warning,
        _ => Severity::Error,
    };
    Some((severity, help))
}
