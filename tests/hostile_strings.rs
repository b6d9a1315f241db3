//! Strings arrive as the model has them: what Terraform plans for every field, without any state and without AWS.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bailiwick::plan::label;
use serde_json::{Value as Json, json};

use crate::support::command::{build, put, streams};
use crate::support::deploy::Tools;
use crate::support::generate::{LATIN, UNICODE};

const AS_OF: &str = "2026-06-15";

/// A document that says `text` wherever a document may say what it likes.
fn document(text: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::${aws:PrincipalTag/Department}-$${x}/*",
            "Condition": { "StringLike": { "aws:PrincipalTag/Department": [text, "${aws:userid}", "%{ if x }", "$${x}", "%%{y}"] } }
        }]
    })
}

/// One permission set, one policy and one variant of it for each string; a group of each name that shows.
fn model() -> Json {
    let mut accounts = BTreeMap::from([("management".to_owned(), json!("111111111111"))]);
    for (index, name) in UNICODE.iter().enumerate() {
        accounts.insert(format!("{name} # */ ]) }} ${{x}}"), json!(format!("{:012}", 222_222_222_222_usize + index)));
    }
    let policies: BTreeMap<_, _> = LATIN
        .iter()
        .enumerate()
        .map(|(index, text)| (format!("Policy{index}"), json!({ "description": text, "document": document(text) })))
        .collect();
    let sets: BTreeMap<_, _> = LATIN
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let set = json!({
                "description": text,
                "customer_managed_policies": [format!("Policy{index}")],
                "inline_policy": document(text),
                "tags": { "yes": "012" },
            });
            (format!("Set{index}"), set)
        })
        .collect();
    let names: Vec<_> = sets.keys().collect();
    json!({
        "identity_center": {
            "instance_arn": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
            "identity_store_id": "d-1234567890",
            "region": "eu-west-1",
        },
        "organization": {
            "management_account": "management",
            "root": {
                "id": "r-ab12",
                "accounts": { "management": accounts.remove("management") },
                "ous": { "W ${x} \"q\" # */": { "id": "ou-ab12-22222222", "accounts": accounts } },
            },
        },
        "attributes": {
            "Department": "${path:enterprise.department}",
            "e-mail": "${path:emails[primary eq \"true\"].value}",
            "literal": "$${x}",
        },
        "policies": policies,
        "permission_sets": sets,
        "assignments": [
            { "groups": UNICODE, "permission_set": "Set0", "accounts": ["222222222222"] },
            { "group": UNICODE[0], "permission_sets": names, "ous": ["W ${x} \"q\" # */"] },
        ],
    })
}

/// A mocked id has to be one.
const OPENING: &str = r#"mock_provider "aws" {
  mock_data "aws_identitystore_group" {
    defaults = { group_id = "906713a2-0011-2233-4455-66778899aabb" }
  }
}

variables {
  expected = jsondecode(file("expected.json"))
}

run "plan" {
  command = plan
"#;

#[test]
fn terraform_plans_every_string_as_the_model_has_it() {
    let Some(tools) = Tools::find("hostile strings") else { return };
    let place = tempfile::tempdir().expect("a temporary folder");
    let (model_folder, out) = (place.path().join("model"), place.path().join("out"));
    put(&model_folder.join("model.yaml"), model().to_string());
    build(&model_folder, &out, AS_OF);

    // What is expected is read by Terraform as JSON, so that no string has to be escaped by this test.
    let groups: BTreeMap<_, _> = UNICODE.iter().map(|name| (label(name), name)).collect();
    let expected = json!({
        "texts": LATIN,
        "documents": LATIN.map(document),
        "groups": groups,
        "attributes": model()["attributes"],
    });
    put(&out.join("expected.json"), expected.to_string());
    let mut test = String::from(OPENING);
    let mut assert = |condition: &str| {
        write!(
            test,
            "  assert {{\n    condition     = {condition}\n    error_message = {}\n  }}\n",
            json!(condition.replace('$', ""))
        )
        .expect("text grows");
    };
    for index in 0..LATIN.len() {
        assert(&format!("aws_ssoadmin_permission_set.Set{index}.description == var.expected.texts[{index}]"));
        assert(&format!("aws_ssoadmin_permission_set.Set{index}.tags.yes == \"012\""));
        for document in [
            format!("jsondecode(aws_ssoadmin_permission_set_inline_policy.Set{index}.inline_policy)"),
            format!("jsondecode(jsonencode(local.policies[\"Policy{index}\"]))"),
            format!(
                "jsondecode(aws_cloudformation_stack_set.ou-ab12-22222222.template_body).Resources.Policy{index}.Properties.PolicyDocument"
            ),
        ] {
            assert(&format!("jsonencode({document}) == jsonencode(var.expected.documents[{index}])"));
        }
        assert(&format!(
            "jsondecode(aws_cloudformation_stack_set.ou-ab12-22222222.template_body).Resources.Policy{index}.Properties.Description == var.expected.texts[{index}]"
        ));
    }
    for label in groups.keys() {
        let identifier = "alternate_identifier[0].unique_attribute[0].attribute_value";
        assert(&format!("data.aws_identitystore_group.{label}.{identifier} == var.expected.groups[\"{label}\"]"));
    }
    assert(
        "{ for a in aws_ssoadmin_instance_access_control_attributes.this.attribute : a.key => one(one(a.value).source) } == { for k, v in var.expected.attributes : k => v }",
    );
    test += "}\n";
    put(&out.join("strings.tftest.hcl"), test);
    // The module has no such variable of its own; a test may only set those that are declared.
    put(&out.join("expected.tf"), "variable \"expected\" {\n  type = any\n}\n");

    let arguments = tools.init();
    for arguments in
        [arguments.each_ref().map(String::as_str).to_vec(), vec!["validate", "-no-color"], vec!["test", "-no-color"]]
    {
        let output = tools.command(&out, &arguments).output().expect("it ran before");
        assert!(output.status.success(), "terraform {arguments:?}\n{}", streams(&output));
    }
}
