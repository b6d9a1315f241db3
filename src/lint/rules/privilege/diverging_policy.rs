//! One policy that means different things in different accounts.

use fixedbitset::FixedBitSet;

use crate::access::{AccountId, CustomerPolicy, Document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A customer-managed policy of a permission set whose variant allows other actions than its own body, in an account
    /// where the set is assigned. It is a note; a variant of a boundary that allows more is a warning.
    ///
    /// ## Why it matters
    ///
    /// AWS finds a policy by name and path in each account, so one permission set is two functions. Whoever reviews the
    /// set sees one name. <https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Limits:
    ///     document: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:Get*", Resource: "*" } }
    ///     variants:
    ///       - { ous: [Security], document: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } } }
    /// permission_sets:
    ///   SecOps:
    ///     permissions_boundary: Limits  # warning: [diverging-policy] "Limits"
    /// assignments:
    ///   - group: aws-secops
    ///     permission_set: SecOps
    ///     ous: [Security, Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Make two permission sets of it, or give the variant what the body allows.
    ///
    /// ```yaml
    /// policies:
    ///   Limits:
    ///     document: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:Get*", Resource: "*" } }
    ///     variants:
    ///       - { ous: [Security], document: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::evidence/*" } } }
    /// permission_sets:
    ///   SecOps:
    ///     permissions_boundary: Limits
    /// assignments:
    ///   - group: aws-secops
    ///     permission_set: SecOps
    ///     ous: [Security, Workloads]
    /// ```
    DIVERGING_POLICY {
        id: "diverging-policy",
        summary: "a customer-managed policy that allows other actions in some accounts",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for id in access.set_ids() {
        let set = access.permission_set(id);
        let attached = set.customer_managed_policies.len();
        for (index, named) in set.policy_uses().enumerate() {
            let Some(policy) = named.policy.map(|id| access.policy(id)) else { continue };
            let Some(own) = policy.document.as_ref().filter(|_| !policy.variants.is_empty()) else { continue };
            let assigned = access.accounts_with(id);
            if let Some((there, more, fewer, example)) = widest(policy, own, &assigned) {
                let bounds = index == attached;
                let message = format!(
                    "in {}, `{}` allows {} than elsewhere",
                    context.name_accounts(&there.accounts),
                    named.name,
                    said(more, fewer)
                );
                let finding = if bounds && more > 0 {
                    Diagnostic::warning("diverging-policy", named.span, message)
                } else {
                    Diagnostic::note("diverging-policy", named.span, message)
                };
                let finding = finding
                    .label(example.map(|action| format!("such as `{action}`")).unwrap_or_default())
                    .related(there.document.named_at, "the body that is there")
                    .related(own.named_at, "the body that is everywhere else")
                    .help("make two permission sets of it, so that each name stands for one function");
                diagnostics.push(finding);
            }
        }
    }
}

/// A variant, and the accounts where it counts.
struct There<'a> {
    document: &'a Document,
    accounts: Vec<AccountId>,
}

/// The variant that differs most from the policy's own body where the set is assigned: how many actions it allows more and
/// fewer, and one of them.
fn widest<'a>(
    policy: &'a CustomerPolicy,
    own: &Document,
    assigned: &FixedBitSet,
) -> Option<(There<'a>, u32, u32, Option<String>)> {
    let mut found: Option<(There<'a>, u32, u32, Option<String>)> = None;
    for variant in &policy.variants {
        let accounts: Vec<AccountId> = assigned.intersection(&variant.accounts).map(AccountId::at).collect();
        if accounts.is_empty() {
            continue;
        }
        let (more, example) = variant.document.policy.allows_beyond(&own.policy);
        let (fewer, lost) = own.policy.allows_beyond(&variant.document.policy);
        let known = found.as_ref().map_or((0, 0), |(_, more, fewer, _)| (*more, *fewer));
        if (more, fewer) > known {
            found = Some((There { document: &variant.document, accounts }, more, fewer, example.or(lost)));
        }
    }
    found
}

fn said(more: u32, fewer: u32) -> String {
    let actions = |count: u32| if count == 1 { "1 action".to_owned() } else { format!("{count} actions") };
    match (more, fewer) {
        (0, fewer) => format!("{} fewer", actions(fewer)),
        (more, 0) => format!("{} more", actions(more)),
        (more, fewer) => format!("{} more and {fewer} fewer", actions(more)),
    }
}
