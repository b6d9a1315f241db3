//! CloudFormation output, deployed: what the stacks leave in AWS is what the model says, in an order that works and no
//! other, through every change of the model.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::json;
use serde_yaml::Value as Yaml;

use crate::support::command::{bailiwick, put, streams, succeed};
use crate::support::deploy::{Cloud, has_cloud};
use crate::support::generate::{self, Choices, generate, in_order};
use crate::support::oracle::Oracle;
use crate::support::scenario::{AS_OF, DELEGATED, LATER, edit, later, write_delegated};
use crate::support::stacks::{Outcome, Stack, Templates, cfn_lint};
use crate::support::state::assert_same;

/// Builds the templates of a model; returns what was said.
#[track_caller]
fn build(model: &Path, out: &Path, as_of: &str, more: &[&str]) -> String {
    let arguments =
        ["build".as_ref(), model.as_os_str(), "--target".as_ref(), "cloudformation".as_ref(), "--out".as_ref()];
    let output = succeed(bailiwick(arguments).arg(out).args(["--as-of", as_of]).args(more));
    streams(&output)
}

/// The stack of an output in a world, with a value for each parameter that has no default.
fn stack<'c>(cloud: &'c Cloud, templates: &Templates, oracle: &Oracle) -> Stack<'c> {
    let root: Yaml = serde_yaml::from_str(&templates.root).expect("YAML");
    let world = oracle.world();
    let mut stack = Stack::new(cloud, "bailiwick");
    if templates.root.len() > 51_200 || !templates.files.is_empty() {
        stack = stack.with("packaged", true);
    }
    for (name, parameter) in root["Parameters"].as_mapping().into_iter().flatten() {
        if parameter.get("Default").is_some() {
            continue;
        }
        let name = name.as_str().expect("text");
        let description = parameter["Description"].as_str().expect("text");
        let value = match description.strip_prefix("Id of the ") {
            None => world["instance_arn"].as_str().expect("text").to_owned(),
            Some(principal) => {
                let (kind, principal) = principal.split_once(' ').expect("kind and name");
                let known = world[format!("{kind}s")].as_array().expect("a list");
                let known = known.iter().find(|known| known["name"] == principal).expect("known");
                known["id"].as_str().expect("text").to_owned()
            }
        };
        stack = stack.with_parameter(name, &value);
    }
    stack
}

/// Deploys an output, and finds in AWS what the model says.
#[track_caller]
fn deploy(cloud: &Cloud, out: &Path, oracle: &Oracle) -> Outcome {
    let templates = Templates::read(out);
    let outcome = stack(cloud, &templates, oracle).with_limit(10).deploy(&templates);
    assert_same(&cloud.state(oracle), &oracle.state(), "what AWS holds");
    outcome
}

/// Builds and deploys a step that takes something away, and what follows from it.
#[track_caller]
fn deploy_both_steps(cloud: &Cloud, model: &Path, out: &Path, as_of: &str) {
    let said = build(model, out, as_of, &[]);
    let oracle = Oracle::read(model, as_of);
    let templates = Templates::read(out);
    stack(cloud, &templates, &oracle).with_limit(10).deploy(&templates);
    if said.contains("--deployed") {
        let before = generate::tree(out);
        build(model, out, as_of, &[]);
        assert_eq!(generate::tree(out), before, "the first step is stable");
        let said = build(model, out, as_of, &["--deployed"]);
        assert!(!said.contains("something that was removed"), "{said}");
    }
    deploy(cloud, out, &oracle);
}

#[test]
fn the_example_deploys_and_nobody_finds_fault_with_it() {
    if !has_cloud("stacks::example") {
        return;
    }
    let place = tempfile::tempdir().expect("a temporary folder");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let as_of = "2026-12-01";
    build(&model, place.path(), as_of, &[]);
    let oracle = Oracle::read(&model, as_of);
    let cloud = Cloud::start(&oracle);
    let outcome = deploy(&cloud, place.path(), &oracle);
    assert_eq!(outcome.peak, 10, "as many as are allowed, so that nobody waits for nothing");
    if let Some(said) = cfn_lint("stacks::example", place.path(), "eu-west-1") {
        assert_eq!(said, "");
    }
    let templates = Templates::read(place.path());
    stack(&cloud, &templates, &oracle).delete();
    let left = cloud.state(&oracle);
    assert!(left.assignments.is_empty() && left.permission_sets.is_empty() && left.policies.is_empty(), "{left:?}");
}

/// Policies by several StackSets and in the management account, and more assignments than run at a time.
const ORDERED: &str = r#"
identity_center:
  region: eu-west-1
