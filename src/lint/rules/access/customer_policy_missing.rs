//! A customer-managed policy that is not where it must be.

use fixedbitset::FixedBitSet;

use crate::access::{Access, AccountId, PolicyUse, SetId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::plan::{Deliveries, FanOut};

declare_rule! {
    /// ## What it finds
    ///
    /// A customer-managed policy or permissions boundary that is not in place, under the same name *and* path, in an
    /// account where a permission set that names it is assigned: not declared, declared under another path, not
    /// distributed there, not vouched for there as `external`, or without a body there because only variants have one.
    ///
    /// ## Why it matters
    ///
    /// Identity Center looks a customer-managed policy up in the *target* account when it provisions the role. If it is
    /// not there, the assignment fails, and in Terraform the failure leaves the attachment in the state: the next apply
    /// says that all is well while the role lacks the policy.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Forensics: { path: /security/, external: { ous: [Security] } }
    /// permission_sets:
    ///   SecOps:
    ///     customer_managed_policies: [Forensics]  # error: [customer-policy-missing]
    /// assignments:
    ///   - group: aws-secops
    ///     permission_set: SecOps
    ///     ous: [Security, Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// policies:
    ///   Forensics: { path: /security/, external: { ous: [Security, Workloads] } }
    /// permission_sets:
    ///   SecOps:
    ///     customer_managed_policies: [Forensics]
    /// assignments:
    ///   - group: aws-secops
    ///     permission_set: SecOps
    ///     ous: [Security, Workloads]
    /// ```
    CUSTOMER_POLICY_MISSING {
        id: "customer-policy-missing",
        summary: "a customer-managed policy or boundary that is not in place where its set is assigned",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    // StackSets target units by id; where every id is known, the plan reaches everything.
    let units = access.organization.iter().flat_map(|organization| &organization.units);
    let unaddressed = if units.into_iter().all(|unit| unit.id.is_some()) {
        Vec::new()
    } else {
        FanOut::new(access, &Deliveries::default()).unaddressed
    };
    for set in access.set_ids() {
        let details = access.permission_set(set);
        let mut assigned: Option<FixedBitSet> = None;
        for policy in details.policy_uses() {
            let Some(id) = policy.policy else {
                diagnostics.push(undeclared(access, policy, &details.name.value));
                continue;
            };
            if access.policy(id).unreadable {
                continue;
            }
            let assigned = assigned.get_or_insert_with(|| access.accounts_with(set));
            let declared = access.policy(id);
            let missing: Vec<_> =
                assigned.ones().map(AccountId::at).filter(|&account| !declared.is_in_place(account)).collect();
            if !missing.is_empty() {
                diagnostics.push(not_in_place(context, set, policy, &missing));
                continue;
            }
            if declared.external.is_some() {
                continue;
            }
            if let Some(gap) = unaddressed.iter().find(|gap| gap.policy == id)
                && let Some(organization) = &access.organization
            {
                let unit = organization.unit(gap.ou);
                let path = if unit.path.is_empty() { "the root" } else { &unit.path };
                diagnostics.push(
                    finding(
                        policy,
                        format!("`{}` cannot be distributed to `{path}`, whose id is not known", policy.name),
                    )
                    .related(unit.span, "a StackSet targets units by id")
                    .help("add the `id` of the unit to the snapshot of the organization"),
                );
            }
        }
    }
}

fn finding(policy: &PolicyUse, message: String) -> Diagnostic {
    Diagnostic::error("customer-policy-missing", policy.span, message)
}

fn undeclared(access: &Access, policy: &PolicyUse, set: &str) -> Diagnostic {
    match access.policies.iter().find(|declared| declared.name.value == policy.name) {
        Some(declared) => finding(
            policy,
            format!(
                "`{}` is needed under the path `{}` and declared under `{}`",
                policy.name, policy.path, declared.path
            ),
        )
        .related(declared.path_span, "declared with this path")
        .help("a policy is found by name and path; make the two paths equal, or leave the path out of the reference"),
        None => {
            let known = access.policies.iter().map(|declared| declared.name.value.as_str());
            let near = crate::syntax::decode::did_you_mean(&policy.name, known);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "declare `{}` under `policies`, with a `document` to distribute or as `external`",
                    policy.name
                ),
            };
            finding(policy, format!("nobody puts the policy `{}` of `{set}` in place", policy.name))
                .label("not declared under `policies`")
                .help(help)
        }
    }
}

fn not_in_place(context: &Context<'_>, set: SetId, policy: &PolicyUse, missing: &[AccountId]) -> Diagnostic {
    let access = context.access;
    let names = context.name_accounts(missing);
    let rows = access.pairs_of(set).iter().flat_map(|pair| &pair.rows);
    let row = rows.map(|&row| access.row(row)).find(|row| row.accounts.iter().any(|account| missing.contains(account)));
    let declared = policy.policy.map(|id| access.policy(id));
    let (why, help) = match declared {
        Some(declared) if declared.external.is_some() => (
            "not vouched for there",
            "add the accounts to `external` if somebody distributes it there, or give it a `document` to distribute it yourself",
        ),
        _ => (
            "without a body there: only its variants have one",
            "give the policy a `document` of its own, or a variant for these accounts",
        ),
    };
    let mut finding = finding(policy, format!("`{}` is not in place in {names}", policy.name)).label(why).help(help);
    if let Some(declared) = declared {
        let place = declared.external.as_ref().map_or(declared.name.span, |external| external.span);
        finding = finding.related(place, "what the model says about it");
    }
    if let Some(row) = row {
        finding = finding.related(row.span.at_start(), "this row assigns the set there");
    }
    finding
}
