//! The second wave: permission sets, in the management account or where administration is delegated to.

use std::collections::{BTreeMap, BTreeSet};

use super::template::Template;
use super::{Emitter, Error, Home, ROOT, STACK_SETS_IN_ROOT, STACK_SETS_IN_TEMPLATE, Value};
use crate::access::PermissionsBoundary;
use crate::emit::{iso_duration, policy};
use crate::plan::{Item, Plan, PlannedSet, Settled, dashed, logical_id};

/// The logical id of a permission set, and the name of the output with its ARN.
pub(super) fn set_id(name: &str) -> String {
    format!("PermissionSet{}", logical_id(name))
}

/// The name under which the ARN of a permission set is exported.
pub(super) fn export_name(plan: &Plan<'_>, name: &str) -> String {
    format!("{}-permission-set-{}", plan.prefix(), dashed(name))
}

/// Which template the StackSet of a shard stands in; 0 is the root, which holds the first `in_root`.
pub(super) fn group_of_stack_set(shard: u32, in_root: u32) -> u32 {
    shard.saturating_sub(in_root).div_ceil(STACK_SETS_IN_TEMPLATE)
}

/// A permission set as a resource.
fn resource<'p>(plan: &'p Plan<'_>, planned: &'p PlannedSet, waits: &BTreeSet<String>) -> Value<'p> {
    let set = plan.access.permission_set(planned.set);
    let mut properties = vec![("Name", planned.name.as_str().into())];
    if let Some(description) = &set.description {
        properties.push(("Description", description.value.as_str().into()));
    }
    properties.push(("InstanceArn", Value::reference("InstanceArn")));
    if let Some(session) = &set.session_duration {
        properties.push(("SessionDuration", iso_duration(session.value).into()));
    }
    if let Some(relay_state) = &set.relay_state {
        properties.push(("RelayStateType", relay_state.value.as_str().into()));
    }
    if let Some(boundary) = &set.permissions_boundary {
        let boundary = match boundary {
            PermissionsBoundary::Customer(policy) => {
                ("CustomerManagedPolicyReference", reference(&policy.name, &policy.path))
            }
            PermissionsBoundary::AwsManaged(policy) => {
                ("ManagedPolicyArn", plan.managed_policy_arn(&policy.value).into())
            }
        };
        properties.push(("PermissionsBoundary", Value::map([boundary])));
    }
    if !set.aws_managed_policies.is_empty() {
        let arns: BTreeSet<_> =
            set.aws_managed_policies.iter().map(|policy| plan.managed_policy_arn(&policy.value)).collect();
        properties.push(("ManagedPolicies", Value::List(arns.into_iter().map(Value::from).collect())));
    }
    if !set.customer_managed_policies.is_empty() {
        let policies: BTreeSet<_> =
            set.customer_managed_policies.iter().map(|policy| (policy.name.as_str(), policy.path.as_str())).collect();
        let policies = policies.into_iter().map(|(name, path)| reference(name, path));
        properties.push(("CustomerManagedPolicyReferences", Value::List(policies.collect())));
    }
    if let Some(document) = &set.inline_policy {
        properties.push(("InlinePolicy", policy::value(document)));
    }
    if !set.tags.is_empty() {
        let tag = |(key, value): &'p (crate::source::Spanned<String>, crate::source::Spanned<String>)| {
            Value::map([("Key", key.value.as_str().into()), ("Value", value.value.as_str().into())])
        };
        properties.push(("Tags", Value::List(set.tags.iter().map(tag).collect())));
    }
    let mut resource = vec![("Type", Value::from("AWS::SSO::PermissionSet"))];
    resource.extend(super::template::depends_on(waits).map(|ids| ("DependsOn", ids)));
    resource.push(("Properties", Value::map(properties)));
    Value::map(resource)
}

fn reference<'p>(name: &'p str, path: &'p str) -> Value<'p> {
    Value::map([("Name", name.into()), ("Path", path.into())])
}

impl Emitter<'_, '_> {
    /// Everything of the second wave. Remembers where each set lives.
    pub(super) fn permission_sets(&mut self) -> Result<(), Error> {
        let (central, exceptions) = (&self.stacks.permission_sets, &self.stacks.management_permission_sets);
        if self.plan.delegated {
            self.in_management_account(exceptions, "management-permission-sets", "StackManagementPermissionSets")?;
            self.in_stack_sets(central)
        } else {
            self.in_management_account(central, "permission-sets", "StackPermissionSets")
        }
    }

    /// What puts the policies of a set in place, in the root template's terms.
    fn policies_of(&self, planned: &PlannedSet) -> BTreeSet<String> {
        let members = planned.stack_sets.iter().filter_map(|index| self.brought_by.get(index));
        let management = planned.management_policies.iter().filter_map(|index| self.management_brought_by.get(index));
        members.chain(management).cloned().collect()
    }

