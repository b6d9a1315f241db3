//! Permission sets and policies that are made of something else.

use std::collections::{BTreeMap, BTreeSet};

use super::Cause;
use super::accounts::AccountNo;
use super::actions::{ActionsChange, Comparison};
use crate::access::{Access, PermissionSet, PermissionsBoundary, PolicyId, PolicyUse, SetId};

/// A permission set that differs.
#[derive(Clone, Debug)]
pub struct SetChange<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is new, gone, or in both models.
    pub kind: SetKind<'a>,
    /// What it is made of and was not, or the other way round.
    pub attributes: Vec<AttributeChange>,
    /// What it allows more and less, in the accounts in which somebody has it in both models.
    pub actions: Vec<ActionsChange>,
}

/// Whether a permission set is in both models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind<'a> {
    /// Only in the new one. `was` is one of the old model that is gone and consists of the same: AWS knows no renaming, it
    /// deletes the one and creates the other.
    Added {
        /// The name of that set.
        was: Option<&'a str>,
    },
    /// Only in the old one. `becomes` is the one that takes its place.
    Removed {
        /// The name of that set.
        becomes: Option<&'a str>,
    },
    /// In both.
    Changed,
}

/// What a permission set has beside its policies' meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// How long a session lasts, in seconds.
    SessionDuration,
    /// The permissions boundary.
    PermissionsBoundary,
    /// An AWS-managed policy that is attached, or detached.
    AwsManagedPolicy,
    /// A customer-managed policy that is attached, or detached, by path and name.
    CustomerManagedPolicy,
    /// The inline policy: whether there is one.
    InlinePolicy,
    /// The console page that opens first.
    RelayState,
    /// What the function is.
    Description,
    /// A tag, `key=value`.
    Tag,
    /// The name of the twin for the management account.
    ManagementName,
}

impl Attribute {
    /// The key of the language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionDuration => "session_duration",
            Self::PermissionsBoundary => "permissions_boundary",
            Self::AwsManagedPolicy => "aws_managed_policies",
            Self::CustomerManagedPolicy => "customer_managed_policies",
            Self::InlinePolicy => "inline_policy",
            Self::RelayState => "relay_state",
            Self::Description => "description",
            Self::Tag => "tags",
            Self::ManagementName => "management_name",
        }
    }
}

/// An attribute that differs. Of lists, each element is an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeChange {
    /// Which.
    pub attribute: Attribute,
    /// What it was, if it was.
    pub old: Option<String>,
    /// What it is, if it is.
    pub new: Option<String>,
}

/// A customer-managed policy with another body.
#[derive(Clone, Debug)]
pub struct PolicyChange<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its path.
    pub path: &'a str,
    /// The accounts in which its body differs and a set that names it is assigned in both models; empty where nobody needs
    /// it.
    pub accounts: Vec<AccountNo>,
    /// What brought it about.
    pub cause: Cause,
    /// The sets of the new model that name it.
    pub used_by: Vec<&'a str>,
}

/// How long AWS lets a session last where nothing is said, in seconds.
const DEFAULT_SESSION: u32 = 3_600;

/// The names of the permission sets of both models.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// In the order of the names.
    pub(super) all: Vec<(&'a str, Option<SetId>, Option<SetId>)>,
}

impl<'a> Names<'a> {
    pub(super) fn of(old: &'a Access, new: &'a Access) -> Self {
        let mut all: BTreeMap<&'a str, (Option<SetId>, Option<SetId>)> = BTreeMap::new();
        for id in old.set_ids() {
            all.entry(&old.permission_set(id).name.value).or_default().0 = Some(id);
        }
        for id in new.set_ids() {
            all.entry(&new.permission_set(id).name.value).or_default().1 = Some(id);
        }
        Self { all: all.into_iter().map(|(name, (old, new))| (name, old, new)).collect() }
    }

    /// The place of a set, by name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.all.binary_search_by(|known| known.0.cmp(name)).ok()
    }
}

