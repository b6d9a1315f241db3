//! The stacks of a CloudFormation deployment: what lives in which template, what is only kept until the next step, and
//! how many operations run at a time.
//!
//! What is administered from the management account lives in the root template, or in a nested one where the root has no
//! room. What a delegated administrator administers lives in StackSets whose only target is that administrator's account.
//!
//! INVARIANT (nothing is deleted while it is used): what an earlier build delivered and this model no longer needs is
//! kept as it is for one more deployment, in which everything that uses it is taken away or changed; only a build that is
//! told that this has been deployed lets it go.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::deliveries::{self, Deliveries};
use super::placement::{self, Headroom, PlacedAssignments, Places, Room, Shards, Templates};
use super::{Administration, Expiring, Plan, PlannedSet, pair_id};
use crate::access::{AccountId, PolicyId, PrincipalId};

/// How many operations on assignments are outstanding at a time: Identity Center takes 10 to 15 for one instance.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
pub const CONCURRENCY: u32 = 10;

/// The room for StackSets that distribute policies. Each brings a template of up to 51,200 bytes, and a template that
/// is uploaded holds 1 MB.
const STACK_SETS: Room = Room { root: 6, other: 15, count: 15 };

/// The room for policies of the management account: each of up to 6,144 characters, spread over lines.
const POLICIES: Room = Room { root: 60_000, other: 400_000, count: 100 };

/// The room for permission sets in templates of the management account.
const SETS: Room = Room { root: 20_000, other: 400_000, count: 100 };

/// The room for permission sets in a StackSet, whose template holds 51,200 bytes.
const DELEGATED_SETS: Room = Room { root: 0, other: 36_000, count: 30 };

/// Shards of the management account: the root template, then nested ones.
const SHARDS: Shards = Shards { root: 60, other: 400 };

/// Shards that are StackSets: an assignment takes up to 560 bytes of the 51,200.
const DELEGATED_SHARDS: Shards = Shards { root: 0, other: 80 };

/// The room for schedules, with a role for each template: it names 30 permission sets at most, and a schedule takes up
/// to 1,200 bytes of the 51,200 that a StackSet's template holds.
const SCHEDULES: Room = Room { root: 10, other: 30, count: 30 };
const DELEGATED_SCHEDULES: Room = Room { root: 0, ..SCHEDULES };

/// How many StackSets an administrator account has, unless AWS has raised the quota.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub const STACK_SETS_QUOTA: usize = 1_000;

/// What an earlier build of the output decided about stacks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The id of the account that administers Identity Center by delegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delegated_admin: Option<String>,
    /// StackSets that distribute policies, by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    stack_sets: Templates,
    /// Policies of the management account, by the label of their name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    management_policies: Templates,
    /// Permission sets, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    permission_sets: Templates,
    /// Permission sets that are administered from the management account although administration is delegated, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    management_permission_sets: Templates,
    /// Schedules that end access, by the logical id of the assignment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    expiry: Templates,
    /// Those in the management account, where administration is delegated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    management_expiry: Templates,
    /// What is kept for one more deployment.
    #[serde(default, skip_serializing_if = "Kept::is_empty")]
    kept: Kept,
}

/// What is kept for one more deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Policies where they are no longer needed.
    #[serde(default, skip_serializing_if = "Deliveries::is_empty")]
    pub deliveries: Deliveries,
    /// Permission sets that the model no longer has.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub permission_sets: BTreeSet<String>,
    /// The same, of those that are administered from the management account by exception.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub management_permission_sets: BTreeSet<String>,
}

impl Kept {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.deliveries.is_empty() && self.permission_sets.is_empty() && self.management_permission_sets.is_empty()
    }
}

/// The places of all assignments.
#[derive(Clone, Debug, Default)]
pub struct AssignmentPlaces {
    /// Those that Identity Center's administrator administers.
    pub assignments: Places,
    /// Those in the management account, where administration is delegated.
    pub management_assignments: Places,
}

/// What an earlier build of the output decided.
#[derive(Clone, Debug, Default)]
pub struct StackHistory {
    /// Where policies are delivered.
    pub deliveries: Deliveries,
    /// What lives in which template.
    pub placement: Placement,
    /// Where assignments live.
    pub places: AssignmentPlaces,
}

/// A thing in its template.
#[derive(Clone, Debug)]
pub struct Settled<T> {
    /// The template; 0 is the root, where the root takes such things.
    pub template: u32,
    /// The thing.
    pub item: Item<T>,
}