organization:
  management_account: management
  root:
    id: r-ab12
    accounts: { management: "111111111111" }
    ous:
      Security: { id: ou-ab12-11111111, accounts: { identity: "222222222222", audit: "333333333333" } }
      Workloads: { id: ou-ab12-22222222, accounts: { shop: "444444444444", dev: "555555555555" } }
directory:
  groups:
    aws-team: 906713a2-1111-2233-4455-66778899aabb
    aws-other: 906713a2-1111-2233-4455-66778899aabc
    aws-third:
policies:
  TeamData:
    document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: s3:GetObject, Resource: "*" } }
  OtherData:
    document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: s3:PutObject, Resource: "*" } }
  TeamBoundary:
    path: /boundaries/
    document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } }
permission_sets:
  Team: { customer_managed_policies: [TeamData], permissions_boundary: TeamBoundary }
  Other: { customer_managed_policies: [OtherData] }
assignments:
  - { groups: [aws-team, aws-other, aws-third], permission_set: Team, ous: [Workloads] }
  - { groups: [aws-team, aws-other, aws-third], permission_sets: [Other, Team], ous: [Security], accounts: [management] }
  - { group: aws-third, permission_set: Other, ous: [Workloads], expires: 2026-08-31 }
emit: { concurrency: "2", expiry_schedules: true }
"#;

/// Every way to drop one resource from a `DependsOn`: the resource, and the text without it.
fn without_one_wait(text: &str) -> Vec<(String, String)> {
    let mut ways = Vec::new();
    let lines: Vec<_> = text.lines().collect();
    let join = |lines: &[&str]| lines.iter().flat_map(|line| [*line, "\n"]).collect::<String>();
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index];
        let Some(waits) = line.trim_start().strip_prefix("DependsOn:") else {
            index += 1;
            continue;
        };
        let dropped =
            |from: usize, to: usize, instead: &[&str]| join(&[&lines[..from], instead, &lines[to..]].concat());
        if waits.is_empty() {
            let items = lines[index + 1..].iter().take_while(|line| line.trim_start().starts_with("- ")).count();
            for (item, line) in lines.iter().enumerate().skip(index + 1).take(items) {
                let id = line.trim_start().trim_start_matches("- ");
                ways.push((id.to_owned(), dropped(item, item + 1, &[])));
            }
        } else if let Some(list) = waits.trim().strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            let ids: Vec<_> = list.split(", ").collect();
            for id in &ids {
                let rest: Vec<_> = ids.iter().filter(|other| *other != id).copied().collect();
                let indentation = &line[..line.len() - line.trim_start().len()];
                let instead = format!("{indentation}DependsOn: [{}]", rest.join(", "));
                ways.push(((*id).to_owned(), dropped(index, index + 1, &[&instead])));
            }
        } else {
            ways.push((waits.trim().to_owned(), dropped(index, index + 1, &[])));
        }
        index += 1;
    }
    ways
}

/// The output deploys, and no more when one of the resources in a `DependsOn` that `wanted` likes is dropped from it.
/// What nobody waits for then comes as late as it can, or is in flight as long as it can be.
fn assert_waits_are_needed(model: &Path, as_of: &str, limit: usize, wanted: impl Fn(&str) -> bool) -> usize {
    let place = tempfile::tempdir().expect("a temporary folder");
    let out = place.path();
    build(model, out, as_of, &[]);
    let oracle = Oracle::read(model, as_of);
    let cloud = Cloud::start(&oracle);
    let templates = Templates::read(out);
    let outcome = stack(&cloud, &templates, &oracle).with_limit(limit).deploy(&templates);
    assert!(outcome.peak <= limit);
    assert_same(&cloud.state(&oracle), &oracle.state(), "what AWS holds");
    let ways: Vec<_> = without_one_wait(&templates.root).into_iter().filter(|(id, _)| wanted(id)).collect();
    for (dropped, root) in &ways {
        cloud.send("PUT", "world", &oracle.world());
        let templates = Templates { root: root.clone(), files: templates.files.clone() };
        let stack = stack(&cloud, &templates, &oracle).with_limit(limit);
        let path = format!("bailiwick/{dropped}");
        let stack = if is_assignment(dropped) { stack.slowing_down(&path) } else { stack.holding_back(&path) };
        let outcome = stack.try_deploy(&templates);
        assert!(!outcome.is_complete(), "nothing fails without {dropped}");
    }
    ways.len()
}

/// Whether a logical id is that of an assignment: it ends with an account id.
fn is_assignment(id: &str) -> bool {
    id.len() > 28 && id.as_bytes()[id.len() - 12..].iter().all(u8::is_ascii_digit)
}

