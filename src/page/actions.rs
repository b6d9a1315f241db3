//! What permission sets may do, action by action: for the search.

use fixedbitset::FixedBitSet;
use serde::Serialize;
use std::sync::Arc;

use super::organization::{Numbering, Ranges};
use crate::access::SetId;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::iam::{Decisions, Verdict};
use crate::lint::{Context, Reach};

/// The actions that some permission set may perform, by service and name. Their numbers count through all services.
#[derive(Debug, Default, Serialize)]
pub struct Actions {
    /// The prefixes of the services.
    pub service: Vec<&'static str>,
    /// The names of the actions of each, separated by spaces.
    pub names: Vec<String>,
    /// How each changes things, by letters: `r`ead, `l`ist, `t`agging, `w`rite, `p`ermissions management.
    pub levels: Vec<String>,
    /// The sets' answers while they are gathered.
    #[serde(skip)]
    answers: Vec<Vec<Decided>>,
    /// By [`ActionId`], the number of those that are listed.
    #[serde(skip)]
    numbers: Vec<Option<u32>>,
}

/// What a permission set may do in accounts where the same policies decide.
#[derive(Debug)]
struct Decided {
    accounts: FixedBitSet,
    decisions: Decisions,
}

/// What a permission set may do in some accounts.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The accounts; none for a permission set that is assigned nowhere.
    pub accounts: Ranges,
    /// Runs of actions with one verdict, each as three numbers: how many actions lie between it and the one before, how
    /// many it has, and the verdict: 1 allowed, 2 on some resources, 3 under conditions, 4 possibly.
    pub runs: Vec<u32>,
}

/// The reaches of a permission set that hold somewhere: each with the accounts where no body of a variant takes the place of
/// one that it was judged with.
pub(super) fn reaches<'c>(context: &'c Context<'_>, set: SetId) -> Vec<(&'c Reach, FixedBitSet)> {
    let access = context.access;
    let used = access.permission_set(set).policy_uses().filter_map(|used| Some(access.policy(used.policy?)));
    let variants: Vec<_> = used.flat_map(|policy| &policy.variants).collect();
    let reaches = context.reach(set);
    let assigned = reaches.iter().any(|reach| !reach.accounts.is_clear());
    let somewhere = reaches.iter().map(|reach| {
        let mut bodies = reach.policies.all().filter_map(|attached| attached.policy.as_ref());
        let has_variant = bodies.any(|body| variants.iter().any(|one| Arc::ptr_eq(&one.document.policy, body)));
        let mut accounts = reach.accounts.clone();
        if !has_variant {
            variants.iter().for_each(|variant| accounts.difference_with(&variant.accounts));
        }
        (reach, accounts)
    });
    somewhere.filter(|(_, accounts)| !assigned || !accounts.is_clear()).collect()
}

impl Actions {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let decided = |(reach, accounts): (&Reach, FixedBitSet)| Decided {
            accounts,
            decisions: context.effective(reach).decisions(),
        };
        let sets = context.access.set_ids();
        let answers: Vec<Vec<Decided>> =
            sets.map(|set| reaches(context, set).into_iter().map(decided).collect()).collect();
        let mut granted = FixedBitSet::new();
        for decided in answers.iter().flatten() {
            granted.union_with(decided.decisions.may());
        }
        let mut actions = Self { answers, ..Self::default() };
        let catalogue = Catalogue::embedded();
        let mut listed = 0;
        for service in catalogue.services() {
            let (mut names, mut levels) = (Vec::new(), String::new());
            for id in service.actions().filter(|&id| granted.contains(index(id))) {
                let action = catalogue.action(id);
                names.push(action.name);
                levels.push(match action.level {
                    AccessLevel::Read => 'r',
                    AccessLevel::List => 'l',
                    AccessLevel::Tagging => 't',
                    AccessLevel::Write => 'w',
                    AccessLevel::PermissionsManagement => 'p',
                });
                actions.numbers.resize(index(id), None);
                actions.numbers.push(Some(listed));
                listed += 1;
            }
            if !names.is_empty() {
                actions.service.push(service.name);
                actions.names.push(names.join(" "));
                actions.levels.push(levels);
            }
        }
        actions
    }

    /// What a permission set may do, by accounts.
    pub(super) fn reached(&self, set: SetId, numbering: &Numbering) -> Vec<Reached> {
        let mut parts: Vec<(FixedBitSet, Vec<u32>)> = Vec::new();
        for decided in &self.answers[set.index()] {
            let runs = self.runs(&decided.decisions);
            match parts.iter_mut().find(|(_, known)| *known == runs) {
                Some((accounts, _)) => accounts.union_with(&decided.accounts),
                None => parts.push((decided.accounts.clone(), runs)),
            }
        }
        let reached = |(accounts, runs): (FixedBitSet, Vec<u32>)| Reached {
            accounts: numbering.ranges_of_indices(accounts.ones()),
            runs,
        };
        parts.into_iter().map(reached).collect()
    }

    fn runs(&self, decisions: &Decisions) -> Vec<u32> {
        let mut runs: Vec<u32> = Vec::new();
        let mut behind = 0;
        for (id, number) in self.numbers.iter().enumerate() {
            let Some(number) = *number else { continue };
            let verdict = match u32::try_from(id).map_or(Verdict::None, |id| decisions.verdict(ActionId(id))) {
                Verdict::None => continue,
                Verdict::Full => 1,
                Verdict::Scoped => 2,
                Verdict::Conditional => 3,
                Verdict::Possible => 4,
            };
            match runs.as_mut_slice() {
                [.., length, last] if number == behind && *last == verdict => *length += 1,
                _ => runs.extend([number - behind, 1, verdict]),
            }
            behind = number + 1;
        }
        runs
    }

    /// The list alone, for the page.
    pub(super) fn listed(self) -> Self {
        Self { answers: Vec::new(), numbers: Vec::new(), ..self }
    }
}

fn index(action: ActionId) -> usize {
    action.0 as usize
}
