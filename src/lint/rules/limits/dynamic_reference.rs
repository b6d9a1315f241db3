//! A text that CloudFormation would take for a dynamic reference.

use crate::access::{Access, Document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// A text with `{{resolve:` in it. It is an error where the output is CloudFormation, and a warning elsewhere.
    ///
    /// ## Why it matters
    ///
    /// CloudFormation replaces [dynamic references](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html)
    /// wherever they stand in a template, policy documents included, and has no way to write one down as text. What would
    /// reach AWS is not what the model says: the value of a secret, or a failed deployment.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing:
    ///     description: "{{resolve:ssm:billing}}"  # warning: [dynamic-reference] ""{{resolve:ssm:billing}}""
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing:
    ///     description: Sees the bills
    /// ```
    DYNAMIC_REFERENCE {
        id: "dynamic-reference",
        summary: "a text that CloudFormation would take for a dynamic reference",
        kind: Fixed,
        check: Some(check),
    }
}

/// How a dynamic reference begins.
const BEGINNING: &str = "{{resolve:";

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let report = |what: &str, span: Span| {
        let message = format!("{what} holds `{BEGINNING}`, which CloudFormation replaces");
        let finding = if context.for_cloudformation {
            Diagnostic::error("dynamic-reference", span, message)
        } else {
            Diagnostic::warning("dynamic-reference", span, message)
        };
        diagnostics.push(finding.help("write it another way: CloudFormation cannot be told to leave it as it is"));
    };
    find(context.access, report);
}

/// Calls `report` for every text that would reach a template and holds a dynamic reference.
fn find(access: &Access, mut report: impl FnMut(&str, Span)) {
    let mut text = |what: &str, text: &str, span: Span| {
        if text.contains(BEGINNING) {
            report(what, span);
        }
    };
    for set in &access.permission_sets {
        for (what, field) in [("a description", &set.description), ("a relay state", &set.relay_state)] {
            if let Some(field) = field {
                text(what, &field.value, field.span);
            }
        }
        for (key, value) in &set.tags {
            text("a tag", &key.value, key.span);
            text("a tag", &value.value, value.span);
        }
        document(set.inline_policy.as_ref(), &mut text);
    }
    for policy in &access.policies {
        if let Some(description) = &policy.description {
            text("a description", &description.value, description.span);
        }
        text("a path", &policy.path, policy.path_span);
        for body in policy.documents() {
            document(Some(body), &mut text);
        }
    }
    for (key, source) in &access.attributes {
        text("an attribute", &key.value, key.span);
        text("an attribute", &source.value, source.span);
    }
    for row in &access.rows {
        for principal in &row.principals {
            text("the name of a principal", &access.principal(principal.value).name, principal.span);
        }
    }
    for account in access.organization.iter().flat_map(|organization| &organization.accounts) {
        text("the name of an account", &account.name, account.span);
    }
}

fn document(document: Option<&Document>, text: &mut impl FnMut(&str, &str, Span)) {
    if let Some(document) = document {
        text("a policy document", &document.json, document.named_at);
    }
}
