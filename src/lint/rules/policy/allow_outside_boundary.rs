//! An Allow that the permissions boundary never lets through.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::{Actions, Fit, Statement};
use crate::lint::statements::Everywhere;
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow, or an action in it, that the permissions boundary of the permission set allows nowhere: not at all, or on
    /// other resources only. A policy that several permission sets share counts where that is so in each of them.
    ///
    /// ## Why it matters
    ///
    /// A permission set has what its policies and its boundary both allow
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>); the rest of the Allow is text.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "sqs:SendMessage", Resource: "*" }  # warning: [allow-outside-boundary] "Allow"
    ///     permissions_boundary: StorageOnly
    /// policies:
    ///   StorageOnly:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:*", Resource: "*" }
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
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    ///     permissions_boundary: StorageOnly
    /// policies:
    ///   StorageOnly:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:*", Resource: "*" }
    /// ```
    ALLOW_OUTSIDE_BOUNDARY {
        id: "allow-outside-boundary",
        summary: "an Allow that the permissions boundary never lets through",
        kind: Adjustable,
        check: Some(check),
    }
}

/// What stops an Allow: the statement it belongs to, and where the boundary is named.
#[derive(Clone, Copy)]
struct Stop {
    statement: Span,
    boundary: Option<Span>,
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let fit = Fit::default();
    let mut outside: Everywhere<Stop> = Everywhere::default();
    for merged in context.merged() {
        let boundary: Option<Vec<&Statement>> = merged.boundary().map(|policy| policy.statements().iter().collect());
        for stated in merged.own().filter(|stated| stated.statement.allows) {
            let allow = stated.statement;
            let through = boundary.as_ref().map(|boundary| {
                let gates = boundary.iter().filter(|gate| gate.allows && fit.may_meet(gate, allow));
                let open = Actions::union(gates.map(|gate| gate.actions()));
                let denies = boundary
                    .iter()
                    .filter(|deny| !deny.allows && deny.actions().meet(allow.actions()) && deny.binds(allow));
                (open, Actions::union(denies.map(|deny| deny.actions())))
            });
            let stop = Stop { statement: stated.wording.effect, boundary: merged.boundary_named_at };
            let is_outside = |actions: &Actions| {
                let stopped = |(open, denied): &(Actions, Actions)| !open.meet(actions) || denied.includes(actions);
                !actions.is_empty() && through.as_ref().is_some_and(stopped)
            };
            outside.note(stated.wording.effect, is_outside(allow.actions()).then_some(stop));
            if !stated.wording.not_action && stated.wording.actions.len() > 1 {
                for (word, actions) in stated.wording.named_actions() {
                    outside.note(word.span, is_outside(actions).then_some(stop));
                }
            }
        }
    }
    for (place, stop) in outside.found() {
        let whole = outside.holds(stop.statement);
        if whole && place != stop.statement {
            continue;
        }
        let what = if whole { "this Allow grants nothing" } else { "this action is not granted" };
        let mut finding = Diagnostic::warning(
            "allow-outside-boundary",
            place,
            format!("{what}: the permissions boundary does not allow it"),
        )
        .help("remove it, or widen the boundary");
        if let Some(boundary) = stop.boundary {
            finding = finding.related(boundary, "the permissions boundary");
        }
        diagnostics.push(finding);
    }
}
