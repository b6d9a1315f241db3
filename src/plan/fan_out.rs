//! The first wave: customer-managed policies in every account that needs them.
//!
//! A policy is needed where a permission set that names it (attached, or as its boundary) is assigned. Members get it by
//! service-managed StackSets, the management account by a policy of its own, because StackSets never reach it.
//!
//! There is one StackSet for each unit that is somebody's target, and it holds the policies needed in the whole of that
//! unit, so policies with the same units always share theirs. What single accounts need has a StackSet for each policy.
//! INVARIANT (one account, one delivery): a policy reaches an account by exactly one StackSet.
//!
//! A policy must not move between StackSets while it is attached: the one that drops it fails to delete it, and the other
//! fails on the name that is still taken. So what an earlier build delivers stays where it is as long as it is needed
//! ([`Deliveries`]), and only what is new is covered afresh.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::deliveries::{self, Deliveries, Delivery};
use super::label::{dashed, digest, label};
use crate::access::{Access, AccountId, Document, Organization, OuId, PolicyId, SetId, Variant};

/// The longest template body that needs no bucket, in bytes, with room for the parts that are not policies.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>: 51,200.
const BODY_LIMIT: usize = 50_000;

/// Up to where a template body takes in what is new, so that what it holds has room to grow.
const BODY_COMFORT: usize = 40_000;

/// What a policy costs in a template beside its document, in bytes, generously.
const POLICY_OVERHEAD: usize = 400;

/// Where a policy is needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Need {
    /// The active members, by account number.
    pub present: FixedBitSet,
    /// The units whose future accounts will need it too, by unit number.
    pub future: FixedBitSet,
    /// Whether the management account needs it.
    pub management: bool,
}

/// What a StackSet targets.
///
/// There is no target that leaves accounts of a unit out. AWS has such a filter and ignores it for accounts that join
/// later; and when one of several accounts is let in again, the Terraform provider deletes the policies of all the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A whole unit, with the accounts that join it later.
    Unit(OuId),
    /// These accounts, addressed below the root: accounts can be added and removed, while the unit must never change
    /// together with them.
    Accounts(Vec<AccountId>),
}

/// One policy of a StackSet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StackSetPolicy {
    /// The policy.
    pub policy: PolicyId,
    /// Which body: that of a variant, or the policy's own.
    pub variant: Option<usize>,
}

/// A service-managed StackSet that distributes policies.
#[derive(Clone, Debug)]
pub struct StackSet {
    /// The label of its resources.
    pub label: String,
    /// Its name in AWS.
    pub name: String,
    /// What it is, for people.
    pub description: String,
    /// What it distributes, by name of policy.
    pub policies: Vec<StackSetPolicy>,
    /// Where; the unit, or the root above the accounts, has an id.
    pub target: Target,
}

/// A unit that a StackSet would have to target and whose id the snapshot lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unaddressed {
    /// The policy that is needed there.
    pub policy: PolicyId,
    /// The unit.
    pub ou: OuId,
}

/// The distribution of all policies.
#[derive(Debug, Default)]
pub struct FanOut {
    /// The StackSets, units in the order of the tree, then single accounts by policy.
    pub stack_sets: Vec<StackSet>,
    /// The policies that the management account needs, by name.
    pub management: Vec<StackSetPolicy>,
    /// What cannot be reached.
    pub unaddressed: Vec<Unaddressed>,
    /// The declared and distributed policies each set names.
    policies_of: BTreeMap<SetId, Vec<PolicyId>>,
    /// The StackSets that bring each policy, by index.
    brought_by: BTreeMap<PolicyId, Vec<usize>>,
    /// The StackSets that bring the policies of a set to an account where it is assigned, by index.
    awaited_by: BTreeMap<SetId, Vec<usize>>,
}

/// A body of a policy: the policy and the variant it belongs to.
type Body = (PolicyId, Option<usize>);

