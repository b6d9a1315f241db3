//! A suppression that suppresses nothing.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A suppression whose rule finds nothing on its line, or whose rule does not exist or cannot be suppressed. What is
    /// found in a document counts for each line that names the document: it is left out of the report where every one of
    /// them suppresses it, and no suppression of it is called unused where some do not.
    ///
    /// ## Why it matters
    ///
    /// It hides the next finding, which nobody has judged.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2h  # bailiwick: allow[session-too-long] the batch window  # warning: [unused-suppression]
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # bailiwick: allow[session-too-long] the batch window is nine hours
    /// ```
    UNUSED_SUPPRESSION {
        id: "unused-suppression",
        summary: "a suppression that suppresses nothing",
        kind: Fixed,
        check: None,
    }
}
