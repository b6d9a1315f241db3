//! The first wave: StackSets that bring customer-managed policies to members, and the policies of the management account.

use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

use super::template::{StackSetParts, Template, stack_set};
use super::{Emitter, Error, ROOT, Value, entry};
use crate::access::OuId;
use crate::emit::policy;
use crate::plan::{Item, Plan, Settled, StackSetPolicy, Stacks, Target, label, logical_id};

/// The logical id of a policy, by the label of its name.
pub(super) fn policy_id(label: &str) -> String {
    format!("Policy{}", logical_id(label))
}

/// A policy as a resource, with its logical id: the text below `Resources`.
fn managed_policy(plan: &Plan<'_>, body: StackSetPolicy) -> String {
    let details = plan.access.policy(body.policy);
    let mut properties =
        vec![("ManagedPolicyName", details.name.value.as_str().into()), ("Path", details.path.as_str().into())];
    if let Some(description) = &details.description {
        properties.push(("Description", description.value.as_str().into()));
    }
    if let Some(document) = plan.document(&body) {
        properties.push(("PolicyDocument", policy::value(document)));
    }
    let resource = Value::map([("Type", "AWS::IAM::ManagedPolicy".into()), ("Properties", Value::map(properties))]);
    let mut text = String::new();
    entry(&mut text, 1, &policy_id(&label(&details.name.value)), &resource);
    text
}

/// The template of a number: the root, or a file.
fn file_of(stem: &str, template: u32) -> String {
    if template == 0 { ROOT.to_owned() } else { format!("{stem}-{template}.yaml") }
}

impl Emitter<'_, '_> {
    /// Everything of the first wave. Remembers what brings what.
    pub(super) fn policies(&mut self) -> Result<(), Error> {
        self.stack_sets()?;
        self.management_policies()
    }

    fn stack_sets(&mut self) -> Result<(), Error> {
        let stacks: &Stacks = self.stacks;
        // A policy stands in many StackSets, and reads the same in all of them.
        let mut texts = FxHashMap::default();
        for settled in stacks.stack_sets.chunk_by(|a, b| a.template == b.template) {
            let number = settled[0].template;
            if number == 0 {
                let mut root = std::mem::replace(&mut self.root, Template::new(""));
                self.stack_sets_of(settled, &mut root, &mut texts)?;
                self.root = root;
                continue;
            }
            let mut template = Template::new("StackSets with customer-managed policies");
            self.stack_sets_of(settled, &mut template, &mut texts)?;
            self.nest("policies", "StackPolicies", number, "StackSets with policies", template, &BTreeSet::new())?;
        }
        Ok(())
    }

    /// The StackSets of one template.
    fn stack_sets_of(
        &mut self,
        settled: &[Settled<usize>],
        group: &mut Template,
        texts: &mut FxHashMap<StackSetPolicy, String>,
    ) -> Result<(), Error> {
        let plan = self.plan;
        for settled in settled {
            let file = file_of("policies", settled.template);
            let index = match &settled.item {
                Item::Planned(index) => *index,
                Item::Kept(label) => {
                    let lines = self.earlier.resource(&file, &stack_set_id(label))?;
                    group.lines(1, |out| out.push_str(&lines));
                    continue;
                }
            };
            let planned = &plan.fan_out.stack_sets[index];
            let id = stack_set_id(&planned.label);
            let kept = self.stacks.kept_in.get(&index);
            let mut template = Template::new(planned.description.as_str());
            template.makes_iam();
            let mut present: BTreeMap<String, Option<StackSetPolicy>> = BTreeMap::new();
            for &body in &planned.policies {
                present.insert(label(&plan.access.policy(body.policy).name.value), Some(body));
            }
            for policy in kept.iter().flat_map(|kept| &kept.policies) {
                present.entry(policy.clone()).or_insert(None);
            }
            for (label, body) in present {
                match body {
                    Some(body) => {
                        let text = texts.entry(body).or_insert_with(|| managed_policy(plan, body));
                        template.lines(1, |out| out.push_str(text));
                    }
                    None => {
                        let lines = self.earlier.resource_within(&file, &id, &policy_id(&label))?;
                        template.lines(1, |out| out.push_str(&lines));
                    }
                }
            }
            let body = template.finish(plan, false);
            super::check_size(&id, body.len(), super::INLINE_LIMIT)?;
            self.sink.body(&id, &body);
            let nothing = BTreeSet::new();
            let parts = StackSetParts {
                name: &planned.name,
                description: &planned.description,
                // An account that joins later is not one of the accounts that are meant.
                auto_deployment: matches!(planned.target, Target::Unit(_)),
                template: &template,
                targets: targets(plan, &planned.target, kept.map(|kept| &kept.accounts)),
                body: &body,
                depends_on: &nothing,
            };
            group.resource(&id, &stack_set(plan, parts));
            let brings = if settled.template == 0 { id } else { format!("StackPolicies{}", settled.template) };
            self.brought_by.insert(index, brings);
        }
        Ok(())
    }

    fn management_policies(&mut self) -> Result<(), Error> {
        let plan = self.plan;
        let mut files: BTreeMap<u32, Template> = BTreeMap::new();
        for settled in &self.stacks.management_policies {
            let file = file_of("management-policies", settled.template);
            let template = match settled.template {
                0 => &mut self.root,
                number => files.entry(number).or_insert_with(|| Template::new("Policies of the management account")),
            };
            match &settled.item {
                Item::Planned(index) => {
                    let body = plan.fan_out.management[*index];
                    template.lines(1, |out| out.push_str(&managed_policy(plan, body)));
                    let brings = match settled.template {
                        0 => policy_id(&label(&plan.access.policy(body.policy).name.value)),
                        number => format!("StackManagementPolicies{number}"),
                    };
                    self.management_brought_by.insert(*index, brings);
                }
                Item::Kept(label) => {
                    let lines = self.earlier.resource(&file, &policy_id(label))?;
                    template.lines(1, |out| out.push_str(&lines));
                }
            }
        }
        for (number, template) in files {
            let what = "policies of the management account";
            self.nest("management-policies", "StackManagementPolicies", number, what, template, &BTreeSet::new())?;
        }
        Ok(())
    }
}

/// The logical id of a StackSet, by its label.
pub(super) fn stack_set_id(label: &str) -> String {
    format!("StackSetPolicies{}", logical_id(label))
}

/// Where a StackSet goes. `kept` are the ids of accounts that it leaves only with the next step.
fn targets<'p>(plan: &'p Plan<'_>, target: &Target, kept: Option<&'p BTreeSet<String>>) -> Value<'p> {
    let Some(organization) = &plan.access.organization else { return Value::Null };
    let id = |ou| organization.unit(ou).id.as_ref().map(|id| id.value.as_str());
    match target {
        Target::Unit(ou) => Value::map([("OrganizationalUnitIds", Value::flow(id(*ou)))]),
        Target::Accounts(accounts) => {
            let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
            for &account in accounts {
                let account = organization.account(account);
                ids.insert(&account.id, &account.name);
            }
            for account in kept.into_iter().flatten() {
                ids.entry(account).or_insert("until the next step");
            }
            let accounts = ids.into_iter().map(|(id, name)| Value::from(id).commented(name));
            Value::map([
                ("OrganizationalUnitIds", Value::flow(id(OuId::ROOT))),
                ("AccountFilterType", "INTERSECTION".into()),
                ("Accounts", Value::List(accounts.collect())),
            ])
        }
    }
}