/// Every permission set that differs.
pub(super) fn changes<'a>(names: &Names<'a>, comparison: &mut Comparison<'a, '_>) -> Vec<SetChange<'a>> {
    let (old, new) = (comparison.old.access, comparison.new.access);
    let renamed = renamed(names, comparison);
    let mut changes = Vec::new();
    for &(name, before, now) in &names.all {
        let parts = |access: &Access, id: Option<SetId>| {
            id.map_or_else(BTreeSet::new, |id| attributes(access.permission_set(id)))
        };
        let attributes = attribute_changes(&parts(old, before), &parts(new, now));
        let (kind, actions) = match (before, now) {
            (Some(before), Some(now)) => (SetKind::Changed, actions(comparison, before, now)),
            (None, _) => {
                let was = renamed.iter().find(|pair| pair.1 == name).map(|pair| pair.0);
                (SetKind::Added { was }, Vec::new())
            }
            (Some(_), None) => {
                let becomes = renamed.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
                (SetKind::Removed { becomes }, Vec::new())
            }
        };
        if kind != SetKind::Changed || !attributes.is_empty() || !actions.is_empty() {
            changes.push(SetChange { name, kind, attributes, actions });
        }
    }
    changes
}

/// What a set allows more and less, where somebody has it in both models; by its policies alone, if nobody does.
fn actions(comparison: &mut Comparison<'_, '_>, before: SetId, now: SetId) -> Vec<ActionsChange> {
    let (old, new) = (comparison.old.access.accounts_with(before), comparison.new.access.accounts_with(now));
    let numbers = (0u32..).zip(0..old.len()).filter(|&(_, index)| old.contains(index)).map(|(number, _)| number);
    let held: Vec<AccountNo> = numbers
        .map(|number| comparison.accounts.of_old(crate::access::AccountId(number)))
        .filter(|&account| comparison.ids(account).1.is_some_and(|id| new.contains(id.index())))
        .collect();
    let mut changes = match held.is_empty() {
        false => comparison.compare_in(held, (before, now)),
        true if comparison.old.key(before, None) == comparison.new.key(now, None) => Vec::new(),
        true => vec![comparison.compare((before, None), (now, None))],
    };
    // Another document that allows the same is told with the policies.
    changes.retain(|change| !change.is_empty() || !change.undecided.is_empty());
    changes
}

/// Sets that are gone, each with a new one that consists of the same.
fn renamed<'a>(names: &Names<'a>, comparison: &Comparison<'a, '_>) -> Vec<(&'a str, &'a str)> {
    let (old, new) = (comparison.old.access, comparison.new.access);
    let mut gone: Vec<_> =
        names.all.iter().filter_map(|&(name, old, new)| Some((name, old?)).filter(|_| new.is_none())).collect();
    let mut pairs = Vec::new();
    for &(name, before, now) in &names.all {
        let (None, Some(now)) = (before, now) else { continue };
        let session = |access: &Access, id: SetId| session(access.permission_set(id));
        let same = |&(_, before): &(&str, SetId)| {
            comparison.old.key(before, None) == comparison.new.key(now, None)
                && session(old, before) == session(new, now)
        };
        // Of several alike, the one that most principals have in common would be a guess: the first by name is as good.
        if let Some(at) = gone.iter().position(same) {
            pairs.push((gone.remove(at).0, name));
        }
    }
    pairs
}

fn session(set: &PermissionSet) -> u32 {
    set.session_duration.as_ref().map_or(DEFAULT_SESSION, |duration| duration.value)
}

/// What a set has, each with its kind; what identifies it, and its value.
fn attributes(set: &PermissionSet) -> BTreeSet<(Attribute, String, String)> {
    let customer = |used: &PolicyUse| format!("{}{}", used.path, used.name);
    let mut all = BTreeSet::new();
    let mut add = |attribute: Attribute, key: &str, value: String| {
        all.insert((attribute, key.to_owned(), value));
    };
    add(Attribute::SessionDuration, "", session(set).to_string());
    if let Some(boundary) = &set.permissions_boundary {
        let name = match boundary {
            PermissionsBoundary::Customer(used) => customer(used),
            PermissionsBoundary::AwsManaged(name) => format!("aws_managed: {}", name.value),
        };
        add(Attribute::PermissionsBoundary, "", name);
    }
    for name in &set.aws_managed_policies {
        add(Attribute::AwsManagedPolicy, &name.value, name.value.clone());
    }
    for used in &set.customer_managed_policies {
        add(Attribute::CustomerManagedPolicy, &customer(used), customer(used));
    }
    if set.inline_policy.is_some() {
        add(Attribute::InlinePolicy, "", "inline".to_owned());
    }
    for (attribute, text) in [
        (Attribute::RelayState, &set.relay_state),
        (Attribute::Description, &set.description),
        (Attribute::ManagementName, &set.management_name),
    ] {
        if let Some(text) = text {
            add(attribute, "", text.value.clone());
        }
    }
    for (key, value) in &set.tags {
        add(Attribute::Tag, &key.value, format!("{}={}", key.value, value.value));
    }
    all
}