/// Something of the plan, or something that is only kept.
#[derive(Clone, Debug)]
pub enum Item<T> {
    /// Its place in the plan.
    Planned(T),
    /// The name under which it was recorded: it stays as the earlier output has it.
    Kept(String),
}

/// What a StackSet of the plan only keeps.
#[derive(Clone, Debug, Default)]
pub struct KeptInStackSet {
    /// Policies, by the label of their name: their resources stay as the earlier output has them.
    pub policies: BTreeSet<String>,
    /// Ids of single accounts.
    pub accounts: BTreeSet<String>,
}

/// What is deployed by which stack.
#[derive(Debug)]
pub struct Stacks {
    /// How many operations on assignments may be outstanding.
    pub concurrency: u32,
    /// The StackSets that distribute policies.
    pub stack_sets: Vec<Settled<usize>>,
    /// What StackSets of the plan keep, by their place in it.
    pub kept_in: BTreeMap<usize, KeptInStackSet>,
    /// The policies of the management account.
    pub management_policies: Vec<Settled<usize>>,
    /// The permission sets that Identity Center's administrator administers.
    pub permission_sets: Vec<Settled<usize>>,
    /// Those that are administered from the management account by exception.
    pub management_permission_sets: Vec<Settled<usize>>,
    /// The assignments that Identity Center's administrator administers, by place.
    pub assignments: PlacedAssignments,
    /// Those in the management account, where administration is delegated, by place.
    pub management_assignments: PlacedAssignments,
    /// The assignments that schedules end, with the template of the schedule; the same two ways.
    pub expiring: Vec<(u32, Expiring)>,
    /// Those in the management account, where administration is delegated.
    pub management_expiring: Vec<(u32, Expiring)>,
    /// How full the shards are.
    pub headroom: Headroom,
    /// How full those of the management account are, where administration is delegated.
    pub management_headroom: Headroom,
    /// What a later build has to know.
    pub history: StackHistory,
}

/// Why a plan cannot become stacks without an outage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsettled {
    /// The administration of Identity Center has moved to another account.
    Administrator,
    /// A policy that is in use would move between StackSets.
    Moved {
        /// The policy.
        policy: PolicyId,
        /// An account where it is in use.
        account: AccountId,
    },
}

