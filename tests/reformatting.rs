//! The same model, split over other files, in another order and in another layout, has the same findings elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bailiwick::diagnostic::Diagnostics;
use bailiwick::source::Sources;
use bailiwick::syntax::{Entry, Node, Style, Value, parse_yaml};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::program::Finding;
use crate::rules::{Files, complete, one_file};

/// How often each fixture is written differently.
const ROUNDS: usize = 4;

/// Rules about the text itself, whose fixtures mean something else when they are written differently.
const ABOUT_TEXT: [&str; 4] = ["syntax", "duplicate-key", "malformed-suppression", "unused-suppression"];

/// Decides how a model is written.
struct Writer {
    random: TestRng,
}

impl Writer {
    fn below(&mut self, limit: usize) -> usize {
        self.random.next_u64() as usize % limit.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// Divides a model over files: sections, and what the larger sections list, go where chance sends them.
    fn split(&mut self, model: &Node) -> Files {
        let mut files = vec![String::new(); 1 + self.below(3)];
        let Value::Mapping(sections) = &model.value else { panic!("a model is a mapping: {model:?}") };
        let mut sections: Vec<&Entry> = sections.iter().collect();
        self.shuffle(&mut sections);
        for section in sections {
            let places: Vec<usize> = match (section.name(), &section.value.value) {
                (
                    "permission_sets" | "policies" | "attributes" | "assignments",
                    Value::Sequence(_) | Value::Mapping(_),
                ) => (0..files.len()).collect(),
                _ => vec![self.below(files.len())],
            };
            let parts = self.divide(&section.value, places.len());
            for (place, part) in places.into_iter().zip(parts) {
                let Some(part) = part else { continue };
                let value = self.value(&part, 1);
                files[place].push_str(&format!("{}:{value}\n", section.name()));
            }
        }
        files.retain(|text| !text.is_empty());
        files.into_iter().enumerate().map(|(number, text)| (format!("part-{number}.yaml"), text)).collect()
    }

    /// Distributes the elements of a collection; an empty part is left out, unless all are.
    fn divide(&mut self, node: &Node, count: usize) -> Vec<Option<Node>> {
        if count == 1 {
            return vec![Some(node.clone())];
        }
        let mut parts = vec![None; count];
        let whole = |value| Some(Node { span: node.span, value });
        match &node.value {
            Value::Sequence(items) => {
                let mut items = items.clone();
                self.shuffle(&mut items);
                let mut lists = vec![Vec::new(); count];
                items.into_iter().for_each(|item| lists[self.below(count)].push(item));
                for (part, list) in parts.iter_mut().zip(lists).filter(|(_, list)| !list.is_empty()) {
                    *part = whole(Value::Sequence(list));
                }
            }
            Value::Mapping(entries) => {
                let mut lists = vec![Vec::new(); count];
                entries.iter().for_each(|entry| lists[self.below(count)].push(entry.clone()));
                for (part, list) in parts.iter_mut().zip(lists).filter(|(_, list)| !list.is_empty()) {
                    *part = whole(Value::Mapping(list));
                }
            }
            _ => {}
        }
        if parts.iter().all(Option::is_none) {
            parts[0] = Some(node.clone());
        }
        parts
    }

    /// What stands behind a `:` or a `-`, with the space or line break in front of it.
    fn value(&mut self, node: &Node, depth: usize) -> String {
        // Nothing behind a comma is no element.
        let holds_nothing = |item: &Node| matches!(item.value, Value::Empty);
        let block =
            self.below(2) == 0 || matches!(&node.value, Value::Sequence(items) if items.iter().any(holds_nothing));
        match &node.value {
            Value::Empty => String::new(),
            Value::Mapping(entries) if block && !entries.is_empty() => {
                let indent = " ".repeat(depth * 3);
                let mut entries = entries.clone();
                self.shuffle(&mut entries);
                let lines = entries.iter().map(|entry| {
                    let comment = if self.below(6) == 0 { format!("\n{indent}# a comment\n") } else { String::new() };
                    let key = self.scalar(&entry.key);
                    format!("{comment}\n{indent}{key}:{}", self.value(&entry.value, depth + 1))
                });
                lines.collect()
            }
            Value::Sequence(items) if block && !items.is_empty() => {
                let indent = " ".repeat(depth * 3);
                items.iter().map(|item| format!("\n{indent}-{}", self.value(item, depth + 1))).collect()
            }
            _ => format!(" {}", self.flow(node)),
        }
    }

    fn flow(&mut self, node: &Node) -> String {
        match &node.value {
            Value::Empty => String::new(),
            Value::Scalar(_) => self.scalar(node),
            Value::Sequence(items) => {
                let items: Vec<_> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Mapping(entries) => {
                let mut entries = entries.clone();
                self.shuffle(&mut entries);
                let entries: Vec<_> = entries
                    .iter()
                    .map(|entry| format!("{}: {}", self.scalar(&entry.key), self.flow(&entry.value)))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// A scalar in other quotes; one without quotes keeps none, where that could change what it means.
    fn scalar(&mut self, node: &Node) -> String {
        let Value::Scalar(scalar) = &node.value else { panic!("a key is a scalar: {node:?}") };
        let text = &*scalar.text;
        let simple = |c: char| c.is_ascii_alphanumeric() || "_./~".contains(c);
        let bare = scalar.style == Style::Plain && !text.is_empty() && text.chars().all(simple);
        let quotable = !text.contains(|c: char| c == '\'' || c.is_control() || !c.is_ascii());
        match self.below(3) {
            _ if bare && !text.starts_with(|c: char| c.is_ascii_alphabetic()) => text.to_owned(),
            0 if bare => text.to_owned(),
            1 if quotable && !node.is_null() => format!("'{text}'"),
            _ if node.is_null() => text.to_owned(),
            _ => serde_json::to_string(text).expect("text is JSON"),
        }
    }
}

/// Findings without their places, and how often each stands. Of two names that differ in capitals, the place decides which is the
/// guilty one.
pub(crate) fn said(findings: Vec<Finding>) -> BTreeMap<String, usize> {
    let mut said = BTreeMap::new();
    for Finding { rule, level, message, .. } in findings {
        *said.entry(format!("{level}[{rule}]: {}", message.to_lowercase())).or_default() += 1;
    }
    said
}

#[test]
fn splitting_shuffling_and_reformatting_change_no_finding_but_its_place() {
    let mut writer = Writer { random: TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]) };
    let mut wrong = Vec::new();
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")).unwrap() {
        let folder = folder.unwrap().path();
        if ABOUT_TEXT.iter().any(|rule| folder.ends_with(rule)) {
            continue;
        }
        for fixture in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
            let text = fs::read_to_string(&fixture).unwrap();
            // A suppression belongs to a line.
            if text.contains("bailiwick: allow[") {
                continue;
            }
            let expected = said(complete(&one_file(&text)).judge());
            let file = Sources::new().add("model.yaml".to_owned(), String::new());
            let model = parse_yaml(file, &text, &mut Diagnostics::new()).root;
            for _ in 0..ROUNDS {
                let files = writer.split(&model);
                let written = complete(&one_file(&text));
                fs::remove_file(written.join("model.yaml")).unwrap();
                files.iter().for_each(|(path, text)| written.write(path, text));
                let found = said(written.judge());
                if found != expected {
                    let only = |these: &BTreeMap<String, usize>, those: &BTreeMap<String, usize>| {
                        these
                            .iter()
                            .filter(|(said, times)| those.get(*said) != Some(times))
                            .map(|(said, _)| said.clone())
                            .collect::<Vec<_>>()
                    };
                    let (new, gone) = (only(&found, &expected), only(&expected, &found));
                    wrong.push(format!("{}: new {new:#?}, gone {gone:#?} in {files:#?}", fixture.display()));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
