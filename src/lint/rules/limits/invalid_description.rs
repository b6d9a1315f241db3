//! A description that AWS does not take.

use super::{show, stray};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A description that AWS does not take: empty, longer than 700 characters (a policy: 1,000), or with a character
    /// outside Latin-1, such as `€`, a curly quote or an emoji.
    ///
    /// ## Why it matters
    ///
    /// Neither `terraform validate` nor cfn-lint looks at the characters; the API refuses them.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { description: "costs in €" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { description: "costs in EUR" }
    /// ```
    INVALID_DESCRIPTION {
        id: "invalid-description",
        summary: "a description that AWS does not take",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    // https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
    let latin1 = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    let sets = context.access.permission_sets.iter().filter_map(|set| set.description.as_ref()).map(|text| (text, 700));
    let policies =
        context.access.policies.iter().filter_map(|policy| policy.description.as_ref()).map(|text| (text, 1000));
    for (text, limit) in sets.chain(policies) {
        let length = text.value.chars().count();
        let message = if text.value.is_empty() {
            "an empty description".to_owned()
        } else if length > limit {
            format!("a description of {length} characters, AWS takes {limit}")
        } else if let Some(c) = stray(&text.value, latin1) {
            format!("a description with {}, which AWS does not take", show(c))
        } else {
            continue;
        };
        diagnostics.push(
            Diagnostic::error("invalid-description", text.span, message)
                .help("use 1 to 700 characters of Latin-1, or leave the key out"),
        );
    }
}
