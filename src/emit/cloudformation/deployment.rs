//! The order of the deployment: `deployment.json` for programs, `README.md` for people, and the places of assignments.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;

use super::{PLACES, new_accounts};
use crate::emit::deployment::{About, Unit};
use crate::emit::{DEPLOYMENT, record, template};
use crate::error::Error;
use crate::plan::{
    Administration, AssignmentPlaces, Deliveries, Headroom, Kept, Placement, Plan, StackHistory, Stacks,
};

/// A file beside the root template.
#[derive(Serialize)]
pub(super) struct Listed {
    pub file: String,
    pub what: &'static str,
}

/// What has been written, for those who deploy it.
pub(super) struct Deployed<'d, 'p> {
    pub plan: &'d Plan<'p>,
    pub stacks: &'d Stacks,
    pub files: Vec<Listed>,
    /// Whether templates have to be uploaded.
    pub needs_bucket: bool,
    /// The parameters that have no default.
    pub parameters: Vec<String>,
}

#[derive(Serialize)]
struct Deployment<'a> {
    generated_by: &'static str,
    version: u32,
    target: &'static str,
    units: Vec<Unit<'a>>,
    /// How full the templates with assignments are.
    headroom: Shards,
    placement: &'a Placement,
    deliveries: &'a Deliveries,
}

#[derive(Serialize)]
struct Shards {
    assignments: Headroom,
    #[serde(skip_serializing_if = "Option::is_none")]
    management_assignments: Option<Headroom>,
}

/// What a later build reads of the file.
#[derive(Deserialize)]
struct Record {
    placement: Placement,
    deliveries: Deliveries,
}

/// The places as they are recorded.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesRecord<P> {
    version: u32,
    #[serde(default)]
    assignments: P,
    #[serde(default)]
    management_assignments: P,
}

/// The version of the record.
const VERSION: u32 = 1;

impl Deployed<'_, '_> {
    fn deploy_command(&self) -> String {
        let stack = self.plan.prefix();
        let parameters: String = self.parameters.iter().map(|name| format!(" {name}=\"${name}\"")).collect();
        let parameters = if parameters.is_empty() { parameters } else { format!(" --parameter-overrides{parameters}") };
        let deploy = |file: &str, bucket: &str| {
            format!(
                "aws cloudformation deploy --template-file {file} --stack-name {stack}{bucket} --capabilities CAPABILITY_NAMED_IAM{parameters}"
            )
        };
        if !self.needs_bucket {
            return deploy(super::ROOT, "");
        }
        let packaged = "\"${TMPDIR:-/tmp}/packaged.yaml\"";
        let package = format!(
            "aws cloudformation package --template-file {} --s3-bucket \"$BUCKET\" --output-template-file {packaged}",
            super::ROOT
        );
        format!("{package} && {}", deploy(packaged, " --s3-bucket \"$BUCKET\""))
    }

    /// Lists the sets that are not provisioned everywhere; prints nothing when all is well.
    fn verify_command(&self) -> String {
        let instance = match &self.plan.access.instance.arn {
            Some(arn) => arn.value.clone(),
            None => "$InstanceArn".to_owned(),
        };
        format!(
            "for arn in $(aws sso-admin list-permission-sets --instance-arn \"{instance}\" --query PermissionSets[] --output text); do \
             aws sso-admin list-accounts-for-provisioned-permission-set --instance-arn \"{instance}\" --permission-set-arn \"$arn\" \
             --provisioning-status LATEST_PERMISSION_SET_NOT_PROVISIONED --query AccountIds[] --output text; done"
        )
    }

