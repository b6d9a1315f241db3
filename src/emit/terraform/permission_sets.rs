//! The second and third wave: a permission set, what is attached to it, and its assignments.

use std::collections::BTreeSet;

use super::{expiry, local, name, provider, resource};
use crate::access::{PermissionSet, PermissionsBoundary, PrincipalId, PrincipalKind};
use crate::emit::hcl::{Expression, Name, Printer, Reference, Spelled};
use crate::emit::{iso_duration, policy};
use crate::plan::{AssignmentBlock, Move, Plan, PlannedSet, Split};

/// One permission set whole. `accounts` holds every account as an element of a list, by number. Returns the splits of
/// its pairs, for the record.
pub(super) fn permission_set(
    plan: &Plan<'_>,
    planned: &PlannedSet,
    accounts: &[Spelled],
    printer: &mut Printer,
) -> Vec<(String, Split)> {
    let set = plan.access.permission_set(planned.set);
    printer.block("resource", &["aws_ssoadmin_permission_set".into(), name(&planned.label)], |printer| {
        provider(plan, planned.administration, printer);
        printer.attribute("name", planned.name.as_str());
        if let Some(description) = &set.description {
            printer.attribute("description", description.value.as_str());
        }
        printer.attribute("instance_arn", local("instance_arn"));
        if let Some(session) = &set.session_duration {
            printer.attribute("session_duration", iso_duration(session.value));
        }
        if let Some(relay_state) = &set.relay_state {
            printer.attribute("relay_state", relay_state.value.as_str());
        }
        if !set.tags.is_empty() {
            let tags = set.tags.iter().map(|(key, value)| (key.value.as_str(), value.value.as_str()));
            printer.attribute("tags", Expression::object(tags));
        }
    });
    let attachments = attachments(plan, planned, set, printer);
    let common = Common {
        instance_arn: local("instance_arn").into(),
        permission_set_arn: set_arn(planned).into(),
        target_id: each("value").into(),
        depends_on: (!attachments.is_empty()).then(|| Expression::list(attachments)),
    };
    let assignments = plan.assignments(planned);
    let expiring = plan.expiring(planned);
    for block in &assignments.blocks {
        assignment(plan, planned, block, accounts, &common, printer);
        expiry::schedules(plan, planned, block, &expiring, printer);
    }
    let scheduled: BTreeSet<&str> = expiry::labels(&assignments.blocks, &expiring);
    for step in &assignments.moves {
        moved(plan, "aws_ssoadmin_account_assignment", step, printer);
        if scheduled.contains(step.to.as_str()) {
            moved(plan, expiry::SCHEDULE, step, printer);
        }
    }
    assignments.splits
}

/// What is attached to the set. The boundary comes first and leaves last, so that nothing is ever granted without it.
/// Returns what assignments have to wait for.
fn attachments<'p>(
    plan: &Plan<'_>,
    planned: &'p PlannedSet,
    set: &PermissionSet,
    printer: &mut Printer,
) -> Vec<Reference<'p>> {
    let mut attached = Vec::new();
    let delivered = delivered(plan, planned);
    if let Some(boundary) = &set.permissions_boundary {
        let kind = "aws_ssoadmin_permissions_boundary_attachment";
        let waits = match boundary {
            PermissionsBoundary::Customer(_) => delivered.clone(),
            PermissionsBoundary::AwsManaged(_) => Vec::new(),
        };
        attachment(plan, planned, kind, None, &waits, printer, |printer| {
            printer.block("permissions_boundary", &[], |printer| match boundary {
                PermissionsBoundary::Customer(policy) => {
                    printer.block("customer_managed_policy_reference", &[], |printer| {
                        printer.attribute("name", policy.name.as_str());
                        printer.attribute("path", policy.path.as_str());
                    });
                }
                PermissionsBoundary::AwsManaged(policy) => {
                    printer.attribute("managed_policy_arn", plan.managed_policy_arn(&policy.value));
                }
            });
        });
        attached.push(resource(kind, &planned.label));
    }
    let bounded: Vec<_> = attached.clone();
    if !set.aws_managed_policies.is_empty() {
        let kind = "aws_ssoadmin_managed_policy_attachment";
        let mut arns: Vec<_> =
            set.aws_managed_policies.iter().map(|policy| plan.managed_policy_arn(&policy.value)).collect();
        arns.sort();
        let for_each = Expression::call("toset", Expression::list(arns));
        attachment(plan, planned, kind, Some(for_each), &bounded, printer, |printer| {
            printer.attribute("managed_policy_arn", each("value"));
        });
        attached.push(resource(kind, &planned.label));
    }
    if !set.customer_managed_policies.is_empty() {
        let kind = "aws_ssoadmin_customer_managed_policy_attachment";
        let mut policies: Vec<_> =
            set.customer_managed_policies.iter().map(|policy| (policy.name.as_str(), policy.path.as_str())).collect();
        policies.sort_unstable();
        let waits: Vec<_> = delivered.into_iter().chain(bounded.iter().cloned()).collect();
        attachment(plan, planned, kind, Some(Expression::object(policies)), &waits, printer, |printer| {
            printer.block("customer_managed_policy_reference", &[], |printer| {
                printer.attribute("name", each("key"));
                printer.attribute("path", each("value"));
            });
        });
        attached.push(resource(kind, &planned.label));
    }
    if let Some(document) = &set.inline_policy {
        let kind = "aws_ssoadmin_permission_set_inline_policy";
        attachment(plan, planned, kind, None, &bounded, printer, |printer| {
            printer.attribute("inline_policy", Expression::call("jsonencode", policy::expression(document)));
        });
        attached.push(resource(kind, &planned.label));
    }
    attached
}

