//! A name that Terraform would send in another spelling.

use unicode_normalization::is_nfc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A name that is sent to AWS and not in Unicode normalization form C, such as an `é` that is written as `e` and a
    /// combining accent: of a principal whose id is not pinned, or of an attribute for access control.
    ///
    /// ## Why it matters
    ///
    /// Terraform normalizes every string. What arrives in AWS is then another name: a group is not found, or every plan
    /// wants to change an attribute.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// attributes:
    ///   "Team-\u212b": "${path:enterprise.department}"  # error: [not-normalized]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// attributes:
    ///   "Team-\u00c5": "${path:enterprise.department}"
    /// ```
    NOT_NORMALIZED {
        id: "not-normalized",
        summary: "a name that Terraform would send in another spelling",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let looked_up = access.rows.iter().flat_map(|row| &row.principals).filter_map(|named| {
        let principal = access.principal(named.value);
        principal.id.is_none().then_some((&principal.name, named.span))
    });
    let attributes =
        access.attributes.iter().flat_map(|(key, source)| [(&key.value, key.span), (&source.value, source.span)]);
    for (text, span) in looked_up.chain(attributes) {
        if !is_nfc(text) {
            diagnostics.push(
                Diagnostic::error("not-normalized", span, format!("`{text}` is not in Unicode normalization form C"))
                    .help("pin the id of the principal in the directory, or write the name in composed characters"),
            );
        }
    }
}
