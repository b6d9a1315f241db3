//! What both backends say alike of a deployment: in `deployment.json` for programs, in `README.md` for people.

use serde::Serialize;
use std::borrow::Cow;

use super::{Told, account_label};
use crate::plan::{Administration, NewAccounts, Plan, STACK_SETS_QUOTA};

/// Something that is deployed, or checked, by one command.
#[derive(Serialize)]
pub(super) struct Unit<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) description: &'static str,
    /// Where the command is run, relative to this file.
    pub(super) directory: Cow<'a, str>,
    pub(super) account: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) capabilities: &'static [&'static str],
    pub(super) depends_on: Vec<Cow<'a, str>>,
    pub(super) command: Cow<'a, str>,
}

/// What a README says of a plan, whatever deploys it.
#[derive(Serialize)]
pub(super) struct About<'a> {
    delegated: bool,
    administrator: Option<String>,
    management: Option<String>,
    region: Option<&'a str>,
    attributes: usize,
    expiry_schedules: bool,
    /// How many StackSets there are, where that is more than AWS takes unasked.
    too_many_stack_sets: Option<usize>,
    told: Option<Told<'a>>,
}

impl<'a> About<'a> {
    /// A plan that makes so many StackSets, and tells somebody of new accounts or does not.
    pub(super) fn of(plan: &Plan<'a>, stack_sets: usize, told: Option<&'a NewAccounts<'_>>) -> Self {
        let account = |administration| plan.administrator(administration).map(account_label);
        Self {
            delegated: plan.delegated,
            administrator: account(Administration::Central),
            management: account(Administration::Management),
            region: plan.access.instance.region.as_ref().map(|region| region.value.as_str()),
            attributes: plan.access.attributes.len(),
            expiry_schedules: plan.schedules_expiry(),
            too_many_stack_sets: Some(stack_sets).filter(|&number| number > STACK_SETS_QUOTA),
            told: told.map(Told::new),
        }
    }
}
