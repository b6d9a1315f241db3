//! Schedules that delete assignments when they expire: templates of their own, each with a group of schedules and a role
//! that they alone may use.
//!
//! Nothing waits for a schedule and it waits for no assignment, only for the ARN of its permission set. Names of schedules
//! are unique in their group, so a schedule that is given another template clashes with nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::assignments::Within;
use super::permission_sets::group_of_stack_set;
use super::template::{Template, parameter_of};
use super::{Emitter, Error, Value};
use crate::plan::{DELETE_ROLE, EVENT_AGE, Expiring, ExpiryRole, Plan, RETRIES, Scope, TIME_ZONE, schedule_name};

/// How many StackSets with schedules stand in the root template, which has room for little beside those with assignments.
const STACK_SETS_IN_ROOT: u32 = 1;

/// The logical ids of what the schedules of a template share.
const GROUP: &str = "ExpirySchedules";
const ROLE: &str = "ExpiryRole";

/// What such a template is described as.
const DESCRIPTION: &str = "Schedules that delete assignments when they expire";

impl Emitter<'_, '_> {
    /// All schedules, once it is known where permission sets live.
    pub(super) fn expiry(&mut self) -> Result<(), Error> {
        let stacks = self.stacks;
        if self.plan.delegated {
            self.schedules(&stacks.management_expiring, "management-expiry", "StackManagementExpiry")?;
            self.schedules_in_stack_sets(&stacks.expiring)
        } else {
            self.schedules(&stacks.expiring, "expiry", "StackExpiry")
        }
    }

    /// Schedules in the management account: in the root template, then in nested ones.
    fn schedules(&mut self, expiring: &[(u32, Expiring)], stem: &'static str, stack: &str) -> Result<(), Error> {
        for expiring in expiring.chunk_by(|a, b| a.0 == b.0) {
            let number = expiring[0].0;
            let group = self.group(stem, number);
            if number == 0 {
                let mut root = std::mem::replace(&mut self.root, Template::new(""));
                self.fill(expiring, &group, Within::Root, &mut root);
                self.root = root;
                continue;
            }
            let mut template = Template::new(DESCRIPTION);
            let waits = self.fill(expiring, &group, Within::Nested, &mut template);
            self.nest(stem, stack, number, "schedules that end access", template, &waits)?;
        }
        Ok(())
    }

    /// Schedules in the account of a delegated administrator.
    fn schedules_in_stack_sets(&mut self, expiring: &[(u32, Expiring)]) -> Result<(), Error> {
        let mut groups: BTreeMap<u32, (Template, BTreeSet<String>)> = BTreeMap::new();
        for expiring in expiring.chunk_by(|a, b| a.0 == b.0) {
            let shard = expiring[0].0;
            let group = group_of_stack_set(shard, STACK_SETS_IN_ROOT);
            let id = format!("StackSetExpiry{shard}");
            let mut template = Template::new(DESCRIPTION);
            let name = self.group("expiry", shard);
            let waits = self.fill(expiring, &name, Within::StackSet, &mut template);
            let body = self.inline(&id, &template)?;
            if group == 0 {
                let resource = self.delegated_stack_set(&name, &template, &body, &waits);
                self.root.take_parameters(&template);
                self.root.resource(&id, &resource);
                continue;
            }
            let nothing = BTreeSet::new();
            let resource = self.delegated_stack_set(&name, &template, &body, &nothing);
            let (outer, of_group) = groups
                .entry(group)
                .or_insert_with(|| (Template::new("StackSets with schedules that end access"), BTreeSet::new()));
            outer.take_parameters(&template);
            outer.resource(&id, &resource);
            of_group.extend(waits);
        }
        for (number, (template, waits)) in groups {
            self.nest("expiry", "StackExpiry", number, "StackSets with schedules that end access", template, &waits)?;
        }
        Ok(())
    }

    /// The name of a group of schedules, and of the StackSet around it.
    fn group(&self, stem: &str, number: u32) -> String {
        let prefix = self.plan.prefix();
        if number == 0 { format!("{prefix}-{stem}") } else { format!("{prefix}-{stem}-{number}") }
    }

    /// Writes schedules with what they share to a template. Returns what brings the permission sets.
    fn fill(
        &mut self,
        expiring: &[(u32, Expiring)],
        group: &str,
        within: Within,
        template: &mut Template,
    ) -> BTreeSet<String> {
        let plan = self.plan;
        let mut uses = BTreeSet::new();
        template.needs_instance();
        template.makes_iam();
        let named = Value::map([("Name", group.into())]);
        template
            .resource(GROUP, &Value::map([("Type", "AWS::Scheduler::ScheduleGroup".into()), ("Properties", named)]));
        let role = ExpiryRole::new(plan, expiring.iter().map(|(_, expiring)| expiring));
        let mut set_arn = |set: u32, template: &mut Template| {
            let arn = self.set_arn(set, within);
            arn.is_used(template, &mut uses);
            arn.value.clone()
        };
        let sets = match &role.sets {
            Scope::Each(sets) => sets.iter().map(|&set| set_arn(set, template)).collect(),
            Scope::Any => vec![arn("sso:::permissionSet/*")],
        };
        template.resource(ROLE, &resource_of_role(plan, &role, sets));
        for (_, expiring) in expiring {
            let arn = set_arn(expiring.set, template);
            if plan.access.principal(expiring.principal).id.is_none() {
                template.needs_principal(expiring.principal);
            }
            let id = plan.assignment_id(expiring.set, expiring.principal, expiring.account);
            template.resource(&format!("Expiry{id}"), &schedule(plan, expiring, arn));
        }
        uses
    }
}

