//! The CloudFormation engine of the emulated AWS, tried on templates written by hand: what works there works in the
//! right order only, and what AWS refuses is refused.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::support::command::put;
use crate::support::deploy::{Cloud, has_cloud};
use crate::support::scenario::edit;
use crate::support::stacks::{Outcome, Stack, Templates, assert_order, cfn_lint};

const MANAGEMENT: &str = "111111111111";
const IDENTITY: &str = "222222222222";
const SHOP: &str = "333333333333";
const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1234567890abcdef";

fn group(number: usize) -> String {
    format!("906713a2-1111-2233-4455-{number:012}")
}

/// A management account, one unit with the account that may administer Identity Center, one with workloads.
fn world(delegated: Option<&str>) -> Json {
    let groups: Vec<_> = (1..=12).map(|n| json!({ "id": group(n), "name": format!("group-{n}") })).collect();
    json!({
        "management_account": MANAGEMENT,
        "delegated_administrator": delegated,
        "instance_arn": INSTANCE,
        "root": {
            "id": "r-ab12",
            "accounts": [{ "id": MANAGEMENT, "name": "management" }],
            "organizational_units": [
                { "id": "ou-ab12-11111111", "name": "Security", "accounts": [{ "id": IDENTITY, "name": "identity" }] },
                { "id": "ou-ab12-22222222", "name": "Workloads", "accounts": [
                    { "id": SHOP, "name": "shop" },
                    { "id": "444444444444", "name": "closed", "status": "SUSPENDED" },
                ] },
                { "id": "ou-ab12-33333333", "name": "Sandbox", "accounts": [{ "id": "555555555555", "name": "sand" }] },
            ],
        },
        "groups": groups,
    })
}

fn templates(root: &str, files: &[(&str, &str)]) -> Templates {
    let files: BTreeMap<_, _> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Templates { root: root.to_owned(), files }
}

/// A policy for members by a stack set and for the management account by itself, a permission set that has it, and
/// assignments in a nested stack.
const ROOT: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Description: Access of a team
Parameters:
  InstanceArn:
    Type: String
    Default: arn:aws:sso:::instance/ssoins-1234567890abcdef
    AllowedPattern: arn:aws:sso:::instance/ssoins-[a-z0-9]{16}
Resources:
  Policies:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: access-policies
      PermissionModel: SERVICE_MANAGED
      Capabilities: [CAPABILITY_NAMED_IAM]
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false }
      ManagedExecution: { Active: true }
      OperationPreferences: { FailureToleranceCount: 0, MaxConcurrentPercentage: 100 }
      StackInstancesGroup:
        - DeploymentTargets: { OrganizationalUnitIds: [ou-ab12-22222222] }
          Regions: [eu-west-1]
      TemplateBody: |
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          TeamData:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              ManagedPolicyName: TeamData
              Path: /teams/
              PolicyDocument:
                Version: "2012-10-17"
                Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: "*" }]
  ManagementPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: TeamData
      Path: /teams/
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: "*" }]
  Team:
    Type: AWS::SSO::PermissionSet
    Properties:
      InstanceArn: !Ref InstanceArn
      Name: Team
      Description: first
      CustomerManagedPolicyReferences: [{ Name: TeamData, Path: /teams/ }]
  Assignments:
    Type: AWS::CloudFormation::Stack
    DependsOn: [Policies, ManagementPolicy]
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      TemplateURL: assignments/1.yaml
      Parameters:
        InstanceArn: !Ref InstanceArn
        TeamArn: !GetAtt Team.PermissionSetArn
"#;

const ASSIGNMENTS: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  InstanceArn: { Type: String }
  TeamArn: { Type: String }
Resources:
  Shop:
    Type: AWS::SSO::Assignment
    Properties:
      InstanceArn: !Ref InstanceArn
      PermissionSetArn: !Ref TeamArn
      PrincipalType: GROUP
      PrincipalId: 906713a2-1111-2233-4455-000000000001
      TargetType: AWS_ACCOUNT
      TargetId: "333333333333"
  Management:
    Type: AWS::SSO::Assignment
    DependsOn: Shop
    Properties:
      InstanceArn: !Ref InstanceArn
      PermissionSetArn: !Ref TeamArn
      PrincipalType: GROUP
      PrincipalId: 906713a2-1111-2233-4455-000000000001
      TargetType: AWS_ACCOUNT
      TargetId: "111111111111"
"#;

fn team() -> Templates {
    templates(ROOT, &[("assignments/1.yaml", ASSIGNMENTS)])
}

/// The resources of an assignment; `more` are lines of its own.
fn assignment(id: &str, set: &str, group_number: usize, account: &str, more: &str) -> String {
    let principal = group(group_number);
    format!(
        "  {id}:\n    Type: AWS::SSO::Assignment\n{more}    Properties:\n      InstanceArn: {INSTANCE}\n      \
         PermissionSetArn: {set}\n      PrincipalType: GROUP\n      PrincipalId: {principal}\n      \
         TargetType: AWS_ACCOUNT\n      TargetId: \"{account}\"\n"
    )
}

fn permission_set(id: &str, more: &str) -> String {
    format!(
        "  {id}:\n    Type: AWS::SSO::PermissionSet\n    Properties:\n      InstanceArn: {INSTANCE}\n      Name: {id}\n{more}"
    )
}

