//! CloudFormation: a root template for the management account, and what it brings along.
//!
//! The waves of the plan become `DependsOn`: StackSets with policies come before the permission sets that name them, and
//! those before their assignments, which run in lanes, so that no more operations are outstanding than Identity Center
//! takes. Where administration is delegated, permission sets and assignments are StackSets whose only target is the
//! administrator's account; their templates stand inline. Where it is not, they stand in the root template, and in nested
//! ones beyond its room.

mod assignments;
mod deployment;
mod earlier;
mod expiry;
mod new_accounts;
mod origins;
mod permission_sets;
mod policies;
mod template;

pub use origins::{Origin, Origins};

use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use self::assignments::{SetArn, Within};
use self::earlier::Earlier;
use self::template::{StackSetParts, Template, nested, stack_set};
use super::characters::comment;
use super::yaml::{Value, comment_line, entry, scalar, spelled};
use super::{DEPLOYMENT, HEADER};
use crate::access::{Access, OuId};
use crate::error::Error;
use crate::plan::{self, Plan, Stacks, Unsettled};
use crate::write::Sink;

/// The template that is deployed; it brings all others.
pub const ROOT: &str = "root.yaml";

/// The file with the place of each assignment.
const PLACES: &str = "assignments.lock.json";

/// What a StackSet's template may hold where it is not uploaded, and what any template may hold that is, in bytes.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const INLINE_LIMIT: usize = 51_200;
const UPLOAD_LIMIT: usize = 1_000_000;

/// How many StackSets with an inline template stand in one template: each takes up to 51,200 bytes of 1 MB.
const STACK_SETS_IN_TEMPLATE: u32 = 12;

/// How many of them stand in the root template, which holds more than those.
const STACK_SETS_IN_ROOT: u32 = 6;

/// Writes the templates of a plan.
///
/// # Errors
///
/// When a template outgrows what CloudFormation takes, when the output of the last build is needed and is not what it
/// was, or when `sink` cannot take a file.
pub fn emit(plan: &Plan<'_>, stacks: &Stacks, out: &Path, sink: &mut dyn Sink) -> Result<(), Error> {
    let mut emitter = Emitter {
        plan,
        stacks,
        earlier: Earlier::new(out),
        sink,
        root: Template::new("Workforce access to AWS: IAM Identity Center, and the policies its permission sets need"),
        brought_by: FxHashMap::default(),
        management_brought_by: FxHashMap::default(),
        homes: FxHashMap::default(),
        set_arns: FxHashMap::default(),
        files: Vec::new(),
    };
    emitter.access_control_attributes()?;
    emitter.policies()?;
    emitter.permission_sets()?;
    emitter.assignments()?;
    emitter.expiry()?;
    emitter.root.check_count(ROOT)?;
    let root = emitter.root.finish(plan, true);
    check_size(ROOT, root.len(), UPLOAD_LIMIT)?;
    let needs_bucket = root.len() > INLINE_LIMIT || !emitter.files.is_empty();
    let parameters = emitter.root.parameters_without_default(plan);
    let Emitter { sink, files, .. } = emitter;
    sink.file(ROOT, root.as_bytes())?;
    if let Some(wanted) = plan.new_accounts() {
        let template = new_accounts::template(&wanted);
        sink.file(new_accounts::FILE, template.finish(plan, true).as_bytes())?;
    }
    let deployed = deployment::Deployed { plan, stacks, files, needs_bucket, parameters };
    sink.file("README.md", deployed.readme()?.as_bytes())?;
    sink.file(PLACES, deployed.places()?.as_bytes())?;
    sink.file(DEPLOYMENT, deployed.json()?.as_bytes())
}

/// Takes the decisions about an output: as a first build, or beside what is in `out`, so that nothing live moves. With
/// `deployed`, what the last build only kept is let go.
///
/// # Errors
///
/// When the record of the last build cannot be understood, or something live would have to move.
pub fn settle<'a>(access: &'a Access, out: Option<&Path>, deployed: bool) -> Result<(Plan<'a>, Stacks), Error> {
    let history = out.map(deployment::history).transpose()?.flatten();
    let deliveries = history.as_ref().map(|history| history.deliveries.clone()).unwrap_or_default();
    let plan = plan::plan_stacks(access, deliveries);
    let stacks = Stacks::new(&plan, history, deployed).map_err(|unsettled| match unsettled {
        Unsettled::Administrator => Error::Administrator { path: out.unwrap_or(Path::new(".")).to_owned() },
        Unsettled::Moved { policy, account } => Error::MovedPolicy {
            policy: access.policy(policy).name.value.clone(),
            account: access.organization.as_ref().map_or_else(String::new, |all| all.account(account).name.clone()),
        },
    })?;
    Ok((plan, stacks))
}

/// Where a permission set lives.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Home {
    /// In the root template.
    Root,
    /// In a nested stack of the root template, by its logical id.
    Nested(String),
    /// In a StackSet, by the logical id of what brings it in the root template.
    StackSet(String),
}

