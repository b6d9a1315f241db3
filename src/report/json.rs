//! Findings for a program: version 1 of the report.

use serde::Serialize;
use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Sources, Span};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    level: &'a str,
    message: &'a str,
    notes: &'a [String],
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

/// Lines and columns count from 1; the end is the position behind the last character.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
}

/// Prints the findings in their order as one JSON object.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn json(diagnostics: &Diagnostics, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        version: 1,
        findings: diagnostics.iter().map(|finding| self::finding(finding, sources)).collect(),
        summary: Summary { errors: diagnostics.errors(), warnings: diagnostics.warnings(), notes: diagnostics.notes() },
    };
    let text = serde_json::to_string_pretty(&report)?;
    writeln!(out, "{}", super::escape_json(&text))
}

fn finding<'a>(finding: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    Finding {
        rule: finding.rule,
        level: finding.severity.as_str(),
        message: &finding.message,
        notes: &finding.notes,
        help: finding.help.as_deref(),
        place: place(finding.span, sources),
        related: finding
            .related
            .iter()
            .map(|(span, text)| Related { message: text, place: place(*span, sources) })
            .collect(),
    }
}

fn place(span: Span, sources: &Sources) -> Place<'_> {
    let (start, end) = (sources.start(span), sources.end(span));
    Place {
        file: sources.get(span.file).path(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