/// An ARN of this partition.
fn arn<'v>(rest: &str) -> Value<'v> {
    Value::Function("!Sub", format!("arn:${{AWS::Partition}}:{rest}").into())
}

/// A statement that allows some actions.
fn allow<'v>(actions: Vec<Value<'v>>, resources: Vec<Value<'v>>) -> Value<'v> {
    let actions = ("Action", Value::List(actions));
    Value::map([("Effect", "Allow".into()), actions, ("Resource", Value::List(resources))])
}

fn document<'v>(statements: Vec<Value<'v>>) -> Value<'v> {
    Value::map([("Version", "2012-10-17".into()), ("Statement", Value::List(statements))])
}

/// The role that schedules of this template may use, and nobody else.
fn resource_of_role<'p>(plan: &'p Plan<'_>, role: &ExpiryRole, sets: Vec<Value<'p>>) -> Value<'p> {
    let source = Value::map([
        ("aws:SourceAccount", Value::reference("AWS::AccountId")),
        ("aws:SourceArn", Value::attribute(GROUP, "Arn")),
    ]);
    let trust = Value::map([
        ("Effect", "Allow".into()),
        ("Principal", Value::map([("Service", "scheduler.amazonaws.com".into())])),
        ("Action", "sts:AssumeRole".into()),
        ("Condition", Value::map([("StringEquals", source)])),
    ]);
    let mut resources = vec![Value::reference("InstanceArn")];
    resources.extend(sets);
    match (&role.accounts, &plan.access.organization) {
        (Scope::Each(accounts), Some(organization)) => {
            let accounts = accounts.iter().map(|&account| organization.account(account));
            resources.extend(
                accounts.map(|account| arn(&format!("sso:::account/{}", account.id)).commented(account.name.as_str())),
            );
        }
        _ => resources.push(arn("sso:::account/*")),
    }
    let mut statements = vec![allow(vec!["sso:DeleteAccountAssignment".into()], resources)];
    if role.reaches_management() {
        let roles = plan.roles_in_management(role);
        let arns = roles.into_iter().map(|role| arn(&format!("iam::${{AWS::AccountId}}:role/{role}")));
        statements.push(allow(DELETE_ROLE.map(Value::from).to_vec(), arns.collect()));
    }
    let policy = Value::map([("PolicyName", "delete-assignments".into()), ("PolicyDocument", document(statements))]);
    let properties = Value::map([
        ("Description", "Deletes assignments of IAM Identity Center when they expire".into()),
        ("AssumeRolePolicyDocument", document(vec![trust])),
        ("Policies", Value::List(vec![policy])),
    ]);
    Value::map([("Type", "AWS::IAM::Role".into()), ("Properties", properties)])
}

/// The schedule that deletes an assignment.
fn schedule<'p>(plan: &'p Plan<'_>, expiring: &'p Expiring, permission_set_arn: Value<'p>) -> Value<'p> {
    let planned = &plan.permission_sets[expiring.set as usize];
    let principal = plan.access.principal(expiring.principal);
    let kind = principal.kind.as_str();
    let account = plan.access.organization.as_ref().map_or("", |all| all.account(expiring.account).id.as_str());
    let principal_id = match &principal.id {
        // `${` would begin a variable.
        Some(id) => id.replace("${", "${!"),
        None => format!("${{{}}}", parameter_of(plan, expiring.principal)),
    };
    let input = serde_json::json!({
        "InstanceArn": "${InstanceArn}",
        "PermissionSetArn": "${PermissionSetArn}",
        "PrincipalId": principal_id,
        "PrincipalType": kind,
        "TargetId": account,
        "TargetType": "AWS_ACCOUNT",
    });
    let variables = Value::map([("PermissionSetArn", permission_set_arn)]);
    let target = Value::map([
        ("Arn", Value::Function("!Sub", plan.delete_assignment_arn("${AWS::Partition}").into())),
        ("RoleArn", Value::attribute(ROLE, "Arn")),
        ("Input", Value::Call("!Sub", vec![input.to_string().into(), variables])),
        (
            "RetryPolicy",
            Value::map([
                ("MaximumEventAgeInSeconds", Value::from(EVENT_AGE)),
                ("MaximumRetryAttempts", Value::from(RETRIES)),
            ]),
        ),
    ]);
    let properties = Value::map([
        ("Name", schedule_name(&planned.name, kind, &principal.name, account).into()),
        ("Description", plan.expiry_description(planned, expiring.principal).into()),
        ("GroupName", Value::reference(GROUP)),
        ("ScheduleExpression", expiring.at.as_str().into()),
        ("ScheduleExpressionTimezone", TIME_ZONE.into()),
        ("FlexibleTimeWindow", Value::map([("Mode", "OFF".into())])),
        ("Target", target),
    ]);
    Value::map([("Type", "AWS::Scheduler::Schedule".into()), ("Properties", properties)])
}
