//! The main job against the real Terraform and an emulated AWS: what is applied is what the oracle computes, in an order
//! that works, and a change of the model changes what it must and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::command::{bailiwick, build, put, succeed};
use crate::support::deploy::{Changes, Deployment, Tools, said, say};
use crate::support::generate::{self, in_order};
use crate::support::oracle::Oracle;
use crate::support::scenario::{AS_OF, DELEGATED, LATER, edit, later, write_delegated};
use crate::support::state::assert_same;

/// Applies a module, and finds in AWS what the model says, once and again.
#[track_caller]
fn apply_and_compare(deployment: &Deployment<'_>, oracle: &Oracle) {
    deployment.apply();
    assert_same(&deployment.cloud.state(oracle), &oracle.state(), "what AWS holds");
    deployment.assert_nothing_to_do();
}

#[test]
fn what_is_applied_is_what_the_model_says_through_every_change_of_it() {
    let Some(tools) = Tools::with_cloud("delegated") else { return };
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    write_delegated(&model, DELEGATED);
    build(&model, &out, AS_OF);
    let oracle = Oracle::read(&model, AS_OF);
    assert_eq!(oracle.state().schedules.len(), 4, "two users, the management account included");
    let deployment = Deployment::new(&tools, "delegated", &out, &oracle);
    deployment.succeed(&["validate", "-no-color"]);
    apply_and_compare(&deployment, &oracle);

    // The same access in other rows.
    let reshaped = edit(
        DELEGATED,
        "    ous: [Security, Workloads]\n    accounts: [management]\n",
        "    ous: [Security]\n    accounts: [management, shop-dev]\n  - groups: [aws-secops]\n    permission_sets: [SecOps]\n    ous: [Workloads]\n    exclude: { accounts: [shop-dev] }\n  - group: aws-secops\n    permission_set: SecOps\n    accounts: [\"012345671234\"]\n",
    );
    write_delegated(&model, &reshaped);
    build(&model, &out, AS_OF);
    assert_eq!(Oracle::read(&model, AS_OF).state(), oracle.state());
    assert_eq!(deployment.plan(), Changes::default(), "rows are reshaped");

    // Nobody builds or deploys, and what expires ends all the same.
    deployment.cloud.send("POST", "schedules", &json!({ "until": format!("{LATER}T00:00:00") }));
    let (left, expected) = (deployment.cloud.state(&oracle), Oracle::read(&model, LATER).state());
    assert_eq!(left.assignments, expected.assignments);
    assert!(!left.schedules.is_empty() && expected.schedules.is_empty(), "a later build forgets what has run");
    // Until then, what was built before would grant it again.
    let ended = oracle.state().assignments.len() - left.assignments.len();
    assert_eq!(deployment.plan(), Changes { creates: ended, ..Changes::default() }, "the output is out of date");

    write_delegated(&model, &later(&deployment.cloud));
    build(&model, &out, LATER);
    let oracle = Oracle::read(&model, LATER);
    assert!(oracle.state().assignments.iter().all(|assignment| assignment.principal_type == "GROUP"), "users expired");
    apply_and_compare(&deployment, &oracle);

    deployment.destroy();
    let left = deployment.cloud.state(&oracle);
    assert!(left.assignments.is_empty() && left.permission_sets.is_empty() && left.policies.is_empty(), "{left:?}");
    assert!(left.schedules.is_empty(), "{left:?}");
}

#[test]
fn a_pair_that_outgrows_its_block_is_moved_and_not_destroyed() {
    let Some(tools) = Tools::with_cloud("growth") else { return };
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    succeed(&mut bailiwick([PathBuf::from("init"), model.clone()]));
    build(&model, &out, AS_OF);
    let oracle = Oracle::read(&model, AS_OF);
    let deployment = Deployment::new(&tools, "growth", &out, &oracle);
    deployment.succeed(&["validate", "-no-color"]);
    apply_and_compare(&deployment, &oracle);

    let settings = model.join("bailiwick.yaml");
    let text = fs::read_to_string(&settings).expect("it is there");
    let mut accounts = String::new();
    for number in 1..=70 {
        let (id, name) = (format!("7{number:011}"), format!("grown-{number}"));
        accounts += &format!("              {name}: \"{id}\"\n");
        deployment.cloud.send("POST", "accounts", &json!({ "id": id, "name": name, "parent": "ou-ab12-33333333" }));
    }
    let text = edit(&text, "              shop-dev:", &format!("{accounts}              shop-dev:"));
    put(&settings, text);
    build(&model, &out, AS_OF);
    let oracle = Oracle::read(&model, AS_OF);
    // A group with one account and one with three outgrow their blocks.
    let changes = deployment.plan();
    assert_eq!((changes.deletes, changes.updates, changes.creates), (0, 0, 140), "{changes:?}");
    assert!(changes.moves > 0, "the accounts that were there change their block: {changes:?}");
    apply_and_compare(&deployment, &oracle);
}

/// A small model whose only hard part is the order.
const ORDERED: &str = r#"
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
directory:
  groups: { aws-team: 906713a2-1111-2233-4455-66778899aabb }
policies:
  TeamData:
    path: /teams/
    document:
      Version: 2012-10-17
      Statement: { Effect: Allow, Action: s3:GetObject, Resource: "*" }
