//! A section without which the model can only be checked.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A model without `organization` or `permission_sets`. It is a note, said once.
    ///
    /// ## Why it matters
    ///
    /// The matrix alone can be checked as far as its own text goes; `build` needs the rest.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:  # note: [partial-model]
    ///   - group: aws-finops
    ///     permission_set: BillingViewer
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Add the section to any file of the model.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous: { Workloads: { accounts: { shop: "222222222222" } } }
    /// permission_sets:
    ///   BillingViewer: { description: Sees the bills }
    /// assignments:
    ///   - group: aws-finops
    ///     permission_set: BillingViewer
    ///     ous: [Workloads]
    /// ```
    PARTIAL_MODEL {
        id: "partial-model",
        summary: "a section without which the model can only be checked",
        kind: Fixed,
        check: None,
    }
}
