//! An attribute for access control that AWS does not take.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An attribute for access control that AWS does not take: more than 50 of them, a key outside 1 to 128 characters, a
    /// source longer than 256, or a character that one of them may not hold.
    ///
    /// ## Why it matters
    ///
    /// `terraform validate` checks none of it, and the configuration is one for the whole instance.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// attributes:
    ///   Department: "${path:enterprise.department}; drop"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// attributes:
    ///   Department: "${path:enterprise.department}"
    /// ```
    INVALID_ATTRIBUTE {
        id: "invalid-attribute",
        summary: "an attribute for access control that AWS does not take",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let attributes = &context.access.attributes;
    if attributes.len() > 50
        && let Some((key, _)) = attributes.iter().max_by_key(|(key, _)| key.span)
    {
        diagnostics.push(
            Diagnostic::error("invalid-attribute", key.span, format!("{} attributes, AWS takes 50", attributes.len()))
                .help("keep those that policies use"),
        );
    }
    let key_letter = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let source_letter = |c: char| key_letter(c) || "[]{}$\\\"".contains(c);
    for (key, source) in attributes {
        let bad_key = key.value.chars().count() > 128 || !key.value.chars().all(key_letter);
        let bad_source =
            source.value.is_empty() || source.value.chars().count() > 256 || !source.value.chars().all(source_letter);
        if bad_key {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-attribute",
                    key.span,
                    format!("`{}` is not the key of a session tag", key.value),
                )
                .help("use 1 to 128 letters, digits, spaces and `_.:/=+-@`"),
            );
        }
        if bad_source {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-attribute",
                    source.span,
                    format!("`{}` is not an attribute of the identity source", source.value),
                )
                .help("write one attribute, such as `${path:enterprise.department}`"),
            );
        }
    }
}
