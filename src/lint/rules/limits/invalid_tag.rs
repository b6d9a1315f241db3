//! A tag that AWS does not take.

use super::{is_iam_name, show, stray};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A tag of a permission set that AWS does not take: more than 50 tags, a key outside 1 to 128 or a value outside 1
    /// to 256 characters, or a character outside `[A-Za-z0-9_+=,.@-]`.
    ///
    /// ## Why it matters
    ///
    /// The API takes more than CloudFormation does. The subset that both take keeps the two outputs equal.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { tags: { "cost center": finance } }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { tags: { cost-center: finance } }
    /// ```
    INVALID_TAG {
        id: "invalid-tag",
        summary: "a tag that AWS does not take",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let help = "use letters, digits and `_+=,.@-`, at most 128 of them in a key and from 1 to 256 in a value";
    for set in &context.access.permission_sets {
        if set.tags.len() > 50
            && let Some((key, _)) = set.tags.iter().max_by_key(|(key, _)| key.span)
        {
            let message = format!("`{}` has {} tags, AWS takes 50", set.name.value, set.tags.len());
            diagnostics.push(Diagnostic::error("invalid-tag", key.span, message).help("remove some of them"));
        }
        for (key, value) in &set.tags {
            for (text, what, limit) in [(key, "key", 128), (value, "value", 256)] {
                let length = text.value.chars().count();
                let message = if text.value.is_empty() {
                    format!("an empty tag {what}")
                } else if length > limit {
                    format!("a tag {what} of {length} characters, AWS takes {limit}")
                } else if what == "key" && text.value.to_ascii_lowercase().starts_with("aws:") {
                    "a tag key that begins with `aws:`, which AWS keeps to itself".to_owned()
                } else if let Some(c) = stray(&text.value, is_iam_name) {
                    format!("a tag {what} with {}, which AWS does not take everywhere", show(c))
                } else {
                    continue;
                };
                diagnostics.push(Diagnostic::error("invalid-tag", text.span, message).help(help));
            }
        }
    }
}
