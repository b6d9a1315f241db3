//! A customer-managed policy that no permission set names.

use fixedbitset::FixedBitSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A policy under `policies` that no permission set names, neither as a customer-managed policy nor as its boundary.
    /// A model without rows is not judged.
    ///
    /// ## Why it matters
    ///
    /// bailiwick puts a policy in place where a permission set needs it: this one reaches no account at all. A boundary
    /// that only conditions on `iam:PermissionsBoundary` name is therefore missing wherever it is asked for.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper: { customer_managed_policies: [TeamData] }
    /// policies:
    ///   TeamData: { document: policies/team-data.json }
    ///   TeamLogs: { document: policies/team-logs.json }  # warning: [unused-policy] "TeamLogs"
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the policy, or name it in a permission set.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper: { customer_managed_policies: [TeamData, TeamLogs] }
    /// policies:
    ///   TeamData: { document: policies/team-data.json }
    ///   TeamLogs: { document: policies/team-logs.json }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    UNUSED_POLICY {
        id: "unused-policy",
        summary: "a customer-managed policy that no permission set names",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    if access.rows.is_empty() {
        return;
    }
    let mut used = FixedBitSet::with_capacity(access.policies.len());
    for policy in access.permission_sets.iter().flat_map(|set| set.policy_uses()) {
        // A policy that is named under another path has been reported as missing there.
        let meant = access.policies.iter().position(|declared| declared.name.value == policy.name);
        match policy.policy {
            Some(id) => used.insert(id.index()),
            None => used.extend(meant),
        }
    }
    let unused = access.policies.iter().enumerate().filter(|(index, _)| !used.contains(*index));
    for (_, policy) in unused {
        diagnostics.push(
            Diagnostic::warning(
                "unused-policy",
                policy.name.span,
                format!("no permission set names the policy `{}`", policy.name.value),
            )
            .label("reaches no account")
            .help("remove the policy, or name it in a permission set"),
        );
    }
}
