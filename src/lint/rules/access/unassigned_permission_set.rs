//! A permission set that nobody has.

use fixedbitset::FixedBitSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that no row names. A model without rows is not judged.
    ///
    /// ## Why it matters
    ///
    /// It is created, counts against the quota of the instance, and is one click away from being assigned by hand to
    /// somebody for whom nobody has judged it. AWS provisions its role nowhere, so what is wrong with it shows only then.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper: { description: Application developers }
    ///   AppTester: { description: Application testers }  # warning: [unassigned-permission-set] "AppTester"
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the permission set, or assign it.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper: { description: Application developers }
    ///   AppTester: { description: Application testers }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_sets: [AppDeveloper, AppTester]
    ///     ous: [Workloads]
    /// ```
    UNASSIGNED_PERMISSION_SET {
        id: "unassigned-permission-set",
        summary: "a permission set that no row names",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    // A row without a set has been reported; it may mean any of them.
    if access.rows.is_empty() || access.rows.iter().any(|row| row.permission_sets.is_empty()) {
        return;
    }
    let mut named = FixedBitSet::with_capacity(access.permission_sets.len());
    for set in access.rows.iter().flat_map(|row| &row.permission_sets) {
        named.insert(set.value.index());
    }
    for set in access.set_ids().filter(|set| !named.contains(set.index())) {
        let name = &access.permission_set(set).name;
        diagnostics.push(
            Diagnostic::warning(
                "unassigned-permission-set",
                name.span,
                format!("no row assigns `{}` to anybody", name.value),
            )
            .help("remove the permission set, or name it in a row"),
        );
    }
}
