//! `aws:username` in a session that has none.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// `${aws:username}` in a resource or a value, or a condition on `aws:username`.
    ///
    /// ## Why it matters
    ///
    /// The key is the name of an IAM user. A session of Identity Center is one of a role and has no such key: an Allow
    /// with it matches nothing, so the self-service statements of old user policies grant nothing, and a Deny with a
    /// negated operator matches everything.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "arn:aws:s3:::home/${aws:username}/*"  # error: [username-variable] ""arn:aws:s3:::home/${aws:username}/*""
    /// ```
    ///
    /// ## Put right
    ///
    /// Use `${aws:userid}`, whose part behind the colon is the user name of Identity Center, or a mapped attribute.
    ///
    /// ```yaml
    /// attributes:
    ///   UserName: "${path:userName}"
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "arn:aws:s3:::home/${aws:PrincipalTag/UserName}/*"
    /// ```
    USERNAME_VARIABLE {
        id: "username-variable",
        summary: "the name of an IAM user, which no session of Identity Center has",
        kind: Adjustable,
        check: None,
    }
}
