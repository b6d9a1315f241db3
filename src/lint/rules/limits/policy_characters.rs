//! A character in a policy document that IAM does not take.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A character outside Latin-1 in a policy document, such as a curly quote that came with a copied example.
    ///
    /// ## Why it matters
    ///
    /// IAM takes `U+0009`, `U+000A`, `U+000D` and `U+0020` to `U+00FF`. Everything else is refused at deploy time.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::“bucket”/*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" }
    /// ```
    POLICY_CHARACTERS {
        id: "policy-characters",
        summary: "a character in a policy document that IAM does not take",
        kind: Fixed,
        check: None,
    }
}