/// A stack set below the root of the organization; `more` are lines of the resource, `body` the template's resources.
fn stack_set(id: &str, more: &str, targets: &str, body: &str) -> String {
    let body = format!("Resources:\n{body}").replace('\n', "\n        ");
    format!(
        "  {id}:\n    Type: AWS::CloudFormation::StackSet\n{more}    Properties:\n      StackSetName: {id}\n      \
         PermissionModel: SERVICE_MANAGED\n      Capabilities: [CAPABILITY_NAMED_IAM]\n      \
         AutoDeployment: {{ Enabled: false }}\n      StackInstancesGroup:\n        - DeploymentTargets: {targets}\n          \
         Regions: [eu-west-1]\n      TemplateBody: |\n        {body}\n"
    )
}

const TO_IDENTITY: &str =
    "{ OrganizationalUnitIds: [ou-ab12-11111111], Accounts: [\"222222222222\"], AccountFilterType: INTERSECTION }";

fn policy(id: &str, description: &str) -> String {
    format!(
        "  {id}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      ManagedPolicyName: {id}\n      \
         Description: {description}\n      PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n          \
         - {{ Effect: Allow, Action: \"s3:GetObject\", Resource: \"*\" }}\n"
    )
}

fn resources(resources: &[String]) -> Templates {
    templates(&format!("Resources:\n{}", resources.concat()), &[])
}

/// `set principal account` of every assignment there is.
fn assignments(cloud: &Cloud) -> Vec<String> {
    let text = |json: &Json| json.as_str().expect("text").to_owned();
    let all = cloud.dump()["assignments"].as_array().expect("a list").clone();
    all.iter()
        .map(|a| format!("{} {} {}", text(&a["permission_set"]), text(&a["principal"]), text(&a["account"])))
        .collect()
}

#[track_caller]
fn assert_empty(cloud: &Cloud) {
    let dump = cloud.dump();
    for part in ["assignments", "permission_sets", "policies", "stack_sets", "stacks", "roles"] {
        let is_empty = dump[part].as_array().map_or_else(|| dump[part] == json!({}), Vec::is_empty);
        assert!(is_empty, "{part}: {}", dump[part]);
    }
}

#[test]
fn a_deployment_in_the_right_order_comes_and_changes_and_goes() {
    if !has_cloud("stacks") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let stack = Stack::new(&cloud, "access");
    let created = stack.deploy(&team());
    assert_eq!(created.status, "CREATE_COMPLETE");
    assert_eq!((created.peak, created.rounds), (1, 2));
    assert_eq!(assignments(&cloud), ["Team group-1 111111111111", "Team group-1 333333333333"]);
    assert!(stack.deploy(&team()).events.is_empty(), "nothing is left to do");

    // One assignment goes, one comes, another body of the policy, another description of the set.
    let mut changed = team();
    changed.root = edit(&ROOT.replace("s3:GetObject", "s3:Get*"), "Description: first", "Description: second");
    changed.root = edit(&changed.root, "Access of a team", "Access of another team");
    let nested = edit(ASSIGNMENTS, "    DependsOn: Shop\n", "");
    let nested = edit(&nested, "  Shop:", "  Other:");
    let nested = nested.replacen("000000000001", "000000000002", 1);
    changed.files.insert("assignments/1.yaml".to_owned(), nested);
    let outcome = stack.deploy(&changed);
    assert_eq!(outcome.status, "UPDATE_COMPLETE");
    assert_eq!(
        outcome.ends(),
        [
            "access/Team UPDATE_COMPLETE",
            "access/ManagementPolicy UPDATE_COMPLETE",
            "access/Policies/333333333333/TeamData UPDATE_COMPLETE",
            "access/Policies UPDATE_COMPLETE",
            "access/Assignments/Other CREATE_COMPLETE",
            "access/Assignments UPDATE_COMPLETE",
            "access/Assignments/Shop DELETE_COMPLETE",
        ]
    );
    assert_eq!(assignments(&cloud), ["Team group-1 111111111111", "Team group-2 333333333333"]);
    let dump = cloud.dump();
    assert_eq!(dump["permission_sets"][0]["description"], "second");
    for account in [MANAGEMENT, SHOP] {
        assert_eq!(dump["policies"][account][0]["document"]["Statement"][0]["Action"], "s3:Get*");
    }
    assert!(stack.deploy(&changed).events.is_empty(), "nothing is left to do");

    stack.delete();
    assert_empty(&cloud);
}