/// The resources that put the customer-managed policies of a set in place; in several states, they are in another one
/// that is applied before.
fn delivered<'p>(plan: &'p Plan<'_>, planned: &PlannedSet) -> Vec<Reference<'p>> {
    if plan.states.count > 1 {
        return Vec::new();
    }
    let stack_sets = planned
        .stack_sets
        .iter()
        .map(|&index| resource("aws_cloudformation_stack_instances", &plan.fan_out.stack_sets[index].label));
    let management = planned.management_policies.iter().map(|&index| {
        let policy = plan.access.policy(plan.fan_out.management[index].policy);
        Reference::new("aws_iam_policy").attribute(owned_name(crate::plan::label(&policy.name.value)))
    });
    stack_sets.chain(management).collect()
}

fn owned_name(label: String) -> Name<'static> {
    Name::new(label).expect("labels are identifiers")
}

/// `each.key` or `each.value`.
pub(super) fn each(what: &'static str) -> Reference<'static> {
    Reference::new("each").attribute(what)
}

fn attachment(
    plan: &Plan<'_>,
    planned: &PlannedSet,
    kind: &'static str,
    for_each: Option<Expression<'_>>,
    waits: &[Reference<'_>],
    printer: &mut Printer,
    body: impl FnOnce(&mut Printer),
) {
    printer.block("resource", &[kind.into(), name(&planned.label)], |printer| {
        provider(plan, planned.administration, printer);
        if let Some(for_each) = for_each {
            printer.attribute("for_each", for_each);
            printer.blank();
        }
        printer.attribute("instance_arn", local("instance_arn"));
        printer.attribute("permission_set_arn", set_arn(planned));
        body(printer);
        depends_on(waits, printer);
    });
}

/// The ARN of a permission set.
pub(super) fn set_arn(planned: &PlannedSet) -> Reference<'_> {
    resource("aws_ssoadmin_permission_set", &planned.label).attribute("arn")
}

fn depends_on(waits: &[Reference<'_>], printer: &mut Printer) {
    if !waits.is_empty() {
        printer.blank();
        printer.attribute("depends_on", Expression::list(waits.iter().cloned()));
    }
}

/// What all assignments of a permission set have in common.
struct Common<'p> {
    instance_arn: Expression<'p>,
    permission_set_arn: Expression<'p>,
    target_id: Expression<'p>,
    depends_on: Option<Expression<'p>>,
}

/// The id of a principal: pinned, or looked up.
pub(super) fn principal_id<'p>(plan: &'p Plan<'_>, id: PrincipalId) -> Expression<'p> {
    let principal = plan.access.principal(id);
    if let Some(pinned) = &principal.id {
        return pinned.as_str().into();
    }
    let (kind, attribute) = match principal.kind {
        PrincipalKind::Group => ("aws_identitystore_group", "group_id"),
        PrincipalKind::User => ("aws_identitystore_user", "user_id"),
    };
    let found = Reference::new("data").attribute(kind).attribute(owned_name(plan.principal_label(id)));
    found.attribute(attribute).into()
}

fn assignment(
    plan: &Plan<'_>,
    planned: &PlannedSet,
    block: &AssignmentBlock,
    accounts: &[Spelled],
    common: &Common<'_>,
    printer: &mut Printer,
) {
    let principal = plan.access.principal(block.principal);
    printer.block("resource", &["aws_ssoadmin_account_assignment".into(), name(&block.label)], |printer| {
        provider(plan, planned.administration, printer);
        let accounts = block.accounts.iter().map(|account| &accounts[account.index()]);
        printer.spelled_list("for_each", Some("toset"), accounts);
        printer.blank();
        printer.shared_attribute("instance_arn", &common.instance_arn);
        printer.shared_attribute("permission_set_arn", &common.permission_set_arn);
        printer.attribute("principal_id", principal_id(plan, block.principal));
        printer.attribute("principal_type", principal.kind.as_str());
        printer.shared_attribute("target_id", &common.target_id);
        printer.attribute("target_type", "AWS_ACCOUNT");
        if let Some(depends_on) = &common.depends_on {
            printer.blank();
            printer.shared_attribute("depends_on", depends_on);
        }
    });
}

/// Carries an assignment, or its schedule, whose block has changed, so that nobody loses access over the size of a block.
fn moved(plan: &Plan<'_>, kind: &'static str, step: &Move, printer: &mut Printer) {
    let Some(organization) = &plan.access.organization else { return };
    let account = organization.account(step.account).id.as_str();
    printer.block("moved", &[], |printer| {
        let address = |label| resource(kind, label).key(account);
        printer.attribute("from", address(&step.from));
        printer.attribute("to", address(&step.to));
    });
}
