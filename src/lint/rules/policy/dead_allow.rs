//! An Allow that a Deny takes back.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::{Actions, Statement};
use crate::lint::statements::Everywhere;
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow, or an action in it, that Deny statements of the same permission set take back whole: on all its resources
    /// and under all its conditions. A policy that several permission sets share counts where that is so in each of them.
    /// AWS-managed policies are judged together with the others, and are never called dead themselves.
    ///
    /// ## Why it matters
    ///
    /// An explicit Deny always wins
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html>).
    /// Whoever reads the Allow believes in access that nobody has.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: ["s3:GetObject", "s3:DeleteObject"], Resource: "arn:aws:s3:::data/*" }  # warning: [dead-allow] ""s3:DeleteObject""
    ///         - { Effect: Deny, Action: "s3:Delete*", Resource: "*" }
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
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }
    /// ```
    DEAD_ALLOW {
        id: "dead-allow",
        summary: "an Allow that a Deny of the same permission set takes back",
        kind: Adjustable,
        check: Some(check),
    }
}

/// Why something is dead: the statement it belongs to, and the Deny.
#[derive(Clone, Copy)]
struct Death {
    statement: Span,
    deny: Option<Span>,
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut dead: Everywhere<Death> = Everywhere::default();
    for merged in context.merged() {
        let denies: Vec<&Statement> = merged.statements().filter(|statement| !statement.allows).collect();
        for stated in merged.own().filter(|stated| stated.statement.allows) {
            let allow = stated.statement;
            let binding: Vec<&Statement> = denies
                .iter()
                .copied()
                .filter(|deny| deny.actions().meet(allow.actions()) && deny.binds(allow))
                .collect();
            let denied = Actions::union(binding.iter().map(|deny| deny.actions()));
            let killer = |actions: &Actions| {
                let deny = binding.iter().find(|deny| deny.actions().meet(actions));
                Death { statement: stated.wording.effect, deny: deny.and_then(|deny| deny.span) }
            };
            let is_dead = |actions: &Actions| !actions.is_empty() && denied.includes(actions);
            let whole = is_dead(allow.actions()).then(|| killer(allow.actions()));
            dead.note(stated.wording.effect, whole);
            if !stated.wording.not_action && stated.wording.actions.len() > 1 {
                for (word, actions) in stated.wording.named_actions() {
                    dead.note(word.span, is_dead(actions).then(|| killer(actions)));
                }
            }
        }
    }
    for (place, death) in dead.found() {
        let whole = dead.holds(death.statement);
        if whole && place != death.statement {
            continue;
        }
        let message =
            if whole { "this Allow grants nothing: a Deny takes it back" } else { "a Deny takes this action back" };
        let mut finding = Diagnostic::warning("dead-allow", place, message)
            .help("remove it, or narrow the Deny: an explicit Deny always wins");
        if let Some(deny) = death.deny {
            finding = finding.related(deny.at_start(), "the Deny");
        }
        diagnostics.push(finding);
    }
}
