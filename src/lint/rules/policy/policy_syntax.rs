//! A policy document that IAM would refuse.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A policy document that is not an IAM identity policy: an unknown element, a value of the wrong type, a
    /// statement without `Effect`, `Action` or `Resource`, both of a pair such as `Action` and `NotAction`, a
    /// `Principal`, a malformed action, an unknown condition operator, a bad or repeated `Sid`.
    ///
    /// ## Why it matters
    ///
    /// IAM refuses the document at deploy time, when half of the deployment is done.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2012-10-17
    ///       Statement:
    ///         - { Effect: allow, Action: "s3:GetObject", Resource: "*" }  # error: [policy-syntax] "allow"
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the element the report points at.
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2012-10-17
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    POLICY_SYNTAX {
        id: "policy-syntax",
        summary: "a policy document that IAM would refuse",
        kind: Fixed,
        check: None,
    }
}
