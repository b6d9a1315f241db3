//! What of the model a place in a template comes from.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

use super::permission_sets::set_id;
use super::policies::{policy_id, stack_set_id};
use crate::access::{Access, CustomerPolicy, Document, Pair, PermissionSet, PermissionsBoundary};
use crate::plan::{Item, Plan, Settled, StackSet, StackSetPolicy, Stacks, label, pair_id};
use crate::source::Span;

/// What of the model a place in a template comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// These places; never empty, the most telling one first.
    Written(Vec<Span>),
    /// Nothing of this model: it is what an earlier one wanted, and is kept until nobody uses it.
    Kept,
    /// No single place: the output's own frame.
    Frame,
}

/// What the resources of an output come from, by logical id.
#[derive(Debug)]
pub struct Origins<'p> {
    access: &'p Access,
    resources: FxHashMap<String, Resource<'p>>,
    /// Policies inside StackSets: by the logical id of the StackSet, then by their own.
    inside: FxHashMap<(String, String), Resource<'p>>,
    /// Assignments, by what comes before the account's id.
    pairs: FxHashMap<String, (&'p Pair, &'p PermissionSet)>,
    kept: FxHashSet<String>,
    kept_inside: FxHashSet<(String, String)>,
}

/// What a resource spells.
#[derive(Clone, Copy, Debug)]
enum Resource<'p> {
    Set(&'p PermissionSet),
    Policy(&'p CustomerPolicy, Option<&'p Document>),
    StackSet(&'p StackSet),
}

impl<'p> Origins<'p> {
    /// Indexes a plan.
    pub fn new(plan: &'p Plan<'p>, stacks: &Stacks) -> Self {
        let access = plan.access;
        let mut origins = Self {
            access,
            resources: FxHashMap::default(),
            inside: FxHashMap::default(),
            pairs: FxHashMap::default(),
            kept: FxHashSet::default(),
            kept_inside: FxHashSet::default(),
        };
        for planned in &plan.permission_sets {
            let set = access.permission_set(planned.set);
            origins.resources.insert(set_id(&planned.name), Resource::Set(set));
            for pair in access.pairs_of(planned.set) {
                let principal = access.principal(pair.principal);
                let id = pair_id(&planned.name, principal.kind.as_str(), &principal.name);
                origins.pairs.insert(id, (pair, set));
            }
        }
        let policy = |body: &StackSetPolicy| {
            let policy = access.policy(body.policy);
            (policy_id(&label(&policy.name.value)), Resource::Policy(policy, plan.document(body)))
        };
        origins.resources.extend(plan.fan_out.management.iter().map(policy));
        for (index, stack_set) in plan.fan_out.stack_sets.iter().enumerate() {
            let id = stack_set_id(&stack_set.label);
            for (policy, resource) in stack_set.policies.iter().map(policy) {
                origins.inside.insert((id.clone(), policy), resource);
            }
            for label in stacks.kept_in.get(&index).iter().flat_map(|kept| &kept.policies) {
                origins.kept_inside.insert((id.clone(), policy_id(label)));
            }
            origins.resources.insert(id, Resource::StackSet(stack_set));
        }
        let mut keep = |settled: &[Settled<usize>], id: fn(&str) -> String| {
            for settled in settled {
                if let Item::Kept(name) = &settled.item {
                    origins.kept.insert(id(name));
                }
            }
        };
        keep(&stacks.stack_sets, stack_set_id);
        keep(&stacks.management_policies, policy_id);
        keep(&stacks.permission_sets, set_id);
        keep(&stacks.management_permission_sets, set_id);
        origins
    }

    /// Where the value at `pointer` comes from. `stack_set` is the logical id of the StackSet whose template it stands in.
    pub fn of(&self, stack_set: Option<&str>, pointer: &str) -> Origin {
        let mut steps = pointer.split('/').skip(1);
        let (Some("Resources"), Some(id)) = (steps.next(), steps.next()) else { return Origin::Frame };
        let steps: Vec<&str> = steps.collect();
        let field = steps.strip_prefix(&["Properties"]).unwrap_or_default();
        let inside = stack_set.map(|stack_set| (stack_set.to_owned(), id.to_owned()));
        let resource = inside.as_ref().and_then(|inside| self.inside.get(inside)).or_else(|| self.resources.get(id));
        match resource {
            Some(Resource::Set(set)) => return Origin::Written(vec![self.of_set(set, field)]),
            Some(Resource::Policy(policy, document)) => {
                return Origin::Written(vec![of_policy(policy, *document, field)]);
            }
            Some(Resource::StackSet(stack_set)) => {
                let policies = stack_set.policies.iter().map(|body| self.access.policy(body.policy).name.span);
                return Origin::Written(policies.collect());
            }
            None => {}
        }
        if self.kept.contains(id) || inside.is_some_and(|inside| self.kept_inside.contains(&inside)) {
            return Origin::Kept;
        }
        if id == "AccessControlAttributes" && !self.access.attributes.is_empty() {
            return Origin::Written(self.of_attribute(field));
        }
        let assigned = self.assigned(id).or_else(|| self.assigned(id.strip_prefix("Expiry")?));
        match assigned.map(|((pair, set), account)| self.of_assignment(pair, set, account, field)) {
            Some(places) if !places.is_empty() => Origin::Written(places),
            _ => Origin::Frame,
        }
    }

    /// The pair and the account of an assignment.
    fn assigned<'i>(&self, id: &'i str) -> Option<(&(&'p Pair, &'p PermissionSet), &'i str)> {
        let at = id.len().checked_sub(12)?;
        Some((self.pairs.get(id.get(..at)?)?, id.get(at..)?))
    }

    fn of_set(&self, set: &PermissionSet, field: &[&str]) -> Span {
        let place = match field {
            ["Description", ..] => set.description.as_ref().map(|text| text.span),
            ["SessionDuration", ..] => set.session_duration.as_ref().map(|session| session.span),
            ["RelayStateType", ..] => set.relay_state.as_ref().map(|state| state.span),
            ["PermissionsBoundary", ..] => set.permissions_boundary.as_ref().map(|boundary| match boundary {
                PermissionsBoundary::Customer(policy) => policy.span,
                PermissionsBoundary::AwsManaged(policy) => policy.span,
            }),
            ["ManagedPolicies", at @ ..] => {
                // The template has them in order, each once.
                let policies: BTreeMap<_, _> =
                    set.aws_managed_policies.iter().rev().map(|policy| (policy.value.as_str(), policy.span)).collect();
                policies.into_values().nth(index(at))
            }
            ["CustomerManagedPolicyReferences", at @ ..] => {
                let policies = set.customer_managed_policies.iter().rev();
                let policies: BTreeMap<_, _> =
                    policies.map(|policy| ((policy.name.as_str(), policy.path.as_str()), policy.span)).collect();
                policies.into_values().nth(index(at))
            }
            ["InlinePolicy", ..] => set.inline_policy.as_ref().map(|document| document.named_at),
            ["Tags", at @ ..] => set.tags.get(index(at)).map(|(key, value)| match at.get(1) {
                Some(&"Value") => value.span,
                _ => key.span,
            }),
            _ => None,
        };
        place.unwrap_or(set.name.span)
    }

    fn of_attribute(&self, field: &[&str]) -> Vec<Span> {
        let at = field.strip_prefix(&["AccessControlAttributes"]).unwrap_or_default();
        let attribute = self.access.attributes.get(index(at)).or_else(|| self.access.attributes.first());
        let place = attribute.map(|(key, source)| if at.get(1) == Some(&"Value") { source.span } else { key.span });
        place.into_iter().collect()
    }

    /// The rows that yield an assignment, or the schedule that ends it: where they name the permission set or the end, if it is
    /// about those, else the principal.
    fn of_assignment(&self, pair: &Pair, set: &PermissionSet, account: &str, field: &[&str]) -> Vec<Span> {
        let account = self.access.organization.as_ref().and_then(|all| all.account_with_id(account));
        let rows = pair.rows.iter().map(|&row| self.access.row(row));
        let rows = rows.filter(|row| account.is_some_and(|account| row.accounts.binary_search(&account).is_ok()));
        let places = rows.map(|row| {
            let set = || {
                let mut sets = row.permission_sets.iter();
                let is_meant = |id| std::ptr::eq(self.access.permission_set(id), set);
                sets.find(|named| is_meant(named.value)).map(|named| named.span)
            };
            let principal =
                || row.principals.iter().find(|named| named.value == pair.principal).map(|named| named.span);
            let place = match field {
                ["PermissionSetArn", ..] => set(),
                ["ScheduleExpression", ..] => row.expires.as_ref().map(|expiry| expiry.text.span),
                _ => principal(),
            };
            place.unwrap_or(row.span.at_start())
        });
        places.collect()
    }
}

fn of_policy(policy: &CustomerPolicy, document: Option<&Document>, field: &[&str]) -> Span {
    let place = match field {
        ["Path", ..] => Some(policy.path_span),
        ["Description", ..] => policy.description.as_ref().map(|text| text.span),
        ["PolicyDocument", ..] => document.map(|document| document.named_at),
        _ => None,
    };
    place.unwrap_or(policy.name.span)
}

/// The place in a list that the first step names; the first, if none does.
fn index(steps: &[&str]) -> usize {
    steps.first().and_then(|step| step.parse().ok()).unwrap_or(0)
}