impl Stacks {
    /// Decides what lives where. With `deployed`, what the last build only kept is let go.
    ///
    /// # Errors
    ///
    /// When something live would have to move.
    pub fn new(plan: &Plan<'_>, history: Option<StackHistory>, deployed: bool) -> Result<Self, Unsettled> {
        let access = plan.access;
        let administrator = access.instance.delegated_admin.as_ref();
        let administrator = administrator.zip(access.organization.as_ref());
        let administrator = administrator.map(|(admin, organization)| organization.account(admin.value).id.clone());
        let known = history.is_some();
        let StackHistory { deliveries: before, mut placement, mut places } = history.unwrap_or_default();
        if known && placement.delegated_admin != administrator {
            return Err(Unsettled::Administrator);
        }
        let now = plan.fan_out.deliveries(access);
        if let Some((policy, account)) = plan.fan_out.moved(access, &before, &now).into_iter().next() {
            return Err(Unsettled::Moved { policy, account });
        }
        placement.delegated_admin = administrator;
        let released = if deployed { std::mem::take(&mut placement.kept) } else { Kept::default() };
        let kept = before.without(&now).without(&released.deliveries);

        let (kept_in, kept_stack_sets) = kept_in_stack_sets(plan, &kept);
        let labels = plan.fan_out.stack_sets.iter().map(|stack_set| stack_set.label.as_str());
        let wanted = labels.chain(kept_stack_sets.iter().map(String::as_str));
        let stack_set_numbers = numbers(plan.fan_out.stack_sets.iter().map(|stack_set| stack_set.label.as_str()));
        let position = |label: &str| stack_set_numbers.get(label).copied();
        let stack_sets = settled(&mut placement.stack_sets, wanted, STACK_SETS, |_| 1, position);

        let names: Vec<_> = plan.fan_out.management.iter().map(|body| policy_label(plan, body.policy)).collect();
        let kept_names: Vec<_> = kept.of_management().map(|body| deliveries::policy_of(body).to_owned()).collect();
        let wanted = names.iter().chain(&kept_names).map(String::as_str);
        let policy_numbers = numbers(names.iter().map(String::as_str));
        let position = |name: &str| policy_numbers.get(name).copied();
        let size = |name: &str| {
            let body = position(name).and_then(|index| plan.document(&plan.fan_out.management[index]));
            body.map_or(6_000, |document| 2 * document.json.len())
        };
        let management_policies = settled(&mut placement.management_policies, wanted, POLICIES, size, position);

        let by_exception = |set: &PlannedSet| plan.delegated && set.administration == Administration::Management;
        let of_sets = |templates: &mut Templates, room, exception: bool, released: &BTreeSet<String>| {
            let sets = || plan.permission_sets.iter().filter(move |set| by_exception(set) == exception);
            let here = (0..).zip(&plan.permission_sets).filter(|(_, set)| by_exception(set) == exception);
            let numbers: FxHashMap<&str, usize> = here.map(|(index, set)| (set.name.as_str(), index)).collect();
            let left = templates.keys().filter(|name| !numbers.contains_key(name.as_str()));
            let left: BTreeSet<_> = left.filter(|name| !released.contains(*name)).cloned().collect();
            let position = |name: &str| numbers.get(name).copied();
            let size =
                |name: &str| position(name).map_or(2_000, |index| size_of_set(plan, &plan.permission_sets[index]));
            let names: Vec<_> = sets().map(|set| set.name.as_str()).chain(left.iter().map(String::as_str)).collect();
            let settled = settled(templates, names.into_iter(), room, size, position);
            (settled, left)
        };
        let room = if plan.delegated { DELEGATED_SETS } else { SETS };
        let (permission_sets, kept_sets) =
            of_sets(&mut placement.permission_sets, room, false, &released.permission_sets);
        let (management_permission_sets, kept_management_sets) =
            of_sets(&mut placement.management_permission_sets, SETS, true, &released.management_permission_sets);

        let numbered = || (0..).zip(&plan.permission_sets);
        let shards = if plan.delegated { DELEGATED_SHARDS } else { SHARDS };
        let central = numbered().filter(|(_, set)| !by_exception(set));
        let (assignments, headroom) = places.assignments.place(plan, central, shards);
        let exceptions = numbered().filter(|(_, set)| by_exception(set));
        let (management_assignments, management_headroom) =
            places.management_assignments.place(plan, exceptions, SHARDS);

        let room = if plan.delegated { DELEGATED_SCHEDULES } else { SCHEDULES };
        let central = numbered().filter(|(_, set)| !by_exception(set)).map(|(_, set)| set);
        let expiring = scheduled(plan, central, &mut placement.expiry, room);
        let exceptions = numbered().filter(|(_, set)| by_exception(set)).map(|(_, set)| set);
        let management_expiring = scheduled(plan, exceptions, &mut placement.management_expiry, SCHEDULES);

        placement.kept = Kept {
            deliveries: kept.clone(),
            permission_sets: kept_sets,
            management_permission_sets: kept_management_sets,
        };
        let concurrency = access.emit.as_ref().and_then(|emit| emit.concurrency.as_ref());
        let concurrency = concurrency.and_then(|text| parse_concurrency(text.as_str())).unwrap_or(CONCURRENCY);
        Ok(Self {
            concurrency,
            stack_sets,
            kept_in,
            management_policies,
            permission_sets,
            management_permission_sets,
            assignments,
            management_assignments,
            expiring,
            management_expiring,
            headroom,
            management_headroom,
            history: StackHistory { deliveries: now.with(&kept), placement, places },
        })
    }

    /// How many StackSets there are, all of them in the management account.
    pub fn stack_set_count(&self, plan: &Plan<'_>) -> usize {
        let policies = self.stack_sets.len();
        if !plan.delegated {
            return policies;
        }
        let attributes = usize::from(!plan.access.attributes.is_empty());
        let permission_sets = self.permission_sets.chunk_by(|a, b| a.template == b.template).count();
        let assignments = self.assignments.placed.chunk_by(|a, b| a.place.shard() == b.place.shard()).count();
        let expiring = self.expiring.chunk_by(|a, b| a.0 == b.0).count();
        policies + attributes + permission_sets + assignments + expiring
    }

    /// What is kept for one more deployment.
    pub fn kept(&self) -> &Kept {
        &self.history.placement.kept
    }
}

/// Names with their places.
fn numbers<'n>(names: impl Iterator<Item = &'n str>) -> FxHashMap<&'n str, usize> {
    names.enumerate().map(|(index, name)| (name, index)).collect()
}