#[test]
fn without_any_one_of_its_dependencies_a_deployment_fails() {
    if !has_cloud("order") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    assert_order(&cloud, &world(None), &team(), |cloud| Stack::new(cloud, "access"));
    let missing_policy = "does not exist or is not attachable";
    let both = "DependsOn: [Policies, ManagementPolicy]";
    for (dependencies, dropped, path) in [
        ("DependsOn: [ManagementPolicy]", "Policies", "Shop"),
        ("DependsOn: Policies", "ManagementPolicy", "Management"),
        ("Metadata: { nothing: waits }", "ManagementPolicy", "Shop"),
    ] {
        let broken = Templates { root: edit(ROOT, both, dependencies), ..team() };
        cloud.send("PUT", "world", &world(None));
        let outcome = Stack::new(&cloud, "access").holding_back(&format!("access/{dropped}")).try_deploy(&broken);
        assert_eq!(outcome.status, "CREATE_FAILED");
        let reason = outcome.failed_at(&format!("access/Assignments/{path}"));
        assert!(reason.contains(missing_policy), "{reason}");

        // The same dependencies keep the order of removal.
        cloud.send("PUT", "world", &world(None));
        let stack = Stack::new(&cloud, "access");
        stack.deploy(&team());
        stack.deploy(&broken);
        let outcome = stack.holding_back("access/Assignments").try_delete();
        assert_eq!(outcome.status, "DELETE_FAILED");
        let failed = outcome.events.iter().find(|event| event.status == "DELETE_FAILED").expect("an event");
        let reason = failed.reason.as_deref().expect("a reason");
        assert!(failed.path.contains("Polic") && reason.contains("attached to entities"), "{failed:?}");
    }

    // Where nothing else is waited for, a missing dependency needs no holding back.
    for (from, path) in [(both, "Shop"), ("    DependsOn: Shop\n", "Management")] {
        cloud.send("PUT", "world", &world(None));
        let free = Templates { root: edit(ROOT, both, "Metadata: { nothing: waits }"), ..team() };
        let nested = if from == both { ASSIGNMENTS.to_owned() } else { edit(ASSIGNMENTS, from, "") };
        let free = Templates { files: [("assignments/1.yaml".to_owned(), nested)].into(), ..free };
        let outcome = Stack::new(&cloud, "access").try_deploy(&free);
        assert!(outcome.failed_at(&format!("access/Assignments/{path}")).contains(missing_policy));
    }
}

#[test]
fn the_peak_counts_every_assignment_operation_of_all_stacks() {
    if !has_cloud("peak") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let set = "!Ref Arn";
    let nested = |first: usize, lanes: usize| {
        let mut text = "Parameters:\n  Arn: { Type: String }\nResources:\n".to_owned();
        for number in 0..6_usize {
            let behind = number.checked_sub(lanes).map(|other| format!("    DependsOn: A{other}\n"));
            let more = behind.unwrap_or_default();
            text += &assignment(&format!("A{number}"), set, first + number, SHOP, &more);
        }
        text
    };
    let root = |more: &str| {
        let stack = |id: &str, more: &str| {
            format!(
                "  {id}:\n    Type: AWS::CloudFormation::Stack\n{more}    Properties:\n      \
                 TemplateURL: {id}.yaml\n      Parameters: {{ Arn: !GetAtt Team.PermissionSetArn }}\n"
            )
        };
        format!("Resources:\n{}{}{}", permission_set("Team", ""), stack("One", ""), stack("Two", more))
    };
    let deploy = |more: &str, lanes: usize, limit: usize| -> Outcome {
        cloud.send("PUT", "world", &world(None));
        let files = [("One.yaml", nested(1, lanes)), ("Two.yaml", nested(7, lanes))];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        Stack::new(&cloud, "access").with_limit(limit).try_deploy(&templates(&root(more), &files))
    };
    // Two stacks of two lanes each, at once and one behind the other.
    let outcome = deploy("", 2, 4);
    assert!(outcome.is_complete());
    assert_eq!((outcome.peak, outcome.rounds), (4, 3));
    assert_eq!(outcome.events.last().expect("an event").round, 3);
    assert!(deploy("", 2, 3).failed_at("").contains("4 assignment operations are in flight"));
    let outcome = deploy("    DependsOn: One\n", 2, 2);
    assert_eq!((outcome.peak, outcome.rounds), (2, 6));
    // No lanes at all; deletions count as creations do.
    let outcome = deploy("", 6, 12);
    assert_eq!((outcome.peak, outcome.rounds), (12, 1));
    let outcome = Stack::new(&cloud, "access").with_limit(11).try_delete();
    assert!(outcome.failed_at("").contains("12 assignment operations are in flight"));
}

#[test]
fn create_only_properties_replace_and_old_resources_go_last() {
    if !has_cloud("replacement") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let stack = Stack::new(&cloud, "access");
    let set = |name: &str| {
        format!(
            "  Team:\n    Type: AWS::SSO::PermissionSet\n    Properties:\n      InstanceArn: {INSTANCE}\n      Name: {name}\n"
        )
    };
    let arn = "!GetAtt Team.PermissionSetArn";
    stack.deploy(&resources(&[set("Team"), assignment("A", arn, 1, SHOP, "")]));
    let outcome = stack.deploy(&resources(&[set("Group"), assignment("A", arn, 1, SHOP, "")]));
    assert_eq!(
        outcome.ends(),
        [
            "access/Team REPLACE_COMPLETE",
            "access/A REPLACE_COMPLETE",
            "access/A DELETE_COMPLETE",
            "access/Team DELETE_COMPLETE",
        ]
    );
    assert_eq!(assignments(&cloud), ["Group group-1 333333333333"]);

    // Under another logical id an assignment meets itself.
    let outcome = stack.try_deploy(&resources(&[set("Group"), assignment("B", arn, 1, SHOP, "")]));
    assert!(outcome.failed_at("access/B").contains("already exists"));

    // What a replaced permission set leaves to another stack is not waited for.
    cloud.send("PUT", "world", &world(None));
    let stack = Stack::new(&cloud, "access");
    stack.deploy(&team());
    let outcome = stack.try_deploy(&Templates { root: edit(ROOT, "Name: Team\n", "Name: Group\n"), ..team() });
    assert!(outcome.is_complete());
    let [left] = &outcome.left_behind[..] else { panic!("{:?}", outcome.left_behind) };
    assert_eq!((left.path.as_str(), left.kind.as_str()), ("access/Team", "AWS::SSO::PermissionSet"));
    assert!(left.reason.contains("cannot be deleted"), "{}", left.reason);

    // A description with a fixed name replaces the policy by one that has its name.
    cloud.send("PUT", "world", &world(None));
    let stack = Stack::new(&cloud, "access");
    stack.deploy(&resources(&[policy("TeamData", "one")]));
    let outcome = stack.try_deploy(&resources(&[policy("TeamData", "two")]));
    assert!(outcome.failed_at("access/TeamData").contains("already exists"));
}

