//! Attributes for access control that no policy of the model asks for.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An attribute under `attributes` that no policy of a permission set asks for as `aws:PrincipalTag/…`. It is a note:
    /// policies of resources, such as those of buckets, may ask for it and are not in the model. A model without policies
    /// is not judged.
    ///
    /// ## Why it matters
    ///
    /// 50 attributes are all an instance takes, and every one of them sends what the identity source knows about people
    /// into every session. <https://docs.aws.amazon.com/singlesignon/latest/userguide/attributesforaccesscontrol.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// attributes:
    ///   Team: "${path:enterprise.division}"  # note: [unused-attribute] "Team"
    /// permission_sets:
    ///   AppDeveloper:
    ///     aws_managed_policies: [SecurityAudit]
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it, or use it.
    ///
    /// ```yaml
    /// attributes:
    ///   Team: "${path:enterprise.division}"
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/${aws:PrincipalTag/Team}/*" }
    /// ```
    UNUSED_ATTRIBUTE {
        id: "unused-attribute",
        summary: "an attribute for access control that no policy of the model asks for",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let has_policies = access.permission_sets.iter().any(|set| !set.aws_managed_policies.is_empty());
    if !has_policies && context.bodies().is_empty() {
        return;
    }
    for (key, _) in &access.attributes {
        let of_model = || context.bodies().iter().any(|body| body.document.policy.asks_for_tag(&key.value));
        // Policies of AWS seldom ask for tags of the principal, so they are looked at last.
        let of_aws = || {
            let policies = |set| context.reach(set).iter().flat_map(|reach| &reach.policies.policies);
            let bodies = access.set_ids().flat_map(policies).filter_map(|attached| attached.policy.as_ref());
            bodies.into_iter().any(|policy| policy.asks_for_tag(&key.value))
        };
        if !of_model() && !of_aws() {
            diagnostics.push(
                Diagnostic::note(
                    "unused-attribute",
                    key.span,
                    format!("no policy of the model asks for `aws:PrincipalTag/{}`", key.value),
                )
                .help("remove the attribute, unless policies of resources ask for it"),
            );
        }
    }
}