    pub(super) fn json(&self) -> Result<String, Error> {
        let region = self.plan.access.instance.region.as_ref().map(|region| region.value.as_str());
        // Everything is deployed from there.
        let management = self.plan.administrator(Administration::Management).map(|account| account.id.as_str());
        let mut units = vec![
            Unit {
                name: Cow::Borrowed("access"),
                description: "policies in accounts, then permission sets, then assignments: CloudFormation keeps the order",
                directory: Cow::Borrowed("."),
                account: management,
                region,
                capabilities: &["CAPABILITY_NAMED_IAM"],
                depends_on: Vec::new(),
                command: Cow::Owned(self.deploy_command()),
            },
            Unit {
                name: Cow::Borrowed("verify"),
                description: "prints the accounts in which a permission set is not provisioned as it now is; nothing when all is well",
                directory: Cow::Borrowed("."),
                account: management,
                region,
                capabilities: &[],
                depends_on: vec![Cow::Borrowed("access")],
                command: Cow::Owned(self.verify_command()),
            },
        ];
        if let Some(wanted) = self.plan.new_accounts() {
            units.push(Unit {
                name: Cow::Borrowed("new-accounts"),
                description: "tells what runs all this of accounts that join, move and leave",
                directory: Cow::Borrowed("."),
                account: management,
                region: Some(wanted.region),
                capabilities: &["CAPABILITY_IAM"],
                depends_on: Vec::new(),
                command: Cow::Owned(new_accounts::deploy_command(&wanted)),
            });
        }
        let StackHistory { deliveries, placement, .. } = &self.stacks.history;
        record::print(&Deployment {
            generated_by: "bailiwick",
            version: VERSION,
            target: "cloudformation",
            units,
            headroom: Shards {
                assignments: self.stacks.headroom,
                management_assignments: self.plan.delegated.then_some(self.stacks.management_headroom),
            },
            placement,
            deliveries,
        })
    }

    /// The places of assignments, for later builds.
    pub(super) fn places(&self) -> Result<String, Error> {
        let AssignmentPlaces { assignments, management_assignments } = &self.stacks.history.places;
        record::print(&PlacesRecord { version: VERSION, assignments, management_assignments })
    }

    pub(super) fn readme(&self) -> Result<String, Error> {
        let told = self.plan.new_accounts();
        template::render(
            "README.md",
            include_str!("../../../templates/cloudformation/README.md.j2"),
            Context {
                about: About::of(self.plan, self.stacks.stack_set_count(self.plan), told.as_ref()),
                tell: told.as_ref().map(new_accounts::deploy_command),
                parameters: &self.parameters,
                files: &self.files,
                needs_bucket: self.needs_bucket,
                concurrency: self.stacks.concurrency,
                kept: !self.stacks.kept().is_empty(),
                kept_policies: kept_policies(self.stacks.kept()),
                kept_sets: kept_sets(self.stacks.kept()),
                deploy: self.deploy_command(),
                verify: self.verify_command(),
            },
        )
    }
}

/// The policies that are kept, and where.
fn kept_policies(kept: &Kept) -> Vec<String> {
    let units = kept.deliveries.of_units().map(|(body, unit)| format!("{body} in {unit}"));
    let accounts = kept.deliveries.of_accounts().map(|(body, account)| format!("{body} in {account}"));
    let management = kept.deliveries.of_management().map(|body| format!("{body} in the management account"));
    units.chain(accounts).chain(management).collect()
}

/// The permission sets that are kept.
fn kept_sets(kept: &Kept) -> Vec<String> {
    kept.permission_sets.iter().chain(&kept.management_permission_sets).cloned().collect()
}

#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    about: About<'a>,
    tell: Option<String>,
    parameters: &'a [String],
    files: &'a [Listed],
    needs_bucket: bool,
    concurrency: u32,
    kept: bool,
    kept_policies: Vec<String>,
    kept_sets: Vec<String>,
    deploy: String,
    verify: String,
}

/// The decisions of an earlier build; `None` where there was none.
pub(super) fn history(out: &Path) -> Result<Option<StackHistory>, Error> {
    let Some(Record { placement, deliveries }) = record::read(&out.join(DEPLOYMENT))? else { return Ok(None) };
    let path = out.join(PLACES);
    let record = record::read(&path)?.ok_or_else(|| record::distrust(&path, "it is missing"))?;
    let PlacesRecord { version, assignments, management_assignments } = record;
    if version != VERSION {
        let reason = format!("it is of version {version}, and this bailiwick knows version {VERSION}");
        return Err(record::distrust(&path, reason));
    }
    let places = AssignmentPlaces { assignments, management_assignments };
    Ok(Some(StackHistory { deliveries, placement, places }))
}
