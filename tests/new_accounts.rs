//! Accounts that join and move: what listens is told of them, by what both backends write for that.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::support::command::{bailiwick, put, succeed};
use crate::support::deploy::{Cloud, Deployment, Tools, has_cloud};
use crate::support::oracle::Oracle;
use crate::support::scenario::AS_OF;
use crate::support::stacks::{Stack, Templates, cfn_lint};

const MODEL: &str = r#"
identity_center:
  instance_arn: arn:aws:sso:::instance/ssoins-1234567890abcdef
  identity_store_id: d-1234567890
  region: eu-west-1
organization:
  management_account: management
  root:
    id: r-ab12
    accounts: { management: "111111111111" }
    ous:
      Workloads: { id: ou-ab12-22222222, accounts: { shop: "222222222222" } }
      Sandbox: { id: ou-ab12-33333333, accounts: { sand: "333333333333" } }
directory:
  groups: { aws-team: 906713a2-1111-2233-4455-66778899aabb }
permission_sets:
  Team: { aws_managed_policies: [SecurityAudit] }
assignments:
  - { group: aws-team, permission_set: Team, ous: [Workloads] }
"#;

const BUS: &str = "arn:aws:events:eu-west-1:222222222222:event-bus/access";
const DESTINATION: &str =
    "arn:aws:events:us-east-1:111111111111:api-destination/access/0f5c2a0e-1111-2222-3333-444444444444";
const PIPELINE: &str = "arn:aws:codepipeline:us-east-1:111111111111:access";