#[test]
fn a_changed_permission_set_is_provisioned_in_all_its_accounts() {
    if !has_cloud("provisioning") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let stack = Stack::new(&cloud, "access");
    let arn = "!GetAtt Team.PermissionSetArn";
    let of = |more: &str, others: &[String]| {
        let mut all = vec![permission_set("Team", more), assignment("A", arn, 1, SHOP, "")];
        all.extend_from_slice(others);
        resources(&all)
    };
    stack.deploy(&of("      Tags: [{ Key: Owner, Value: a }]\n", &[]));
    let more = "      Tags: [{ Key: Team, Value: b }]\n      ManagedPolicies: [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n      \
                SessionDuration: PT2H\n      InlinePolicy: { Version: 2012-10-17, Statement: [] }\n";
    stack.deploy(&of(more, &[]));
    let dump = cloud.dump();
    assert_eq!(dump["permission_sets"][0]["tags"], json!({ "Team": "b" }));
    assert_eq!(dump["roles"][0]["provisioning_status"], "LATEST_PERMISSION_SET_PROVISIONED");
    assert_eq!(dump["roles"][0]["policies"], json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]));
    assert_eq!(dump["roles"][0]["inline_policy"], json!({ "Version": "2012-10-17", "Statement": [] }));
    stack.deploy(&of("", &[]));
    let dump = cloud.dump();
    assert_eq!(dump["roles"][0]["policies"], json!([]));
    assert_eq!(dump["roles"][0]["inline_policy"], Json::Null);

    // A policy that is missing in one account fails the update.
    let boundary = "      PermissionsBoundary: { CustomerManagedPolicyReference: { Name: Limit } }\n";
    let outcome = stack.try_deploy(&of(boundary, &[]));
    assert!(outcome.failed_at("access/Team").contains(":policy/Limit does not exist"));
}

#[test]
fn what_is_retained_can_be_imported_elsewhere() {
    if !has_cloud("import") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let stack = Stack::new(&cloud, "access");
    let other = Stack::new(&cloud, "other");
    let set = permission_set("Team", "");
    let arn_of = |cloud: &Cloud| cloud.dump()["permission_sets"][0]["arn"].as_str().expect("an ARN").to_owned();
    stack.deploy(&resources(&[set.clone(), assignment("A", "!GetAtt Team.PermissionSetArn", 1, SHOP, "")]));
    let arn = arn_of(&cloud);
    other.deploy(&resources(&[policy("Somebody", "x")]));
    let retained = assignment("A", &arn, 1, SHOP, "    DeletionPolicy: Retain\n");
    let identifier = json!({
        "InstanceArn": INSTANCE, "PermissionSetArn": arn, "PrincipalType": "GROUP", "PrincipalId": group(1),
        "TargetType": "AWS_ACCOUNT", "TargetId": SHOP,
    });
    let into = resources(&[policy("Somebody", "x"), retained.clone()]);
    let belongs = other.try_import(&into, &[("A", identifier.clone())]);
    assert!(belongs.failed_at("other/A").contains("belongs to the stack access"));

    // It says Retain, it leaves, it comes.
    stack.deploy(&resources(&[set.clone(), retained.clone()]));
    let outcome = stack.deploy(&resources(&[set]));
    assert!(outcome.events.is_empty(), "{outcome:?}");
    assert_eq!(assignments(&cloud), ["Team group-1 333333333333"]);
    let unmarked = resources(&[policy("Somebody", "x"), assignment("A", &arn, 1, SHOP, "")]);
    assert!(other.try_import(&unmarked, &[("A", identifier.clone())]).failed_at("other/A").contains("DeletionPolicy"));
    let changed = resources(&[policy("Somebody", "y"), retained]);
    let reason = other.try_import(&changed, &[("A", identifier.clone())]);
    assert!(reason.failed_at("other/Somebody").contains("attempted to update"));
    let imported = other.try_import(&into, &[("A", identifier.clone())]);
    assert_eq!(imported.ends(), ["other/A IMPORT_COMPLETE"]);
    assert!(other.deploy(&into).events.is_empty());

    // What is not there cannot be imported.
    let third = Stack::new(&cloud, "third");
    third.deploy(&resources(&[policy("Third", "x")]));
    let missing = assignment("A", &arn, 2, SHOP, "    DeletionPolicy: Retain\n");
    let mut absent = identifier;
    absent["PrincipalId"] = group(2).into();
    let outcome = third.try_import(&resources(&[policy("Third", "x"), missing]), &[("A", absent)]);
    assert!(outcome.failed_at("third/A").contains("does not exist"));

    // The set is still in use, by what is in no stack of its own.
    let outcome = stack.try_delete();
    assert!(outcome.failed_at("access/Team").contains("cannot be deleted"));
}