/// The waves: with lanes for all, nothing but `DependsOn` between them keeps the order.
#[track_caller]
fn assert_waves_are_needed(identity_center: &str) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let model = edit(ORDERED, "concurrency: \"2\"", "concurrency: \"20\"");
    put(&place.path().join("bailiwick.yaml"), edit(&model, "  region: eu-west-1\n", identity_center));
    let tried = assert_waits_are_needed(place.path(), AS_OF, 20, |id| !is_assignment(id));
    assert!(tried >= 4, "{tried}");
}

/// The lanes: without one of their `DependsOn`, more operations are outstanding than are allowed.
#[track_caller]
fn assert_lanes_are_needed(identity_center: &str) {
    let place = tempfile::tempdir().expect("a temporary folder");
    put(&place.path().join("bailiwick.yaml"), edit(ORDERED, "  region: eu-west-1\n", identity_center));
    let tried = assert_waits_are_needed(place.path(), AS_OF, 2, is_assignment);
    assert!(tried >= 10, "{tried}");
}

#[test]
fn every_wait_is_needed_where_the_management_account_administers() {
    if has_cloud("stacks::order") {
        assert_waves_are_needed("  region: eu-west-1\n");
        assert_lanes_are_needed("  region: eu-west-1\n");
    }
}

#[test]
fn every_wait_is_needed_where_administration_is_delegated() {
    if has_cloud("stacks::order, delegated") {
        let delegated = "  region: eu-west-1\n  delegated_admin: identity\n";
        assert_waves_are_needed(delegated);
        assert_lanes_are_needed(delegated);
    }
}

#[test]
fn shards_wait_for_each_other() {
    if has_cloud("stacks::shards") {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
        let tried = assert_waits_are_needed(&model, "2026-12-01", 10, |id| id.starts_with("StackSetAssignments"));
        assert!(tried >= 3, "{tried}");
    }
}

#[test]
fn what_is_deployed_is_what_the_model_says_through_every_change_of_it() {
    if !has_cloud("stacks::changes") {
        return;
    }
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    write_delegated(&model, DELEGATED);
    build(&model, &out, AS_OF, &[]);
    let oracle = Oracle::read(&model, AS_OF);
    assert_eq!(oracle.state().schedules.len(), 4, "two users, the management account included");
    let cloud = Cloud::start(&oracle);
    deploy(&cloud, &out, &oracle);
    if let Some(said) = cfn_lint("stacks::changes", &out, "eu-west-1") {
        assert_eq!(said, "");
    }

    // Nobody builds or deploys, and what expires ends all the same.
    cloud.send("POST", "schedules", &json!({ "until": format!("{LATER}T00:00:00") }));
    let expected = Oracle::read(&model, LATER).state();
    assert_eq!(cloud.state(&oracle).assignments, expected.assignments);
    assert!(expected.schedules.is_empty(), "a later build forgets what has run");
    // What was built before grants nothing again.
    let templates = Templates::read(&out);
    assert!(stack(&cloud, &templates, &oracle).deploy(&templates).events.is_empty());

    let changed = later(&cloud);
    write_delegated(&model, &changed);
    deploy_both_steps(&cloud, &model, &out, LATER);

    // A policy is detached again, a set loses its boundary, a set goes, a twin is no longer needed.
    let fewer = edit(&changed, "    customer_managed_policies: [Readers]\n", "");
    let fewer = edit(&fewer, "    permissions_boundary: SecOpsBoundary\n", "");
    let fewer = edit(&fewer, "  Nobody:\n    aws_managed_policies: [SecurityAudit]\n", "");
    let fewer = edit(&fewer, "  - group: aws-secops\n    permission_set: Nobody\n    accounts: [identity]\n", "");
    let fewer =
        edit(&fewer, "  - group: aws-platform-admins\n    permission_set: Reader\n    accounts: [management]\n", "");
    write_delegated(&model, &fewer);
    deploy_both_steps(&cloud, &model, &out, LATER);

    // A row reaches less, so that a policy leaves a unit and the management account.
    let narrow = edit(&fewer, "    ous: [Security, Workloads]\n    accounts: [management]\n", "    ous: [Security]\n");
    write_delegated(&model, &narrow);
    deploy_both_steps(&cloud, &model, &out, LATER);

    // An account and a unit leave the model.
    let gone = edit(
        &narrow,
        "      Sandbox:\n        id: ou-ab12-55555555\n        accounts:\n          \"sand ${x} # */\": \"555555555555\"\n",
        "",
    );
    write_delegated(&model, &gone);
    let oracle = Oracle::read(&model, LATER);
    for more in [&[] as &[&str], &["--deployed"]] {
        build(&model, &out, LATER, more);
        let templates = Templates::read(&out);
        stack(&cloud, &templates, &oracle).deploy(&templates);
    }
    assert_eq!(cloud.state(&oracle).assignments, oracle.state().assignments);
}

