//! A Deny of what nothing allows.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::Actions;
use crate::lint::statements::Everywhere;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A Deny on actions that no Allow of the permission set grants, in every permission set that has it. It is a note: what
    /// nothing allows is denied anyway, unless a resource policy allows it to the role. A set with an AWS-managed policy is
    /// left alone, for AWS may widen that any day.
    ///
    /// ## Why it matters
    ///
    /// It may be a leftover, or the Allow it was written for is missing. Against resource policies, such as that of a bucket,
    /// it still protects
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }
    ///         - { Effect: Deny, Action: "sqs:DeleteQueue", Resource: "*" }  # note: [unreachable-deny] "Deny"
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
    UNREACHABLE_DENY {
        id: "unreachable-deny",
        summary: "a Deny on actions that no Allow of the permission set grants",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut unreachable: Everywhere<()> = Everywhere::default();
    for merged in context.merged() {
        let allows = merged.statements().filter(|statement| statement.allows);
        let granted = Actions::union(allows.map(|statement| statement.actions()));
        for stated in merged.own().filter(|stated| !stated.statement.allows) {
            let denied = stated.statement.actions();
            let idle = merged.is_known && !merged.has_aws_managed && !denied.is_empty() && !denied.meet(&granted);
            unreachable.note(stated.wording.effect, idle.then_some(()));
        }
    }
    for (place, ()) in unreachable.found() {
        let finding =
            Diagnostic::note("unreachable-deny", place, "no Allow of the permission set grants what this denies")
                .help("remove it, unless it is meant against resource policies");
        diagnostics.push(finding);
    }
}
