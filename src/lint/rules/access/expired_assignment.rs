//! A row whose access has ended.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A row whose `expires` is not after the time of the run (`--as-of`).
    ///
    /// ## Why it matters
    ///
    /// The row grants nothing any more: a build revokes the access. Left in the model, it reads like access that
    /// somebody has.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: 2024-06-30  # warning: [expired-assignment] "2024-06-30"
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the row, or renew it if the access is still needed.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: 2027-06-30
    /// ```
    EXPIRED_ASSIGNMENT {
        id: "expired-assignment",
        summary: "a row whose access has ended",
        kind: Adjustable,
        check: None,
    }
}
