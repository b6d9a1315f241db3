//! An action that another one of its statement holds.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An action, or a pattern, that another one of the same list holds already. The rule is off until a level is set: lists
    /// are often written so on purpose.
    ///
    /// ## Why it matters
    ///
    /// It costs characters of a document that has few
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { redundant-action: warn } }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: ["s3:Get*", "s3:GetObject"], Resource: "*" }  # warning: [redundant-action] ""s3:GetObject""
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { redundant-action: warn } }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:Get*", Resource: "*" }
    /// ```
    REDUNDANT_ACTION {
        id: "redundant-action",
        summary: "an action that another one of its statement holds",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        let words = &stated.wording.actions;
        let sets = &stated.wording.named;
        for (at, set) in sets.iter().enumerate().filter(|(_, set)| !set.is_empty()) {
            // Of two alike, the first stays.
            let holds =
                |other: usize| other != at && sets[other].includes(set) && (other < at || !set.includes(&sets[other]));
            let Some(wider) = (0..sets.len()).find(|&other| holds(other)) else { continue };
            let message = format!("`{}` holds `{}` already", words[wider].value, words[at].value);
            let finding = Diagnostic::warning("redundant-action", words[at].span, message)
                .related(words[wider].span, "the wider one")
                .help("remove it");
            diagnostics.push(finding);
        }
    }
}
