//! A key that is not part of the language.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A key that the mapping it stands in does not have.
    ///
    /// ## Why it matters
    ///
    /// A misspelt `exclude` would grant what it was meant to take away.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     exlude: { ous: [Workloads/Prod] }  # error: [unknown-key] "exlude"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use the name the report suggests.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     exclude: { ous: [Workloads/Prod] }
    /// ```
    UNKNOWN_KEY {
        id: "unknown-key",
        summary: "a key that is not part of the language",
        kind: Fixed,
        check: None,
    }
}
