//! An `expires` that is not a moment.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// An `expires` that is neither a date (`2027-01-31`, which ends at the next midnight UTC) nor a timestamp with
    /// an offset.
    ///
    /// ## Why it matters
    ///
    /// Access that ends at an unclear time does not end.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: end of January  # error: [invalid-expiry] "end of January"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `2027-01-31` or `2027-01-31T18:00:00+01:00`.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: 2027-01-31
    /// ```
    INVALID_EXPIRY {
        id: "invalid-expiry",
        summary: "an `expires` that is not a moment",
        kind: Fixed,
        check: None,
    }
}