impl FanOut {
    /// Plans the distribution of every policy that a permission set of `access` names and bailiwick distributes, keeping to
    /// what an earlier build delivers.
    pub fn new(access: &Access, before: &Deliveries) -> Self {
        let Some(organization) = &access.organization else { return Self::default() };
        let mut fan_out = Self::default();
        for set in access.set_ids() {
            let uses = access.permission_set(set).policy_uses().filter_map(|policy| policy.policy);
            let mut distributed: Vec<_> = uses.filter(|&id| access.policy(id).external.is_none()).collect();
            distributed.sort_unstable();
            distributed.dedup();
            if !distributed.is_empty() {
                fan_out.policies_of.insert(set, distributed);
            }
        }
        let (needs, of_sets) = needs(access, organization, &fan_out.policies_of);
        let mut by_unit: BTreeMap<OuId, Vec<Body>> = BTreeMap::new();
        let mut by_account: Vec<(Body, Vec<AccountId>)> = Vec::new();
        for (&policy, need) in &needs {
            for variant in bodies(access, policy) {
                let delivered = before.get(&body_label(access, policy, variant));
                let area = Area::new(access, organization, (policy, variant), need, delivered);
                for &ou in &area.cover {
                    by_unit.entry(ou).or_default().push((policy, variant));
                }
                let rest = area.rest(organization);
                if !rest.is_empty() {
                    by_account.push(((policy, variant), rest));
                }
            }
            if need.management
                && let Some(management) = organization.management_account
            {
                let details = access.policy(policy);
                let variant =
                    details.variants.iter().position(|variant| variant.accounts.contains(management.0 as usize));
                if details.document_in(management).is_some() {
                    fan_out.management.push(StackSetPolicy { policy, variant });
                }
            }
        }
        let prefix = prefix(access);
        fan_out.add_units(access, organization, by_unit, before, prefix);
        fan_out.add_accounts(access, organization, by_account, prefix);
        for (index, stack_set) in fan_out.stack_sets.iter().enumerate() {
            for body in &stack_set.policies {
                fan_out.brought_by.entry(body.policy).or_default().push(index);
            }
        }
        fan_out.awaited_by = fan_out.awaited(organization, &of_sets);
        fan_out
    }

    /// What each set has to wait for: a StackSet that brings its policies only to accounts where it is not assigned can
    /// come later.
    fn awaited(&self, organization: &Organization, of_sets: &BTreeMap<SetId, Need>) -> BTreeMap<SetId, Vec<usize>> {
        let reach = |stack_set: &StackSet| {
            let mut reach = FixedBitSet::with_capacity(organization.accounts.len());
            match &stack_set.target {
                Target::Unit(ou) => reach.extend(organization.members_below(*ou).map(AccountId::index)),
                Target::Accounts(accounts) => reach.extend(accounts.iter().map(|account| account.index())),
            }
            reach
        };
        let reached: Vec<_> = self.stack_sets.iter().map(reach).collect();
        let awaited = |(set, policies): (&SetId, &Vec<PolicyId>)| {
            let present = &of_sets.get(set)?.present;
            let brought = policies.iter().filter_map(|policy| self.brought_by.get(policy)).flatten().copied();
            let mut awaited: Vec<_> = brought.filter(|&index| !reached[index].is_disjoint(present)).collect();
            awaited.sort_unstable();
            awaited.dedup();
            Some((*set, awaited))
        };
        self.policies_of.iter().filter_map(awaited).collect()
    }

    fn add_units(
        &mut self,
        access: &Access,
        organization: &Organization,
        by_unit: BTreeMap<OuId, Vec<Body>>,
        before: &Deliveries,
        prefix: &str,
    ) {
        let mut sizes = FxHashMap::default();
        for (ou, bodies) in by_unit {
            let unit = organization.unit(ou);
            let Some(id) = &unit.id else {
                self.unaddressed.extend(bodies.iter().map(|&(policy, _)| Unaddressed { policy, ou }));
                continue;
            };
            let path = if unit.path.is_empty() { "the whole organization" } else { &unit.path };
            let base = &id.value;
            let recorded = |body: &Body| before.part_of(&body_label(access, body.0, body.1), base);
            for (suffix, bodies) in parts(access, bodies, recorded, &mut sizes) {
                let label = if suffix.is_empty() { base.clone() } else { format!("{base}__{suffix}") };
                self.stack_sets.push(StackSet {
                    name: stack_set_name(prefix, &label),
                    label,
                    description: description(&format!("Customer-managed policies of {path}")),
                    policies: bodies.into_iter().map(|(policy, variant)| StackSetPolicy { policy, variant }).collect(),
                    target: Target::Unit(ou),
                });
            }
        }
    }