#[test]
fn an_export_in_use_stays_as_it_is() {
    if !has_cloud("exports") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let exporter = Stack::new(&cloud, "exporter");
    let importer = Stack::new(&cloud, "importer");
    let exported = |name: &str, export: &str| {
        let set = permission_set("Team", "").replace("Name: Team", &format!("Name: {name}"));
        let export =
            format!("Outputs:\n  Arn: {{ Value: !GetAtt Team.PermissionSetArn, Export: {{ Name: {export} }} }}\n");
        templates(&format!("Resources:\n{set}{export}"), &[])
    };
    let imported = resources(&[assignment("A", "!ImportValue team-arn", 1, SHOP, "")]);
    let outcome = importer.try_deploy(&imported);
    assert_eq!(outcome.failed_at("importer/A"), "No export named team-arn found.");
    exporter.deploy(&exported("Team", "team-arn"));
    importer.deploy(&imported);
    assert_eq!(assignments(&cloud), ["Team group-1 333333333333"]);

    let second = Stack::new(&cloud, "second").try_deploy(&exported("Second", "team-arn"));
    assert!(second.failed_at("second").contains("already exported by stack exporter"));
    let elsewhere = Stack::new(&cloud, "elsewhere").with("region", "us-east-1");
    let outcome = elsewhere.try_deploy(&imported);
    assert_eq!(outcome.failed_at("elsewhere/A"), "No export named team-arn found.");

    let outcome = exporter.try_deploy(&exported("Team", "another"));
    assert_eq!(outcome.failed_at("exporter"), "Cannot delete export team-arn as it is in use by importer.");
    let outcome = exporter.try_delete();
    assert_eq!(outcome.failed_at("exporter"), "Cannot delete export team-arn as it is in use by importer.");
    let outcome = exporter.try_deploy(&exported("Group", "team-arn"));
    assert_eq!(outcome.failed_at("exporter"), "Cannot update export team-arn as it is in use by importer.");
}

#[test]
fn a_delegated_administrator_is_served_through_stack_sets() {
    if !has_cloud("delegated stacks") {
        return;
    }
    let delegated = world(Some(IDENTITY));
    let cloud = Cloud::with_world(&delegated);
    let exports = "Outputs:\n  Team: { Value: !GetAtt Team.PermissionSetArn, Export: { Name: access-Team } }\n";
    let sets = permission_set("Team", "      CustomerManagedPolicyReferences: [{ Name: TeamData }]\n") + exports;
    let root = |assignments_wait: &str, account: &str| {
        let assigned = assignment("A", "!ImportValue access-Team", 1, account, "");
        let everywhere = "{ OrganizationalUnitIds: [r-ab12] }";
        resources(&[
            stack_set("Policies", "", everywhere, &policy("TeamData", "x")),
            stack_set("Sets", "", TO_IDENTITY, &sets),
            stack_set("Assignments", assignments_wait, TO_IDENTITY, &assigned),
        ])
    };
    let stack = Stack::new(&cloud, "access");
    let whole = "    DependsOn: [Policies, Sets]\n";
    let outcome = stack.deploy(&root(whole, SHOP));
    assert_eq!(outcome.peak, 1);
    assert_eq!(assignments(&cloud), ["Team group-1 333333333333"]);
    let calls = cloud.dump()["log"].as_array().expect("a list").clone();
    let created =
        calls.iter().find(|call| call["call"] == "sso-admin:CreateAccountAssignment").expect("it was created");
    assert_eq!(created["account"], IDENTITY);
    // Everything goes in the reverse order of `DependsOn`.
    stack.delete();
    assert_empty(&cloud);
    assert_order(&cloud, &delegated, &root(whole, SHOP), |cloud| Stack::new(cloud, "access"));

    for (waits, held_back, account, why) in [
        ("    DependsOn: [Sets]\n", "access/Policies", SHOP, "policy/TeamData does not exist"),
        ("    DependsOn: [Policies]\n", "access/Sets", SHOP, "No export named access-Team found"),
        (whole, "access/Policies", MANAGEMENT, "not authorized to perform: sso:CreateAccountAssignment"),
    ] {
        cloud.send("PUT", "world", &delegated);
        let outcome = Stack::new(&cloud, "access").holding_back(held_back).try_deploy(&root(waits, account));
        let reason = outcome.failed_at("access/Assignments");
        assert!(reason.contains(why), "{reason}");
    }

    // An ordinary member administers nothing.
    cloud.send("PUT", "world", &delegated);
    let elsewhere = "{ OrganizationalUnitIds: [ou-ab12-22222222] }";
    let outcome = stack.try_deploy(&resources(&[stack_set("Sets", "", elsewhere, &sets)]));
    let reason = outcome.failed_at("access/Sets");
    assert!(reason.contains("not authorized to perform: sso:CreatePermissionSet"), "{reason}");
}

