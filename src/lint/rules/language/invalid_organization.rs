//! A tree that cannot be an organization.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// Units that are nested more than five deep below the root.
    ///
    /// ## Why it matters
    ///
    /// AWS Organizations has no such tree; the indentation slipped somewhere.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       A: { ous: { B: { ous: { C: { ous: { D: { ous: { E: { ous: { F: {} } } } } } } } } } }  # error: [invalid-organization] "F"
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the indentation, or refresh the snapshot.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       A: { ous: { B: { ous: { C: { ous: { D: { ous: { E: {} } } } } } } } }
    /// ```
    INVALID_ORGANIZATION {
        id: "invalid-organization",
        summary: "a tree that cannot be an organization",
        kind: Fixed,
        check: None,
    }
}
