//! Findings as SARIF 2.1.0, as GitHub code scanning and other collectors of findings take it.
//!
//! The shapes are those of the OASIS standard; only what some reader shows is written. Paths are relative to the
//! repository, so that an alert stands in the file it is about.

use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Repository, escape_json};
use crate::diagnostic::{Diagnostic, Diagnostics, SuppressedBy};
use crate::fingerprint::{Fingerprint, Fingerprints};
use crate::lint::{RULES, Rule};
use crate::source::{Sources, Span};

/// The base of relative paths, by convention the root of the repository.
const ROOT: &str = "%SRCROOT%";

/// What belongs into the report.
#[derive(Clone, Debug)]
pub struct Sarif {
    /// Where paths start from.
    pub repository: Repository,
    /// Whether suppressed findings are in it, marked as such. GitHub opens alerts for them all the same.
    pub suppressed: bool,
    /// Whether the findings have been compared with those of before.
    pub compared: bool,
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    short_description: Text<'a>,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text<'static>,
    full_description: Page,
    help: Page,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// What GitHub sorts and filters by.
#[derive(Serialize)]
struct Properties {
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    severity: &'static str,
    tags: [&'static str; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

/// Markdown that can be read as it stands.
#[derive(Serialize)]
struct Page {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
struct Base {
    description: Text<'static>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    /// Present and empty: known not to be suppressed.
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

/// Lines and columns count from 1; the end is the position behind the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
}

/// Prints the findings in their order as one SARIF log.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn sarif(options: &Sarif, diagnostics: &Diagnostics, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report {
        options,
        sources,
        fingerprints: Fingerprints::new(sources),
        alike: FxHashMap::default(),
        rules: RULES.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect(),
    };
    let mut results: Vec<_> = diagnostics.iter().map(|finding| report.result(finding, None)).collect();
    if options.suppressed {
        results.extend(diagnostics.suppressed().iter().map(|left| report.result(&left.finding, Some(&left.by))));
    }
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "bailiwick",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    short_description: Text { text: "lints workforce access to AWS" },
                    rules: RULES.iter().map(|rule| descriptor(rule)).collect(),
                },
            },
            invocations: [Invocation { execution_successful: true }],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                Base { description: Text { text: "the root of the repository" } },
            )]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    let text = serde_json::to_string_pretty(&log)?;
    writeln!(out, "{}", escape_json(&text))
}

fn descriptor(rule: &'static Rule) -> Descriptor {
    let finds = rule.section("What it finds").unwrap_or_else(|| rule.summary.to_owned());
    let level = rule.severity().as_str();
    let page = |text: String| Page { markdown: text.clone(), text };
    Descriptor {
        id: rule.id,
        short_description: Text { text: rule.summary },
        full_description: page(finds),
        help: page(rule.page()),
        default_configuration: Configuration { level },
        properties: Properties {
            precision: "very-high",
            severity: if level == "note" { "recommendation" } else { level },
            tags: ["access"],
        },
    }
}

/// What the results of one log have in common.
struct Report<'r> {
    options: &'r Sarif,
    sources: &'r Sources,
    fingerprints: Fingerprints<'r>,
    /// How many findings of the same fingerprint there have been.
    alike: FxHashMap<Fingerprint, usize>,
    /// Where in the list a rule stands.
    rules: FxHashMap<&'static str, usize>,
}

impl Report<'_> {
    fn result<'a>(&mut self, finding: &'a Diagnostic, by: Option<&'a SuppressedBy>) -> Outcome<'a> {
        let known = matches!(by, Some(SuppressedBy::Baseline | SuppressedBy::Untouched));
        Outcome {
            rule_id: finding.rule,
            rule_index: self.rules.get(finding.rule).copied(),
            level: finding.severity.as_str(),
            message: Message { text: message(finding) },
            locations: [self.location(finding.span)],
            related_locations: finding
                .related
                .iter()
                .enumerate()
                .map(|(at, (span, text))| Location {
                    id: Some(at + 1),
                    message: Some(Message { text: text.clone() }),
                    ..self.location(*span)
                })
                .collect(),
            partial_fingerprints: self.partial_fingerprints(finding),
            baseline_state: self.options.compared.then_some(if known { "unchanged" } else { "new" }),
            suppressions: by.into_iter().map(|by| self.suppression(by)).collect(),
        }
    }

    /// By what a collector recognizes the finding in the next run. GitHub looks at the first of the two only.
    fn partial_fingerprints(&mut self, finding: &Diagnostic) -> BTreeMap<&'static str, String> {
        let fingerprint = self.fingerprints.of(finding);
        let digest = fingerprint.digest();
        let alike = self.alike.entry(fingerprint).or_default();
        *alike += 1;
        let digest = format!("{digest}:{alike}");
        BTreeMap::from([("primaryLocationLineHash", digest.clone()), ("bailiwick/v1", digest)])
    }

    fn location(&self, span: Span) -> Location {
        let (start, end) = (self.sources.start(span), self.sources.end(span));
        Location {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: self.options.repository.uri(span.file, self.sources),
                    uri_base_id: ROOT,
                },
                region: Region {
                    start_line: start.line,
                    start_column: start.column,
                    end_line: end.line,
                    end_column: end.column,
                },
            },
            message: None,
        }
    }

    fn suppression<'a>(&self, by: &'a SuppressedBy) -> Suppression<'a> {
        let external =
            |justification| Suppression { kind: "external", status: "accepted", justification, location: None };
        match by {
            SuppressedBy::Comment { span, reason } => Suppression {
                kind: "inSource",
                status: "accepted",
                justification: reason,
                location: Some(self.location(*span)),
            },
            SuppressedBy::Baseline => external("it is in the baseline"),
            SuppressedBy::Untouched => external("it was there before the change"),
        }
    }
}

/// The message, how it comes about, and what to do. GitHub shows a related location only where the message links to it.
fn message(finding: &Diagnostic) -> String {
    let mut text = plain(&finding.message);
    for note in &finding.notes {
        text.push_str("\n\n");
        text.push_str(&plain(note));
    }
    for (at, (_, label)) in finding.related.iter().enumerate() {
        let label = if label.is_empty() { "this place" } else { label };
        text.push_str(&format!("\n\nsee [{}]({})", label.replace('[', "\\[").replace(']', "\\]"), at + 1));
    }
    if let Some(help) = &finding.help {
        text.push_str("\n\nhelp: ");
        text.push_str(&plain(help));
    }
    text
}

/// A text in which nothing is a link.
fn plain(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[") } else { text.to_owned() }
}
