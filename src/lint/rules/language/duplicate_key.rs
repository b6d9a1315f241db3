//! A key that stands twice in a mapping.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A key that stands twice in one mapping, in YAML or in a JSON policy document. Keys are compared after quotes
    /// and escapes.
    ///
    /// ## Why it matters
    ///
    /// Readers keep the first or the last of the two, silently; in a policy that can be the `Effect`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     ous: [Security]  # error: [duplicate-key] "ous"
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep one of the two.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads, Security]
    /// ```
    DUPLICATE_KEY {
        id: "duplicate-key",
        summary: "a key that stands twice in a mapping",
        kind: Fixed,
        check: None,
    }
}
