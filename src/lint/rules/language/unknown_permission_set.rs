//! A permission set that is not declared.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A row that names a permission set which `permission_sets` does not declare.
    ///
    /// ## Why it matters
    ///
    /// There is nothing to assign.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDevelopper  # error: [unknown-permission-set] "AppDevelopper"
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the name, or declare the set.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    UNKNOWN_PERMISSION_SET {
        id: "unknown-permission-set",
        summary: "a permission set that is not declared",
        kind: Fixed,
        check: None,
    }
}
