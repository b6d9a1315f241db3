//! The order of the deployment: `deployment.json` for programs, `README.md` for people.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;

use super::Module;
use super::new_accounts::FOLDER;
use crate::emit::deployment::{About, Unit};
use crate::emit::{record, template};
use crate::error::Error;
use crate::plan::{Administration, Deliveries, History, Plan, PlannedSet, Splits, States};

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
    let unit = |name, description, directory, depends_on, command| Unit {
        name,
        description,
        directory: Cow::Borrowed(directory),
        account: plan.administrator(Administration::Central).map(|account| account.id.as_str()),
        region,
        capabilities: &[],
        depends_on,
        command: Cow::Borrowed(command),
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
                ("permission sets, then their assignments: Terraform keeps the order", vec![Cow::Borrowed("shared")])
            }
        };
        units.push(unit(Cow::Borrowed(name), description, directory, depends_on, APPLY));
        if !module.sets.is_empty() {
            let verification = if name == "access" { "verify".into() } else { format!("verify-{name}").into() };
            let description = "prints the accounts in which a permission set is not provisioned as it now is; nothing when all is well";
            verifications.push(unit(verification, description, directory, vec![Cow::Borrowed(name)], VERIFY));
        }
    }
    units.extend(verifications);
    if let Some(wanted) = plan.new_accounts() {
        units.push(Unit {
            name: Cow::Borrowed(FOLDER),
            description: "tells what runs all this of accounts that join, move and leave",
            directory: Cow::Borrowed(FOLDER),
            account: plan.administrator(Administration::Management).map(|account| account.id.as_str()),
            region: Some(wanted.region),
            capabilities: &[],
            depends_on: Vec::new(),
            command: Cow::Borrowed(APPLY),
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
    #[serde(flatten)]
    about: About<'a>,
    lookups: usize,
    /// The folders of the states, where there are several.
    states: Vec<&'a str>,
    sets: Vec<Listed>,
    apply: &'static str,
    verify: &'static str,
}

pub(super) fn readme(plan: &Plan<'_>, modules: &[Module<'_>], sets: Vec<Listed>) -> Result<String, Error> {
    let told = plan.new_accounts();
    template::render(
        "README.md",
        include_str!("../../../templates/terraform/README.md.j2"),
        Context {
            about: About::of(plan, plan.fan_out.stack_sets.len(), told.as_ref()),
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
