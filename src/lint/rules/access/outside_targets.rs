//! An assignment outside the guardrail of its permission set.

use fixedbitset::FixedBitSet;
use std::collections::BTreeMap;

use crate::access::{AccountId, SetId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An assignment in an account that the `targets` of the permission set do not include. It is checked on the expanded
    /// matrix, so no spelling of a row slips past it.
    ///
    /// ## Why it matters
    ///
    /// The guardrail is what the owner of the function promised about it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   SecOps: { targets: { ous: [Security] } }
    /// assignments:
    ///   - group: aws-secops
    ///     permission_set: SecOps  # error: [outside-targets]
    ///     ous: [Security, Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   SecOps: { targets: { ous: [Security, Workloads] } }
    /// assignments:
    ///   - group: aws-secops
    ///     permission_set: SecOps
    ///     ous: [Security, Workloads]
    /// ```
    OUTSIDE_TARGETS {
        id: "outside-targets",
        summary: "an assignment outside the guardrail of its permission set",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let Some(organization) = context.organization() else { return };
    let mut allowed: BTreeMap<SetId, FixedBitSet> = BTreeMap::new();
    for row in &access.rows {
        for named in &row.permission_sets {
            let set = access.permission_set(named.value);
            let Some(targets) = &set.targets else { continue };
            let allowed = allowed.entry(named.value).or_insert_with(|| {
                let mut accounts = FixedBitSet::new();
                organization.select(&targets.value, &mut accounts);
                accounts
            });
            let outside: Vec<AccountId> =
                row.accounts.iter().copied().filter(|account| !allowed.contains(account.0 as usize)).collect();
            if outside.is_empty() {
                continue;
            }
            let names = context.name_accounts(&outside);
            diagnostics.push(
                Diagnostic::error(
                    "outside-targets",
                    named.span,
                    format!("`{}` is assigned outside its targets: {names}", set.name.value),
                )
                .related(targets.span, "the guardrail of the permission set")
                .help("narrow the row, or widen `targets` if these accounts are meant"),
            );
        }
    }
}