#[test]
fn stack_sets_follow_the_organization_and_their_targets() {
    if !has_cloud("stack sets") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let stack = Stack::new(&cloud, "access");
    let set = |units: &str, name: &str| {
        let text = stack_set("Policies", "", &format!("{{ OrganizationalUnitIds: [{units}] }}"), &policy(name, "x"));
        let text = edit(&text, "{ Enabled: false }", "{ Enabled: true, RetainStacksOnAccountRemoval: false }");
        let body = "        Resources:\n          TeamData";
        let text = text.replace(body, &format!("        Parameters:\n          Path: {{ Type: String }}\n{body}"));
        let text = text.replace("Description: x", "Path: !Ref Path");
        let parameters = "      Parameters: [{ ParameterKey: Path, ParameterValue: /teams/ }]\n      TemplateBody";
        resources(&[edit(&text, "      TemplateBody", parameters)])
    };
    let accounts =
        |cloud: &Cloud| cloud.dump()["policies"].as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    stack.deploy(&set("ou-ab12-22222222", "TeamData"));
    assert_eq!(accounts(&cloud), [SHOP]);
    assert_eq!(cloud.dump()["policies"][SHOP][0]["path"], "/teams/");
    // One unit more is one unit more, and one less one less.
    let outcome = stack.deploy(&set("ou-ab12-22222222, ou-ab12-33333333", "TeamData"));
    assert_eq!(
        outcome.ends(),
        ["access/Policies/555555555555/TeamData CREATE_COMPLETE", "access/Policies UPDATE_COMPLETE"]
    );
    stack.deploy(&set("ou-ab12-33333333", "TeamData"));
    assert_eq!(accounts(&cloud), ["555555555555"]);
    // An account that joins gets the stack, one that leaves loses it.
    cloud.send("POST", "accounts", &json!({ "id": "666666666666", "name": "new", "parent": "ou-ab12-33333333" }));
    assert_eq!(accounts(&cloud), ["555555555555", "666666666666"]);
    cloud.send("PATCH", "accounts/555555555555", &json!({ "parent": "ou-ab12-22222222" }));
    assert_eq!(accounts(&cloud), ["666666666666"]);
    // Somebody has that name already: the operation fails, and the deployment with it.
    let document =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] });
    cloud.send("POST", "policies", &json!({ "account": SHOP, "name": "teamdata", "document": document }));
    let outcome = stack.try_deploy(&set("ou-ab12-22222222, ou-ab12-33333333", "TeamData"));
    let reason = outcome.failed_at("access/Policies");
    assert!(
        reason.contains("333333333333: ResourceLogicalId:TeamData") && reason.contains("already exists"),
        "{reason}"
    );
}

#[test]
fn what_surrounds_access_is_deployed_too() {
    if !has_cloud("surroundings") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let stack = Stack::new(&cloud, "access");
    let root = r#"
Conditions:
  Always: !Equals [a, a]
  Never: !Not [!Condition Always]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: expiry
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: scheduler.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: expiry
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{ Effect: Allow, Action: sso:DeleteAccountAssignment, Resource: "*" }]
      ManagedPolicyArns: [!Ref Managed]
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: Managed
      PolicyDocument: { Version: 2012-10-17, Statement: [{ Effect: Allow, Action: "s3:List*", Resource: "*" }] }
  Group:
    Type: AWS::Scheduler::ScheduleGroup
    Properties: { Name: access }
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: one
      GroupName: !Ref Group
      ScheduleExpression: at(2026-09-01T00:00:00)
      ScheduleExpressionTimezone: UTC
      FlexibleTimeWindow: { Mode: "OFF" }
      Target:
        Arn: arn:aws:scheduler:::aws-sdk:ssoadmin:deleteAccountAssignment
        RoleArn: !GetAtt Role.Arn
        Input: "{}"
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 }
  Topic:
    Type: AWS::SNS::Topic
    Properties: { TopicName: access }
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument: { Version: "2012-10-17", Statement: [] }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Description: accounts that join
      EventPattern: { source: [aws.organizations], detail: { eventName: [CreateAccountResult, MoveAccount] } }
      Targets: [{ Id: topic, Arn: !Ref Topic }]
  Attributes:
    Type: AWS::SSO::InstanceAccessControlAttributeConfiguration
    Properties:
      InstanceArn: arn:aws:sso:::instance/ssoins-1234567890abcdef
      AccessControlAttributes: [{ Key: Department, Value: { Source: ["${path:enterprise.department}"] } }]
  Absent:
    Type: AWS::SNS::Topic
    Condition: Never
