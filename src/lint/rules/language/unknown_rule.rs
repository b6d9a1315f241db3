//! A level for a rule that does not exist or has none.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An id under `lint.levels` that no rule has, or that belongs to a rule of the language or a limit of AWS.
    ///
    /// ## Why it matters
    ///
    /// The setting would do nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     sesion-too-long: deny  # error: [unknown-rule] "sesion-too-long"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use an id that `bailiwick explain` lists.
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     session-too-long: deny
    /// ```
    UNKNOWN_RULE {
        id: "unknown-rule",
        summary: "a level for a rule that does not exist or has none",
        kind: Fixed,
        check: None,
    }
}
