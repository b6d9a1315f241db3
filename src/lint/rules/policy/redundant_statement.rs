//! A statement that another one of its document holds.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::statements::{Stated, stated_in};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A statement whose effect, actions, resources and conditions another one of the same document holds already. It is a
    /// note.
    ///
    /// ## Why it matters
    ///
    /// Removing or narrowing it changes nothing, which surprises whoever does
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::data/*" }
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }  # note: [redundant-statement] "Allow"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::data/*" }
    /// ```
    REDUNDANT_STATEMENT {
        id: "redundant-statement",
        summary: "a statement that another one of its document holds",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for &body in context.bodies() {
        // What is missing from a document that was not understood may well be what makes the difference.
        if body.document.policy.incomplete {
            continue;
        }
        let all: Vec<Stated<'_>> = stated_in(body).collect();
        for (at, narrow) in all.iter().enumerate() {
            // Of two alike, the first stays.
            let wider = all
                .iter()
                .enumerate()
                .find(|(other, wide)| *other != at && holds(wide, narrow) && (*other < at || !holds(narrow, wide)));
            let Some((_, wide)) = wider else { continue };
            let message = format!("statement {} holds this one already", wide.statement.number);
            let finding = Diagnostic::note("redundant-statement", narrow.wording.effect, message)
                .related(wide.wording.effect, "the wider one")
                .help("remove it, or narrow the other one");
            diagnostics.push(finding);
        }
    }
}

fn holds(wide: &Stated<'_>, narrow: &Stated<'_>) -> bool {
    let (wide, narrow) = (wide.statement, narrow.statement);
    wide.allows == narrow.allows
        && !narrow.actions().is_empty()
        && wide.actions().includes(narrow.actions())
        && wide.binds(narrow)
}