    fn add_accounts(
        &mut self,
        access: &Access,
        organization: &Organization,
        by_account: Vec<(Body, Vec<AccountId>)>,
        prefix: &str,
    ) {
        for ((policy, variant), accounts) in by_account {
            if organization.unit(OuId::ROOT).id.is_none() {
                self.unaddressed.push(Unaddressed { policy, ou: OuId::ROOT });
                continue;
            }
            let details = access.policy(policy);
            let label = deliveries::label_of_accounts(&body_label(access, policy, variant));
            self.stack_sets.push(StackSet {
                name: stack_set_name(prefix, &label),
                label,
                description: description(&format!("{} in single accounts", details.name.value)),
                policies: vec![StackSetPolicy { policy, variant }],
                target: Target::Accounts(accounts),
            });
        }
    }

    /// By which targets each body is delivered, for the record.
    pub fn deliveries(&self, access: &Access) -> Deliveries {
        let mut deliveries = Deliveries::default();
        let Some(organization) = &access.organization else { return deliveries };
        for stack_set in &self.stack_sets {
            for body in &stack_set.policies {
                let delivery = deliveries.of(body_label(access, body.policy, body.variant));
                match &stack_set.target {
                    Target::Unit(_) => delivery.units.push(stack_set.label.clone()),
                    Target::Accounts(accounts) => {
                        let ids = accounts.iter().map(|&account| organization.account(account).id.clone());
                        delivery.accounts.extend(ids);
                    }
                }
            }
        }
        for body in &self.management {
            deliveries.of(body_label(access, body.policy, body.variant)).management = true;
        }
        deliveries.sort();
        deliveries
    }

    /// The policies that an earlier build has brought to an account by another StackSet, or with another body, than this
    /// plan does, and one such account each. AWS refuses that while a role uses the policy: the one that drops it cannot
    /// delete it, and the other fails on the name that is still taken.
    pub fn moved(&self, access: &Access, before: &Deliveries, now: &Deliveries) -> Vec<(PolicyId, AccountId)> {
        let Some(organization) = &access.organization else { return Vec::new() };
        let units: FxHashMap<&str, OuId> = organization
            .unit_ids()
            .filter_map(|ou| organization.unit(ou).id.as_ref().map(|id| (id.value.as_str(), ou)))
            .collect();
        // By which body and StackSet each active member has the policy.
        let brought = |deliveries: &Deliveries, name: &str| {
            let mut brought: FxHashMap<AccountId, (String, String)> = FxHashMap::default();
            for (body, delivery) in deliveries.bodies_of(name) {
                for label in &delivery.units {
                    let Some(&ou) = units.get(deliveries::split_label(label).0) else { continue };
                    for account in organization.members_below(ou).filter(|&account| organization.is_active(account)) {
                        brought.insert(account, (body.to_owned(), label.clone()));
                    }
                }
                for account in delivery.accounts.iter().filter_map(|id| organization.account_named(id).ok()) {
                    brought.entry(account).or_insert_with(|| (body.to_owned(), String::new()));
                }
            }
            brought
        };
        let mut moved = Vec::new();
        for &policy in self.brought_by.keys() {
            let name = label(&access.policy(policy).name.value);
            if before.bodies_of(&name).next().is_none() || before.bodies_of(&name).eq(now.bodies_of(&name)) {
                continue;
            }
            let (was, is) = (brought(before, &name), brought(now, &name));
            let elsewhere = was.iter().filter(|(account, by)| is.get(account).is_some_and(|now| now != *by));
            moved.extend(elsewhere.map(|(&account, _)| account).min().map(|account| (policy, account)));
        }
        moved
    }

    /// Whether there is nothing to distribute.
    pub fn is_empty(&self) -> bool {
        self.stack_sets.is_empty() && self.management.is_empty()
    }

    /// The StackSets that bring the policies of a permission set to where it is assigned, by index.
    pub(super) fn stack_sets_of(&self, set: SetId) -> Vec<usize> {
        self.awaited_by.get(&set).cloned().unwrap_or_default()
    }

