//! One template: parameters, resources, outputs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, HEADER, Value, check, comment_line, entry};
use crate::access::{PrincipalId, PrincipalKind};
use crate::plan::{Plan, logical_id};

/// A template while it is made.
#[derive(Debug)]
pub(super) struct Template {
    pub description: String,
    /// Whether it speaks of the instance of Identity Center.
    instance: bool,
    /// The principals whose id the model does not know.
    principals: BTreeSet<PrincipalId>,
    /// Parameters that hold ARNs of permission sets, and where the root template takes them from.
    arns: BTreeMap<String, Value<'static>>,
    /// The text below `Resources`.
    pub resources: String,
    count: usize,
    /// The logical ids of permission sets whose ARNs are exported, and the names of the exports.
    exports: BTreeMap<String, String>,
    /// Whether nested stacks stand in it.
    nests: bool,
    /// Whether it makes policies or roles, which takes a capability.
    makes_iam: bool,
}

/// The name of the parameter that holds the id of a principal.
pub(super) fn parameter_of(plan: &Plan<'_>, principal: PrincipalId) -> String {
    let principal = plan.access.principal(principal);
    let kind = match principal.kind {
        PrincipalKind::Group => "Group",
        PrincipalKind::User => "User",
    };
    format!("{kind}{}", logical_id(&principal.name))
}

