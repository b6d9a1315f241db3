//! Conditions on MFA that sessions of Identity Center do not carry.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A condition on `aws:MultiFactorAuthPresent` or `aws:MultiFactorAuthAge`.
    ///
    /// ## Why it matters
    ///
    /// These keys speak of the MFA device of an IAM user. Identity Center asks for MFA when somebody signs in, and its
    /// sessions come from a SAML assertion, which does not carry it: an Allow that demands the key matches nothing, and a
    /// Deny with `BoolIfExists` matches everything.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
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
    ///           Action: "s3:DeleteObject"
    ///           Resource: "arn:aws:s3:::data/*"
    ///           Condition:
    ///             Bool:
    ///               aws:MultiFactorAuthPresent: "true"  # warning: [mfa-condition] "aws:MultiFactorAuthPresent"
    /// ```
    ///
    /// ## Put right
    ///
    /// Ask for MFA in the settings of the instance or in the identity source. Remove the condition of an Allow, and the
    /// whole statement where it is a Deny: without its condition it would deny always.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:DeleteObject"
    ///           Resource: "arn:aws:s3:::data/*"
    /// ```
    MFA_CONDITION {
        id: "mfa-condition",
        summary: "a condition on MFA, which sessions of Identity Center do not carry",
        kind: Adjustable,
        check: None,
    }
}