    /// The policies of a permission set in the management account, by index.
    pub(super) fn management_policies_of(&self, set: SetId) -> Vec<usize> {
        let Some(policies) = self.policies_of.get(&set) else { return Vec::new() };
        (0..self.management.len()).filter(|&index| policies.contains(&self.management[index].policy)).collect()
    }
}

/// Where each distributed policy is needed, and each set that names one.
fn needs(
    access: &Access,
    organization: &Organization,
    policies_of: &BTreeMap<SetId, Vec<PolicyId>>,
) -> (BTreeMap<PolicyId, Need>, BTreeMap<SetId, Need>) {
    let empty = || Need {
        present: FixedBitSet::with_capacity(organization.accounts.len()),
        future: FixedBitSet::with_capacity(organization.units.len()),
        management: false,
    };
    let mut of_sets: BTreeMap<SetId, Need> = policies_of.keys().map(|&set| (set, empty())).collect();
    for row in access.rows.iter().filter(|row| row.live && !row.principals.is_empty()) {
        for set in &row.permission_sets {
            let Some(need) = of_sets.get_mut(&set.value) else { continue };
            for &account in &*row.accounts {
                if Some(account) == organization.management_account {
                    need.management = true;
                } else {
                    need.present.insert(account.0 as usize);
                }
            }
            // Tags of accounts that do not exist yet are not known: such a row needs nothing in advance.
            if row.selection.account_tags.is_empty() {
                for ou in &row.selection.ous {
                    mark_future(organization, ou.value, &row.selection.excluded_ous, &mut need.future);
                }
            }
        }
    }
    let mut needs: BTreeMap<PolicyId, Need> = BTreeMap::new();
    for (set, policies) in policies_of {
        let need = &of_sets[set];
        for &policy in policies {
            let sum = needs.entry(policy).or_insert_with(empty);
            sum.present.union_with(&need.present);
            sum.future.union_with(&need.future);
            sum.management |= need.management;
        }
    }
    (needs, of_sets)
}

/// Marks `ou` and everything below it, units that are taken out again excepted.
fn mark_future(organization: &Organization, ou: OuId, excluded: &[OuId], future: &mut FixedBitSet) {
    if excluded.contains(&ou) {
        return;
    }
    future.insert(ou.0 as usize);
    for &child in &organization.unit(ou).children {
        mark_future(organization, child, excluded, future);
    }
}

/// The bodies a policy has.
fn bodies(access: &Access, policy: PolicyId) -> Vec<Option<usize>> {
    let policy = access.policy(policy);
    let own = policy.document.is_some().then_some(None);
    own.into_iter().chain((0..policy.variants.len()).map(Some)).collect()
}

/// Where one body of a policy is needed, and the units that cover it.
struct Area {
    present: FixedBitSet,
    cover: Vec<OuId>,
}

impl Area {
    fn new(
        access: &Access,
        organization: &Organization,
        (policy, variant): Body,
        need: &Need,
        delivered: Option<&Delivery>,
    ) -> Self {
        let variants = &access.policy(policy).variants;
        let mut present = need.present.clone();
        let mut future = need.future.clone();
        let units_of = |variant: &Variant| {
            let mut units = FixedBitSet::with_capacity(organization.units.len());
            for ou in &variant.selection.ous {
                mark_future(organization, ou.value, &[], &mut units);
            }
            units
        };
        match variant {
            Some(index) => {
                present.intersect_with(&variants[index].accounts);
                future.intersect_with(&units_of(&variants[index]));
            }
            None => {
                for variant in variants {
                    present.difference_with(&variant.accounts);
                    future.difference_with(&units_of(variant));
                }
            }
        }
        // A unit with an account that must not get the body cannot be targeted.
        let must_not = |account: &AccountId| {
            organization.is_active(*account)
                && !present.contains(account.index())
                && Some(*account) != organization.management_account
        };
        for index in 0..organization.units.len() {
            if future.contains(index) && organization.units[index].accounts.iter().any(must_not) {
                future.remove(index);
            }
        }
        let mut cover = Vec::new();
        if let Some(delivered) = delivered {
            // Where bodies differ, a unit that is no longer needed whole must make room for another body.
            let tolerated = variants.is_empty();
            let whole = whole_units(organization, &future);
            let was_target =
                |ou: &OuId| organization.unit(*ou).id.as_ref().is_some_and(|id| delivered.reaches_unit(&id.value));
            let needed = |ou| organization.members_below(ou).any(|account| present.contains(account.index()));
            let stays = |ou: &OuId| was_target(ou) && (whole.contains(ou.0 as usize) || (tolerated && needed(*ou)));
            cover.extend(organization.unit_ids().filter(stays));
            for &ou in &cover {
                let mut below = FixedBitSet::with_capacity(organization.units.len());
                mark_future(organization, ou, &[], &mut below);
                future.difference_with(&below);
            }
            for id in &delivered.accounts {
                if let Ok(account) = organization.account_named(id)
                    && present.contains(account.index())
                {
                    future.remove(organization.account(account).ou.0 as usize);
                }
            }
        }
        let whole = whole_units(organization, &future);
        let topmost = |ou: &OuId| {
            let covered = |ou: OuId| whole.contains(ou.0 as usize);
            covered(*ou) && !organization.unit(*ou).parent.is_some_and(covered)
        };
        cover.extend(organization.unit_ids().filter(topmost));
        cover.sort_unstable();
        Self { present, cover }
    }