impl Template {
    pub(super) fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            instance: false,
            principals: BTreeSet::new(),
            arns: BTreeMap::new(),
            resources: String::new(),
            count: 0,
            exports: BTreeMap::new(),
            nests: false,
            makes_iam: false,
        }
    }

    /// Something in it names the instance.
    pub(super) fn needs_instance(&mut self) {
        self.instance = true;
    }

    /// Something in it is a policy or a role.
    pub(super) fn makes_iam(&mut self) {
        self.makes_iam = true;
    }

    /// Something in it names a principal by parameter.
    pub(super) fn needs_principal(&mut self, principal: PrincipalId) {
        self.principals.insert(principal);
    }

    /// Something in it names a permission set of the root template by parameter.
    pub(super) fn needs_arn(&mut self, parameter: String, value: Value<'static>) {
        self.arns.insert(parameter, value);
    }

    /// The ARN of one of its permission sets is exported.
    pub(super) fn exports(&mut self, id: String, name: String) {
        self.exports.insert(id, name);
    }

    /// It hands its own parameters to a template inside it.
    pub(super) fn take_parameters(&mut self, inner: &Self) {
        self.instance |= inner.instance;
        self.principals.extend(&inner.principals);
        self.arns.extend(inner.arns.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Fails where it holds more than CloudFormation takes.
    pub(super) fn check_count(&self, name: &str) -> Result<(), Error> {
        let parameters = usize::from(self.instance) + self.principals.len() + self.arns.len();
        check(name, "resources", self.count, 500)?;
        check(name, "parameters", parameters, 200)?;
        check(name, "outputs", self.exports.len(), 200)
    }

    /// Adds a resource.
    pub(super) fn resource(&mut self, id: &str, resource: &Value<'_>) {
        entry(&mut self.resources, 1, id, resource);
        self.count += 1;
    }

    /// Makes room for resources, in bytes.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.resources.reserve(bytes);
    }

    /// Adds resources as text.
    pub(super) fn lines(&mut self, count: usize, write: impl FnOnce(&mut String)) {
        write(&mut self.resources);
        self.count += count;
    }

    /// Adds a nested stack.
    pub(super) fn nest(&mut self, id: &str, resource: &Value<'_>) {
        self.nests = true;
        self.resource(id, resource);
    }

    /// The names and values of its parameters, as what brings it hands them on; `through` says that this is not the root
    /// template itself. Principals are named alike everywhere.
    fn passed_parameters(&self, plan: &Plan<'_>, through: bool) -> Vec<(String, Value<'_>)> {
        let instance = self.instance.then(|| ("InstanceArn".to_owned(), Value::reference("InstanceArn")));
        let principals = self.principals.iter().map(|&principal| {
            let name = parameter_of(plan, principal);
            (name.clone(), Value::reference(name))
        });
        let arns = self.arns.iter().map(|(name, value)| {
            let value = if through { Value::reference(name.clone()) } else { value.clone() };
            (name.clone(), value)
        });
        instance.into_iter().chain(principals).chain(arns).collect()
    }

    /// The parameters that a deployment has to give.
    pub(super) fn parameters_without_default(&self, plan: &Plan<'_>) -> Vec<String> {
        let instance = self.instance && plan.access.instance.arn.is_none();
        let instance = instance.then(|| "InstanceArn".to_owned());
        instance.into_iter().chain(self.principals.iter().map(|&principal| parameter_of(plan, principal))).collect()
    }

    /// The text of the template. Only the root knows values for its parameters.
    pub(super) fn finish(&self, plan: &Plan<'_>, is_root: bool) -> String {
        let mut out = String::with_capacity(self.resources.len() + 2_048);
        comment_line(&mut out, 0, HEADER);
        entry(&mut out, 0, "AWSTemplateFormatVersion", &"2010-09-09".into());
        entry(&mut out, 0, "Description", &self.description.as_str().into());
        if self.nests {
            // cfn-lint warns of each local path, which `aws cloudformation package` replaces.
            let ignored = Value::map([("ignore_checks", Value::flow(["W3002"]))]);
            out.push('\n');
            entry(&mut out, 0, "Metadata", &Value::map([("cfn-lint", Value::map([("config", ignored)]))]));
        }
        let parameters = self.parameters(plan, is_root);
        if !parameters.is_empty() {
            out.push('\n');
            entry(&mut out, 0, "Parameters", &Value::Map(parameters));
        }
        out.push_str("\nResources:\n");
        out.push_str(&self.resources);
        if !self.exports.is_empty() {
            out.push_str("\nOutputs:\n");
            for (id, name) in &self.exports {
                let export = Value::map([("Name", name.as_str().into())]);
                let output = Value::map([("Value", Value::attribute(id, "PermissionSetArn")), ("Export", export)]);
                entry(&mut out, 1, id, &output);
            }
        }
        out
    }

    fn parameters(&self, plan: &Plan<'_>, is_root: bool) -> Vec<(std::borrow::Cow<'static, str>, Value<'_>)> {
        let mut parameters = Vec::new();
        if self.instance {
            let mut instance = vec![("Type", Value::from("String"))];
            if is_root {
                instance.push(("Description", "ARN of the instance of IAM Identity Center".into()));
                if let Some(arn) = &plan.access.instance.arn {
                    instance.push(("Default", arn.value.clone().into()));
                }
                let pattern = "^arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}$";
                instance.push(("AllowedPattern", pattern.into()));
            }
            parameters.push(("InstanceArn".into(), Value::map(instance)));
        }
        for &principal in &self.principals {
            let mut value = vec![("Type", Value::from("String"))];
            if is_root {
                let details = plan.access.principal(principal);
                let kind = details.kind.as_str().to_lowercase();
                value.push(("Description", format!("Id of the {kind} {}", details.name).into()));
                let pattern =
                    "^([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}$";
                value.push(("AllowedPattern", pattern.into()));
            }
            parameters.push((parameter_of(plan, principal).into(), Value::map(value)));
        }
        // The root template has what these stand for.
        for name in self.arns.keys().filter(|_| !is_root) {
            parameters.push((name.clone().into(), Value::map([("Type", "String".into())])));
        }
        parameters
    }
}

