//! The third wave: assignments, in lanes under the limit of outstanding operations, across all shards.
//!
//! Within a shard, an assignment waits for the one before it in its lane; slots give the lanes, so that what is added
//! stands at the end and changes nothing above it. Shards wait for one another.

use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use super::permission_sets::{export_name, group_of_stack_set, set_id};
use super::template::{Template, nested, parameter_of};
use super::{Emitter, Error, Home, Value, comment, scalar};
use crate::access::{AccountId, PrincipalId};
use crate::plan::{Placed, Stacks, pair_id};

/// How many nested stacks with assignments stand in the root template, and in each group beyond those: a template holds
/// 500 resources.
const STACKS_IN_ROOT: u32 = 200;
const STACKS_IN_GROUP: u32 = 200;

/// The assignments of each shard.
fn shards(placed: &[Placed]) -> impl Iterator<Item = &[Placed]> {
    placed.chunk_by(|a, b| a.place.shard() == b.place.shard())
}

/// Which template an assignment stands in, as far as references go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Root,
    Nested,
    StackSet,
}

/// What the assignments of one permission set to one principal have in common.
struct Pair {
    /// What their logical ids begin with; the account's id follows.
    id: Rc<str>,
    /// Their properties, up to the account's id.
    properties: String,
}

/// What comes before the next shard.
#[derive(Default)]
struct Chain {
    /// What brings the shard before, or the last assignments of the root template's lanes.
    previous: BTreeSet<String>,
    /// What the shard before has waited for.
    settled: BTreeSet<String>,
}

impl Chain {
    /// What a shard that uses these has to wait for itself.
    fn waits(&mut self, uses: BTreeSet<String>) -> BTreeSet<String> {
        let mut waits = std::mem::take(&mut self.previous);
        waits.extend(uses.difference(&self.settled).cloned());
        self.settled.extend(uses);
        waits
    }
}

impl Emitter<'_, '_> {
    /// Everything of the third wave.
    pub(super) fn assignments(&mut self) -> Result<(), Error> {
        let stacks: &Stacks = self.stacks;
        let mut chain = Chain::default();
        if self.plan.delegated {
            let stem = "management-assignments";
            self.in_stacks(&stacks.management_assignments, stem, "StackManagementAssignments", &mut chain)?;
            self.in_stack_sets_of_assignments(&stacks.assignments, &mut chain)
        } else {
            self.in_stacks(&stacks.assignments, "assignments", "StackAssignments", &mut chain)
        }
    }

    /// Shards of the management account: the root template, then nested ones, in groups beyond what a root takes.
    fn in_stacks(
        &mut self,
        placed: &[Placed],
        stem: &'static str,
        stack: &str,
        chain: &mut Chain,
    ) -> Result<(), Error> {
        let group_of = |placed: &Placed| placed.place.shard().saturating_sub(STACKS_IN_ROOT).div_ceil(STACKS_IN_GROUP);
        for group in placed.chunk_by(|a, b| group_of(a) == group_of(b)) {
            let number = group_of(&group[0]);
            let mut outer = Template::new("Stacks with assignments");
            let mut within = Chain::default();
            let mut uses = BTreeSet::new();
            for shard in shards(group) {
                let shard_number = shard[0].place.shard();
                if shard_number == 0 {
                    let mut root = std::mem::replace(&mut self.root, Template::new(""));
                    let (tails, _) = self.lanes(shard, Within::Root, &mut root);
                    self.root = root;
                    chain.previous = tails;
                    continue;
                }
                let mut template = Template::new("Assignments of permission sets");
                let (_, of_shard) = self.lanes(shard, Within::Nested, &mut template);
                let id = format!("{stack}{shard_number}");
                if number == 0 {
                    let waits = chain.waits(of_shard);
                    self.nest(stem, stack, shard_number, "assignments", template, &waits)?;
                    chain.previous = BTreeSet::from([id]);
                    continue;
                }
                uses.extend(of_shard);
                let file = format!("{stem}-{shard_number}.yaml");
                self.write(&file, "assignments", &template)?;
                let waits = within.waits(BTreeSet::new());
                outer.take_parameters(&template);
                outer.nest(&id, &nested(self.plan, &file, &template, true, &waits));
                within.previous = BTreeSet::from([id]);
            }
            if number > 0 {
                let waits = chain.waits(uses);
                let (stem, stack) = (format!("{stem}-group"), format!("{stack}Group"));
                self.nest(&stem, &stack, number, "stacks with assignments", outer, &waits)?;
                chain.previous = BTreeSet::from([format!("{stack}{number}")]);
            }
        }
        Ok(())
    }

