//! A relay state that AWS does not take.

use super::{show, stray};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A relay state that AWS does not take: empty, longer than 240 characters, or with a character outside its alphabet.
    ///
    /// ## Why it matters
    ///
    /// The apply fails when the permission set is created.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { relay_state: "https://console.aws.amazon.com/billing/<home>" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { relay_state: "https://console.aws.amazon.com/billing/home" }
    /// ```
    INVALID_RELAY_STATE {
        id: "invalid-relay-state",
        summary: "a relay state that AWS does not take",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    // The API also takes spaces, which the Terraform provider refuses.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "&$@#/%?=~-_'\"|!:,.;*+[](){}".contains(c);
    for text in context.access.permission_sets.iter().filter_map(|set| set.relay_state.as_ref()) {
        let length = text.value.chars().count();
        let message = if text.value.is_empty() {
            "an empty relay state".to_owned()
        } else if length > 240 {
            format!("a relay state of {length} characters, AWS takes 240")
        } else if let Some(c) = stray(&text.value, allowed) {
            format!("a relay state with {}, which AWS does not take", show(c))
        } else {
            continue;
        };
        diagnostics.push(
            Diagnostic::error("invalid-relay-state", text.span, message)
                .help("write the URL of a page of the AWS console"),
        );
    }
}
