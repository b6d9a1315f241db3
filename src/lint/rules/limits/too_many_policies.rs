//! More managed policies than a role takes.

use crate::access::PermissionsBoundary;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set with more than 20 managed policies, AWS-managed and customer-managed ones together; a policy that
    /// stands twice in its list; an error. A set with more than 10 is a warning.
    ///
    /// ## Why it matters
    ///
    /// 20 is the limit of Identity Center. In each target account the role has the limit of IAM, which is 10 by default
    /// and has to be raised there before the set can be provisioned.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     aws_managed_policies:
    ///       - ReadOnlyAccess
    ///       - AmazonS3FullAccess
    ///       - AmazonSQSFullAccess
    ///       - AmazonSNSFullAccess
    ///       - AmazonRDSReadOnlyAccess
    ///       - AmazonRoute53FullAccess
    ///       - CloudWatchReadOnlyAccess
    ///       - AmazonKinesisFullAccess
    ///       - AmazonAthenaFullAccess
    ///       - AmazonElastiCacheFullAccess
    ///       - AWSCloudTrail_ReadOnlyAccess  # warning: [too-many-policies] "AWSCloudTrail_ReadOnlyAccess"
    /// ```
    ///
    /// ## Put right
    ///
    /// Merge customer-managed policies, or split the function. Where the quota of IAM has been raised, suppress the warning.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     aws_managed_policies: [ReadOnlyAccess]
    ///     customer_managed_policies: [Messaging]
    /// policies:
    ///   Messaging: { document: policies/messaging.json }
    /// ```
    TOO_MANY_POLICIES {
        id: "too-many-policies",
        summary: "more managed policies than a role takes",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for set in &context.access.permission_sets {
        let attached: Vec<(String, Span)> = set
            .aws_managed_policies
            .iter()
            .map(|policy| (format!("AWS-managed {}", policy.value), policy.span))
            .chain(
                set.customer_managed_policies
                    .iter()
                    .map(|policy| (format!("customer-managed {}", policy.name), policy.span)),
            )
            .collect();
        for (at, (name, span)) in attached.iter().enumerate() {
            if let Some((_, first)) = attached[..at].iter().find(|(other, _)| other == name) {
                diagnostics.push(
                    Diagnostic::error("too-many-policies", *span, "a policy that is attached twice")
                        .related(*first, "first here")
                        .help("remove one of the two: AWS refuses the second")
                        .hard(),
                );
            }
        }
        let count = attached.len();
        if count > 20 {
            diagnostics.push(
                Diagnostic::error(
                    "too-many-policies",
                    attached[20].1,
                    format!("`{}` has {count} managed policies, Identity Center takes 20", set.name.value),
                )
                .help("merge customer-managed policies, or split the function")
                .hard(),
            );
        } else if count > 10 {
            diagnostics.push(
                Diagnostic::warning("too-many-policies", attached[10].1, format!("`{}` has {count} managed policies, a role takes 10 by default", set.name.value))
                    .help("raise the quota `Managed policies attached to an IAM role` in every account where the set is assigned, or merge policies"),
            );
        }
        if let Some(PermissionsBoundary::Customer(boundary)) = &set.permissions_boundary
            && let Some(attached) = set.customer_managed_policies.iter().find(|policy| policy.name == boundary.name)
        {
            diagnostics.push(
                Diagnostic::warning(
                    "too-many-policies",
                    attached.span,
                    format!("`{}` is attached as a policy and used as the boundary", boundary.name),
                )
                .related(boundary.span, "the permissions boundary")
                .help("remove it from `customer_managed_policies`: attached, it grants everything the boundary allows"),
            );
        }
    }
}
