//! A suppression that is not understood.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A comment that begins with `bailiwick:` and is not `allow[rule-id] reason`, or that gives no reason.
    ///
    /// ## Why it matters
    ///
    /// A suppression that is not understood suppresses nothing, and its author believes it does.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # bailiwick: allow[session-too-long]
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `# bailiwick: allow[rule-id] why this is right here`, on the guilty line or right above it.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # bailiwick: allow[session-too-long] the batch window is nine hours
    /// ```
    MALFORMED_SUPPRESSION {
        id: "malformed-suppression",
        summary: "a suppression that is not understood",
        kind: Fixed,
        check: None,
    }
}
