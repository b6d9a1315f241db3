//! The order of the deployment: `deployment.json` for programs, `README.md` for people.

use serde::{Deserialize, Serialize};
use std::path::Path;

use super::Module;
use super::new_accounts::FOLDER;
use crate::emit::{Told, account_label, record, template};
use crate::error::Error;
use crate::plan::{Administration, Deliveries, History, Plan, PlannedSet, STACK_SETS_QUOTA, Splits, States};

/// The units of a deployment, in order.
#[derive(Serialize)]
struct Deployment<'a> {
    generated_by: &'static str,
    version: u32,
    target: &'static str,
    units: Vec<Unit<'a>>,
    states: &'a States,
    splits: &'a Splits,
    deliveries: Deliveries,
}

/// Something that is deployed, or checked, by one command.
#[derive(Serialize)]
struct Unit<'a> {
    name: String,
    description: &'static str,
    /// Where the command is run, relative to this file.
    directory: String,
    account: Option<&'a str>,
    region: Option<&'a str>,
    capabilities: &'static [&'static str],
    depends_on: Vec<String>,
    command: &'static str,
}

/// What a later build reads of the file.
#[derive(Deserialize)]
struct Record {
    states: States,
    splits: Splits,
    deliveries: Deliveries,
}

const APPLY: &str = "terraform init && terraform apply -parallelism=10";

/// Lists the sets that are not provisioned everywhere; prints nothing when all is well.
const VERIFY: &str = "for arn in $(terraform output -json permission_set_arns | jq -r '.[]'); do \
aws sso-admin list-accounts-for-provisioned-permission-set --instance-arn \"$(terraform output -raw instance_arn)\" \
--permission-set-arn \"$arn\" --provisioning-status LATEST_PERMISSION_SET_NOT_PROVISIONED --query AccountIds --output text; done";

pub(super) fn json(plan: &Plan<'_>, modules: &[Module<'_>], splits: &Splits) -> Result<String, Error> {
    let region = plan.access.instance.region.as_ref().map(|region| region.value.as_str());
    let unit = |name: String, description, directory: &str, depends_on: Vec<String>, command| Unit {
        name,
        description,
        directory: directory.to_owned(),
        account: plan.administrator(Administration::Central).map(|account| account.id.as_str()),
        region,
        capabilities: &[],
        depends_on,
        command,
    };
    let mut units = Vec::new();
    let mut verifications = Vec::new();
    for module in modules {
        let (name, directory) = match module.folder.trim_end_matches('/') {
            "" => ("access", "."),
            folder => (folder, folder),
        };
        let (description, depends_on) = match (module.shared, module.sets.is_empty()) {
            (true, true) => ("policies in accounts, and attributes for access control", Vec::new()),
            (true, false) => {
                ("policies in accounts, then permission sets, then assignments: Terraform keeps the order", Vec::new())
            }
            (false, _) => {
                ("permission sets, then their assignments: Terraform keeps the order", vec!["shared".to_owned()])
            }
        };
        units.push(unit(name.to_owned(), description, directory, depends_on, APPLY));
        if !module.sets.is_empty() {
            let verification = if name == "access" { "verify".to_owned() } else { format!("verify-{name}") };
            let description = "prints the accounts in which a permission set is not provisioned as it now is; nothing when all is well";
            verifications.push(unit(verification, description, directory, vec![name.to_owned()], VERIFY));
        }
    }
    units.extend(verifications);
    if let Some(wanted) = plan.new_accounts() {
        units.push(Unit {
            name: FOLDER.to_owned(),
            description: "tells what runs all this of accounts that join, move and leave",
            directory: FOLDER.to_owned(),
            account: plan.administrator(Administration::Management).map(|account| account.id.as_str()),
            region: Some(wanted.region),
            capabilities: &[],
            depends_on: Vec::new(),
            command: APPLY,
        });
    }
    let deliveries = plan.fan_out.deliveries(plan.access);
    let deployment = Deployment {
        generated_by: "bailiwick",
        version: 1,
        target: "terraform",
        units,
        states: &plan.states,
        splits,
        deliveries,
    };
    record::print(&deployment)
}

/// The decisions in a `deployment.json`; `None` when there is no such file.
pub(super) fn history(path: &Path) -> Result<Option<History>, Error> {
    let Some(Record { states, splits, deliveries }) = record::read(path)? else { return Ok(None) };
    if !splits.is_valid() {
        return Err(record::distrust(path, "a number of blocks is not a power of two"));
    }
    if !states.is_valid() {
        return Err(record::distrust(path, "a permission set is placed in a state that does not exist"));
    }
    Ok(Some(History { splits, states, deliveries }))
}

/// A row of the table of permission sets. It holds nothing that a row of the model changes.
#[derive(Serialize)]
pub(super) struct Listed {
    name: String,
    file: String,
    twin: bool,
}

impl Listed {
    /// A permission set that was written to `file`.
    pub(super) fn new(set: &PlannedSet, file: &str) -> Self {
        let twin = set.administration == Administration::Management;
        Self { name: set.name.clone(), file: file.to_owned(), twin }
    }
}

#[derive(Serialize)]
struct Context<'a> {
    delegated: bool,
    administrator: Option<String>,
    management: Option<String>,
    region: Option<&'a str>,
    attributes: usize,
    expiry_schedules: bool,
    /// How many StackSets there are, where that is more than AWS takes unasked.
    too_many_stack_sets: Option<usize>,
    told: Option<Told<'a>>,
    lookups: usize,
    /// The folders of the states, where there are several.
    states: Vec<&'a str>,
    sets: Vec<Listed>,
    apply: &'static str,
    verify: &'static str,
}

pub(super) fn readme(plan: &Plan<'_>, modules: &[Module<'_>], sets: Vec<Listed>) -> Result<String, Error> {
    let account = |administration| plan.administrator(administration).map(account_label);
    let told = plan.new_accounts();
    template::render(
        "README.md",
        include_str!("../../../templates/terraform/README.md.j2"),
        Context {
            delegated: plan.delegated,
            administrator: account(Administration::Central),
            management: account(Administration::Management),
            region: plan.access.instance.region.as_ref().map(|region| region.value.as_str()),
            attributes: plan.access.attributes.len(),
            too_many_stack_sets: Some(plan.fan_out.stack_sets.len()).filter(|&number| number > STACK_SETS_QUOTA),
            expiry_schedules: plan.schedules_expiry(),
            told: told.as_ref().map(Told::new),
            lookups: modules.iter().map(|module| plan.lookups(&module.sets).len()).sum(),
            states: modules
                .iter()
                .filter(|module| !module.shared)
                .map(|module| module.folder.trim_end_matches('/'))
                .collect(),
            sets,
            apply: APPLY,
            verify: VERIFY,
        },
    )
}
