//! An Allow that service control policies stop wherever it is assigned.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::assess::ServiceControls;
use crate::iam::policy::{Actions, Fit, Statement};
use crate::lint::statements::Everywhere;
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow, or an action in it, that the service control policies of the organization stop in every account in which the
    /// permission set is assigned. It is a note: the set may be assigned elsewhere one day.
    ///
    /// ## Why it matters
    ///
    /// A service control policy restricts every principal of its accounts, except in the management account
    /// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     NoQueues:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Deny, Action: "sqs:*", Resource: "*" }
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         service_control_policies: [FullAWSAccess, NoQueues]
    ///         accounts: { shop: "222222222222" }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "sqs:SendMessage", Resource: "*" }  # note: [allow-outside-service-control-policies] "Allow"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   service_control_policies:
    ///     NoQueues:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Deny, Action: "sqs:*", Resource: "*" }
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         service_control_policies: [FullAWSAccess, NoQueues]
    ///         accounts: { shop: "222222222222" }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    ALLOW_OUTSIDE_SERVICE_CONTROL_POLICIES {
        id: "allow-outside-service-control-policies",
        summary: "an Allow that service control policies stop wherever it is assigned",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let fit = Fit::default();
    // The statement that a place belongs to.
    let mut outside: Everywhere<Span> = Everywhere::default();
    for merged in context.merged() {
        let levels = merged.service_controls();
        for stated in merged.own().filter(|stated| stated.statement.allows) {
            let stops = |actions: &Actions| {
                !actions.is_empty() && levels.iter().any(|level| stops(level, stated.statement, actions, &fit))
            };
            let statement = stated.wording.effect;
            outside.note(statement, stops(stated.statement.actions()).then_some(statement));
            if !stated.wording.not_action && stated.wording.actions.len() > 1 {
                for (word, actions) in stated.wording.named_actions() {
                    outside.note(word.span, stops(actions).then_some(statement));
                }
            }
        }
    }
    for (place, statement) in outside.found() {
        let whole = outside.holds(statement);
        if whole && place != statement {
            continue;
        }
        let what = if whole { "this Allow grants nothing" } else { "this action is not granted" };
        let message = format!("{what}: service control policies stop it wherever it is assigned");
        let finding = Diagnostic::note("allow-outside-service-control-policies", place, message)
            .help("remove it, or assign the permission set where it is not stopped");
        diagnostics.push(finding);
    }
}

/// Whether one level of service control policies stops some actions of an Allow, all of them.
fn stops(level: &ServiceControls, allow: &Statement, actions: &Actions, fit: &Fit) -> bool {
    let known = || level.policies.iter().map(|attached| attached.policy.as_deref());
    if known().any(|policy| policy.is_none_or(|policy| policy.incomplete)) {
        return false;
    }
    let statements = || known().flatten().flat_map(|policy| policy.statements());
    let gates = statements().filter(|gate| gate.allows && fit.may_meet(gate, allow));
    let is_open = level.full_aws_access || Actions::union(gates.map(|gate| gate.actions())).meet(actions);
    let denies = statements().filter(|deny| !deny.allows && deny.actions().meet(actions) && deny.binds(allow));
    !is_open || Actions::union(denies.map(|deny| deny.actions())).includes(actions)
}
