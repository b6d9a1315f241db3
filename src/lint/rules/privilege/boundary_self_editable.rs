//! A boundary that those whom it limits may rewrite.

use crate::access::PermissionsBoundary;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::Certainty;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that within its boundary may make another version of the policy that is its boundary.
    ///
    /// ## Why it matters
    ///
    /// The role of a permission set cannot be changed by anybody but Identity Center, but its boundary is a policy like any
    /// other: a new version with `*` in it removes the limit of everybody who has the set, and no plan shows it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Limits:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: ["s3:*", "iam:CreatePolicyVersion"], Resource: "*" }
    /// permission_sets:
    ///   Operator:  # error: [iam-without-boundary]
    ///     permissions_boundary: Limits  # error: [boundary-self-editable]
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "iam:CreatePolicyVersion", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// Leave IAM out of the boundary; where it cannot be, keep boundaries below a path of their own, and deny every change
    /// there.
    ///
    /// ```yaml
    /// policies:
    ///   Limits:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: ["s3:*", "sqs:*"], Resource: "*" }
    /// permission_sets:
    ///   Operator:
    ///     permissions_boundary: Limits
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "iam:CreatePolicyVersion", Resource: "*" }
    /// ```
    BOUNDARY_SELF_EDITABLE {
        id: "boundary-self-editable",
        summary: "a permission set that may rewrite its own permissions boundary",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for id in access.set_ids() {
        let set = access.permission_set(id);
        let Some(PermissionsBoundary::Customer(boundary)) = &set.permissions_boundary else { continue };
        let edits =
            context.reach(id).iter().flat_map(|reach| reach.edits_boundary.iter().map(move |edit| (reach, edit)));
        // Of several that are as certain, the first speaks.
        let surest = edits.reduce(|best, next| if next.1.certainty > best.1.certainty { next } else { best });
        let Some((reach, edit)) = surest else { continue };
        let verb = if edit.certainty == Certainty::Possible { "may be able to" } else { "may" };
        let message = format!("`{}` {verb} rewrite its own boundary, `{}`", set.name.value, boundary.name);
        let mut finding = if edit.certainty == Certainty::Possible {
            Diagnostic::warning("boundary-self-editable", boundary.span, message)
        } else {
            Diagnostic::error("boundary-self-editable", boundary.span, message)
        };
        if let Some(caveat) = &reach.assessment.caveat {
            finding = finding.because(caveat.as_str());
        }
        if let Some(place) = edit.span.or_else(|| reach.places.get(edit.policy).copied()) {
            finding = finding.related(place, format!("`{}` is granted here", edit.name()));
        }
        diagnostics.push(finding.help(format!(
            "add to the boundary: deny `iam:CreatePolicyVersion`, `iam:SetDefaultPolicyVersion`, `iam:DeletePolicy` and `iam:DeletePolicyVersion` on `arn:aws:iam::*:policy{}*`",
            boundary.path
        )));
    }
}
