//! Keys that exclude each other.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// `group` beside `groups` or `user`, `permission_set` beside `permission_sets`, an AWS-managed boundary that
    /// also names a customer-managed one, an external policy with variants.
    ///
    /// ## Why it matters
    ///
    /// Only one of them could count.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     groups: [aws-team-b]  # error: [conflicting-keys] "[aws-team-b]"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep one of them; another kind of principal is another row.
    ///
    /// ```yaml
    /// assignments:
    ///   - groups: [aws-team-a, aws-team-b]
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    CONFLICTING_KEYS {
        id: "conflicting-keys",
        summary: "keys that exclude each other",
        kind: Fixed,
        check: None,
    }
}
