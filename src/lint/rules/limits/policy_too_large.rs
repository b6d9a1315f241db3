//! A policy document that is larger than AWS takes.

use memchr::memchr3_iter;

use crate::access::Document;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::{bytes, non_whitespace};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A policy document that is larger than AWS takes: an inline policy with more than 10,240 characters that are not
    /// white space, or more than 32,768 bytes in all; a customer-managed policy with more than 6,144 characters that are
    /// not white space; a service control policy with more than 10,240 characters.
    /// A document from nine tenths of its limit on is a warning, and takes a level.
    ///
    /// ## Why it matters
    ///
    /// Neither `terraform validate` nor cfn-lint counts. The sizes are those of the compact JSON that is sent; `<`, `>`
    /// and `&` count six times, because that is how Terraform writes them.
    ///
    /// ## Put right
    ///
    /// Move statements to a customer-managed policy, or split it. Wildcards and `NotAction` shorten a document and widen
    /// what it allows: prefer a second policy.
    POLICY_TOO_LARGE {
        id: "policy-too-large",
        summary: "a policy document that is larger than AWS takes",
        kind: Adjustable,
        check: Some(check),
    }
}

/// `<`, `>` and `&` are six characters each in the JSON that Terraform writes.
fn escaped(json: &str) -> usize {
    memchr3_iter(b'<', b'>', b'&', json.as_bytes()).count() * 5
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for document in access.permission_sets.iter().filter_map(|set| set.inline_policy.as_ref()) {
        // https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
        let of_characters = judge(document, "an inline policy", CHARACTERS, 10_240);
        diagnostics.extend(of_characters.or_else(|| judge(document, "an inline policy", BYTES, 32_768)));
    }
    for policy in access.policies.iter().filter(|policy| policy.external.is_none()) {
        for document in policy.documents() {
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
            diagnostics.extend(judge(document, "a customer-managed policy", CHARACTERS, 6_144));
        }
    }
    let controls = context.organization().into_iter().flat_map(|organization| &organization.service_control_policies);
    for document in controls.filter_map(|control| control.document.as_ref()) {
        // What counts is the text that AWS Organizations has; nothing shorter than the compact JSON says the same.
        let characters = document.json.chars().count();
        if characters > LARGEST_SERVICE_CONTROL_POLICY {
            let message = format!(
                "a service control policy of {characters} characters, AWS takes {LARGEST_SERVICE_CONTROL_POLICY}"
            );
            diagnostics.push(
                Diagnostic::error("policy-too-large", document.named_at, message)
                    .help("take the document from AWS Organizations again, or split the policy")
                    .hard(),
            );
        }
    }
}

/// The characters of a service control policy, white space included: 5,120 until May 2026, 10,240 since
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>).
const LARGEST_SERVICE_CONTROL_POLICY: usize = 10_240;

/// What a quota counts.
struct Unit {
    name: &'static str,
    count: fn(&str) -> usize,
}

const CHARACTERS: Unit = Unit { name: "characters without white space", count: non_whitespace };
const BYTES: Unit = Unit { name: "bytes", count: bytes };

/// A document against its limit; from nine tenths on, the next statement may not fit.
fn judge(document: &Document, what: &str, unit: Unit, limit: usize) -> Option<Diagnostic> {
    let escaped = escaped(&document.json);
    // There are no more characters than bytes, and few documents have to be counted.
    if (bytes(&document.json) + escaped) * 10 < limit * 9 {
        return None;
    }
    let (size, unit) = ((unit.count)(&document.json) + escaped, unit.name);
    let message = format!("{what} of {size} {unit}, AWS takes {limit}");
    let help = "move statements to another customer-managed policy";
    if size > limit {
        Some(Diagnostic::error("policy-too-large", document.named_at, message).help(help).hard())
    } else if size * 10 >= limit * 9 {
        Some(Diagnostic::warning("policy-too-large", document.named_at, message).label("nearly full").help(help))
    } else {
        None
    }
}
