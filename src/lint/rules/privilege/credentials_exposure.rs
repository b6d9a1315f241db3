//! Actions that answer with credentials.

use crate::diagnostic::Diagnostics;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that may call an action that answers with credentials, tokens or passwords, on every resource and
    /// without a condition.
    ///
    /// It is off until a level is set.
    ///
    /// ## Why it matters
    ///
    /// What is returned outlives the session, is not bound to the person, and is used from where no log of the account
    /// sees it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { credentials-exposure: warn } }
    /// permission_sets:
    ///   Support:  # warning: [credentials-exposure] "Support"
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "redshift:GetClusterCredentials", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { credentials-exposure: warn } }
    /// permission_sets:
    ///   Support:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "redshift:GetClusterCredentials", Resource: "arn:aws:redshift:*:*:dbuser:support/reader" }
    /// ```
    CREDENTIALS_EXPOSURE {
        id: "credentials-exposure",
        summary: "an action that returns credentials, on every resource",
        kind: Optional,
        check: Some(check),
    }
}

/// The actions, in the order of their names.
pub(in crate::lint) const ACTIONS: &[&str] = &[
    "chime:CreateApiKey",
    "codepipeline:PollForJobs",
    "cognito-identity:GetCredentialsForIdentity",
    "cognito-identity:GetOpenIdToken",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    "connect:GetFederationToken",
    "ec2:GetPasswordData",
    "ecr:GetAuthorizationToken",
    "gamelift:RequestUploadCredentials",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "lightsail:CreateBucketAccessKey",
    "lightsail:DownloadDefaultKeyPair",
    "lightsail:GetInstanceAccessDetails",
    "lightsail:GetKeyPair",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "mediapackage:RotateChannelCredentials",
    "mediapackage:RotateIngestEndpointCredentials",
    "rds-db:connect",
    "redshift-serverless:GetCredentials",
    "redshift:GetClusterCredentials",
    "redshift:GetClusterCredentialsWithIAM",
    "snowball:GetJobUnlockCode",
    "storagegateway:DescribeChapCredentials",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let what = ("ask for credentials", "name the resources, or deny the actions in a statement of the set");
    super::unlimited("credentials-exposure", ACTIONS, what, context, diagnostics);
}
