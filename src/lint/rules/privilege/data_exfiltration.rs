//! Reading everything that is stored in an account.

use crate::diagnostic::Diagnostics;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that may read every object, secret or parameter, decrypt with every key or copy every snapshot of
    /// an account, without a condition.
    ///
    /// It is off until a level is set.
    ///
    /// ## Why it matters
    ///
    /// One session is enough to carry the data of a whole account away. Sets that read configuration, such as those for
    /// audits, seldom need content; `SecurityAudit` reads none, `ReadOnlyAccess` reads all.
    /// <https://docs.aws.amazon.com/prescriptive-guidance/latest/privacy-reference-architecture/data-perimeters.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { data-exfiltration: warn } }
    /// permission_sets:
    ///   Support:  # warning: [data-exfiltration] "Support"
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { data-exfiltration: warn } }
    /// permission_sets:
    ///   Support:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::support-cases/*" }
    /// ```
    DATA_EXFILTRATION {
        id: "data-exfiltration",
        summary: "reading every object, secret or parameter of an account",
        kind: Optional,
        check: Some(check),
    }
}

/// The actions, in the order of their names.
pub(in crate::lint) const ACTIONS: &[&str] = &[
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ebs:GetSnapshotBlock",
    "ec2:ModifyImageAttribute",
    "ec2:ModifySnapshotAttribute",
    "kms:Decrypt",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "rds:CopyDBSnapshot",
    "rds:ModifyDBSnapshotAttribute",
    "rds:StartExportTask",
    "s3:GetObject",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let what = (
        "read what is stored in the whole account",
        "name the resources, or deny the actions in a statement of the set",
    );
    super::unlimited("data-exfiltration", ACTIONS, what, context, diagnostics);
}
