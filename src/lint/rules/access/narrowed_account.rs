//! An account that is named by hand and taken out again.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An account under `accounts` that `account_tags` or `exclude` of the same row removes.
    ///
    /// ## Why it matters
    ///
    /// Somebody meant it to have access, and it has none.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     accounts: [audit]  # warning: [narrowed-account] "audit"
    ///     account_tags: { env: dev }
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it from one of the two, or give it a row of its own.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     account_tags: { env: dev }
    /// ```
    NARROWED_ACCOUNT {
        id: "narrowed-account",
        summary: "an account that is named by hand and taken out again",
        kind: Adjustable,
        check: None,
    }
}
