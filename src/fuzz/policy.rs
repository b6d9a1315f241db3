//! A policy document.

use std::sync::Arc;

use serde_json::Value as Json;

use super::check_findings;
use crate::diagnostic::Diagnostics;
use crate::iam::Facts;
use crate::iam::assess::{Assessment, Assessor, Attached, Class, PermissionSetPolicies, PolicyName};
use crate::iam::policy::Policy;
use crate::source::Sources;
use crate::syntax::{Node, Value, parse_json};

/// A document is read as any JSON reader reads it, printed and read again it is the same, and a policy that IAM takes is
/// understood whole. Its assessment does not change when the policy is attached twice, and a Deny of everything leaves
/// nothing of it.
pub fn policy(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let file = sources.add("policy.json".to_owned(), text.to_owned());
    let document = parse_json(file, text, &mut diagnostics);
    check_findings(&diagnostics, &sources);
    let Some(document) = document else {
        assert!(!diagnostics.is_empty(), "it was refused without a word");
        return;
    };
    let json = document.to_json();
    // A number that no float holds is the only thing that the other reader does not take.
    if let Ok(theirs) = serde_json::from_str::<Json>(text).inspect_err(|error| assert!(out_of_range(error), "{error}"))
        && diagnostics.is_empty()
    {
        let ours: Json = serde_json::from_str(&json).expect("what is printed is JSON");
        assert_eq!(ours, theirs);
    }
    let file = sources.add("again.json".to_owned(), json.clone());
    let again = parse_json(file, &json, &mut Diagnostics::new()).expect("what is printed is JSON");
    assert_eq!(again.to_json(), json);
    check_meaning(&document, diagnostics, &sources);
}

fn out_of_range(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

fn check_meaning(document: &Node, mut diagnostics: Diagnostics, sources: &Sources) {
    let policy = Policy::read(document, &mut diagnostics);
    check_findings(&diagnostics, sources);
    if diagnostics.is_empty() {
        let statements = match document.get("Statement").map(|statement| &statement.value) {
            Some(Value::Sequence(list)) => list.len(),
            Some(Value::Mapping(_)) => 1,
            other => panic!("no statement and no finding: {other:?}"),
        };
        assert!(!policy.incomplete && policy.statements.len() == statements);
    }
    let mut assessor = Assessor::new(Facts::default());
    let policy = Attached { name: PolicyName::Inline, policy: Some(Arc::new(policy)) };
    let mut assess = |policies: &[&Attached]| {
        let policies = policies.iter().map(|&policy| policy.clone()).collect();
        assessor.assess(&PermissionSetPolicies { policies, ..PermissionSetPolicies::default() })
    };
    let once = assess(&[&policy]);
    let twice = assess(&[&policy, &policy]);
    assert_eq!(classes(&once), classes(&twice));
    let denied = assess(&[&policy, &nothing()]);
    assert!(denied.findings.is_empty(), "{denied:?}");
}

fn classes(assessment: &Assessment) -> Vec<(Class, Option<&'static str>)> {
    assessment.findings.iter().map(|finding| (finding.class, finding.path)).collect()
}

/// A policy that denies everything.
fn nothing() -> Attached {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let file = Sources::new().add("nothing.json".to_owned(), text.to_owned());
    let mut diagnostics = Diagnostics::new();
    let document = parse_json(file, text, &mut diagnostics).expect("it is JSON");
    Attached { name: PolicyName::Inline, policy: Some(Arc::new(Policy::read(&document, &mut diagnostics))) }
}
