//! A policy document without the current version.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A document whose `Version` is missing or `2008-10-17`: an error if it holds a policy variable, else a warning.
    ///
    /// ## Why it matters
    ///
    /// In the old version, `${aws:PrincipalTag/Department}` is literal text: an Allow matches nothing, and a Deny
    /// protects nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2008-10-17
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `Version: "2012-10-17"`, in quotes.
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2012-10-17
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    POLICY_VERSION {
        id: "policy-version",
        summary: "a policy document without the current version",
        kind: Fixed,
        check: None,
    }
}
