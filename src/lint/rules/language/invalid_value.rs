//! A value that is none of the known ones.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An account status, a level or a setting that is none of the words or forms it can have.
    ///
    /// ## Why it matters
    ///
    /// It would be taken for something else, or for nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     session-too-long: forbid  # error: [invalid-value] "forbid"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use one of the values that the report lists.
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     session-too-long: deny
    /// ```
    INVALID_VALUE {
        id: "invalid-value",
        summary: "a value that is none of the known ones",
        kind: Fixed,
        check: None,
    }
}
