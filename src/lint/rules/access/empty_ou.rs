//! A target that holds no active account at present.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An entry of `ous` below which no active account stands.
    ///
    /// ## Why it matters
    ///
    /// It grants nothing until an account joins and the model is built again.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads, Sandbox]  # warning: [empty-ou] "Sandbox"
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the entry, refresh the snapshot, or suppress the warning with the reason.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    EMPTY_OU {
        id: "empty-ou",
        summary: "a target that holds no active account at present",
        kind: Adjustable,
        check: None,
    }
}