permission_sets:
  Team: { customer_managed_policies: [TeamData] }
assignments:
  - { group: aws-team, permission_set: Team, ous: [Workloads] }
"#;

/// Builds a model, breaks one file of the output, applies it and returns what Terraform says about the failure.
#[track_caller]
fn apply_broken(tools: &Tools, name: &str, file: &str, from: &str, to: &str) -> String {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    put(&model.join("bailiwick.yaml"), ORDERED);
    build(&model, &out, AS_OF);
    let text = fs::read_to_string(out.join(file)).expect("it is there");
    put(&out.join(file), edit(&text, from, to));
    let oracle = Oracle::read(&model, AS_OF);
    let deployment = Deployment::new(tools, name, &out, &oracle);
    let output = deployment.try_apply();
    assert!(!output.status.success(), "{}", said(&output));
    said(&output)
}

#[test]
fn a_wrong_order_fails_there_as_on_aws() {
    let Some(tools) = Tools::with_cloud("order") else { return };
    // Nothing waits for the StackSet any more, and attaching is quicker.
    let waiting = "\n  depends_on = [aws_cloudformation_stack_instances.ou-ab12-22222222]\n";
    let said = apply_broken(&tools, "order", "permission_set_Team.tf", waiting, "");
    assert!(said.contains("account_assignment.Team__aws-team") && said.contains("/teams/TeamData"), "{said}");
}

#[test]
fn a_wrong_path_fails_there_as_on_aws() {
    let Some(tools) = Tools::with_cloud("path") else { return };
    let said = apply_broken(&tools, "path", "stack_sets.tf", "\"/teams/\"", "\"/team/\"");
    assert!(said.contains("account_assignment.Team__aws-team") && said.contains("/teams/TeamData"), "{said}");
}

#[test]
fn a_policy_reaches_more_accounts_when_a_row_does() {
    let Some(tools) = Tools::find("wider") else { return };
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    let narrow = edit(
        ORDERED,
        "accounts: { shop: \"222222222222\" } }",
        "accounts: { shop: \"222222222222\" }, ous: { NonProd: { id: ou-ab12-33333333, accounts: { dev: \"333333333333\" } } } }",
    );
    let narrow = edit(&narrow, "ous: [Workloads]", "ous: [Workloads/NonProd]");
    put(&model.join("bailiwick.yaml"), &narrow);
    build(&model, &out, AS_OF);
    let oracle = Oracle::read(&model, AS_OF);
    let deployment = Deployment::new(&tools, "wider", &out, &oracle);
    apply_and_compare(&deployment, &oracle);
    put(&model.join("bailiwick.yaml"), narrow + "  - { group: aws-team, permission_set: Team, ous: [Workloads] }\n");
    build(&model, &out, AS_OF);
    let oracle = Oracle::read(&model, AS_OF);
    apply_and_compare(&deployment, &oracle);
}

#[test]
fn the_example_deploys() {
    let Some(tools) = Tools::with_cloud("example") else { return };
    let place = tempfile::tempdir().expect("a temporary folder");
    let out = place.path().join("out");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let as_of = "2026-12-01";
    build(&model, &out, as_of);
    let oracle = Oracle::read(&model, as_of);
    apply_and_compare(&Deployment::new(&tools, "example", &out, &oracle), &oracle);
}

/// The first generated model, in an order that never changes, that `wanted` likes.
fn generated(wanted: impl Fn(&Oracle) -> bool) -> tempfile::TempDir {
    let found =
        in_order().take(1_000).find(|place| wanted(&Oracle::read(&place.path().join("model"), generate::AS_OF)));
    found.expect("some generated model has everything")
}

#[track_caller]
fn deploy_generated(name: &str, wanted: impl Fn(&Oracle) -> bool) {
    let Some(tools) = Tools::with_cloud(name) else { return };
    let place = generated(wanted);
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    build(&model, &out, generate::AS_OF);
    let oracle = Oracle::read(&model, generate::AS_OF);
    let state = oracle.state();
    say(&format!(
        "{name}: {} assignments of {} permission sets, {} policies in accounts",
        state.assignments.len(),
        state.permission_sets.len(),
        state.policies.len()
    ));
    apply_and_compare(&Deployment::new(&tools, name, &out, &oracle), &oracle);
}

/// How many bodies a state has under one name.
fn has_variants(oracle: &Oracle) -> bool {
    let policies = oracle.state().policies;
    policies.iter().any(|((_, name), policy)| {
        policies.iter().any(|((_, other), body)| other == name && body.document != policy.document)
    })
}

fn reaches_management(oracle: &Oracle) -> bool {
    oracle.state().policies.keys().any(|(account, _)| oracle.account(account).is_management)
}

#[test]
fn a_generated_model_deploys() {
    deploy_generated("generated", |oracle| {
        oracle.delegated_admin().is_none() && has_variants(oracle) && reaches_management(oracle)
    });
}

#[test]
fn a_generated_model_deploys_by_delegation() {
    deploy_generated("generated, delegated", |oracle| {
        oracle.delegated_admin().is_some()
            && has_variants(oracle)
            && reaches_management(oracle)
            && !oracle.external_policies().is_empty()
    });
}
