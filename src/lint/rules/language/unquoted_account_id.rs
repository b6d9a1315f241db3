//! An account id without quotes.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An account id, or an account name that looks like a number, without quotes.
    ///
    /// ## Why it matters
    ///
    /// Other YAML readers make a number of it: `012345678901` loses its zero, and `012345671234` is octal.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [012345678901]  # error: [unquoted-account-id] "012345678901"
    /// ```
    ///
    /// ## Put right
    ///
    /// Put it in quotes: `"012345678901"`.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: ["012345678901"]
    /// ```
    UNQUOTED_ACCOUNT_ID {
        id: "unquoted-account-id",
        summary: "an account id without quotes",
        kind: Fixed,
        check: None,
    }
}
