//! A principal that the directory does not list.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A group or user that a given `directory` does not list.
    ///
    /// ## Why it matters
    ///
    /// A misspelt group is access for nobody, or for the group that is created under that name one day.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// directory:
    ///   groups:
    ///     aws-team-a:
    /// assignments:
    ///   - group: aws-taem-a  # error: [unknown-principal] "aws-taem-a"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the name, or add it to the directory.
    ///
    /// ```yaml
    /// directory:
    ///   groups:
    ///     aws-team-a:
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    UNKNOWN_PRINCIPAL {
        id: "unknown-principal",
        summary: "a principal that the directory does not list",
        kind: Fixed,
        check: None,
    }
}
