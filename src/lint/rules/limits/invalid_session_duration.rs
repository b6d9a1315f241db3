//! A session duration that AWS does not take.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A `session_duration` that is not a duration, or shorter than an hour. Longer ones than 12 hours are found by
    /// `session-too-long`.
    ///
    /// ## Why it matters
    ///
    /// `terraform validate` takes any text.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2 hours or so  # error: [invalid-session-duration] "2 hours or so"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `2h`, `90m` or `PT2H`; AWS takes sessions from 1 to 12 hours.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2h
    /// ```
    INVALID_SESSION_DURATION {
        id: "invalid-session-duration",
        summary: "a session duration that AWS does not take",
        kind: Fixed,
        check: None,
    }
}
