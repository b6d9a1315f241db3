//! Findings, with the places they are about.

use serde::Serialize;

use super::excerpts::{Excerpts, Place};
use crate::diagnostic::{Diagnostic, Diagnostics, SuppressedBy};
use crate::lint;

/// One finding.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// `error`, `warning` or `note`.
    pub level: &'static str,
    /// One fact.
    pub message: String,
    /// What is said at the place; may be empty.
    pub label: String,
    /// The guilty place.
    pub place: Place,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// How it comes about.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// Another place of a finding.
#[derive(Debug, Serialize)]
pub struct Related {
    /// The place.
    pub place: Place,
    /// What is said there.
    pub message: String,
}

/// A finding that a comment of the model accepts.
#[derive(Debug, Serialize)]
pub struct Accepted {
    /// The finding.
    pub finding: Finding,
    /// Why it is right.
    pub reason: String,
    /// Where that is said.
    pub said: Place,
}

/// What a rule finds, in one line.
#[derive(Debug, Serialize)]
pub struct RuleSummary {
    /// The id.
    pub id: &'static str,
    /// The line.
    pub summary: &'static str,
}

pub(super) fn of(diagnostics: &Diagnostics, excerpts: &mut Excerpts<'_>) -> (Vec<Finding>, Vec<Accepted>) {
    let findings = diagnostics.iter().map(|found| finding(found, excerpts)).collect();
    let mut accepted = Vec::new();
    for suppressed in diagnostics.suppressed() {
        if let SuppressedBy::Comment { span, reason } = &suppressed.by {
            let finding = finding(&suppressed.finding, excerpts);
            accepted.push(Accepted { finding, reason: reason.clone(), said: excerpts.place(*span) });
        }
    }
    (findings, accepted)
}

fn finding(found: &Diagnostic, excerpts: &mut Excerpts<'_>) -> Finding {
    Finding {
        rule: found.rule,
        level: found.severity.as_str(),
        message: found.message.clone(),
        label: found.label.clone(),
        place: excerpts.place(found.span),
        related: found
            .related
            .iter()
            .map(|(span, message)| Related { place: excerpts.place(*span), message: message.clone() })
            .collect(),
        notes: found.notes.clone(),
        help: found.help.clone(),
    }
}

/// The rules behind findings, by id.
pub(super) fn rules(findings: &[Finding], accepted: &[Accepted]) -> Vec<RuleSummary> {
    let found = findings.iter().chain(accepted.iter().map(|accepted| &accepted.finding));
    let mut ids: Vec<&str> = found.map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(lint::rule).map(|rule| RuleSummary { id: rule.id, summary: rule.summary }).collect()
}
