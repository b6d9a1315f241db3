//! Roles of permission sets by the name they happen to have.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// The whole name of a role that Identity Center made, such as `AWSReservedSSO_Admin_0123456789abcdef`, in a resource
    /// or in the value of a condition.
    ///
    /// ## Why it matters
    ///
    /// The sixteen characters at the end are drawn anew whenever the role is: when the last assignment of the permission
    /// set in an account is removed and another one is made. They differ from account to account.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Deny
    ///           Action: "s3:*"
    ///           Resource: "*"
    ///           Condition:
    ///             ArnNotLike:
    ///               aws:PrincipalArn: "arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"  # warning: [reserved-role-name]
    /// ```
    ///
    /// ## Put right
    ///
    /// End the pattern with `_*`, and let a `*` stand for the Region in the path.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Deny
    ///           Action: "s3:*"
    ///           Resource: "*"
    ///           Condition:
    ///             ArnNotLike:
    ///               aws:PrincipalArn: "arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"
    /// ```
    RESERVED_ROLE_NAME {
        id: "reserved-role-name",
        summary: "the whole name of a role that Identity Center made, which does not last",
        kind: Adjustable,
        check: None,
    }
}