/// The templates while they are made.
struct Emitter<'e, 'p> {
    plan: &'e Plan<'p>,
    stacks: &'e Stacks,
    earlier: Earlier,
    sink: &'e mut dyn Sink,
    root: Template,
    /// By StackSet of the plan: what brings it, in the root template's terms.
    brought_by: FxHashMap<usize, String>,
    /// The same of policies of the management account.
    management_brought_by: FxHashMap<usize, String>,
    /// By place in the plan: where each permission set lives.
    homes: FxHashMap<usize, Home>,
    /// How assignments name permission sets, by set and kind of template.
    set_arns: FxHashMap<(u32, Within), Rc<SetArn>>,
    /// The files beside the root template, with what they hold.
    files: Vec<deployment::Listed>,
}

impl<'e> Emitter<'e, '_> {
    /// Writes a nested template to a file of its own, and the stack that brings it to the root template.
    fn nest(
        &mut self,
        stem: &str,
        stack: &str,
        number: u32,
        what: &'static str,
        template: Template,
        waits: &BTreeSet<String>,
    ) -> Result<(), Error> {
        let file = format!("{stem}-{number}.yaml");
        self.write(&file, what, &template)?;
        self.root.take_parameters(&template);
        self.root.nest(&format!("{stack}{number}"), &nested(self.plan, &file, &template, false, waits));
        Ok(())
    }

    /// Writes a nested template to a file of its own.
    fn write(&mut self, file: &str, what: &'static str, template: &Template) -> Result<(), Error> {
        template.check_count(file)?;
        let text = template.finish(self.plan, false);
        check_size(file, text.len(), UPLOAD_LIMIT)?;
        self.sink.file(file, text.as_bytes())?;
        self.files.push(deployment::Listed { file: file.to_owned(), what });
        Ok(())
    }

    /// Attributes for access control: one configuration for the instance.
    fn access_control_attributes(&mut self) -> Result<(), Error> {
        if self.plan.access.attributes.is_empty() {
            return Ok(());
        }
        const ID: &str = "AccessControlAttributes";
        let attributes = self.plan.access.attributes.iter().map(|(key, source)| {
            let source = Value::map([("Source", Value::List(vec![source.value.as_str().into()]))]);
            Value::map([("Key", key.value.as_str().into()), ("Value", source)])
        });
        let properties = Value::map([
            ("InstanceArn", Value::reference("InstanceArn")),
            ("AccessControlAttributes", Value::List(attributes.collect())),
        ]);
        let resource = Value::map([
            ("Type", "AWS::SSO::InstanceAccessControlAttributeConfiguration".into()),
            ("Properties", properties),
        ]);
        if !self.plan.delegated {
            self.root.needs_instance();
            self.root.resource(ID, &resource);
            return Ok(());
        }
        let mut template = Template::new("Attributes for access control");
        template.needs_instance();
        template.resource(ID, &resource);
        let body = self.inline(ID, &template)?;
        let name = format!("{}-access-control-attributes", self.plan.prefix());
        let nothing = BTreeSet::new();
        let resource = self.delegated_stack_set(&name, &template, &body, &nothing);
        self.root.take_parameters(&template);
        self.root.resource(ID, &resource);
        Ok(())
    }

    /// The text of the template of a StackSet, by the logical id of the StackSet.
    fn inline(&mut self, id: &str, template: &Template) -> Result<String, Error> {
        template.check_count(id)?;
        let body = template.finish(self.plan, false);
        check_size(id, body.len(), INLINE_LIMIT)?;
        self.sink.body(id, &body);
        Ok(body)
    }

    /// A StackSet whose only target is the delegated administrator's account, addressed below the root, where it stays
    /// whatever its unit.
    fn delegated_stack_set<'b>(
        &self,
        name: &'b str,
        template: &'b Template,
        body: &'b str,
        depends_on: &'b BTreeSet<String>,
    ) -> Value<'b>
    where
        'e: 'b,
    {
        let access = self.plan.access;
        let organization = access.organization.as_ref();
        let account = organization.zip(access.instance.delegated_admin.as_ref());
        let account = account.map(|(organization, admin)| organization.account(admin.value));
        let root = organization.and_then(|organization| organization.unit(OuId::ROOT).id.as_ref());
        let accounts = account.map(|account| Value::from(account.id.as_str()).commented(account.name.as_str()));
        let targets = Value::map([
            ("OrganizationalUnitIds", Value::flow(root.map(|id| id.value.as_str()))),
            ("AccountFilterType", "INTERSECTION".into()),
            ("Accounts", Value::List(accounts.into_iter().collect())),
        ]);
        let parts = StackSetParts {
            name,
            description: &template.description,
            auto_deployment: false,
            template,
            targets,
            body,
            depends_on,
        };
        stack_set(self.plan, parts)
    }
}

/// Fails where a template is larger than CloudFormation takes.
fn check_size(name: &str, bytes: usize, limit: usize) -> Result<(), Error> {
    check(name, "bytes", bytes, limit)
}

fn check(name: &str, what: &'static str, has: usize, limit: usize) -> Result<(), Error> {
    if has <= limit {
        return Ok(());
    }
    Err(Error::FullTemplate { template: name.to_owned(), what, has, limit })
}
