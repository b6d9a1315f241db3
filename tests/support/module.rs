//! A generated root module, read back with hcl-rs and evaluated: what it would leave in AWS, and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use hcl::{Body, Expression, Structure, Value};
use jiff::Timestamp;
use serde_json::Value as Json;

use super::oracle::Oracle;
use super::state::{AssignmentOf, Boundary, CustomerPolicy, PermissionSet, State, iso_seconds, moment};

/// A block of the module.
struct Block {
    kind: String,
    labels: Vec<String>,
    body: Body,
}

impl Block {
    /// `type.label` of a resource.
    fn address(&self) -> String {
        self.labels.join(".")
    }

    fn expression(&self, name: &str) -> Option<&Expression> {
        attribute(&self.body, name)
    }

    /// `aws`, or the alias.
    fn provider(&self) -> String {
        self.expression("provider").map_or_else(|| "aws".to_owned(), spelled)
    }

    fn depends_on(&self) -> BTreeSet<String> {
        match self.expression("depends_on") {
            None => BTreeSet::new(),
            Some(Expression::Array(elements)) => elements.iter().map(spelled).collect(),
            Some(other) => panic!("`depends_on` is not a list: {other:?}"),
        }
    }
}

fn attribute<'b>(body: &'b Body, name: &str) -> Option<&'b Expression> {
    body.attributes().find(|attribute| attribute.key() == name).map(hcl::Attribute::expr)
}

fn blocks<'b>(body: &'b Body, name: &'b str) -> impl Iterator<Item = &'b Body> {
    body.blocks().filter(move |block| block.identifier() == name).map(hcl::Block::body)
}

/// A reference as it is written: `aws_ssoadmin_permission_set.Admin`.
fn spelled(expression: &Expression) -> String {
    hcl::format::to_string(expression).expect("a reference")
}

/// What a policy is delivered by.
struct Delivery {
    /// The address that has to be waited for.
    address: String,
    /// The accounts it reaches.
    accounts: BTreeSet<String>,
    /// By name.
    policies: BTreeMap<String, CustomerPolicy>,
}

/// A module in a folder.
pub(crate) struct Module {
    blocks: Vec<Block>,
    context: Context<'static>,
}

/// A permission set of the module with what surrounds it.
struct Set<'m> {
    name: String,
    details: PermissionSet,
    provider: String,
    /// The resources that attach something to it.
    attachments: Vec<&'m Block>,
}