"#;
    stack.deploy(&templates(root, &[]));
    let dump = cloud.dump();
    assert_eq!(dump["access_control_attributes"], json!({ "Department": ["${path:enterprise.department}"] }));
    let of_stack = &dump["stacks"][0]["resources"];
    assert_eq!(of_stack["Schedule"]["physical_id"], "one");
    assert_eq!(of_stack["Absent"], Json::Null);
    // The role and the group are there before the schedule because it refers to them.
    let literal = edit(root, "RoleArn: !GetAtt Role.Arn", "RoleArn: arn:aws:iam::111111111111:role/expiry");
    cloud.send("PUT", "world", &world(None));
    let outcome = Stack::new(&cloud, "access").try_deploy(&templates(&literal, &[]));
    assert!(outcome.failed_at("access/Schedule").contains("to assume it"));

    cloud.send("PUT", "world", &world(None));
    let stack = Stack::new(&cloud, "access");
    stack.deploy(&templates(root, &[]));
    let changed = edit(root, "at(2026-09-01T00:00:00)", "at(2026-09-02T00:00:00)");
    let changed = edit(&changed, "sso:DeleteAccountAssignment", "sso:Delete*");
    let changed = edit(&changed, "Key: Department", "Key: Team");
    let changed = edit(&changed, "accounts that join", "accounts");
    assert_eq!(
        stack.deploy(&templates(&changed, &[])).ends(),
        [
            "access/Attributes UPDATE_COMPLETE",
            "access/Rule UPDATE_COMPLETE",
            "access/Role UPDATE_COMPLETE",
            "access/Schedule UPDATE_COMPLETE",
        ]
    );
    stack.delete();
    assert_empty(&cloud);
    assert_eq!(cloud.dump()["access_control_attributes"], Json::Null);
}

#[test]
fn what_cloudformation_refuses_is_refused() {
    if !has_cloud("refused") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let topic = "Resources: { T: { Type: AWS::SNS::Topic } }\n";
    let many = |count: usize| {
        (0..count)
            .map(|n| format!("  T{n}: {{ Type: AWS::SNS::Topic }}\n"))
            .fold("Resources:\n".to_owned(), |a, b| a + &b)
    };
    let long = format!("Description: short\nMetadata: {{ x: {} }}\n{topic}", "x".repeat(51_200));
    let nested = stack_set(
        "S",
        "",
        TO_IDENTITY,
        "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: x }\n",
    );
    let unnamed =
        stack_set("S", "", TO_IDENTITY, &policy("P", "x")).replace("[CAPABILITY_NAMED_IAM]", "[CAPABILITY_IAM]");
    let large = stack_set("S", "", TO_IDENTITY, &policy("P", &"x".repeat(51_200)));
    for (template, path, why) in [
        ("Resources: { a-b: { Type: AWS::SNS::Topic } }", "s", "non alphanumeric"),
        ("Resources: {}", "s", "At least one Resources member"),
        (many(501).as_str(), "s", "501, is greater than 500"),
        (long.as_str(), "s", "may not exceed 51200 bytes"),
        ("Resources: { T: { Type: AWS::S3::Bucket } }", "s", "Unrecognized resource types: [AWS::S3::Bucket]"),
        ("Resources: { T: { Type: AWS::SNS::Topic, Properties: { Name: x } } }", "s", "extraneous key [Name]"),
        ("Resources: { T: { Type: AWS::SNS::Topic, Depends: x } }", "s", "property 'Depends'"),
        (
            "Resources: { T: { Type: AWS::SSO::PermissionSet, Properties: { Name: x } } }",
            "s",
            "required key [InstanceArn]",
        ),
        ("Resources: { T: { Type: AWS::SNS::Topic, DependsOn: U } }", "s", "Unresolved resource dependencies [U]"),
        ("Resources: { T: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref U } } }", "s", "dependencies [U]"),
        (
            "Resources: { T: { Type: AWS::SNS::Topic }, U: { Type: AWS::SNS::Topic, Properties: { TopicName: !GetAtt T.Name } } }",
            "s",
            "does not support attribute type Name",
        ),
        (
            "Resources: { T: { Type: AWS::SNS::Topic, DependsOn: U }, U: { Type: AWS::SNS::Topic, Properties: { TopicName: !Sub \"${T}\" } } }",
            "s",
            "Circular dependency between resources: [T, U]",
        ),
        (&format!("Parameters: {{ P: {{ Type: String }} }}\n{topic}"), "s", "Parameters: [P] must have values"),
        (
            &format!("Parameters: {{ P: {{ Type: String, Default: b, AllowedPattern: a+ }} }}\n{topic}"),
            "s",
            "must match pattern a+",
        ),
        (&format!("Transform: AWS::LanguageExtensions\n{topic}"), "s", "transforms"),
        (&format!("Resource: {{}}\n{topic}"), "s", "[Resource]"),
        (&format!("Metadata: {{ a: }}\n{topic}"), "s", "'null' values are not allowed"),
        (&format!("Metadata: {{ a: &x 1, b: [*x] }}\n{topic}"), "s", "YAML aliases are not allowed"),
        (&format!("Metadata: {{ a: = }}\n{topic}"), "s", "the tag tag:yaml.org,2002:value is not supported"),
        (&format!("Metadata: {{ a: 1, a: 2 }}\n{topic}"), "s", "stands twice"),
        (&format!("Metadata: {{ a: !Cidr x }}\n{topic}"), "s", "the tag !Cidr"),
        (
            "Resources: { T: { Type: AWS::SNS::Topic, Properties: { TopicName: \"{{resolve:ssm:x}}\" } } }",
            "s/T",
            "dynamic",
        ),
        (
            "Resources: { N: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: gone.yaml } } }",
            "s/N",
            "no file gone.yaml",
        ),
        (&format!("Resources:\n{nested}"), "s/S", "Nested stacks are not supported"),
        (&format!("Resources:\n{unnamed}"), "s/S", "CAPABILITY_NAMED_IAM"),
        (&format!("Resources:\n{}", assignment("A", "x", 1, SHOP, "")), "s/A", "failed to satisfy constraint"),
    ] {
        let outcome = Stack::new(&cloud, "s").try_deploy(&templates(template, &[]));
        let reason = outcome.failed_at(path);
        assert!(reason.contains(why), "{reason}\n{template}");
        cloud.send("PUT", "world", &world(None));
    }
    let inline = templates(&format!("Resources:\n{large}"), &[]);
    let outcome = Stack::new(&cloud, "s").with("packaged", true).try_deploy(&inline);
    let reason = outcome.failed_at("s/S");
    assert!(reason.contains("may not exceed 51200 bytes"), "{reason}");
    // As a file of its own it is no longer inline.
    let body = format!("Resources:\n{}", policy("P", "x")) + &format!("Metadata: {{ x: {} }}\n", "x".repeat(51_200));
    let root = stack_set("S", "", TO_IDENTITY, "");
    let (root, _) = root.split_once("      TemplateBody").expect("it is there");
    let packaged = templates(&format!("Resources:\n{root}      TemplateURL: sets/s.yaml\n"), &[("sets/s.yaml", &body)]);
    Stack::new(&cloud, "s").deploy(&packaged);
    assert_eq!(cloud.dump()["policies"][IDENTITY][0]["name"], "P");

    let outcome = Stack::new(&cloud, "t").with("capabilities", json!([])).try_deploy(&resources(&[policy("P", "x")]));
    assert!(outcome.failed_at("t").contains("Requires capabilities : [CAPABILITY_NAMED_IAM]"));
    let outcome = Stack::new(&cloud, "t").with_parameter("P", "x").try_deploy(&templates(topic, &[]));
    assert!(outcome.failed_at("t").contains("Parameters: [P] do not exist"));
}