/// Writes both outputs of the model that tells `listener` to folders `terraform` and `cloudformation`.
fn build(place: &Path, listener: Option<&str>) -> Oracle {
    let (model, out) = (place.join("model"), place.join("out"));
    let emit = listener.map(|arn| format!("emit: {{ new_accounts: \"{arn}\" }}\n")).unwrap_or_default();
    put(&model.join("bailiwick.yaml"), format!("{MODEL}{emit}"));
    let arguments = ["build".as_ref(), model.as_os_str(), "--target".as_ref(), "all".as_ref(), "--out".as_ref()];
    succeed(bailiwick(arguments).arg(&out).args(["--as-of", AS_OF]));
    Oracle::read(&model, AS_OF)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lets accounts come and go, and returns what a listener was told of that: the names of the events.
#[track_caller]
fn told(cloud: &Cloud, listener: &str) -> Vec<String> {
    let before = cloud.dump()["events"].as_array().expect("a list").len();
    let account = json!({ "id": "666666666666", "name": "new", "parent": "r-ab12" });
    cloud.send("POST", "accounts", &account);
    cloud.send("PATCH", "accounts/666666666666", &json!({ "parent": "ou-ab12-22222222" }));
    for event in ["AccountJoinedOrganization", "AccountDepartedOrganization", "CloseAccountResult"] {
        cloud.send("POST", "events", &json!({ "eventName": event, "serviceEventDetails": {} }));
    }
    // Nothing has changed behind these.
    cloud.send("PATCH", "accounts/666666666666", &json!({ "tags": { "env": "dev" } }));
    let failed = json!({ "createAccountStatus": { "state": "FAILED", "failureReason": "EMAIL_ALREADY_EXISTS" } });
    cloud.send("POST", "events", &json!({ "eventName": "CreateAccountResult", "serviceEventDetails": failed }));
    let refused = json!({ "eventName": "MoveAccount", "errorCode": "AccessDenied", "requestParameters": {} });
    cloud.send("POST", "events", &refused);
    cloud.send("POST", "events", &json!({ "eventName": "DescribeOrganization", "requestParameters": {} }));
    let dump = cloud.dump();
    let delivered = &dump["events"].as_array().expect("a list")[before..];
    for delivery in delivered {
        assert_eq!((&delivery["rule"], &delivery["target"]), (&json!("bailiwick-new-accounts"), &json!(listener)));
        let told = &delivery["told"];
        match listener {
            DESTINATION => assert_eq!(told, &json!({ "event_type": "accounts-changed" })),
            _ => assert_eq!(told["source"], "aws.organizations"),
        }
    }
    delivered.iter().map(|delivery| delivery["event"].as_str().expect("text").to_owned()).collect()
}

const TOLD: [&str; 5] = [
    "CreateAccountResult",
    "MoveAccount",
    "AccountJoinedOrganization",
    "AccountDepartedOrganization",
    "CloseAccountResult",
];

/// The last unit of an output.
fn last_unit(folder: &Path) -> Json {
    let deployment: Json = serde_json::from_str(&read(&folder.join("deployment.json"))).expect("JSON");
    deployment["units"].as_array().expect("units").last().expect("a unit").clone()
}

#[test]
fn a_stack_tells_of_accounts_that_join_and_move() {
    if !has_cloud("new_accounts::stack") {
        return;
    }
    for listener in [BUS, DESTINATION, PIPELINE] {
        let place = tempfile::tempdir().expect("a temporary folder");
        let oracle = build(place.path(), Some(listener));
        let out = place.path().join("out/cloudformation");
        let unit = last_unit(&out);
        assert_eq!((&unit["account"], &unit["region"]), (&json!("111111111111"), &json!("us-east-1")));
        if let Some(said) = cfn_lint("new_accounts", &out, "us-east-1") {
            assert_eq!(said, "");
        }
        let cloud = Cloud::start(&oracle);
        assert!(told(&Cloud::start(&oracle), listener).is_empty(), "nobody has deployed anything");
        let stack = Stack::new(&cloud, "bailiwick-new-accounts");
        let stack = stack.with("region", unit["region"].clone()).with("capabilities", unit["capabilities"].clone());
        let templates = Templates { root: read(&out.join("new-accounts.yaml")), files: Default::default() };
        stack.deploy(&templates);
        assert_eq!(told(&cloud, listener), TOLD);
        assert!(stack.deploy(&templates).events.is_empty());
        stack.delete();
    }
}

#[test]
fn a_root_module_of_its_own_tells_of_accounts_that_join_and_move() {
    let Some(tools) = Tools::with_cloud("new_accounts::module") else { return };
    let place = tempfile::tempdir().expect("a temporary folder");
    let oracle = build(place.path(), Some(DESTINATION));
    let out = place.path().join("out/terraform");
    let unit = last_unit(&out);
    let found = (&unit["directory"], &unit["account"], &unit["region"]);
    assert_eq!(found, (&json!("new-accounts"), &json!("111111111111"), &json!("us-east-1")));
    let deployment = Deployment::new(&tools, "new accounts", &out.join("new-accounts"), &oracle);
    deployment.succeed(&["validate", "-no-color"]);
    deployment.apply();
    assert_eq!(told(&deployment.cloud, DESTINATION), TOLD);
    deployment.assert_nothing_to_do();
    // The rule for a bus is another one in its target and its role alone.
    build(place.path(), Some(BUS));
    deployment.apply();
    deployment.cloud.send("POST", "events", &json!({ "eventName": "MoveAccount", "requestParameters": {} }));
    let dump = deployment.cloud.dump();
    let last = dump["events"].as_array().expect("a list").last().expect("a delivery").clone();
    assert_eq!((&last["target"], &last["told"]["detail"]["eventName"]), (&json!(BUS), &json!("MoveAccount")));
    deployment.destroy();
}

#[test]
fn what_nobody_wants_to_know_is_not_written() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let out = place.path().join("out");
    let (template, module) = (out.join("cloudformation/new-accounts.yaml"), out.join("terraform/new-accounts"));
    let readme = |target: &str| read(&out.join(target).join("README.md"));
    build(place.path(), Some(BUS));
    assert!(template.exists() && module.join("new_accounts.tf").exists());
    for target in ["terraform", "cloudformation"] {
        let said = readme(target);
        assert!(said.contains(&format!("the event bus `{BUS}`")) && said.contains("`events:PutEvents`"), "{said}");
        assert!(!said.contains("Nothing starts that by itself"), "{said}");
    }
    build(place.path(), None);
    assert!(!template.exists() && !module.join("new_accounts.tf").exists(), "a later build takes it away");
    for target in ["terraform", "cloudformation"] {
        assert!(readme(target).contains("Nothing starts that by itself"), "{}", readme(target));
    }
}
