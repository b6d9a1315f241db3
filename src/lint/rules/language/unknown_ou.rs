//! A path that no organizational unit has.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A path that leads to no unit. Paths start below the root, are exact and case-sensitive.
    ///
    /// ## Why it matters
    ///
    /// Names of units repeat over a tree; a name without its path is not enough.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [NonProd]  # error: [unknown-ou] "NonProd"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write the whole path, such as `Workloads/NonProd`.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/NonProd]
    /// ```
    UNKNOWN_OU {
        id: "unknown-ou",
        summary: "a path that no organizational unit has",
        kind: Fixed,
        check: None,
    }
}
