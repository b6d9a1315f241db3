//! An ARN of another partition than the instance's.

use super::invalid_arn::is_partition;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An ARN of one partition in a policy of an organization in another, such as `arn:aws:…` in AWS GovCloud. Which
    /// partition the organization is in follows from the `arn` or the `region` of the instance.
    ///
    /// ## Why it matters
    ///
    /// Partitions share nothing: the ARN matches no resource there
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// identity_center: { region: us-gov-west-1 }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }  # error: [partition-mismatch] ""arn:aws:s3:::data/*""
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// identity_center: { region: us-gov-west-1 }
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws-us-gov:s3:::data/*" }
    /// ```
    PARTITION_MISMATCH {
        id: "partition-mismatch",
        summary: "an ARN of another partition than the instance's",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some((home, said)) = context.access.instance.partition() else { return };
    for stated in context.stated() {
        let values = stated.wording.clauses.iter().flat_map(|clause| &clause.values);
        for word in stated.wording.resources.iter().chain(values) {
            let Some(rest) = word.value.strip_prefix("arn:") else { continue };
            let Some((partition, _)) = rest.split_once(':') else { continue };
            // A partition that does not exist is another rule's finding.
            if partition == home || partition.contains(['*', '?', '$']) || !is_partition(partition) {
                continue;
            }
            let message = format!("an ARN of the partition `{partition}`, the instance is in `{home}`");
            let finding = Diagnostic::error("partition-mismatch", word.span, message)
                .related(said, "the instance")
                .help(format!("write `arn:{home}:…`, or `arn:*:…` for any partition"));
            diagnostics.push(finding);
        }
    }
}
