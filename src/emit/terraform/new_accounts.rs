//! A root module of its own that tells of new accounts: Organizations does so in one Region, whatever the home Region of
//! Identity Center, and another provider configuration is another process beside those of the main module.

use super::{module, resource};
use crate::emit::hcl::{Expression, Printer, Reference};
use crate::emit::policy;
use crate::plan::NewAccounts;

/// The folder of the root module.
pub(super) const FOLDER: &str = "new-accounts";

/// The label of all that is in it.
const LABEL: &str = "new_accounts";

/// `providers.tf`.
pub(super) fn provider(wanted: &NewAccounts<'_>, printer: &mut Printer) {
    printer.comment("The management account, in the Region where AWS Organizations tells of accounts.");
    printer.block("provider", &["aws".into()], |printer| {
        printer.attribute("region", wanted.region);
        printer.attribute("profile", Reference::new("var").attribute("profile"));
    });
}

/// `variables.tf`.
pub(super) fn variables(printer: &mut Printer) {
    module::profile("profile", "the management account", printer);
}

/// `new_accounts.tf`: the rule, and the role by which it calls what listens.
pub(super) fn rule(wanted: &NewAccounts<'_>, printer: &mut Printer) {
    let json = |value: &serde_json::Value| Expression::call("jsonencode", policy::hcl(value.clone()));
    printer.comment("Accounts that join, move and leave, told to what builds and deploys the access model anew.");
    printer.block("resource", &["aws_cloudwatch_event_rule".into(), LABEL.into()], |printer| {
        printer.attribute("name", wanted.name.as_str());
        printer.attribute("description", wanted.description());
        printer.blank();
        printer.attribute("event_pattern", json(&wanted.event_pattern));
    });
    printer.block("resource", &["aws_cloudwatch_event_target".into(), LABEL.into()], |printer| {
        printer.attribute("rule", resource("aws_cloudwatch_event_rule", LABEL).attribute("name"));
        printer.attribute("target_id", NewAccounts::TARGET);
        printer.attribute("arn", wanted.target.arn);
        printer.attribute("role_arn", resource("aws_iam_role", LABEL).attribute("arn"));
        if let Some(input) = wanted.target.input() {
            printer.blank();
            printer.attribute("input", json(&input));
        }
    });
    printer.block("resource", &["aws_iam_role".into(), LABEL.into()], |printer| {
        printer.attribute("name", wanted.name.as_str());
        printer.attribute("description", wanted.description());
        printer.blank();
        printer.attribute("assume_role_policy", json(&wanted.trust));
    });
    printer.block("resource", &["aws_iam_role_policy".into(), LABEL.into()], |printer| {
        printer.attribute("name", NewAccounts::POLICY);
        printer.attribute("role", resource("aws_iam_role", LABEL).attribute("name"));
        printer.blank();
        printer.attribute("policy", json(&wanted.policy));
    });
}