fn attribute_changes(
    old: &BTreeSet<(Attribute, String, String)>,
    new: &BTreeSet<(Attribute, String, String)>,
) -> Vec<AttributeChange> {
    type Values<'v> = (Option<&'v String>, Option<&'v String>);
    let mut changes: BTreeMap<(Attribute, &str), Values<'_>> = BTreeMap::new();
    for (attribute, key, value) in old.difference(new) {
        changes.entry((*attribute, key)).or_default().0 = Some(value);
    }
    for (attribute, key, value) in new.difference(old) {
        changes.entry((*attribute, key)).or_default().1 = Some(value);
    }
    changes
        .into_iter()
        .map(|((attribute, _), (old, new))| AttributeChange { attribute, old: old.cloned(), new: new.cloned() })
        .collect()
}

/// Every customer-managed policy with another body.
pub(super) fn policies<'a>(comparison: &mut Comparison<'a, '_>) -> Vec<PolicyChange<'a>> {
    let (old, new) = (comparison.old.access, comparison.new.access);
    let mut known: BTreeMap<(&str, &str), PolicyId> = BTreeMap::new();
    for (index, policy) in (0u32..).zip(&old.policies) {
        known.insert((&policy.path, &policy.name.value), PolicyId(index));
    }
    let mut changes = Vec::new();
    for (index, policy) in (0u32..).zip(&new.policies) {
        let now = PolicyId(index);
        let Some(&before) = known.get(&(policy.path.as_str(), policy.name.value.as_str())) else { continue };
        let users = |access: &'a Access, id: PolicyId| -> Vec<SetId> {
            let names = |set: &SetId| access.permission_set(*set).policy_uses().any(|used| used.policy == Some(id));
            access.set_ids().filter(names).collect()
        };
        let plain = old.policy(before).variants.is_empty() && policy.variants.is_empty();
        if plain && comparison.old.body(before, None) == comparison.new.body(now, None) {
            continue;
        }
        let assigned = |access: &Access, sets: &[SetId]| {
            sets.iter().fold(fixedbitset::FixedBitSet::new(), |mut all, &set| {
                all.union_with(&access.accounts_with(set));
                all
            })
        };
        let (sets_before, sets_now) = (users(old, before), users(new, now));
        let (needed_before, needed_now) = (assigned(old, &sets_before), assigned(new, &sets_now));
        let used_by: Vec<&str> = sets_now.iter().map(|&set| new.permission_set(set).name.value.as_str()).collect();
        let mut by_cause: BTreeMap<Cause, Vec<AccountNo>> = BTreeMap::new();
        let mut needed = false;
        for id in new.organization.iter().flat_map(|organization| organization.account_ids()) {
            let account = comparison.accounts.of_new(id);
            let Some(was) = comparison.ids(account).0 else { continue };
            if !(needed_before.contains(was.index()) && needed_now.contains(id.index())) {
                continue;
            }
            needed = true;
            let bodies = (comparison.old.body(before, Some(was)), comparison.new.body(now, Some(id)));
            if bodies.0 != bodies.1 {
                let between = comparison.between.body(&comparison.old, before, was, id);
                let cause = match (between == bodies.0, between == bodies.1) {
                    (true, _) => Cause::Change,
                    (false, true) => Cause::Data,
                    (false, false) => Cause::Both,
                };
                by_cause.entry(cause).or_default().push(account);
            }
        }
        if !needed && comparison.old.body(before, None) != comparison.new.body(now, None) {
            by_cause.insert(Cause::Change, Vec::new());
        }
        changes.extend(by_cause.into_iter().map(|(cause, accounts)| PolicyChange {
            name: &policy.name.value,
            path: &policy.path,
            accounts,
            cause,
            used_by: used_by.clone(),
        }));
    }
    changes
}
