//! A name or setting that two places declare.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A name that is declared in two files, a setting that two files set, or an account id that stands twice.
    ///
    /// ## Why it matters
    ///
    /// Sections of all files are merged; which of two declarations counts would depend on the order of files.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    ///           shop-prod: "222222222222"  # error: [declared-twice] "shop-prod"
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep one of the two.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    ///           shop-prod: "333333333333"
    /// ```
    DECLARED_TWICE {
        id: "declared-twice",
        summary: "a name or setting that two places declare",
        kind: Fixed,
        check: None,
    }
}
