//! The grammar, finding by finding, and AWS's own policies as those that have none.

use super::*;
use crate::diagnostic::Diagnostics;
use crate::iam::catalogue::Catalogue;
use crate::source::Sources;
use crate::syntax::{parse_json, parse_yaml};

/// Every finding of a JSON document: its rule's last word, the text it underlines, and its message.
fn findings(json: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("policy.json".into(), json.into());
    let mut diagnostics = Diagnostics::new();
    let node = parse_json(file, json, &mut diagnostics).unwrap();
    let policy = Policy::read(&node, &mut diagnostics);
    let refused = diagnostics.iter().any(|d| d.rule == POLICY_SYNTAX && !d.message.contains("twice"));
    assert_eq!(policy.incomplete, refused, "{json}");
    let line = |d: &crate::diagnostic::Diagnostic| {
        format!("{} at {}: {}", d.severity.as_str(), sources.slice(d.span), d.message)
    };
    diagnostics.iter().map(line).collect()
}

/// The findings of a document with this one statement.
fn of_statement(statement: &str) -> Vec<String> {
    findings(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#))
}

#[test]
fn a_sound_document_has_no_finding() {
    assert_eq!(
        findings(
            r#"{"Version":"2012-10-17","Id":"x","Statement":[
                {"Sid":"A1","Effect":"Allow","Action":["s3:Get*","*"],"Resource":"*"},
                {"Effect":"Deny","NotAction":"iam:?*","NotResource":["arn:aws:s3:::a/${aws:userid}/*","arn:aws:iam::*:*"],
                 "Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a","b"]},"Bool":{"aws:SecureTransport":false}}}]}"#
        ),
        [""; 0]
    );
}

