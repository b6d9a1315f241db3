//! A file that is not YAML or JSON as the language wants it.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A file that cannot be parsed, a second document in a YAML file, a merge key (`<<`), a tag, an alias that names
    /// nothing or itself, or aliases that add more than 100,000 values.
    ///
    /// ## Why it matters
    ///
    /// What cannot be read for certain must not become access.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// defaults: &defaults { ous: [Workloads] }  # error: [unknown-key] "defaults"
    /// assignments:
    ///   - <<: *defaults  # error: [syntax] "<<"
    ///     group: aws-team-a
    ///     permission_set: AppDeveloper
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the place the report points at.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    SYNTAX {
        id: "syntax",
        summary: "a file that is not YAML or JSON as the language wants it",
        kind: Fixed,
        check: None,
    }
}
