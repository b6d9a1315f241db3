//! A row that reaches no account.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A row that names no target, or whose targets come to no active account. `account_tags` alone selects nothing;
    /// `exclude` always wins; the management account is only reached by name.
    ///
    /// ## Why it matters
    ///
    /// A row that matches nothing is nearly always a slip, and nobody notices access that is missing until it is
    /// needed.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a  # error: [empty-selection]
    ///     permission_set: AppDeveloper
    ///     account_tags: { env: dev }
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the targets, or remove the row.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [_root_]  # note: [root-spares-management] "_root_"
    ///     account_tags: { env: dev }
    /// ```
    EMPTY_SELECTION {
        id: "empty-selection",
        summary: "a row that reaches no account",
        kind: Fixed,
        check: None,
    }
}
