//! Two variants of a policy in the same place.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// Two variants of one policy whose units or accounts overlap.
    ///
    /// ## Why it matters
    ///
    /// An account holds one policy of a name; which body it gets must not depend on order.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: policies/secops.json
    ///     variants:
    ///       - { ous: [Workloads], document: policies/a.json }
    ///       - { accounts: [shop-dev], document: policies/b.json }  # error: [overlapping-variants] "{ accounts: [shop-dev], document: policies/b.json }"
    /// ```
    ///
    /// ## Put right
    ///
    /// Take the common places out of one of them.
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: policies/secops.json
    ///     variants:
    ///       - { ous: [Workloads/Prod], document: policies/a.json }
    ///       - { accounts: [shop-dev], document: policies/b.json }
    /// ```
    OVERLAPPING_VARIANTS {
        id: "overlapping-variants",
        summary: "two variants of a policy in the same place",
        kind: Fixed,
        check: None,
    }
}
