//! What can be done about a finding with one key.

use std::collections::BTreeMap;

use super::protocol::{CodeAction, CodeActionParams, Position, Range, TextEdit, WorkspaceEdit};
use super::workspace::{Places, Workspace};
use crate::diagnostic::Diagnostic;
use crate::lint::{Kind, rule};
use crate::source::Span;

/// What can be done about the findings of a range.
pub(super) fn actions(workspace: &Workspace, asked: &CodeActionParams) -> Vec<CodeAction> {
    let Some((model, _, _)) = workspace.text_of(&asked.text_document.uri) else { return Vec::new() };
    let Some(session) = &model.session else { return Vec::new() };
    let places = Places::new(workspace, &model.root, session);
    let mut actions = Vec::new();
    for finding in &session.diagnostics {
        let location = places.location(finding.span);
        let wanted = asked.range;
        let meets = location.range.start <= wanted.end && wanted.start <= location.range.end;
        if !meets || location.uri != asked.text_document.uri {
            continue;
        }
        if let Some((title, edit)) = suppression(&places, finding) {
            actions.push(CodeAction {
                title,
                kind: "quickfix",
                diagnostics: vec![places.diagnostic(finding)],
                is_preferred: false,
                edit,
            });
        }
    }
    actions
}

/// A comment above the guilty line that suppresses a finding, with a reason to be filled in.
fn suppression(places: &Places<'_>, finding: &Diagnostic) -> Option<(String, WorkspaceEdit)> {
    if finding.hard || rule(finding.rule).is_none_or(|rule| rule.kind == Kind::Fixed) {
        return None;
    }
    let at: Span = finding.suppressed_at.unwrap_or(finding.span);
    let location = places.location(at);
    let indentation = places.indentation(at);
    let line = Position { line: location.range.start.line, character: 0 };
    let new_text = format!("{indentation}# bailiwick: allow[{}] why this is right here\n", finding.rule);
    let edit = TextEdit { range: Range { start: line, end: line }, new_text };
    let title = format!("Suppress `{}` here, with a reason", finding.rule);
    Some((title, WorkspaceEdit { changes: BTreeMap::from([(location.uri, vec![edit])]) }))
}
