//! A value of the wrong kind.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A list where a string belongs, a string where a list belongs, `null` where text belongs, and the like.
    ///
    /// ## Why it matters
    ///
    /// `ous: Security` could mean one unit or, to another tool, eight letters.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: Workloads  # error: [wrong-type] "Workloads"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write the kind of value that the report asks for.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    WRONG_TYPE {
        id: "wrong-type",
        summary: "a value of the wrong kind",
        kind: Fixed,
        check: None,
    }
}
