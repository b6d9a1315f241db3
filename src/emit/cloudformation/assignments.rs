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
use super::{Emitter, Error, Home, STACK_SETS_IN_ROOT, Value, comment, scalar, spelled};
use crate::access::PrincipalId;
use crate::plan::{Placed, PlacedAssignments, PlacedPair, Plan, Stacks};

/// How many nested stacks with assignments stand in the root template, and in each group beyond those: a template holds
/// 500 resources.
const STACKS_IN_ROOT: u32 = 200;
const STACKS_IN_GROUP: u32 = 200;

/// About what an assignment takes in a template, in bytes.
const BYTES: usize = 560;

/// The assignments of each shard.
fn shards(placed: &[Placed]) -> impl Iterator<Item = &[Placed]> {
    placed.chunk_by(|a, b| a.place.shard() == b.place.shard())
}

/// Which template an assignment stands in, as far as references go.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Within {
    Root,
    Nested,
    StackSet,
}

/// What the assignments of one permission set to one principal have in common, in whatever template they stand.
struct Pair {
    /// The permission set, by its place in the plan.
    set: u32,
    /// Who, where the model does not know their id.
    unknown: Option<PrincipalId>,
    /// What their logical ids begin with; the account's id follows.
    id: String,
    /// Their properties behind the ARN of the permission set, up to the account's id.
    properties: String,
}

impl Pair {
    fn new(plan: &Plan<'_>, placed: &PlacedPair) -> Self {
        let PlacedPair { id, set, principal: number } = placed;
        let principal = plan.access.principal(*number);
        let mut properties = "\n      PrincipalId: ".to_owned();
        match &principal.id {
            Some(id) => scalar(&mut properties, id),
            None => {
                properties.push_str("!Ref ");
                properties.push_str(&parameter_of(plan, *number));
            }
        }
        properties.push_str("\n      PrincipalType: ");
        properties.push_str(principal.kind.as_str());
        properties.push_str("\n      TargetId: ");
        let unknown = principal.id.is_none().then_some(*number);
        Self { set: *set, unknown, id: id.clone(), properties }
    }
}

/// How a template names a permission set.
pub(super) struct SetArn {
    /// The ARN.
    pub(super) value: Value<'static>,
    /// The same as it is written.
    spelled: String,
    needs: Needs,
}

/// What has to be there for a template to name a permission set.
enum Needs {
    Nothing,
    /// What brings the set, in the root template's terms.
    Bringer(String),
    /// A parameter, for which the root template has the permission set with this logical id.
    Parameter(String),
}

impl SetArn {
    fn new(value: Value<'static>, needs: Needs) -> Self {
        Self { spelled: spelled(&value), value, needs }
    }