#[test]
fn templates_are_read_as_yaml_1_1_and_functions_evaluated() {
    if !has_cloud("reading") {
        return;
    }
    let cloud = Cloud::with_world(&world(None));
    let outputs = [
        ("!Sub \"${AWS::AccountId} ${!Literal} ${T.TopicName} ${P}\"", "111111111111 ${Literal} topic yes"),
        ("!Sub [\"${A}-${P}\", { A: !Select [1, [x, y]] }]", "y-yes"),
        ("!Join [\",\", [a, !Ref P]]", "a,yes"),
        ("!Select [0, !Split [\"|\", \"a|b\"]]", "a"),
        ("!If [IsYes, !Ref T, x]", "arn:aws:sns:eu-west-1:111111111111:topic"),
        ("!FindInMap [Names, a, b]", "c"),
        ("{ \"Fn::GetAtt\": [T, TopicName] }", "topic"),
        ("2012-10-17", "2012-10-17"),
        ("yes", "true"),
        ("012", "10"),
        ("012345678901", "012345678901"),
        ("1e3", "1000.0"),
        ("0x10", "16"),
        ("1:30", "90"),
        ("'012'", "012"),
    ];
    let mut root =
        "Parameters: { P: { Type: String, Default: \"yes\" } }\nConditions: { IsYes: !Equals [!Ref P, \"yes\"] }\n\
                    Mappings: { Names: { a: { b: c } } }\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    \
                    Properties: { TopicName: topic }\nOutputs:\n"
            .to_owned();
    for (number, (value, _)) in outputs.iter().enumerate() {
        root += &format!("  O{number}:\n    Value: {value}\n");
    }
    Stack::new(&cloud, "s").deploy(&templates(&root, &[]));
    let found = cloud.dump()["stacks"][0]["outputs"].clone();
    for (number, (value, expected)) in outputs.iter().enumerate() {
        assert_eq!(found[format!("O{number}")], *expected, "{value}");
    }
    // JSON is read as JSON.
    let json = json!({ "Resources": { "T": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Fn::Sub": "x" } } } } });
    Stack::new(&cloud, "json").deploy(&templates(&json.to_string(), &[]));
}

#[test]
fn cfn_lint_reads_the_bodies_of_stack_sets_too() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let lint = |root: &str| {
        put(&place.path().join("root.yaml"), root);
        cfn_lint("cfn-lint", Path::new(place.path()), "eu-west-1")
    };
    let root = ROOT.replace("assignments/1.yaml", "https://s3.amazonaws.com/packages/1.yaml");
    put(&place.path().join("assignments/1.yaml"), ASSIGNMENTS);
    let Some(said) = lint(&root) else { return };
    assert_eq!(said, "");
    let said = lint(&edit(&root, "          TeamData:", "          Team-Data:")).expect("it is there");
    assert!(said.contains("root.yaml--Policies.yaml") && said.contains("E3001"), "{said}");
    assert_eq!(Templates::read(place.path()).files.keys().collect::<Vec<_>>(), ["assignments/1.yaml"]);
}
