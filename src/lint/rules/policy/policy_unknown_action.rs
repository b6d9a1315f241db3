//! An action that AWS does not have.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An action that AWS does not have, a pattern that matches none, an action AWS has removed, or the prefix of a
    /// service that does not exist.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts it in silence: an Allow grants nothing, and a Deny protects nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObjects", Resource: "*" }  # warning: [policy-unknown-action]
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
    POLICY_UNKNOWN_ACTION {
        id: "policy-unknown-action",
        summary: "an action that AWS does not have",
        kind: Adjustable,
        check: None,
    }
}
