//! A YAML model.

use std::collections::BTreeSet;
use std::path::Path;

use super::{check_findings, check_report, judge};
use crate::diagnostic::Diagnostics;
use crate::emit::{cloudformation, terraform};
use crate::error::Error;
use crate::plan::{Deliveries, Stacks, plan, plan_stacks};
use crate::report;
use crate::session::Session;
use crate::source::Sources;
use crate::syntax::{Node, Value, parse_json, parse_yaml};
use crate::write::Sink;

/// A model is judged: findings point at its text, reports are what they claim to be, and what has no error can be built.
/// What was read is what was written: printed as JSON, it reads the same.
pub fn model(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    check_tree(text);
    let session = judge(text);
    check_findings(&session.diagnostics, &session.sources);
    check_reports(&session);
    check_build(&session);
}

fn check_tree(text: &str) {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let file = sources.add("model.yaml".to_owned(), text.to_owned());
    let root = parse_yaml(file, text, &mut diagnostics).root;
    check_findings(&diagnostics, &sources);
    check_spans(&root, text);
    let json = root.to_json();
    let mut diagnostics = Diagnostics::new();
    let file = sources.add("model.json".to_owned(), json.clone());
    // JSON has its own limit of nesting.
    if depth(&root) < 100 {
        let again = parse_json(file, &json, &mut diagnostics).expect("what is printed is JSON");
        assert_eq!(again.to_json(), json);
    }
}

/// Every value lies in the text, and within the value around it where it is no alias.
fn check_spans(node: &Node, text: &str) {
    assert!(text.get(node.span.range()).is_some(), "{node:?}");
    match &node.value {
        Value::Empty | Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| check_spans(item, text)),
        Value::Mapping(entries) => entries.iter().for_each(|entry| {
            check_spans(&entry.key, text);
            check_spans(&entry.value, text);
        }),
    }
}

fn depth(node: &Node) -> usize {
    1 + match &node.value {
        Value::Empty | Value::Scalar(_) => 0,
        Value::Sequence(items) => items.iter().map(depth).max().unwrap_or_default(),
        Value::Mapping(entries) => entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or_default(),
    }
}

fn check_reports(session: &Session) {
    let mut out = Vec::new();
    report::terminal(&session.diagnostics, &session.sources, &mut out).expect("a vector takes everything");
    assert_eq!(out.is_empty(), session.diagnostics.is_empty());
    check_report(&out);
    out.clear();
    report::json(&session.diagnostics, &session.sources, &mut out).expect("a vector takes everything");
    check_report(&out);
    let report: serde_json::Value = serde_json::from_slice(&out).expect("the report is JSON");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(session.diagnostics.len()));
}

/// A model without an error is planned and emitted, every file once.
fn check_build(session: &Session) {
    let Some(access) = &session.access else { return };
    if session.diagnostics.errors() > 0 || !access.missing_sections.is_empty() {
        return;
    }
    let grants: usize =
        access.set_ids().flat_map(|set| access.pairs_of(set)).map(|pair| access.grants_of(pair).len()).sum();
    assert_eq!(access.grant_count(), grants);
    let plan = plan(access, None).expect("nothing was built before");
    terraform::emit(&plan, &mut Names::default()).expect("every file can be taken");
    let plan = plan_stacks(access, Deliveries::default());
    let stacks = Stacks::new(&plan, None, false).expect("nothing was built before");
    let mut templates = Names::default();
    cloudformation::emit(&plan, &stacks, Path::new("no-such-folder"), &mut templates).expect("every file can be taken");
}

/// Takes the files of a build and remembers their names.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Sink for Names {
    fn file(&mut self, path: &str, contents: &[u8]) -> Result<(), Error> {
        assert!(!path.starts_with('/') && !path.split('/').any(|part| matches!(part, "" | "." | "..")), "{path}");
        // Two names that differ in capitals are one file on some systems.
        assert!(self.0.insert(path.to_lowercase()), "{path} is written twice");
        let text = std::str::from_utf8(contents).expect("files are UTF-8");
        if path.ends_with(".yaml") {
            let mut diagnostics = Diagnostics::new();
            let template = parse_yaml(Sources::new().add(path.to_owned(), String::new()), text, &mut diagnostics);
            // A reader that does not know CloudFormation only minds its tags, `!Ref` and the like.
            let well_formed = diagnostics.iter().all(|finding| finding.message.starts_with("the tag `!"));
            assert!(well_formed && !template.broken_off, "{diagnostics:?} in {text}");
        } else if path.ends_with(".json") {
            assert!(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(), "{text}");
        }
        Ok(())
    }
}
