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
        kind: Fixed,
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
        let message = if characters > 10_240 {
            format!("an inline policy of {characters} characters without white space, AWS takes 10240")
        } else if bytes > 32_768 {
            format!("an inline policy of {bytes} bytes, AWS takes 32768")
        } else {
            continue;
        };
        diagnostics.push(too_large(document, message));
    }
    for policy in access.policies.iter().filter(|policy| policy.external.is_none()) {
        for document in policy.documents() {
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
            let characters = non_whitespace(&document.json) + escaped(&document.json);
            if characters > 6_144 {
                let message =
                    format!("a customer-managed policy of {characters} characters without white space, AWS takes 6144");
                diagnostics.push(too_large(document, message));
            }
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
                    .help("take the document from AWS Organizations again, or split the policy"),
            );
        }
    }
}

/// The characters of a service control policy, white space included: 5,120 until May 2026, 10,240 since
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>).
const LARGEST_SERVICE_CONTROL_POLICY: usize = 10_240;

fn too_large(document: &Document, message: String) -> Diagnostic {
    Diagnostic::error("policy-too-large", document.named_at, message)
        .help("move statements to another customer-managed policy")
}
