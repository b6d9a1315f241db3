//! What a finding is about, whatever line it stands on.
//!
//! A finding is recognized by its rule, by where it stands in the *structure* of the model, and by the text it points at.
//! Lines that move, rows that are sorted and sections that go to another file change nothing about that; a declaration
//! that is renamed, or a value that becomes another, does. So a finding that gets worse is a new one.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span};
use crate::syntax::{Node, Value, parse_json, parse_yaml};

/// How many characters of a text are kept as they are; a longer one is known by its hash.
const READABLE: usize = 80;

/// The keys whose values say which element of a list is meant: rows of a model, statements of a policy, references.
const IDENTIFYING: [&str; 7] = ["user", "group", "groups", "permission_set", "permission_sets", "name", "Sid"];

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// The id of the rule, and behind a `/` which of its checks where it has several.
    pub rule: String,
    /// The keys that lead to the place, such as `permission_sets/Admin/session_duration`; in a policy document behind the
    /// path of its file.
    pub at: String,
    /// What is written there, on one line.
    pub text: String,
}

impl Fingerprint {
    /// Sixteen hexadecimal digits for a report that wants an opaque text.
    pub fn digest(&self) -> String {
        hex(&[&self.rule, &self.at, &self.text])
    }
}

/// The first 64 bits of a hash of texts.
fn hex(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Recognizes findings. A file is parsed once more for the first finding in it: only reports that need fingerprints pay.
#[derive(Debug)]
pub struct Fingerprints<'s> {
    sources: &'s Sources,
    renamed: Option<&'s BTreeMap<String, String>>,
    trees: FxHashMap<FileId, Option<Node>>,
}

impl<'s> Fingerprints<'s> {
    /// Findings in these files.
    pub fn new(sources: &'s Sources) -> Self {
        Self { sources, renamed: None, trees: FxHashMap::default() }
    }

    /// Findings in these files, some of which go by other names: by their own, those.
    pub fn renamed(sources: &'s Sources, renamed: &'s BTreeMap<String, String>) -> Self {
        Self { renamed: Some(renamed), ..Self::new(sources) }
    }

    /// What a finding is about.
    pub fn of(&mut self, finding: &Diagnostic) -> Fingerprint {
        let source = self.sources.get(finding.span.file);
        let is_json = source.path().ends_with(".json");
        let tree = self.trees.entry(finding.span.file).or_insert_with(|| {
            // What is wrong with the file was reported when it was read.
            let mut reported = Diagnostics::new();
            match is_json {
                true => parse_json(finding.span.file, source.text(), &mut reported),
                false => Some(parse_yaml(finding.span.file, source.text(), &mut reported).root),
            }
        });
        let mut steps = Vec::new();
        if let Some(tree) = tree {
            descend(tree, finding.span, &mut steps);
        }
        let keys = steps.join("/");
        let path = self.renamed.and_then(|renamed| renamed.get(source.path())).map_or(source.path(), String::as_str);
        let at = if is_json { format!("{path}: {keys}") } else { keys };
        let rule = match &finding.check {
            Some(check) => format!("{}/{check}", finding.rule),
            None => finding.rule.to_owned(),
        };
        Fingerprint { rule, at, text: readable(self.sources.slice(finding.span)) }
    }
}

/// The text on one line, or its hash where it is long.
fn readable(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= READABLE { line } else { format!("sha256:{}", hex(&[&line])) }
}

