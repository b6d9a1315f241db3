//! Schedules that delete assignments when they expire: in the file of each permission set, beside the assignments; and in
//! `expiry.tf` the roles behind them.

use std::collections::BTreeSet;

use super::permission_sets::{each, principal_id, set_arn};
use super::{Module, local, name, provider, resource};
use crate::emit::hcl::{Element, Expression, Printer, Reference};
use crate::plan::{Administration, AssignmentBlock, DELETE_ROLE, Expiring, ExpiryRole, Plan, PlannedSet, Scope};
use crate::plan::{EVENT_AGE, RETRIES, TIME_ZONE, schedule_name};

/// The type of a schedule.
pub(super) const SCHEDULE: &str = "aws_scheduler_schedule";

/// The label of what the schedules that are administered from one account share.
fn shared(plan: &Plan<'_>, administration: Administration) -> &'static str {
    if plan.delegated && administration == Administration::Management { "management_expiry" } else { "expiry" }
}

/// `expiry.tf`: for each account that administers something that ends, a group of schedules, and a role that they alone
/// may use.
pub(super) fn roles(plan: &Plan<'_>, module: &Module<'_>, expiring: &[Expiring], printer: &mut Printer) {
    for administration in [Administration::Central, Administration::Management] {
        let administered =
            |expiring: &&Expiring| plan.permission_sets[expiring.set as usize].administration == administration;
        let mut expiring = expiring.iter().filter(administered).peekable();
        if expiring.peek().is_none() {
            continue;
        }
        let label = shared(plan, administration);
        let state = module.folder.replace('/', "-");
        let called = format!("{}-{state}{}", plan.prefix(), label.replace('_', "-"));
        printer.comment("The schedules that delete an assignment when it expires, and what they may do.");
        printer.block("resource", &["aws_scheduler_schedule_group".into(), label.into()], |printer| {
            provider(plan, administration, printer);
            printer.attribute("name", called.as_str());
        });
        printer.block("resource", &["aws_iam_role".into(), label.into()], |printer| {
            provider(plan, administration, printer);
            printer.attribute("name", called.as_str());
            printer.attribute("description", "Deletes assignments of IAM Identity Center when they expire");
            printer.blank();
            printer.attribute("assume_role_policy", Expression::call("jsonencode", trust(plan, administration, label)));
        });
        let role = ExpiryRole::new(plan, expiring);
        printer.block("resource", &["aws_iam_role_policy".into(), label.into()], |printer| {
            provider(plan, administration, printer);
            printer.attribute("name", "delete-assignments");
            printer.attribute("role", resource("aws_iam_role", label).attribute("name"));
            printer.blank();
            printer.attribute("policy", Expression::call("jsonencode", policy(plan, &role)));
        });
    }
}

fn document<'p>(statements: Vec<Expression<'p>>) -> Expression<'p> {
    let document: [(&str, Expression<'p>); 2] =
        [("Version", "2012-10-17".into()), ("Statement", Expression::list(statements))];
    Expression::object(document)
}

/// Who may use the role: the scheduler, for schedules of this group.
fn trust<'p>(plan: &'p Plan<'_>, administration: Administration, label: &'static str) -> Expression<'p> {
    let group = resource("aws_scheduler_schedule_group", label).attribute("arn");
    let mut source: Vec<(&str, Expression<'p>)> = Vec::new();
    source.extend(plan.administrator(administration).map(|account| ("aws:SourceAccount", account.id.as_str().into())));
    source.push(("aws:SourceArn", group.into()));
    let statement: [(&str, Expression<'p>); 4] = [
        ("Effect", "Allow".into()),
        ("Principal", Expression::object([("Service", "scheduler.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
        ("Condition", Expression::object([("StringEquals", Expression::object(source))])),
    ];
    document(vec![Expression::object(statement)])
}

/// What the role may do.
fn policy<'p>(plan: &'p Plan<'_>, role: &ExpiryRole) -> Expression<'p> {
    let partition = plan.partition();
    let mut resources = vec![uncommented(local("instance_arn"))];
    match &role.sets {
        Scope::Each(sets) => {
            resources.extend(sets.iter().map(|&set| uncommented(set_arn(&plan.permission_sets[set as usize]))))
        }
        Scope::Any => resources.push(uncommented(format!("arn:{partition}:sso:::permissionSet/*"))),
    }
    match &role.accounts {
        Scope::Each(accounts) => {
            let all = plan.access.organization.iter();
            let accounts = all.flat_map(|all| accounts.iter().map(|&account| all.account(account)));
            resources.extend(accounts.map(|account| Element {
                value: format!("arn:{partition}:sso:::account/{}", account.id).into(),
                comment: account.name.as_str().into(),
            }));
        }
        Scope::Any => resources.push(uncommented(format!("arn:{partition}:sso:::account/*"))),
    }
    let statement = |actions: Expression<'p>, resources: Vec<Element<'p>>| {
        let statement: [(&str, Expression<'p>); 3] =
            [("Effect", "Allow".into()), ("Action", actions), ("Resource", Expression::List(resources))];
        Expression::object(statement)
    };
    let mut statements = vec![statement("sso:DeleteAccountAssignment".into(), resources)];
    if role.reaches_management() {
        let roles = plan.roles_in_management(role);
        let account = plan.administrator(Administration::Management).map_or("*", |account| account.id.as_str());
        let arns = roles.into_iter().map(|role| uncommented(format!("arn:{partition}:iam::{account}:role/{role}")));
        statements.push(statement(Expression::list(DELETE_ROLE), arns.collect()));
    }
    document(statements)
}

fn uncommented<'p>(value: impl Into<Expression<'p>>) -> Element<'p> {
    Element { value: value.into(), comment: "".into() }
}

/// Those of some blocks' labels that have schedules.
pub(super) fn labels<'b>(blocks: &'b [AssignmentBlock], expiring: &[Expiring]) -> BTreeSet<&'b str> {
    blocks.iter().filter(|block| of_block(block, expiring).next().is_some()).map(|block| block.label.as_str()).collect()
}

/// What ends of a block.
fn of_block<'e>(block: &'e AssignmentBlock, expiring: &'e [Expiring]) -> impl Iterator<Item = &'e Expiring> {
    let start = expiring.partition_point(|expiring| expiring.principal < block.principal);
    let of_principal = expiring[start..].iter().take_while(|expiring| expiring.principal == block.principal);
    of_principal.filter(|expiring| block.accounts.binary_search(&expiring.account).is_ok())
}

/// The schedules of a block of assignments, under its label: the address of one depends on the grant alone.
pub(super) fn schedules(
    plan: &Plan<'_>,
    planned: &PlannedSet,
    block: &AssignmentBlock,
    expiring: &[Expiring],
    printer: &mut Printer,
) {
    let Some(organization) = &plan.access.organization else { return };
    let ends = of_block(block, expiring)
        .map(|expiring| (organization.account(expiring.account).id.as_str(), Expression::from(expiring.at.as_str())));
    let ends: Vec<_> = ends.collect();
    if ends.is_empty() {
        return;
    }
    let principal = plan.access.principal(block.principal);
    let label = shared(plan, planned.administration);
    printer.block("resource", &[SCHEDULE.into(), name(&block.label)], |printer| {
        provider(plan, planned.administration, printer);
        printer.object("for_each", ends);
        printer.blank();
        let called = schedule_name(&planned.name, principal.kind.as_str(), &principal.name, "%s");
        printer.attribute("name", Expression::Call("format", vec![called.into(), each("key").into()]));
        printer.attribute("description", plan.expiry_description(planned, block.principal));
        printer.attribute("group_name", resource("aws_scheduler_schedule_group", label).attribute("name"));
        printer.attribute("schedule_expression", each("value"));
        printer.attribute("schedule_expression_timezone", TIME_ZONE);
        printer.block("flexible_time_window", &[], |printer| printer.attribute("mode", "OFF"));
        printer.block("target", &[], |printer| {
            printer.attribute("arn", plan.delete_assignment_arn(plan.partition()));
            printer.attribute("role_arn", resource("aws_iam_role", label).attribute("arn"));
            printer.blank();
            let target: Reference<'_> = each("key");
            let input: [(&str, Expression<'_>); 6] = [
                ("InstanceArn", local("instance_arn").into()),
                ("PermissionSetArn", set_arn(planned).into()),
                ("PrincipalId", principal_id(plan, block.principal)),
                ("PrincipalType", principal.kind.as_str().into()),
                ("TargetId", target.into()),
                ("TargetType", "AWS_ACCOUNT".into()),
            ];
            printer.attribute("input", Expression::call("jsonencode", Expression::object(input)));
            printer.block("retry_policy", &[], |printer| {
                printer.attribute("maximum_event_age_in_seconds", i64::from(EVENT_AGE));
                printer.attribute("maximum_retry_attempts", i64::from(RETRIES));
            });
        });
    });
}