impl Plan<'_> {
    /// The logical id of an assignment: what is a function of permission set and principal, then the account's id.
    pub fn assignment_id(&self, set: u32, principal: PrincipalId, account: AccountId) -> String {
        let set = &self.permission_sets[set as usize];
        let principal = self.access.principal(principal);
        let account = self.access.organization.as_ref().map_or("", |all| all.account(account).id.as_str());
        format!("{}{account}", pair_id(&set.name, principal.kind.as_str(), &principal.name))
    }
}

/// Reads a setting: a number from 1 to 20.
pub fn parse_concurrency(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| (1..=20).contains(number))
}

/// Settles what is wanted, forgets what is not, and says which is which; in the order of templates, then of what is
/// wanted.
fn settled<'n>(
    templates: &mut Templates,
    wanted: impl Iterator<Item = &'n str> + Clone,
    room: Room,
    size: impl Fn(&str) -> usize,
    position: impl Fn(&str) -> Option<usize>,
) -> Vec<Settled<usize>> {
    let names: BTreeSet<_> = wanted.clone().collect();
    templates.retain(|name, _| names.contains(name.as_str()));
    placement::settle(templates, wanted, room, size);
    let mut settled: Vec<_> = templates
        .iter()
        .map(|(name, &template)| {
            let item = position(name).map_or_else(|| Item::Kept(name.clone()), Item::Planned);
            (template, item, name)
        })
        .collect();
    let order = |item: &Item<usize>| match item {
        Item::Planned(index) => *index,
        Item::Kept(_) => usize::MAX,
    };
    settled.sort_by(|a, b| (a.0, order(&a.1), a.2).cmp(&(b.0, order(&b.1), b.2)));
    settled.into_iter().map(|(template, item, _)| Settled { template, item }).collect()
}

/// Settles the schedules of some permission sets; in the order of templates, then of permission sets and principals.
fn scheduled<'p>(
    plan: &'p Plan<'_>,
    sets: impl Iterator<Item = &'p PlannedSet>,
    templates: &mut Templates,
    room: Room,
) -> Vec<(u32, Expiring)> {
    let expiring: Vec<Expiring> = sets.flat_map(|set| plan.expiring(set)).collect();
    let id = |expiring: &Expiring| plan.assignment_id(expiring.set, expiring.principal, expiring.account);
    let ids: Vec<String> = expiring.iter().map(id).collect();
    let by_id = numbers(ids.iter().map(String::as_str));
    let settled = settled(templates, ids.iter().map(String::as_str), room, |_| 1, |id| by_id.get(id).copied());
    let planned = settled.into_iter().filter_map(|settled| match settled.item {
        Item::Planned(index) => Some((settled.template, expiring[index].clone())),
        // A schedule that is no longer wanted is not kept: nothing uses it.
        Item::Kept(_) => None,
    });
    planned.collect()
}

/// What is kept in StackSets that the plan has, and the labels of those that it no longer has.
fn kept_in_stack_sets(plan: &Plan<'_>, kept: &Deliveries) -> (BTreeMap<usize, KeptInStackSet>, BTreeSet<String>) {
    let mut within: BTreeMap<usize, KeptInStackSet> = BTreeMap::new();
    let mut whole = BTreeSet::new();
    let position = |label: &str| plan.fan_out.stack_sets.iter().position(|stack_set| stack_set.label == label);
    for (body, label) in kept.of_units() {
        match position(label) {
            Some(index) => {
                within.entry(index).or_default().policies.insert(deliveries::policy_of(body).to_owned());
            }
            None => {
                whole.insert(label.to_owned());
            }
        }
    }
    for (body, account) in kept.of_accounts() {
        let label = deliveries::label_of_accounts(body);
        match position(&label) {
            Some(index) => {
                within.entry(index).or_default().accounts.insert(account.to_owned());
            }
            None => {
                whole.insert(label);
            }
        }
    }
    (within, whole)
}

fn policy_label(plan: &Plan<'_>, policy: PolicyId) -> String {
    super::label(&plan.access.policy(policy).name.value)
}

/// About what a permission set takes in a template, in bytes.
fn size_of_set(plan: &Plan<'_>, planned: &PlannedSet) -> usize {
    let set = plan.access.permission_set(planned.set);
    let description = set.description.as_ref().map_or(0, |text| text.value.len());
    let inline = set.inline_policy.as_ref().map_or(0, |document| document.json.len() * 8 / 5);
    let references = set.aws_managed_policies.len() + set.customer_managed_policies.len() + set.tags.len();
    600 + description + inline + 90 * references
}