/// The steps from a node to the place of a span.
fn descend(node: &Node, span: Span, steps: &mut Vec<String>) {
    // Children stand in the order of the file, so that the last one that begins before the span is the one that holds it.
    match &node.value {
        Value::Mapping(entries) => {
            let at = entries.partition_point(|entry| entry.key.span.start <= span.start);
            let Some(entry) = at.checked_sub(1).map(|at| &entries[at]) else { return };
            if span.start > entry.value.span.end.max(entry.key.span.end) {
                return;
            }
            steps.push(entry.name().to_owned());
            if span.start >= entry.value.span.start && !holds_whole(span, &entry.value) {
                descend(&entry.value, span, steps);
            }
        }
        Value::Sequence(items) => {
            let at = items.partition_point(|item| item.span.start <= span.start);
            let Some(item) = at.checked_sub(1).map(|at| &items[at]) else { return };
            if let Some(identity) = identity(item) {
                steps.push(identity);
            }
            if !holds_whole(span, item) {
                descend(item, span, steps);
            }
        }
        Value::Empty | Value::Scalar(_) => {}
    }
}

/// Whether a span is that of a whole node, so that nothing inside it is meant.
fn holds_whole(span: Span, node: &Node) -> bool {
    span.start <= node.span.start && span.end >= node.span.end
}

/// Which element of a list is meant, where its keys say so.
fn identity(item: &Node) -> Option<String> {
    let Value::Mapping(_) = &item.value else { return None };
    let values = IDENTIFYING.iter().filter_map(|key| item.get(key));
    let texts: Vec<_> = values
        .flat_map(|value| match &value.value {
            Value::Sequence(items) => items.iter().filter_map(Node::text).collect::<Vec<_>>(),
            _ => value.text().into_iter().collect(),
        })
        .collect();
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fingerprint of the first place where `needle` stands.
    fn fingerprint(path: &str, text: &str, needle: &str) -> Fingerprint {
        let mut sources = Sources::new();
        let file = sources.add(path.to_owned(), text.to_owned());
        let start = text.find(needle).expect("the text holds it");
        let finding = Diagnostic::error("wrong-type", Span::new(file, start..start + needle.len()), "message");
        Fingerprints::new(&sources).of(&finding)
    }

    const ROWS: &str = "permission_sets:
  Long: { session_duration: 10h }
assignments:
  - { group: a, permission_set: Long, ous: [Workloads] }
  - group: b
    permission_sets: [Long, Short]
    ous: [Security]
";

    #[test]
    fn the_way_to_a_place_is_told_in_keys() {
        let at = |needle: &str| fingerprint("m.yaml", ROWS, needle).at;
        assert_eq!(at("10h"), "permission_sets/Long/session_duration");
        assert_eq!(at("Long:"), "permission_sets/Long");
        assert_eq!(at("Workloads"), "assignments/[a, Long]/ous");
        assert_eq!(at("Security"), "assignments/[b, Long, Short]/ous");
    }

    #[test]
    fn lines_that_move_change_nothing_and_a_worse_value_does() {
        let before = fingerprint("m.yaml", ROWS, "Security");
        let moved =
            format!("# a comment\n\n{}", ROWS.replace("  - { group: a", "  - { group: z, ous: [X] }\n  - { group: a"));
        assert_eq!(before, fingerprint("other.yaml", &moved, "Security"));
        let worse = ROWS.replace("10h", "11h");
        assert_ne!(fingerprint("m.yaml", ROWS, "10h"), fingerprint("m.yaml", &worse, "11h"));
        assert_ne!(before.digest(), fingerprint("m.yaml", ROWS, "10h").digest());
    }

    #[test]
    fn a_statement_is_known_by_its_sid_and_its_file() {
        let json = r#"{ "Statement": [{ "Sid": "One", "Action": "*" }, { "Sid": "Two", "Action": "iam:*" }] }"#;
        let found = fingerprint("policies/p.json", json, "\"iam:*\"");
        assert_eq!((found.at.as_str(), found.text.as_str()), ("policies/p.json: Statement/[Two]/Action", "\"iam:*\""));
    }

    #[test]
    fn a_long_text_is_known_by_its_hash() {
        let text = format!("a: {}\n", "x".repeat(200));
        assert!(fingerprint("m.yaml", &text, &"x".repeat(200)).text.starts_with("sha256:"));
    }
}