    /// Notes what a template needs that names the set so, and what has to be waited for.
    pub(super) fn is_used(&self, template: &mut Template, uses: &mut BTreeSet<String>) {
        match &self.needs {
            Needs::Nothing => {}
            Needs::Bringer(bringer) if uses.contains(bringer) => {}
            Needs::Bringer(bringer) => {
                uses.insert(bringer.clone());
            }
            Needs::Parameter(set) => {
                template.needs_arn(format!("{set}Arn"), Value::attribute(set, "PermissionSetArn"));
            }
        }
    }
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
        assignments: &PlacedAssignments,
        stem: &'static str,
        stack: &str,
        chain: &mut Chain,
    ) -> Result<(), Error> {
        let group_of = |placed: &Placed| placed.place.shard().saturating_sub(STACKS_IN_ROOT).div_ceil(STACKS_IN_GROUP);
        let pairs: Vec<Pair> = assignments.pairs.iter().map(|pair| Pair::new(self.plan, pair)).collect();
        for group in assignments.placed.chunk_by(|a, b| group_of(a) == group_of(b)) {
            let number = group_of(&group[0]);
            let mut outer = Template::new("Stacks with assignments");
            let mut within = Chain::default();
            let mut uses = BTreeSet::new();
            for shard in shards(group) {
                let shard_number = shard[0].place.shard();
                if shard_number == 0 {
                    let mut root = std::mem::replace(&mut self.root, Template::new(""));
                    let (tails, _) = self.lanes(shard, &pairs, Within::Root, &mut root);
                    self.root = root;
                    chain.previous = tails;
                    continue;
                }
                let mut template = Template::new("Assignments of permission sets");
                let (_, of_shard) = self.lanes(shard, &pairs, Within::Nested, &mut template);
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
    fn in_stack_sets_of_assignments(
        &mut self,
        assignments: &PlacedAssignments,
        chain: &mut Chain,
    ) -> Result<(), Error> {
        const STEM: &str = "assignments";
        const STACK: &str = "StackAssignments";
        let group_of = |placed: &Placed| group_of_stack_set(placed.place.shard(), STACK_SETS_IN_ROOT);
        let pairs: Vec<Pair> = assignments.pairs.iter().map(|pair| Pair::new(self.plan, pair)).collect();
        for group in assignments.placed.chunk_by(|a, b| group_of(a) == group_of(b)) {
            let number = group_of(&group[0]);
            let mut outer = Template::new("StackSets with assignments");
            let mut within = Chain::default();
            let mut uses = BTreeSet::new();
            for shard in shards(group) {
                let shard_number = shard[0].place.shard();
                let id = format!("StackSetAssignments{shard_number}");
                let mut template = Template::new("Assignments of permission sets");
                let (_, of_shard) = self.lanes(shard, &pairs, Within::StackSet, &mut template);
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
        pairs: &[Pair],
        within: Within,
        template: &mut Template,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let Some(organization) = &self.plan.access.organization else { return Default::default() };
        let lanes = self.stacks.concurrency as usize;
        let mut last: Vec<Option<&Placed>> = vec![None; lanes];
        let id_of =
            |placed: &Placed| [pairs[placed.pair as usize].id.as_str(), &organization.account(placed.account).id];
        let mut uses = BTreeSet::new();
        let mut arns: FxHashMap<u32, Rc<SetArn>> = FxHashMap::default();
        template.needs_instance();
        template.reserve(shard.len() * BYTES);
        for placed in shard {
            let pair = &pairs[placed.pair as usize];
            let arn = match arns.entry(pair.set) {
                Entry::Occupied(arn) => arn.into_mut(),
                Entry::Vacant(place) => {
                    let arn = self.set_arn(pair.set, within);
                    arn.is_used(template, &mut uses);
                    place.insert(Rc::clone(arn))
                }
            };
            if let Some(principal) = pair.unknown {
                template.needs_principal(principal);
            }
            let account = organization.account(placed.account);
            let before = last[placed.place.slot() as usize % lanes].replace(placed);
            template.lines(1, |out| {
                for part in ["  ", &pair.id, &account.id, ":\n    Type: AWS::SSO::Assignment\n"] {
                    out.push_str(part);
                }
                if let Some(before) = before {
                    let [pair, account] = id_of(before);
                    for part in ["    DependsOn: ", pair, account, "\n"] {
                        out.push_str(part);
                    }
                }
                out.push_str("    Properties:\n      InstanceArn: !Ref InstanceArn\n      PermissionSetArn: ");
                for part in [arn.spelled.as_str(), &pair.properties, "\"", &account.id, "\" "] {
                    out.push_str(part);
                }
                comment(out, &account.name);
                out.push_str("\n      TargetType: AWS_ACCOUNT\n");
            });
        }
        let tails = last.into_iter().flatten().map(|placed| id_of(placed).concat());
        (tails.collect(), uses)
    }

    /// How a template names a permission set.
    pub(super) fn set_arn(&mut self, set: u32, within: Within) -> &Rc<SetArn> {
        let plan = self.plan;
        let homes = &self.homes;
        self.set_arns.entry((set, within)).or_insert_with(|| {
            let name = &plan.permission_sets[set as usize].name;
            let id = set_id(name);
            Rc::new(match (homes.get(&(set as usize)), within) {
                (Some(Home::Nested(stack)), Within::Root) => {
                    SetArn::new(Value::attribute(stack, &format!("Outputs.{id}")), Needs::Nothing)
                }
                (Some(Home::Nested(bringer) | Home::StackSet(bringer)), _) => {
                    let imported = Value::Function("!ImportValue", export_name(plan, name).into());
                    SetArn::new(imported, Needs::Bringer(bringer.clone()))
                }
                (_, Within::Root) => SetArn::new(Value::attribute(&id, "PermissionSetArn"), Needs::Nothing),
                _ => SetArn::new(Value::reference(format!("{id}Arn")), Needs::Parameter(id)),
            })
        })
    }
}
