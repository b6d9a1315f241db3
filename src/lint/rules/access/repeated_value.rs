//! A value that stands twice in a list.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A group or permission set that a list of a row names twice.
    ///
    /// ## Why it matters
    ///
    /// It changes nothing, and one of the two was probably meant to be another name.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - groups: [aws-team-a, aws-team-a]  # warning: [repeated-value] "aws-team-a"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove one of the two.
    ///
    /// ```yaml
    /// assignments:
    ///   - groups: [aws-team-a, aws-team-b]
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    REPEATED_VALUE {
        id: "repeated-value",
        summary: "a value that stands twice in a list",
        kind: Adjustable,
        check: None,
    }
}
