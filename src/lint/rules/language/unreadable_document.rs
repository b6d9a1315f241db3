//! A policy document that cannot be read.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A document path that leads to no file, to something that is not a file, out of the model (by `..`, an absolute
    /// path or a link), to a YAML file, or to a file that is not UTF-8 or larger than any policy.
    ///
    /// ## Why it matters
    ///
    /// The output must depend on the model and nothing beside it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: ../shared/secops.json  # error: [unreadable-document] "../shared/secops.json"
    /// ```
    ///
    /// ## Put right
    ///
    /// Name a JSON file below the root of the model, by its path from there.
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: policies/secops.json
    /// ```
    UNREADABLE_DOCUMENT {
        id: "unreadable-document",
        summary: "a policy document that cannot be read",
        kind: Fixed,
        check: None,
    }
}