    fn in_management_account(&mut self, sets: &[Settled<usize>], stem: &'static str, stack: &str) -> Result<(), Error> {
        let plan = self.plan;
        for sets in sets.chunk_by(|a, b| a.template == b.template) {
            let number = sets[0].template;
            if number == 0 {
                self.root.needs_instance();
                for set in sets {
                    match &set.item {
                        Item::Planned(index) => {
                            let planned = &plan.permission_sets[*index];
                            let waits = self.policies_of(planned);
                            self.root.resource(&set_id(&planned.name), &resource(plan, planned, &waits));
                            self.homes.insert(*index, Home::Root);
                        }
                        Item::Kept(name) => {
                            let lines = self.kept(ROOT, None, name)?;
                            self.root.lines(1, |out| out.push_str(&lines));
                        }
                    }
                }
                continue;
            }
            let id = format!("{stack}{number}");
            let file = format!("{stem}-{number}.yaml");
            let (template, waits) = self.template_of(sets, &file, None, &Home::Nested(id.clone()))?;
            self.nest(stem, stack, number, "permission sets", template, &waits)?;
        }
        Ok(())
    }

    fn in_stack_sets(&mut self, sets: &[Settled<usize>]) -> Result<(), Error> {
        let plan = self.plan;
        let mut groups: BTreeMap<u32, (Template, BTreeSet<String>)> = BTreeMap::new();
        for sets in sets.chunk_by(|a, b| a.template == b.template) {
            let shard = sets[0].template;
            let id = format!("StackSetPermissionSets{shard}");
            let group = group_of_stack_set(shard, STACK_SETS_IN_ROOT);
            let (file, brings) = match group {
                0 => (ROOT.to_owned(), id.clone()),
                number => (format!("permission-sets-{number}.yaml"), format!("StackPermissionSets{number}")),
            };
            let (template, waits) = self.template_of(sets, &file, Some(&id), &Home::StackSet(brings))?;
            let body = self.inline(&id, &template)?;
            let name = format!("{}-permission-sets-{shard}", plan.prefix());
            if group == 0 {
                let resource = self.delegated_stack_set(&name, &template, &body, &waits);
                self.root.take_parameters(&template);
                self.root.resource(&id, &resource);
            } else {
                let nothing = BTreeSet::new();
                let resource = self.delegated_stack_set(&name, &template, &body, &nothing);
                let (group, of_group) = groups
                    .entry(group)
                    .or_insert_with(|| (Template::new("StackSets with permission sets"), BTreeSet::new()));
                group.take_parameters(&template);
                group.resource(&id, &resource);
                of_group.extend(waits);
            }
        }
        for (number, (template, waits)) in groups {
            self.nest(
                "permission-sets",
                "StackPermissionSets",
                number,
                "StackSets with permission sets",
                template,
                &waits,
            )?;
        }
        Ok(())
    }

    /// A template with permission sets whose ARNs are exported, and what it has to wait for.
    fn template_of(
        &mut self,
        sets: &[Settled<usize>],
        file: &str,
        stack_set: Option<&str>,
        home: &Home,
    ) -> Result<(Template, BTreeSet<String>), Error> {
        let plan = self.plan;
        let mut template = Template::new("Permission sets");
        template.needs_instance();
        let mut waits = BTreeSet::new();
        for set in sets {
            let name = match &set.item {
                Item::Planned(index) => {
                    let planned = &plan.permission_sets[*index];
                    waits.extend(self.policies_of(planned));
                    self.homes.insert(*index, home.clone());
                    template.resource(&set_id(&planned.name), &resource(plan, planned, &BTreeSet::new()));
                    &planned.name
                }
                Item::Kept(name) => {
                    let lines = self.kept(file, stack_set, name)?;
                    template.lines(1, |out| out.push_str(&lines));
                    name
                }
            };
            template.exports(set_id(name), export_name(plan, name));
        }
        Ok((template, waits))
    }

    /// A kept set as the last build has written it.
    fn kept(&self, file: &str, stack_set: Option<&str>, name: &str) -> Result<String, Error> {
        match stack_set {
            Some(stack_set) => self.earlier.resource_within(file, stack_set, &set_id(name)),
            None => Ok(without_depends_on(&self.earlier.resource(file, &set_id(name))?)),
        }
    }
}

/// The lines of a resource without `DependsOn`: what it waited for may be gone, and nothing has to be waited for again.
fn without_depends_on(lines: &str) -> String {
    let mut inside = false;
    let kept = lines.lines().filter(|line| {
        let is_key = line.starts_with("    ") && !line.starts_with("     ");
        if is_key {
            inside = line.starts_with("    DependsOn:");
        }
        !inside
    });
    kept.flat_map(|line| [line, "\n"]).collect()
}
