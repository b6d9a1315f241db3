//! The first wave: the documents of customer-managed policies, the StackSets that bring them to members, and the
//! policies of the management account.

use std::collections::BTreeMap;

use super::{local, name, provider, resource};
use crate::access::Document;
use crate::emit::hcl::{Expression, Printer, Reference};
use crate::emit::policy;
use crate::plan::{Administration, Plan, StackSet, StackSetPolicy, Target, logical_id};

/// `policies.tf`: every body once, whatever the number of places it goes to.
pub(super) fn documents(plan: &Plan<'_>, printer: &mut Printer) {
    let stacked = plan.fan_out.stack_sets.iter().flat_map(|stack_set| &stack_set.policies);
    let mut bodies: BTreeMap<String, &Document> = BTreeMap::new();
    for body in stacked.chain(&plan.fan_out.management) {
        if let Some(document) = plan.document(body) {
            bodies.insert(plan.body_label(body.policy, body.variant), document);
        }
    }
    printer.block("locals", &[], |printer| {
        let documents = bodies.into_iter().map(|(label, document)| (label, policy::expression(document)));
        printer.object("policies", documents);
    });
}

/// `stack_sets.tf`: where the policies go.
pub(super) fn distribution(plan: &Plan<'_>, printer: &mut Printer) {
    for stack_set in &plan.fan_out.stack_sets {
        stack_set_resource(plan, stack_set, printer);
        instances(plan, stack_set, printer);
    }
    for body in &plan.fan_out.management {
        management_policy(plan, body, printer);
    }
}

/// `local.policies["…"]`.
fn body(plan: &Plan<'_>, body: &StackSetPolicy) -> Reference<'static> {
    local("policies").key(plan.body_label(body.policy, body.variant))
}

fn stack_set_resource(plan: &Plan<'_>, stack_set: &StackSet, printer: &mut Printer) {
    printer.comment(&stack_set.description);
    printer.block("resource", &["aws_cloudformation_stack_set".into(), name(&stack_set.label)], |printer| {
        provider(plan, Administration::Management, printer);
        printer.attribute("name", stack_set.name.as_str());
        printer.attribute("description", stack_set.description.as_str());
        printer.attribute("permission_model", "SERVICE_MANAGED");
        printer.attribute("capabilities", Expression::inline(["CAPABILITY_NAMED_IAM"]));
        printer.blank();
        printer.attribute("template_body", Expression::call("jsonencode", template(plan, stack_set)));
        printer.block("auto_deployment", &[], |printer| {
            match stack_set.target {
                Target::Unit(_) => {
                    printer.attribute("enabled", true);
                    printer.attribute("retain_stacks_on_account_removal", false);
                }
                // An account that joins later is not one of the accounts that are meant.
                Target::Accounts(_) => printer.attribute("enabled", false),
            }
        });
        printer.block("managed_execution", &[], |printer| printer.attribute("active", true));
        printer.block("operation_preferences", &[], |printer| {
            printer.attribute("failure_tolerance_count", 0);
            printer.attribute("max_concurrent_percentage", 100);
        });
        printer.block("lifecycle", &[], |printer| {
            printer.comment(
                "AWS returns a role for service-managed StackSets too, and the provider would plan to remove it.",
            );
            let role = Expression::Code("administration_role_arn");
            printer.attribute("ignore_changes", Expression::inline([role]));
        });
    });
}

/// A template without parameters: the provider wants every parameter set, defaults included.
fn template<'p>(plan: &'p Plan<'_>, stack_set: &'p StackSet) -> Expression<'p> {
    let resources = stack_set.policies.iter().map(|entry| {
        let details = plan.access.policy(entry.policy);
        let mut properties: Vec<(&str, Expression<'_>)> =
            vec![("ManagedPolicyName", details.name.value.as_str().into()), ("Path", details.path.as_str().into())];
        if let Some(description) = &details.description {
            properties.push(("Description", description.value.as_str().into()));
        }
        properties.push(("PolicyDocument", body(plan, entry).into()));
        let resource: [(&str, Expression<'_>); 2] =
            [("Type", "AWS::IAM::ManagedPolicy".into()), ("Properties", Expression::object(properties))];
        (logical_id(&details.name.value), Expression::object(resource))
    });
    let template: [(&str, Expression<'_>); 3] = [
        ("AWSTemplateFormatVersion", "2010-09-09".into()),
        ("Description", stack_set.description.as_str().into()),
        ("Resources", Expression::object(resources)),
    ];
    Expression::object(template)
}

fn instances(plan: &Plan<'_>, stack_set: &StackSet, printer: &mut Printer) {
    let Some(organization) = &plan.access.organization else { return };
    printer.block("resource", &["aws_cloudformation_stack_instances".into(), name(&stack_set.label)], |printer| {
        provider(plan, Administration::Management, printer);
        let stack_set_name = resource("aws_cloudformation_stack_set", &stack_set.label).attribute("name");
        printer.attribute("stack_set_name", stack_set_name);
        printer.block("deployment_targets", &[], |printer| {
            let id = |ou| organization.unit(ou).id.as_ref().map_or("", |id| id.value.as_str());
            match &stack_set.target {
                Target::Unit(ou) => {
                    printer.attribute("organizational_unit_ids", Expression::inline([id(*ou)]));
                }
                Target::Accounts(accounts) => {
                    let root = id(crate::access::OuId::ROOT);
                    printer.attribute("organizational_unit_ids", Expression::inline([root]));
                    printer.attribute("account_filter_type", "INTERSECTION");
                    let accounts = accounts.iter().map(|&account| organization.account(account));
                    printer.list(
                        "accounts",
                        None,
                        accounts.map(|account| (account.id.as_str(), account.name.as_str())),
                    );
                }
            }
        });
        printer.block("operation_preferences", &[], |printer| {
            printer.attribute("failure_tolerance_count", 0);
            printer.attribute("max_concurrent_percentage", 100);
            printer.attribute("concurrency_mode", "SOFT_FAILURE_TOLERANCE");
        });
    });
}

/// StackSets never reach the management account: a policy of its own does.
fn management_policy(plan: &Plan<'_>, entry: &StackSetPolicy, printer: &mut Printer) {
    let details = plan.access.policy(entry.policy);
    let label = crate::plan::label(&details.name.value);
    printer.comment(&format!("{} in the management account", details.name.value));
    printer.block("resource", &["aws_iam_policy".into(), name(&label)], |printer| {
        provider(plan, Administration::Management, printer);
        printer.attribute("name", details.name.value.as_str());
        printer.attribute("path", details.path.as_str());
        if let Some(description) = &details.description {
            printer.attribute("description", description.value.as_str());
        }
        printer.attribute("policy", Expression::call("jsonencode", body(plan, entry)));
    });
}
