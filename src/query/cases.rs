//! Where a permission set means the same.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use crate::access::{Access, AccountId, ControlChain, CustomerPolicy, SetId};
use crate::iam::Effective;
use crate::iam::assess::{AccountKind, Assessment, Assessor, PermissionSetPolicies};
use crate::lint;

/// A permission set in accounts where its policies have the same bodies and the same service control policies hold.
#[derive(Debug)]
pub struct Case {
    /// The permission set.
    pub set: SetId,
    /// The accounts, by number, in which somebody has it; none for a set that nobody has.
    pub accounts: FixedBitSet,
    /// What has a say there.
    pub policies: PermissionSetPolicies,
}

/// The cases of some permission sets.
#[derive(Debug)]
pub struct Cases {
    assessor: Assessor,
    /// By permission set, and within one by the first account.
    pub all: Vec<Case>,
}

impl Cases {
    /// Tells apart where the policies of permission sets differ. What is declared nowhere allows nothing.
    pub fn of(access: &Access, sets: impl IntoIterator<Item = SetId>) -> Self {
        let mut assessor = lint::assessor(access);
        let chains = chains(access);
        let mut all = Vec::new();
        for set in sets {
            let mut parts: Vec<FixedBitSet> = vec![access.accounts_with(set)];
            for group in &chains {
                divide(&mut parts, group);
            }
            let policies = access.permission_set(set).policy_uses().filter_map(|policy| policy.policy);
            let variants = policies.flat_map(|policy| -> &[_] {
                let policy: &CustomerPolicy = access.policy(policy);
                &policy.variants
            });
            for variant in variants {
                divide(&mut parts, &variant.accounts);
            }
            parts.sort_by_key(FixedBitSet::minimum);
            for accounts in parts {
                let one = accounts.ones().next().and_then(|index| u32::try_from(index).ok()).map(AccountId);
                let mut policies = lint::policies_in(access, set, one, &mut assessor);
                lint::reach::settle_account(access, set, &accounts, &mut policies);
                all.push(Case { set, accounts, policies });
            }
        }
        Self { assessor, all }
    }

    /// What a case allows, action by action.
    pub fn effective<'c>(&'c self, case: &'c Case) -> Effective<'c> {
        self.assessor.effective(&case.policies)
    }

    /// How far a case reaches.
    pub fn assess(&mut self, case: usize) -> Assessment {
        self.assessor.assess(&self.all[case].policies)
    }
}

impl Case {
    /// What the accounts administer: one of them may hold the keys to all others.
    pub fn kind(&self, access: &Access) -> AccountKind {
        let keys = [access.management_account(), access.instance.delegated_admin.as_ref().map(|admin| admin.value)];
        let administrative = keys.into_iter().flatten().any(|key| self.accounts.contains(key.index()));
        if administrative { AccountKind::Administrative } else { AccountKind::Member }
    }
}

/// The accounts under each kind of restriction; none where nothing is withheld anywhere.
fn chains(access: &Access) -> Vec<FixedBitSet> {
    let Some(organization) = &access.organization else { return Vec::new() };
    if organization.attached_controls().next().is_none() {
        return Vec::new();
    }
    let mut groups: Vec<FixedBitSet> = Vec::new();
    let mut known: FxHashMap<ControlChain, usize> = FxHashMap::default();
    for account in organization.account_ids() {
        let group = *known.entry(organization.control_chain(account)).or_insert_with(|| {
            groups.push(FixedBitSet::with_capacity(organization.accounts.len()));
            groups.len() - 1
        });
        groups[group].insert(account.index());
    }
    groups
}

/// Divides each part into what a group holds and what it does not.
fn divide(parts: &mut Vec<FixedBitSet>, group: &FixedBitSet) {
    let mut divided = Vec::new();
    for part in parts.iter_mut() {
        let inside: FixedBitSet = &*part & group;
        if inside.is_clear() || inside.count_ones(..) == part.count_ones(..) {
            continue;
        }
        part.difference_with(&inside);
        divided.push(inside);
    }
    parts.extend(divided);
}