impl Module {
    /// Reads every `*.tf` in a folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut module = Self { blocks: Vec::new(), context: Context::new() };
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "tf") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("readable");
            let body = hcl::parse(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()));
            for structure in body {
                let Structure::Block(block) = structure else { panic!("an attribute outside blocks: {structure:?}") };
                module.blocks.push(Block {
                    kind: block.identifier().to_owned(),
                    labels: block.labels().iter().map(|label| label.as_str().to_owned()).collect(),
                    body: block.body,
                });
            }
        }
        module.declare();
        module
    }

    /// Gives every reference of the module a value that says what it refers to.
    fn declare(&mut self) {
        let same = |args: FuncArgs| Ok(args[0].clone());
        for name in ["toset", "jsonencode"] {
            self.context.declare_func(name, FuncDef::builder().param(ParamType::Any).build(same));
        }
        let format = |args: FuncArgs| match args.iter().map(Value::as_str).collect::<Vec<_>>()[..] {
            [Some(format), Some(value)] if format.matches('%').count() == 1 => Ok(format.replace("%s", value).into()),
            _ => Err(format!("not a format of one text: {args:?}")),
        };
        let any = ParamType::Any;
        self.context.declare_func("format", FuncDef::builder().param(any.clone()).param(any).build(format));
        let first = |args: FuncArgs| match &args[0] {
            Value::Array(values) if values.len() == 1 => Ok(values[0].clone()),
            other => Err(format!("not one value: {other:?}")),
        };
        self.context.declare_func("one", FuncDef::builder().param(ParamType::Any).build(first));
        let mut data: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for block in self.blocks.iter().filter(|block| block.kind == "data") {
            let value = match block.labels[0].as_str() {
                "aws_ssoadmin_instances" => hcl::value!({ arns = ["found"], identity_store_ids = ["found"] }),
                kind @ ("aws_identitystore_group" | "aws_identitystore_user") => {
                    let alternate = blocks(&block.body, "alternate_identifier").next().expect("an identifier");
                    let unique = blocks(alternate, "unique_attribute").next().expect("a unique attribute");
                    let text = |name| {
                        let value = attribute(unique, name).expect("set").evaluate(&Context::new()).expect("literal");
                        value.as_str().expect("text").to_owned()
                    };
                    let (path, name) = (text("attribute_path"), text("attribute_value"));
                    match kind {
                        "aws_identitystore_group" => {
                            assert_eq!(path, "DisplayName");
                            hcl::value!({ group_id = (format!("GROUP {name}")) })
                        }
                        _ => {
                            assert_eq!(path, "UserName");
                            hcl::value!({ user_id = (format!("USER {name}")) })
                        }
                    }
                }
                other => panic!("an unexpected data source {other}"),
            };
            data.entry(block.labels[0].clone()).or_default().insert(block.labels[1].clone(), value);
        }
        let data: BTreeMap<String, Value> =
            data.into_iter().map(|(kind, values)| (kind, values.into_iter().collect())).collect();
        self.context.declare_var("data", data.into_iter().collect::<Value>());
        self.context.declare_var("var", hcl::value!({ profile = null, management_profile = null, region = "region" }));
        for kind in [
            "aws_ssoadmin_permission_set",
            "aws_cloudformation_stack_set",
            "aws_scheduler_schedule_group",
            "aws_iam_role",
        ] {
            let names = self.resources(kind).map(|block| {
                let label = block.labels[1].clone();
                (label.clone(), hcl::value!({ arn = (label.clone()), name = (label) }))
            });
            let names: Value = names.collect();
            self.context.declare_var(kind, names);
        }
        let mut locals = BTreeMap::new();
        for block in self.blocks.iter().filter(|block| block.kind == "locals") {
            for attribute in block.body.attributes() {
                let value = attribute.expr().evaluate(&self.context).expect("locals refer to data only");
                assert!(locals.insert(attribute.key().to_owned(), value).is_none(), "local {} twice", attribute.key());
            }
        }
        self.context.declare_var("local", locals.into_iter().collect::<Value>());
    }

    fn resources<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = &'m Block> {
        self.blocks.iter().filter(move |block| block.kind == "resource" && block.labels[0] == kind)
    }

    fn evaluate(&self, expression: &Expression) -> Value {
        expression.evaluate(&self.context).unwrap_or_else(|error| panic!("{error}: {expression:?}"))
    }

    fn value(&self, body: &Body, name: &str) -> Option<Value> {
        attribute(body, name).map(|expression| self.evaluate(expression))
    }

    fn text(&self, body: &Body, name: &str) -> Option<String> {
        self.value(body, name).map(|value| value.as_str().unwrap_or_else(|| panic!("{name}: {value:?}")).to_owned())
    }

    fn list(&self, body: &Body, name: &str) -> Vec<String> {
        let Some(value) = self.value(body, name) else { return Vec::new() };
        let values = value.as_array().expect("a list").iter();
        values.map(|value| value.as_str().expect("text").to_owned()).collect()
    }

    fn json(&self, body: &Body, name: &str) -> Option<Json> {
        self.value(body, name).map(|value| serde_json::to_value(value).expect("JSON"))
    }

    /// The name and path in a `customer_managed_policy_reference` of a body.
    fn reference(&self, body: &Body) -> Option<(String, String)> {
        let reference = blocks(body, "customer_managed_policy_reference").next()?;
        Some((self.text(reference, "name").expect("a name"), self.text(reference, "path").expect("a path")))
    }

    fn sets(&self) -> BTreeMap<String, Set<'_>> {
        let mut sets = BTreeMap::new();
        for block in self.resources("aws_ssoadmin_permission_set") {
            let body = &block.body;
            let tags = self.value(body, "tags").map(|tags| tags.as_object().expect("an object").clone());
            let tags = tags.unwrap_or_default().into_iter();
            let details = PermissionSet {
                description: self.text(body, "description"),
                session_seconds: self.text(body, "session_duration").map_or(3_600, |text| iso_seconds(&text)),
                relay_state: self.text(body, "relay_state"),
                tags: tags.map(|(key, value)| (key, value.as_str().expect("text").to_owned())).collect(),
                aws_managed_policies: BTreeSet::new(),
                customer_managed_policies: BTreeSet::new(),
                boundary: None,
                inline_policy: None,
            };
            let name = self.text(body, "name").expect("a name");
            let set = Set { name, details, provider: block.provider(), attachments: Vec::new() };
            sets.insert(block.labels[1].clone(), set);
        }
        for block in self.blocks.iter().filter(|block| block.kind == "resource") {
            let body = &block.body;
            let label = || self.text(body, "permission_set_arn").expect("the ARN of a set");
            match block.labels[0].as_str() {
                "aws_ssoadmin_managed_policy_attachment" => {
                    let arns = self.list(body, "for_each");
                    let set = sets.get_mut(&label()).expect("a set");
                    assert_eq!(spelled(block.expression("managed_policy_arn").expect("an ARN")), "each.value");
                    set.details.aws_managed_policies.extend(arns);
                    set.attachments.push(block);
                }
                "aws_ssoadmin_customer_managed_policy_attachment" => {
                    let each = self.value(body, "for_each").expect("`for_each`");
                    let each = each.as_object().expect("an object").iter();
                    let policies: Vec<_> =
                        each.map(|(name, path)| (name.clone(), path.as_str().expect("a path").to_owned())).collect();
                    let reference = blocks(body, "customer_managed_policy_reference").next().expect("a reference");
                    assert_eq!(spelled(attribute(reference, "name").expect("a name")), "each.key");
                    assert_eq!(spelled(attribute(reference, "path").expect("a path")), "each.value");
                    let set = sets.get_mut(&label()).expect("a set");
                    set.details.customer_managed_policies.extend(policies);
                    set.attachments.push(block);
                }
                "aws_ssoadmin_permissions_boundary_attachment" => {
                    let boundary = blocks(body, "permissions_boundary").next().expect("a boundary");
                    let boundary = match self.text(boundary, "managed_policy_arn") {
                        Some(arn) => Boundary::AwsManaged(arn),
                        None => {
                            let (name, path) = self.reference(boundary).expect("a reference");
                            Boundary::Customer(name, path)
                        }
                    };
                    let set = sets.get_mut(&label()).expect("a set");
                    assert!(set.details.boundary.replace(boundary).is_none(), "two boundaries");
                    set.attachments.push(block);
                }
                "aws_ssoadmin_permission_set_inline_policy" => {
                    let document = self.json(body, "inline_policy").expect("a document");
                    let set = sets.get_mut(&label()).expect("a set");
                    assert!(set.details.inline_policy.replace(document).is_none(), "two inline policies");
                    set.attachments.push(block);
                }
                "aws_ssoadmin_permission_set"
                | "aws_ssoadmin_account_assignment"
                | "aws_ssoadmin_instance_access_control_attributes"
                | "aws_scheduler_schedule_group"
                | "aws_scheduler_schedule"
                | "aws_iam_role"
                | "aws_iam_role_policy"
                | "aws_cloudformation_stack_set"
                | "aws_cloudformation_stack_instances"
                | "aws_iam_policy" => {}
                other => panic!("an unexpected resource {other}"),
            }
        }
        sets
    }

    /// What brings customer-managed policies to which accounts.
    fn deliveries(&self, oracle: &Oracle) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        let mut templates = BTreeMap::new();
        for block in self.resources("aws_cloudformation_stack_set") {
            assert_eq!(self.text(&block.body, "permission_model").as_deref(), Some("SERVICE_MANAGED"));
            assert_eq!(self.list(&block.body, "capabilities"), ["CAPABILITY_NAMED_IAM"]);
            let template = self.json(&block.body, "template_body").expect("a template");
            assert!(template.to_string().len() <= 51_200, "the template of {} is too large", block.address());
            let mut policies = BTreeMap::new();
            for resource in template["Resources"].as_object().expect("resources").values() {
                assert_eq!(resource["Type"], "AWS::IAM::ManagedPolicy");
                let properties = &resource["Properties"];
                let text = |key: &str| properties.get(key).map(|text| text.as_str().expect("text").to_owned());
                let name = text("ManagedPolicyName").expect("a name");
                let policy = CustomerPolicy {
                    path: text("Path").expect("a path"),
                    description: text("Description"),
                    document: properties["PolicyDocument"].clone(),
                };
                assert!(policies.insert(name.clone(), policy).is_none(), "{name} twice in a template");
            }
            assert!(!policies.is_empty(), "{} distributes nothing", block.address());
            let auto = blocks(&block.body, "auto_deployment").next().expect("automatic deployment is set");
            let auto = self.value(auto, "enabled").and_then(|enabled| enabled.as_bool()).expect("a switch");
            templates.insert(block.labels[1].clone(), (policies, auto));
        }
        for block in self.resources("aws_cloudformation_stack_instances") {
            let label = self.text(&block.body, "stack_set_name").expect("a stack set");
            let (policies, auto) = templates.remove(&label).expect("one block of instances for each stack set");
            let targets = blocks(&block.body, "deployment_targets").next().expect("targets");
            let mut accounts: BTreeSet<String> = BTreeSet::new();
            for unit in self.list(targets, "organizational_unit_ids") {
                accounts.extend(oracle.reached_by_stack_set(&unit));
            }
            match self.text(targets, "account_filter_type").as_deref() {
                None => assert!(auto, "{}: a whole unit, accounts that join later included", block.address()),
                Some("INTERSECTION") => {
                    // AWS ignores the filter for accounts that join later.
                    assert!(!auto, "{}: a filter and automatic deployment", block.address());
                    let listed: BTreeSet<_> = self.list(targets, "accounts").into_iter().collect();
                    assert!(listed.is_subset(&accounts), "{}: accounts nobody reaches", block.address());
                    accounts = listed;
                }
                Some(other) => panic!("an unexpected filter {other}"),
            }
            deliveries.push(Delivery { address: block.address(), accounts, policies });
        }
        assert!(templates.is_empty(), "stack sets without instances");
        for block in self.resources("aws_iam_policy") {
            let management = oracle.accounts.iter().find(|account| account.is_management).expect("management account");
            let policy = CustomerPolicy {
                path: self.text(&block.body, "path").expect("a path"),
                description: self.text(&block.body, "description"),
                document: self.json(&block.body, "policy").expect("a document"),
            };
            deliveries.push(Delivery {
                address: block.address(),
                accounts: [management.id.clone()].into(),
                policies: [(self.text(&block.body, "name").expect("a name"), policy)].into(),
            });
        }
        deliveries
    }

    /// The address that brings each policy to each account: by account and name.
    pub(crate) fn delivered_by(&self, oracle: &Oracle) -> BTreeMap<(String, String), String> {
        let mut delivered = BTreeMap::new();
        for delivery in self.deliveries(oracle) {
            for account in &delivery.accounts {
                for name in delivery.policies.keys() {
                    delivered.insert((account.clone(), name.clone()), delivery.address.clone());
                }
            }
        }
        delivered
    }

    /// What the module would leave in AWS. Fails on anything that Terraform or AWS would refuse, and on every order that
    /// is left to chance.
    pub(crate) fn state(&self, oracle: &Oracle) -> State {
        self.assert_labels_are_unique();
        let names: BTreeMap<_, _> = oracle
            .principals()
            .into_iter()
            .filter_map(|(kind, name)| {
                let id = oracle.pinned(&kind, &name)?.to_owned();
                Some(((kind, id), name))
            })
            .collect();
        let mut state = State::default();
        let sets = self.sets();
        let mut reached: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for block in self.resources("aws_ssoadmin_account_assignment") {
            let body = &block.body;
            let label = self.text(body, "permission_set_arn").expect("the ARN of a set");
            let (label, set) = sets.get_key_value(&label).expect("a set");
            assert_eq!(block.provider(), set.provider, "{} and its set", block.address());
            let waits = block.depends_on();
            for attachment in &set.attachments {
                assert!(waits.contains(&attachment.address()), "{} before {}", block.address(), attachment.address());
            }
            let kind = self.text(body, "principal_type").expect("a kind");
            let id = self.text(body, "principal_id").expect("an id");
            let principal = match id.split_once(' ') {
                Some((of, name)) => {
                    assert_eq!(of, kind, "{}", block.address());
                    assert_eq!(oracle.pinned(&kind, name), None, "{name} is pinned and looked up");
                    name.to_owned()
                }
                None => names.get(&(kind.clone(), id)).expect("a pinned id").clone(),
            };
            assert_eq!(self.text(body, "target_type").as_deref(), Some("AWS_ACCOUNT"));
            assert_eq!(spelled(block.expression("target_id").expect("a target")), "each.value");
            let accounts = self.list(body, "for_each");
            assert!((1..=128).contains(&accounts.len()), "{} accounts in {}", accounts.len(), block.address());
            for account in accounts {
                reached.entry(label.as_str()).or_default().insert(account.clone());
                let assignment = AssignmentOf {
                    permission_set: set.name.clone(),
                    principal_type: kind.clone(),
                    principal: principal.clone(),
                    account,
                };
                assert!(!state.assignments.contains(&assignment), "twice: {assignment:?}");
                state.assignments.insert(assignment);
            }
        }
        let deliveries = self.deliveries(oracle);
        for delivery in &deliveries {
            for account in &delivery.accounts {
                for (name, policy) in &delivery.policies {
                    let before = state.policies.insert((account.clone(), name.clone()), policy.clone());
                    assert!(before.is_none(), "{name} reaches {account} twice");
                }
            }
        }
        for (label, set) in &sets {
            self.assert_waits_for_policies(set, reached.get(label.as_str()), &deliveries);
            self.assert_administered_rightly(set, reached.get(label.as_str()), oracle);
        }
        state.schedules = self.schedules(&sets, &names, oracle);
        for set in sets.into_values() {
            let before = state.permission_sets.insert(set.name.clone(), set.details);
            assert!(before.is_none(), "two sets are named {}", set.name);
        }
        for block in self.resources("aws_ssoadmin_instance_access_control_attributes") {
            for attribute in blocks(&block.body, "attribute") {
                let key = self.text(attribute, "key").expect("a key");
                let value = blocks(attribute, "value").next().expect("a value");
                let [source] = <[String; 1]>::try_from(self.list(value, "source")).expect("one source");
                assert!(state.attributes.insert(key, source).is_none(), "an attribute twice");
            }
        }
        state
    }

    /// What schedules end, and when. Fails on a schedule whose role could not do it.
    fn schedules(
        &self,
        sets: &BTreeMap<String, Set<'_>>,
        names: &BTreeMap<(String, String), String>,
        oracle: &Oracle,
    ) -> BTreeMap<AssignmentOf, Timestamp> {
        let mut schedules = BTreeMap::new();
        let mut called = BTreeSet::new();
        for block in self.resources("aws_scheduler_schedule") {
            let body = &block.body;
            let ends = self.value(body, "for_each").expect("`for_each`");
            for (account, end) in ends.as_object().expect("an object") {
                let mut context = self.context.clone();
                context.declare_var("each", hcl::value!({ key = (account.clone()), value = (end.clone()) }));
                let text = |body: &Body, name: &str| {
                    let value = attribute(body, name).unwrap_or_else(|| panic!("{name} in {}", block.address()));
                    let value = value.evaluate(&context).unwrap_or_else(|error| panic!("{name}: {error}"));
                    value.as_str().expect("text").to_owned()
                };
                let (name, group) = (text(body, "name"), text(body, "group_name"));
                let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                assert!((1..=64).contains(&name.len()) && name.chars().all(fits), "{name}");
                assert!(called.insert((block.provider(), group.clone(), name.clone())), "{name} twice");
                assert_eq!(text(body, "schedule_expression_timezone"), "UTC");
                let target = blocks(body, "target").next().expect("a target");
                let deletes = "scheduler:::aws-sdk:ssoadmin:deleteAccountAssignment";
                assert!(text(target, "arn").ends_with(deletes), "{}", block.address());
                let input = attribute(target, "input").expect("an input").evaluate(&context).expect("JSON");
                let input = serde_json::to_value(input).expect("JSON");
                let input = |key: &str| input[key].as_str().unwrap_or_else(|| panic!("{key}")).to_owned();
                let set = &sets[&input("PermissionSetArn")];
                let (kind, id) = (input("PrincipalType"), input("PrincipalId"));
                let principal = match id.split_once(' ') {
                    Some((_, name)) => name.to_owned(),
                    None => names[&(kind.clone(), id)].clone(),
                };
                assert_eq!((input("TargetType").as_str(), &input("TargetId")), ("AWS_ACCOUNT", account));
                assert_eq!(block.provider(), set.provider, "{}", block.address());
                self.assert_role_suffices(
                    &text(target, "role_arn"),
                    block,
                    &input("PermissionSetArn"),
                    account,
                    oracle,
                );
                let end = moment(&text(body, "schedule_expression"));
                assert!(end > oracle.as_of(), "{} is scheduled for the past", block.address());
                let permission_set = set.name.clone();
                let assignment =
                    AssignmentOf { permission_set, principal_type: kind, principal, account: account.clone() };
                assert!(schedules.insert(assignment, end).is_none(), "two schedules for one assignment");
            }
        }
        for kind in ["aws_scheduler_schedule_group", "aws_iam_role", "aws_iam_role_policy"] {
            assert!(!called.is_empty() || self.resources(kind).next().is_none(), "{kind} without a schedule");
        }
        schedules
    }

    /// The role of a schedule names what the schedule deletes.
    fn assert_role_suffices(&self, role: &str, schedule: &Block, set: &str, account: &str, oracle: &Oracle) {
        let policy = self.resources("aws_iam_role_policy").find(|block| block.labels[1] == role);
        let policy = policy.unwrap_or_else(|| panic!("no policy for the role of {}", schedule.address()));
        assert_eq!(policy.provider(), schedule.provider());
        let document = self.json(&policy.body, "policy").expect("a document");
        assert!(document.to_string().len() <= 10_240, "{document}");
        let statements = document["Statement"].as_array().expect("statements");
        let listed = |statement: &Json, what: &str| {
            let resources = statement["Resource"].as_array().expect("a list");
            resources.iter().any(|resource| resource.as_str().is_some_and(|arn| arn.ends_with(what)))
        };
        let (all_sets, all_accounts) = ("permissionSet/*", "account/*");
        assert!(listed(&statements[0], set) || listed(&statements[0], all_sets), "{set}: {document}");
        assert!(
            listed(&statements[0], &format!(":sso:::account/{account}")) || listed(&statements[0], all_accounts),
            "{account}: {document}"
        );
        if oracle.account(account).is_management {
            assert!(statements[1]["Action"].as_array().expect("a list").iter().any(|a| a == "iam:DeleteRole"));
        }
    }

    fn assert_labels_are_unique(&self) {
        let mut seen = BTreeSet::new();
        for block in self.blocks.iter().filter(|block| matches!(block.kind.as_str(), "resource" | "data" | "output")) {
            assert!(seen.insert((&block.kind, &block.labels)), "{} {:?} twice", block.kind, block.labels);
        }
    }

    /// Whatever brings a policy of a set to an account where the set is assigned comes before it is attached.
    fn assert_waits_for_policies(&self, set: &Set<'_>, reached: Option<&BTreeSet<String>>, deliveries: &[Delivery]) {
        let reached = reached.cloned().unwrap_or_default();
        for attachment in &set.attachments {
            let body = &attachment.body;
            let names: Vec<String> = match attachment.labels[0].as_str() {
                "aws_ssoadmin_customer_managed_policy_attachment" => {
                    let each = self.value(body, "for_each").expect("`for_each`");
                    each.as_object().expect("an object").keys().cloned().collect()
                }
                "aws_ssoadmin_permissions_boundary_attachment" => {
                    let boundary = blocks(body, "permissions_boundary").next().expect("a boundary");
                    self.reference(boundary).map(|(name, _)| name).into_iter().collect()
                }
                _ => continue,
            };
            let waits = attachment.depends_on();
            for delivery in deliveries {
                let brings = names.iter().any(|name| delivery.policies.contains_key(name));
                if brings && delivery.accounts.iter().any(|account| reached.contains(account)) {
                    assert!(waits.contains(&delivery.address), "{} before {}", attachment.address(), delivery.address);
                }
            }
        }
    }

    /// With a delegated administrator, what reaches the management account, and nothing else, is administered there.
    fn assert_administered_rightly(&self, set: &Set<'_>, reached: Option<&BTreeSet<String>>, oracle: &Oracle) {
        let management = oracle.accounts.iter().find(|account| account.is_management).map(|account| &account.id);
        let reaches_management = reached.is_some_and(|accounts| accounts.iter().any(|id| Some(id) == management));
        let expected = if oracle.delegated_admin().is_some() && reaches_management { "aws.management" } else { "aws" };
        assert_eq!(set.provider, expected, "who administers {}", set.name);
        if expected == "aws.management" {
            assert_eq!(reached.map(BTreeSet::len), Some(1), "{} reaches members too", set.name);
        }
        for attachment in &set.attachments {
            assert_eq!(attachment.provider(), set.provider, "{}", attachment.address());
        }
    }

    /// Who administers what has to be administered from the management account.
    pub(crate) fn assert_policies_come_from_management(&self, oracle: &Oracle) {
        let expected = if oracle.delegated_admin().is_some() { "aws.management" } else { "aws" };
        for kind in ["aws_cloudformation_stack_set", "aws_cloudformation_stack_instances", "aws_iam_policy"] {
            for block in self.resources(kind) {
                assert_eq!(block.provider(), expected, "{}", block.address());
            }
        }
    }
}