    /// The accounts that no covered unit reaches.
    fn rest(&self, organization: &Organization) -> Vec<AccountId> {
        let mut rest = self.present.clone();
        for &ou in &self.cover {
            for account in organization.members_below(ou) {
                rest.remove(account.0 as usize);
            }
        }
        rest.ones().map(|index| AccountId(u32::try_from(index).unwrap_or(u32::MAX))).collect()
    }
}

/// The units all of whose future accounts need a body, those of every unit below included.
fn whole_units(organization: &Organization, future: &FixedBitSet) -> FixedBitSet {
    let mut whole = FixedBitSet::with_capacity(organization.units.len());
    for index in (0..organization.units.len()).rev() {
        let below = &organization.units[index].children;
        if future.contains(index) && below.iter().all(|child| whole.contains(child.0 as usize)) {
            whole.insert(index);
        }
    }
    whole
}

/// Divides the bodies of one unit into parts that fit into a template each, by name of the part.
///
/// A body stays in the part that an earlier build put it in, because a policy cannot move between StackSets; what is new
/// joins a part with room, or founds one. Without a record, bodies are divided by the hash of the policy's name.
fn parts(
    access: &Access,
    bodies: Vec<Body>,
    recorded: impl Fn(&Body) -> Option<String>,
    sizes: &mut FxHashMap<Body, usize>,
) -> Vec<(String, Vec<Body>)> {
    let mut size_of = |body: &Body| *sizes.entry(*body).or_insert_with(|| size(access, *body));
    let mut known: BTreeMap<String, (usize, Vec<Body>)> = BTreeMap::new();
    let mut fresh = Vec::new();
    for body in bodies {
        match recorded(&body) {
            Some(part) => {
                let (total, bodies) = known.entry(part).or_default();
                *total += size_of(&body);
                bodies.push(body);
            }
            None => fresh.push(body),
        }
    }
    if known.is_empty() {
        return divide(fresh, access, size_of);
    }
    for body in fresh {
        let size = size_of(&body);
        let room = known.iter().find(|(_, (total, _))| total + size <= BODY_COMFORT).map(|(part, _)| part.clone());
        let unused = || (1..).map(|number| format!("x{number}")).find(|part| !known.contains_key(part));
        let part = room.or_else(unused).unwrap_or_default();
        let (total, bodies) = known.entry(part).or_default();
        *total += size;
        bodies.push(body);
    }
    let sorted = |(part, (_, mut bodies)): (String, (usize, Vec<Body>))| {
        bodies.sort_unstable();
        (part, bodies)
    };
    known.into_iter().map(sorted).collect()
}

