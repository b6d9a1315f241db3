//! What can be done about a finding with one key.

use std::collections::BTreeMap;

use super::protocol::{CodeAction, CodeActionParams, Position, Range, TextEdit, WorkspaceEdit};
use super::workspace::{Places, Workspace};
use crate::diagnostic::{Diagnostic, Fix};
use crate::fix;
use crate::lint::is_adjustable;
use crate::session::Session;
use crate::source::{Sources, Span};

/// What can be done about the findings of a range: what puts a finding right stands before what suppresses it.
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
        let mut offer = |title, edit, is_preferred| {
            let diagnostics = vec![places.diagnostic(finding)];
            actions.push(CodeAction { title, kind: "quickfix", diagnostics, is_preferred, edit });
        };
        if let Some(fix) = finding.fix.as_deref()
            && let Some((title, edit)) = repair(&places, &session.sources, fix)
        {
            offer(title, edit, fix.safe);
        }
        if let Some((title, edit)) = suppression(&places, session, finding) {
            offer(title, edit, false);
        }
    }
    actions
}

/// The fix of a finding; `None` where its edits do not fit what is written, or where nothing is left to change.
fn repair(places: &Places<'_>, sources: &Sources, fix: &Fix) -> Option<(String, WorkspaceEdit)> {
    let mut edits: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for (file, (range, new_text)) in fix::resolve(fix, sources)? {
        let location = places.location(Span::new(file, range));
        edits.entry(location.uri).or_default().push(TextEdit { range: location.range, new_text });
    }
    let mut title = fix.title.clone();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    (!edits.is_empty()).then_some((title, WorkspaceEdit { changes: edits }))
}

/// A comment above the guilty line that suppresses a finding, with a reason to be filled in; above each line that names the
/// document that it is in.
fn suppression(places: &Places<'_>, session: &Session, finding: &Diagnostic) -> Option<(String, WorkspaceEdit)> {
    if !is_adjustable(finding) {
        return None;
    }
    let mut changes: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for at in session.suppressible_at(finding) {
        let location = places.location(at);
        let indentation = places.indentation(at);
        let line = Position { line: location.range.start.line, character: 0 };
        let new_text = format!("{indentation}# bailiwick: allow[{}] why this is right here\n", finding.rule);
        let edit = TextEdit { range: Range { start: line, end: line }, new_text };
        changes.entry(location.uri).or_default().push(edit);
    }
    let title = format!("Suppress `{}` here, with a reason", finding.rule);
    (!changes.is_empty()).then_some((title, WorkspaceEdit { changes }))
}
