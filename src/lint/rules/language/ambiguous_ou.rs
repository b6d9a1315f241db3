//! A path that can be read as several units.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A path with several readings, because the name of a unit holds a `/`.
    ///
    /// ## Why it matters
    ///
    /// Access must not depend on which reading a tool prefers.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Shops/EU: { accounts: { shop-a: "222222222222" } }
    ///       Shops: { ous: { EU: { accounts: { shop-b: "333333333333" } } } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Shops/EU]  # error: [ambiguous-ou] "Shops/EU"
    /// ```
    ///
    /// ## Put right
    ///
    /// Rename one of the units.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Shops-EU: { accounts: { shop-a: "222222222222" } }
    ///       Shops: { ous: { EU: { accounts: { shop-b: "333333333333" } } } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Shops/EU]
    /// ```
    AMBIGUOUS_OU {
        id: "ambiguous-ou",
        summary: "a path that can be read as several units",
        kind: Fixed,
        check: None,
    }
}
