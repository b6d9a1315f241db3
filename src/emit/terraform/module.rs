//! What every root module has: versions, providers, variables, the instance, outputs.

use super::{Module, local, name, resource};
use crate::access::PrincipalKind;
use crate::emit::hcl::{Expression, Name, Printer, Reference};
use crate::plan::Plan;

/// `versions.tf`: the language and the provider this module is valid for.
pub(super) fn versions(printer: &mut Printer) {
    printer.block("terraform", &[], |printer| {
        printer.attribute("required_version", ">= 1.5");
        printer.block("required_providers", &[], |printer| {
            let provider = [("source", "hashicorp/aws"), ("version", ">= 5.100, < 7.0")];
            printer.attribute("aws", Expression::object(provider));
        });
    });
}

/// `providers.tf`: who talks to AWS, and how patiently.
pub(super) fn providers(plan: &Plan<'_>, printer: &mut Printer) {
    let administrator = if plan.delegated {
        "The delegated administrator of IAM Identity Center, in its home Region."
    } else {
        "The management account, in the home Region of IAM Identity Center."
    };
    printer.comment(administrator);
    printer.block("provider", &["aws".into()], |printer| {
        provider(plan, "profile", printer);
    });
    if plan.delegated {
        printer.comment("The management account: StackSets, and what only it may administer.");
        printer.block("provider", &["aws".into()], |printer| {
            printer.attribute("alias", "management");
            provider(plan, "management_profile", printer);
        });
    }
}

fn provider(plan: &Plan<'_>, profile: &'static str, printer: &mut Printer) {
    match &plan.access.instance.region {
        Some(region) => printer.attribute("region", region.value.as_str()),
        None => printer.attribute("region", Reference::new("var").attribute("region")),
    }
    printer.attribute("profile", Reference::new("var").attribute(profile));
    // Identity Center answers 20 requests a second for all callers together and refuses the rest for a while.
    printer.attribute("max_retries", 50);
}

/// `variables.tf`.
pub(super) fn variables(plan: &Plan<'_>, printer: &mut Printer) {
    let whose = if plan.delegated { "the delegated administrator" } else { "the management account" };
    profile("profile", whose, printer);
    if plan.delegated {
        profile("management_profile", "the management account", printer);
    }
    if plan.access.instance.region.is_none() {
        printer.block("variable", &["region".into()], |printer| {
            printer.attribute("description", "Home Region of IAM Identity Center");
            printer.attribute("type", Expression::Code("string"));
        });
    }
}

/// The variable that names a profile.
pub(super) fn profile(name: &'static str, whose: &'static str, printer: &mut Printer) {
    printer.block("variable", &[name.into()], |printer| {
        let description = format!("AWS CLI profile of {whose}; null: the credentials of the environment");
        printer.attribute("description", description);
        printer.attribute("type", Expression::Code("string"));
        printer.attribute("default", Expression::Null);
    });
}

/// `identity_center.tf`: the instance, its attributes for access control, and principals whose id is not pinned.
pub(super) fn identity_center(plan: &Plan<'_>, module: &Module<'_>, printer: &mut Printer) {
    let instance = &plan.access.instance;
    let lookups = plan.lookups(&module.sets);
    if instance.arn.is_none() || (instance.identity_store_id.is_none() && !lookups.is_empty()) {
        printer.block("data", &["aws_ssoadmin_instances".into(), "this".into()], |_| {});
    }
    let found = |attribute: &'static str| {
        let instances = Reference::new("data").attribute("aws_ssoadmin_instances").attribute("this");
        Expression::call("one", instances.attribute(attribute))
    };
    printer.block("locals", &[], |printer| {
        match &instance.arn {
            Some(arn) => printer.attribute("instance_arn", arn.value.as_str()),
            None => printer.attribute("instance_arn", found("arns")),
        }
        if !lookups.is_empty() {
            match &instance.identity_store_id {
                Some(id) => printer.attribute("identity_store_id", id.value.as_str()),
                None => printer.attribute("identity_store_id", found("identity_store_ids")),
            }
        }
    });
    if module.shared && !plan.access.attributes.is_empty() {
        printer.comment("Attributes for access control: they become session tags, `aws:PrincipalTag/…` in policies.");
        let labels = ["aws_ssoadmin_instance_access_control_attributes".into(), "this".into()];
        printer.block("resource", &labels, |printer| {
            printer.attribute("instance_arn", local("instance_arn"));
            for (key, source) in &plan.access.attributes {
                printer.block("attribute", &[], |printer| {
                    printer.attribute("key", key.value.as_str());
                    printer.block("value", &[], |printer| {
                        printer.attribute("source", Expression::inline([source.value.as_str()]));
                    });
                });
            }
        });
    }
    for &id in &lookups {
        let principal = plan.access.principal(id);
        let label = plan.principal_label(id);
        let (kind, path) = match principal.kind {
            PrincipalKind::Group => ("aws_identitystore_group", "DisplayName"),
            PrincipalKind::User => ("aws_identitystore_user", "UserName"),
        };
        printer.block("data", &[kind.into(), name(&label)], |printer| {
            printer.attribute("identity_store_id", local("identity_store_id"));
            printer.block("alternate_identifier", &[], |printer| {
                printer.block("unique_attribute", &[], |printer| {
                    printer.attribute("attribute_path", path);
                    printer.attribute("attribute_value", principal.name.as_str());
                });
            });
        });
    }
}

/// `outputs.tf`: what other code, and the check behind a deployment, want to know.
pub(super) fn outputs(module: &Module<'_>, printer: &mut Printer) {
    printer.block("output", &["instance_arn".into()], |printer| {
        printer.attribute("description", "ARN of the IAM Identity Center instance");
        printer.attribute("value", local("instance_arn"));
    });
    let output: Name<'static> = "permission_set_arns".into();
    printer.block("output", &[output], |printer| {
        printer.attribute("description", "ARN of each permission set, by name");
        let arn = |label| resource("aws_ssoadmin_permission_set", label).attribute("arn");
        let mut sets = module.sets.clone();
        sets.sort_by(|a, b| a.name.cmp(&b.name));
        printer
            .attribute("value", Expression::object(sets.into_iter().map(|set| (set.name.as_str(), arn(&set.label)))));
    });
}