/// Divides bodies by the hash of the policy's name, as often as it takes.
fn divide(bodies: Vec<Body>, access: &Access, mut size_of: impl FnMut(&Body) -> usize) -> Vec<(String, Vec<Body>)> {
    let mut done = Vec::new();
    let mut open = vec![(String::new(), bodies)];
    while let Some((suffix, bodies)) = open.pop() {
        let total: usize = bodies.iter().map(&mut size_of).sum();
        if total <= BODY_LIMIT || bodies.len() == 1 || suffix.len() == 64 {
            done.push((suffix, bodies));
            continue;
        }
        let bit = |body: &Body| {
            let hash = Sha256::digest(access.policy(body.0).name.value.as_bytes());
            hash[suffix.len() / 8] >> (7 - suffix.len() % 8) & 1 == 1
        };
        let (ones, zeros): (Vec<_>, Vec<_>) = bodies.into_iter().partition(bit);
        open.push((format!("{suffix}1"), ones));
        open.push((format!("{suffix}0"), zeros));
    }
    done.retain(|(_, bodies)| !bodies.is_empty());
    done.sort();
    done
}

/// What a body takes in a template, in bytes.
fn size(access: &Access, (policy, variant): Body) -> usize {
    let policy = access.policy(policy);
    let document: Option<&Document> = match variant {
        Some(index) => policy.variants.get(index).map(|variant| &variant.document),
        None => policy.document.as_ref(),
    };
    let json = document.map_or("", |document| &document.json);
    // Terraform writes `<`, `>` and `&` as six characters.
    let escaped = json.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).count() * 5;
    // The text was printed from a tree, so it is JSON.
    let spread = spread_over_lines(&serde_json::from_str(json).unwrap_or_default(), DOCUMENT_DEPTH);
    let description = policy.description.as_ref().map_or(0, |text| text.value.len());
    spread.max(json.len() + escaped) + description + POLICY_OVERHEAD
}

/// How deep a policy document stands in a template of CloudFormation.
const DOCUMENT_DEPTH: usize = 4;

/// What a value takes in YAML with an element on each line, in bytes and not too few.
fn spread_over_lines(value: &serde_json::Value, depth: usize) -> usize {
    use serde_json::Value;
    // Quotes, a dash or a colon with its space, and the end of the line.
    const AROUND: usize = 6;
    let line = |depth: usize| 2 * depth + AROUND;
    // A character is one byte, or an escape of two, or one of six for what does not show.
    let text = |text: &str| {
        text.chars().map(|c| if c == '"' || c == '\\' || c.is_control() { 6 } else { c.len_utf8() }).sum::<usize>()
    };
    match value {
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| line(depth) + text(key) + spread_over_lines(value, depth + 1)).sum()
        }
        Value::Array(items) => items.iter().map(|item| line(depth) + spread_over_lines(item, depth + 1)).sum(),
        Value::String(value) => text(value),
        other => other.to_string().len(),
    }
}

/// The label of a policy body: the policy's own, or that of one of its variants.
pub(super) fn body_label(access: &Access, policy: PolicyId, variant: Option<usize>) -> String {
    let policy = access.policy(policy);
    let name = label(&policy.name.value);
    match variant {
        None => name,
        Some(index) => format!("{name}__{}", variant_key(access, &policy.variants[index])),
    }
}

/// What tells a variant of a policy from the others: its one unit, or the hash of where it counts.
fn variant_key(access: &Access, variant: &Variant) -> String {
    let Some(organization) = &access.organization else { return String::new() };
    let selection = &variant.selection;
    if let ([ou], []) = (&*selection.ous, &*selection.accounts) {
        return label(&organization.unit(ou.value).path);
    }
    let units = selection.ous.iter().map(|ou| organization.unit(ou.value).path.as_str());
    let accounts = selection.accounts.iter().map(|account| organization.account(account.value).id.as_str());
    let mut places: Vec<_> = units.chain(accounts).collect();
    places.sort_unstable();
    format!("variant_{}", digest(&places.join("\n")))
}

/// What the names of StackSets, stacks and exports begin with.
pub(super) fn prefix(access: &Access) -> &str {
    let prefix = access.emit.as_ref().and_then(|emit| emit.stack_set_prefix.as_ref());
    prefix.map_or("bailiwick", |prefix| prefix.value.as_str())
}

/// The name of a StackSet: `^[a-zA-Z][-a-zA-Z0-9]{0,127}$`.
fn stack_set_name(prefix: &str, label: &str) -> String {
    format!("{prefix}-{}", dashed(label))
}

/// A description AWS takes: 1 to 1,024 characters.
fn description(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1_000).collect()
}