#[test]
fn each_mistake_of_a_statement_is_one_finding() {
    for (statement, expected) in [
        (r#"{"Action":"s3:*","Resource":"*"}"#, "error at : the statement has no `Effect`"),
        (r#"{"Effect":"allow","Action":"s3:*","Resource":"*"}"#, "error at \"allow\": `allow` is not an effect"),
        (r#"{"Effect":true,"Action":"s3:*","Resource":"*"}"#, "error at true: `true` is not an effect"),
        (r#"{"Effect":"Allow","Resource":"*"}"#, "error at : the statement has neither `Action` nor `NotAction`"),
        (
            r#"{"Effect":"Allow","Action":"s3:*","NotAction":"ec2:*","Resource":"*"}"#,
            "error at \"ec2:*\": the statement has both `Action` and `NotAction`",
        ),
        (r#"{"Effect":"Allow","Action":"s3:*"}"#, "error at : the statement has neither `Resource` nor `NotResource`"),
        (
            r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#,
            "warning at []: `Action` is empty, so the statement does nothing",
        ),
        (r#"{"Effect":"Allow","NotAction":[],"Resource":"*"}"#, "error at []: `NotAction` is empty"),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:userid":[]}}}"#,
            "warning at []: the condition key `aws:userid` has no value, so the condition holds for no request",
        ),
        (
            r#"{"Sid":"","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{}}"#,
            "warning at \"\": the `Sid` is empty; warning at {}: `Condition` is empty",
        ),
        (r#"{"Effect":"Allow","Action":5,"Resource":"*"}"#, "error at 5: `Action` holds a number, not a string"),
        (
            r#"{"Effect":"Allow","Action":"GetObject","Resource":"*"}"#,
            "error at \"GetObject\": the action `GetObject` has no service",
        ),
        (
            r#"{"Effect":"Allow","Action":"s*:Get","Resource":"*"}"#,
            "error at \"s*:Get\": the action `s*:Get` has a wildcard in its service",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:GetObject, s3:PutObject","Resource":"*"}"#,
            "error at \"s3:GetObject, s3:PutObject\": the action `s3:GetObject, s3:PutObject` holds a comma or white space",
        ),
        (r#"{"Effect":"Allow","Action":"s3:","Resource":"*"}"#, "error at \"s3:\": the action `s3:` is incomplete"),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"my-bucket"}"#,
            "error at \"my-bucket\": the resource `my-bucket` is not an ARN",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}"#,
            "error at \"Principal\": `Principal` is not allowed in an identity policy",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Conditions":{}}"#,
            "error at \"Conditions\": `Conditions` is not an element of a statement",
        ),
        (
            r#"{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
            "error at \"a b\": the sid `a b` has other characters than letters and digits",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEqual":{"a:b":"c"}}}"#,
            "error at \"StringEqual\": `StringEqual` is not a condition operator",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Null":{"a:b":null}}}"#,
            "error at null: the condition key `a:b` has null as a value",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:x":"true","AWS:X":"true"}}}"#,
            "error at \"AWS:X\": the condition key `AWS:X` stands twice, in other capitals",
        ),
        (r#"[]"#, "error at []: `Statement` is empty"),
        (r#""x""#, "error at \"x\": a statement is a mapping, not a string"),
    ] {
        assert_eq!(of_statement(statement).join("; "), expected, "{statement}");
    }
}

#[test]
fn all_mistakes_are_found_in_one_pass() {
    let found = of_statement(r#"{"Sid":"a-b","Effect":"Alow","Action":["GetObject","x y"],"Resource":["b"],"Foo":1}"#);
    assert_eq!(found.len(), 6, "{found:#?}");
}

#[test]
fn sids_are_unique() {
    let statement = r#"{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    assert_eq!(of_statement(&format!("[{statement},{statement}]")), ["error at \"A\": the sid `A` stands twice"]);
}

#[test]
fn the_old_version_is_an_error_where_a_variable_is_meant() {
    let document = |version: &str, resource: &str| {
        format!(r#"{{{version}"Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"{resource}"}}}}"#)
    };
    let old = "\"Version\":\"2008-10-17\",";
    assert_eq!(findings(&document("", "*")), ["warning at : the policy has no `Version`, so it is read as 2008-10-17"]);
    assert_eq!(findings(&document(old, "*")), ["warning at \"2008-10-17\": `Version` is 2008-10-17"]);
    assert_eq!(
        findings(&document(old, "arn:aws:s3:::${aws:userid}")),
        ["error at \"2008-10-17\": `Version` is 2008-10-17, where `${` is literal text"]
    );
    assert_eq!(
        findings(&document("\"Version\":\"2012-10-18\",", "*")),
        ["error at \"2012-10-18\": `2012-10-18` is not a version of the policy language"]
    );
}

#[test]
fn yaml_is_read_as_it_is_written() {
    let text = "Version: 2012-10-17\nStatement:\n  - Effect: Allow\n    Action: s3:GetObject\n    Resource: '*'\n    \
                Condition:\n      Bool:\n        aws:SecureTransport: true\n";
    let mut sources = Sources::new();
    let file = sources.add("m.yaml".into(), text.into());
    let mut diagnostics = Diagnostics::new();
    let document = parse_yaml(file, text, &mut diagnostics);
    let policy = Policy::read(&document.root, &mut diagnostics);
    assert_eq!(diagnostics.iter().count(), 0);
    assert_eq!(policy.statements.len(), 1);
    assert_eq!(&*policy.statements[0].conditions[0].values[0], "true");
}

#[test]
fn every_aws_managed_policy_is_understood() {
    let catalogue = Catalogue::embedded();
    for managed in catalogue.managed_policies() {
        let policy = Policy::aws_managed(&managed);
        assert!(!policy.incomplete && !policy.statements.is_empty(), "{}", managed.name);
        // Both readers understand the same.
        let json = catalogue.document(&managed);
        let mut sources = Sources::new();
        let file = sources.add("policy.json".into(), json.clone());
        let mut diagnostics = Diagnostics::new();
        let node = parse_json(file, &json, &mut diagnostics).unwrap();
        let read = Policy::read(&node, &mut diagnostics);
        let errors: Vec<_> = diagnostics.iter().filter(|d| d.rule == POLICY_SYNTAX).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", managed.name);
        for (a, b) in policy.statements.iter().zip(&read.statements) {
            assert_eq!((&a.actions, a.allows), (&b.actions, b.allows), "{}", managed.name);
            assert_eq!(a.conditions.len(), b.conditions.len(), "{}", managed.name);
        }
    }
}

#[test]
fn sizes_are_counted_as_aws_counts() {
    assert_eq!(non_whitespace("{ \"a\":\t\"é\" }\n"), 8 + 1);
    assert_eq!(bytes("{ \"a\":\t\"é\" }\n"), 14);
}
