//! A key that has to be there.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A row without a principal or permission set, an account without an id, a policy without a document, an
    /// organization without its root or management account.
    ///
    /// ## Why it matters
    ///
    /// Without it the rest has no meaning.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a  # error: [missing-key]
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Add the key.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    MISSING_KEY {
        id: "missing-key",
        summary: "a key that has to be there",
        kind: Fixed,
        check: None,
    }
}