#[test]
fn a_policy_in_use_never_comes_from_another_stack_set() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model, out) = (place.path().join("model"), place.path().join("out"));
    put(&model.join("bailiwick.yaml"), ORDERED);
    build(&model, &out, AS_OF, &[]);
    let document =
        "    document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: s3:GetObject, Resource: \"*\" } }\n";
    let variant = "    variants: [{ ous: [Security], document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: s3:ListBucket, Resource: \"*\" } } }]\n";
    put(&model.join("bailiwick.yaml"), edit(ORDERED, document, &format!("{document}{variant}")));
    let arguments =
        ["build".as_ref(), model.as_os_str(), "--target".as_ref(), "cloudformation".as_ref(), "--out".as_ref()];
    let output = bailiwick(arguments).arg(&out).args(["--as-of", AS_OF]).output().expect("the program runs");
    let said = streams(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("policy `TeamData` is in use in") && said.contains("another name"), "{said}");
}

#[test]
fn templates_never_become_a_part_of_the_model() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let model = place.path().join("model");
    put(&model.join("bailiwick.yaml"), ORDERED);
    let build = |model: &str, target: &str, out: &str| {
        let arguments = ["build", model, "--target", target, "--out", out, "--as-of", AS_OF];
        let output = bailiwick(arguments).current_dir(place.path()).output().expect("the program runs");
        (output.status.code(), streams(&output))
    };
    for (target, out) in [("cloudformation", "model/out"), ("all", "model/a/b"), ("cloudformation", "model")] {
        let (status, said) = build("model", target, out);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains("would become a part of the model") && said.contains("outside the model"), "{said}");
        assert!(fs::read_dir(&model).expect("it is there").count() == 1, "nothing is written");
    }
    for (model, target, out) in [
        ("model", "cloudformation", "model/.out"),
        ("model", "terraform", "model/terraform"),
        ("model/bailiwick.yaml", "cloudformation", "model/out"),
    ] {
        let (status, said) = build(model, target, out);
        assert_eq!(status, Some(0), "{said}");
    }
}

#[test]
fn more_stack_sets_than_aws_takes_unasked_are_said() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let model = place.path().join("model");
    let write = |wanted: usize| {
        // Every other unit, so that no larger one covers them.
        let mut units = String::new();
        for number in 0..2 * wanted {
            let (id, account) = (format!("ou-ab12-{number:08}"), format!("5{number:011}"));
            units += &format!("      U{number}: {{ id: {id}, accounts: {{ a{number}: \"{account}\" }} }}\n");
        }
        let text = edit(ORDERED, "    ous:\n", &format!("    ous:\n{units}"));
        let wanted: Vec<_> = (0..wanted).map(|number| format!("U{}", 2 * number)).collect();
        let row = format!("  - {{ group: aws-team, permission_set: Team, ous: [{}] }}\n", wanted.join(", "));
        let (text, _) = text.split_once("assignments:\n").expect("rows");
        put(&model.join("bailiwick.yaml"), format!("{text}assignments:\n{row}"));
    };
    let arguments = ["build".as_ref(), model.as_os_str(), "--target".as_ref(), "all".as_ref(), "--out".as_ref()];
    for (wanted, warned) in [(2, 0), (1_001, 2)] {
        let out = place.path().join(format!("out{wanted}"));
        write(wanted);
        let said = streams(&succeed(bailiwick(arguments).arg(&out).args(["--as-of", AS_OF])));
        assert_eq!(said.matches("1001 StackSets: the management account takes 1000").count(), warned, "{said}");
        for target in ["terraform", "cloudformation"] {
            let readme = fs::read_to_string(out.join(target).join("README.md")).expect("it is there");
            assert_eq!(readme.contains("There are 1001 StackSets"), warned > 0, "{readme}");
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, max_shrink_iters: 40, ..Config::default() })]

    #[test]
    fn stacks_of_random_models_leave_what_the_oracle_computes(words in Choices::strategy()) {
        if !has_cloud("stacks::random") {
            return Ok(());
        }
        let mut choices = Choices::new(words);
        let generated = generate(&mut choices);
        let place = tempfile::tempdir().expect("a temporary folder");
        let (root, out) = (place.path().join("model"), place.path().join("out"));
        generated.write(&root);
        build(&root, &out, generate::AS_OF, &[]);
        let oracle = Oracle::read(&root, generate::AS_OF);
        let cloud = Cloud::start(&oracle);
        deploy(&cloud, &out, &oracle);
    }
}

#[test]
fn nobody_finds_fault_with_the_templates_of_random_models() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for (index, model) in in_order().take(6).enumerate() {
        build(&model.path().join("model"), &place.path().join(format!("out{index}")), generate::AS_OF, &[]);
    }
    if let Some(said) = cfn_lint("stacks::lint", place.path(), "eu-west-1") {
        assert_eq!(said, "");
    }
}
