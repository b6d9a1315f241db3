//! Elements of a policy that hold nothing.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An element that IAM takes and that holds nothing: an empty list of actions, resources or condition values, an empty
    /// `Condition` or operator, an empty `Sid`.
    ///
    /// ## Why it matters
    ///
    /// Something was meant to stand there. Without actions or resources the statement does nothing; without values a
    /// condition holds for no request
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: {} }  # warning: [empty-policy-element] "{}"
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
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    EMPTY_POLICY_ELEMENT {
        id: "empty-policy-element",
        summary: "an element of a policy that holds nothing",
        kind: Adjustable,
        check: None,
    }
}
