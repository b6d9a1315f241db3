//! A policy document that is larger than AWS takes.

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
    json.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).count() * 5
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for document in access.permission_sets.iter().filter_map(|set| set.inline_policy.as_ref()) {
        let characters = non_whitespace(&document.json) + escaped(&document.json);
        let bytes = bytes(&document.json) + escaped(&document.json);
        // https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
        let of_characters = judge(document, "an inline policy", characters, "characters without white space", 10_240);
        diagnostics.extend(of_characters.or_else(|| judge(document, "an inline policy", bytes, "bytes", 32_768)));
    }
    for policy in access.policies.iter().filter(|policy| policy.external.is_none()) {
        for document in policy.documents() {
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
            let characters = non_whitespace(&document.json) + escaped(&document.json);
            let unit = "characters without white space";
            diagnostics.extend(judge(document, "a customer-managed policy", characters, unit, 6_144));
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

/// A document against its limit; from nine tenths on, the next statement may not fit.
fn judge(document: &Document, what: &str, size: usize, unit: &str, limit: usize) -> Option<Diagnostic> {
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