    /// Shards of a delegated administrator: StackSets in the root template, then in nested ones.
    fn in_stack_sets_of_assignments(&mut self, placed: &[Placed], chain: &mut Chain) -> Result<(), Error> {
        const STEM: &str = "assignments";
        const STACK: &str = "StackAssignments";
        let group_of = |placed: &Placed| group_of_stack_set(placed.place.shard());
        for group in placed.chunk_by(|a, b| group_of(a) == group_of(b)) {
            let number = group_of(&group[0]);
            let mut outer = Template::new("StackSets with assignments");
            let mut within = Chain::default();
            let mut uses = BTreeSet::new();
            for shard in shards(group) {
                let shard_number = shard[0].place.shard();
                let id = format!("StackSetAssignments{shard_number}");
                let mut template = Template::new("Assignments of permission sets");
                let (_, of_shard) = self.lanes(shard, Within::StackSet, &mut template);
                let body = self.inline(&id, &template)?;
                let name = format!("{}-assignments-{shard_number}", self.plan.prefix());
                let waits = match number {
                    0 => chain.waits(of_shard),
                    _ => {
                        uses.extend(of_shard);
                        within.waits(BTreeSet::new())
                    }
                };
                let resource = self.delegated_stack_set(&name, &template, &body, &waits);
                if number == 0 {
                    self.root.take_parameters(&template);
                    self.root.resource(&id, &resource);
                    chain.previous = BTreeSet::from([id]);
                } else {
                    outer.take_parameters(&template);
                    outer.resource(&id, &resource);
                    within.previous = BTreeSet::from([id]);
                }
            }
            if number > 0 {
                let waits = chain.waits(uses);
                self.nest(STEM, STACK, number, "StackSets with assignments", outer, &waits)?;
                chain.previous = BTreeSet::from([format!("{STACK}{number}")]);
            }
        }
        Ok(())
    }

    /// Writes the assignments of one shard. Returns the last of each lane, and what brings the permission sets.
    fn lanes(
        &mut self,
        shard: &[Placed],
        within: Within,
        template: &mut Template,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let Some(organization) = &self.plan.access.organization else { return Default::default() };
        let lanes = self.stacks.concurrency as usize;
        let mut last: Vec<Option<(usize, AccountId)>> = vec![None; lanes];
        let mut uses = BTreeSet::new();
        let mut pairs: Vec<Pair> = Vec::new();
        let mut known: FxHashMap<(u32, PrincipalId), usize> = FxHashMap::default();
        template.needs_instance();
        for placed in shard {
            let pair = match known.entry((placed.set, placed.principal)) {
                Entry::Occupied(pair) => *pair.get(),
                Entry::Vacant(place) => {
                    pairs.push(self.pair(placed, within, template, &mut uses));
                    *place.insert(pairs.len() - 1)
                }
            };
            let account = organization.account(placed.account);
            let before = last[placed.place.slot() as usize % lanes].replace((pair, placed.account));
            let pair = &pairs[pair];
            template.lines(1, |out| {
                for part in ["  ", &pair.id, &account.id, ":\n    Type: AWS::SSO::Assignment\n"] {
                    out.push_str(part);
                }
                if let Some((pair, account)) = before {
                    for part in ["    DependsOn: ", &pairs[pair].id, &organization.account(account).id, "\n"] {
                        out.push_str(part);
                    }
                }
                for part in [&pair.properties, "\"", &account.id, "\" "] {
                    out.push_str(part);
                }
                comment(out, &account.name);
                out.push_str("\n      TargetType: AWS_ACCOUNT\n");
            });
        }
        let tails = last.into_iter().flatten();
        let tails = tails.map(|(pair, account)| format!("{}{}", pairs[pair].id, organization.account(account).id));
        (tails.collect(), uses)
    }

    /// What the assignments of a permission set to a principal have in common.
    fn pair(&mut self, placed: &Placed, within: Within, template: &mut Template, uses: &mut BTreeSet<String>) -> Pair {
        let plan = self.plan;
        let principal = plan.access.principal(placed.principal);
        let set = &plan.permission_sets[placed.set as usize].name;
        let id = self.pair_ids.entry((placed.set, placed.principal));
        let id = id.or_insert_with(|| pair_id(set, principal.kind.as_str(), &principal.name).into()).clone();
        let arn = self.arn(placed.set, within, template, uses);
        let mut properties = format!(
            "    Properties:\n      InstanceArn: !Ref InstanceArn\n      PermissionSetArn: {arn}\n      PrincipalId: "
        );
        match &principal.id {
            Some(id) => scalar(&mut properties, id),
            None => {
                template.needs_principal(placed.principal);
                properties.push_str("!Ref ");
                properties.push_str(&parameter_of(plan, placed.principal));
            }
        }
        properties.push_str("\n      PrincipalType: ");
        properties.push_str(principal.kind.as_str());
        properties.push_str("\n      TargetId: ");
        Pair { id, properties }
    }

    /// The ARN of a permission set as a value; notes what brings the set where that has to be waited for.
    fn arn(&self, set: u32, within: Within, template: &mut Template, uses: &mut BTreeSet<String>) -> String {
        let name = &self.plan.permission_sets[set as usize].name;
        let id = set_id(name);
        match (self.homes.get(&(set as usize)), within) {
            (Some(Home::Nested(stack)), Within::Root) => format!("!GetAtt {stack}.Outputs.{id}"),
            (Some(Home::Nested(bringer) | Home::StackSet(bringer)), _) => {
                uses.insert(bringer.clone());
                format!("!ImportValue {}", export_name(self.plan, name))
            }
            (_, Within::Root) => format!("!GetAtt {id}.PermissionSetArn"),
            _ => {
                let parameter = format!("{id}Arn");
                template.needs_arn(parameter.clone(), Value::attribute(&id, "PermissionSetArn"));
                format!("!Ref {parameter}")
            }
        }
    }
}