/// `DependsOn`, where there is something to depend on.
pub(super) fn depends_on<'v>(ids: &BTreeSet<String>) -> Option<Value<'v>> {
    match ids.len() {
        0 => None,
        1 => ids.first().map(|id| Value::from(id.clone())),
        2 | 3 => Some(Value::flow(ids.iter().cloned())),
        _ => Some(Value::List(ids.iter().map(|id| id.clone().into()).collect())),
    }
}

/// What a StackSet is made of.
pub(super) struct StackSetParts<'v> {
    pub name: &'v str,
    pub description: &'v str,
    /// Whether accounts that join its target later get it too.
    pub auto_deployment: bool,
    /// The template inside it, for its parameters and the capability it takes.
    pub template: &'v Template,
    pub targets: Value<'v>,
    pub body: &'v str,
    pub depends_on: &'v BTreeSet<String>,
}

/// A service-managed StackSet: any failure fails it, and it works in the home Region alone, because IAM has no Regions.
pub(super) fn stack_set<'v>(plan: &Plan<'_>, parts: StackSetParts<'v>) -> Value<'v> {
    let mut properties = vec![
        ("StackSetName", parts.name.into()),
        ("Description", parts.description.into()),
        ("PermissionModel", "SERVICE_MANAGED".into()),
    ];
    if parts.template.makes_iam {
        properties.push(("Capabilities", Value::flow(["CAPABILITY_NAMED_IAM"])));
    }
    let mut automatic = vec![("Enabled", parts.auto_deployment.into())];
    if parts.auto_deployment {
        automatic.push(("RetainStacksOnAccountRemoval", false.into()));
    }
    properties.push(("AutoDeployment", Value::map(automatic)));
    properties.push(("ManagedExecution", Value::map([("Active", true.into())])));
    let preferences = [
        ("FailureToleranceCount", Value::from(0)),
        ("MaxConcurrentPercentage", Value::from(100)),
        ("ConcurrencyMode", "SOFT_FAILURE_TOLERANCE".into()),
    ];
    properties.push(("OperationPreferences", Value::map(preferences)));
    let parameters = parts.template.passed_parameters(plan, false);
    if !parameters.is_empty() {
        let pair =
            |(key, value): (String, Value<'v>)| Value::map([("ParameterKey", key.into()), ("ParameterValue", value)]);
        properties.push(("Parameters", Value::List(parameters.into_iter().map(pair).collect())));
    }
    let instances = Value::map([
        ("DeploymentTargets", parts.targets),
        ("Regions", Value::Flow(vec![Value::reference("AWS::Region")])),
    ]);
    properties.push(("StackInstancesGroup", Value::List(vec![instances])));
    properties.push(("TemplateBody", Value::Block(parts.body.into())));
    let mut resource = vec![("Type", Value::from("AWS::CloudFormation::StackSet"))];
    resource.extend(depends_on(parts.depends_on).map(|ids| ("DependsOn", ids)));
    resource.push(("Properties", Value::map(properties)));
    Value::map(resource)
}

/// A nested stack. What it holds is access: it is deleted with its stack, which cfn-lint wants to hear. `through` says
/// that it stands in another nested stack.
pub(super) fn nested<'v>(
    plan: &Plan<'_>,
    file: &'v str,
    template: &'v Template,
    through: bool,
    ids: &BTreeSet<String>,
) -> Value<'v> {
    let mut properties = vec![("TemplateURL", Value::from(file))];
    let parameters = template.passed_parameters(plan, through);
    if !parameters.is_empty() {
        let parameters = parameters.into_iter().map(|(key, value)| (key.into(), value)).collect();
        properties.push(("Parameters", Value::Map(parameters)));
    }
    let mut resource = vec![("Type", Value::from("AWS::CloudFormation::Stack"))];
    resource.extend(depends_on(ids).map(|ids| ("DependsOn", ids)));
    resource.push(("DeletionPolicy", "Delete".into()));
    resource.push(("UpdateReplacePolicy", "Delete".into()));
    resource.push(("Properties", Value::map(properties)));
    Value::map(resource)
}
