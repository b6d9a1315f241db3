//! Comments that suppress findings.

use std::collections::BTreeSet;

use super::{check_findings, judge};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Kind, rule};
use crate::session::Session;
use crate::source::{Sources, Span};
use crate::syntax::parse_yaml;

/// A comment to bailiwick suppresses what it says on the line it reaches or is reported, and nothing else changes.
pub fn suppressions(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    check_comments(text);
    check_effect(text);
}

/// Each suppression is a comment that says so, and reaches its own line or the next one that is neither blank nor a
/// comment.
fn check_comments(text: &str) {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let file = sources.add("model.yaml".to_owned(), text.to_owned());
    let document = parse_yaml(file, text, &mut diagnostics);
    check_findings(&diagnostics, &sources);
    for allow in &document.allows {
        let comment = sources.slice(allow.span);
        assert!(comment.starts_with('#') && !comment.contains('\n'), "{allow:?}: `{comment}`");
        let (rule, reason) = comment.split_once("allow[").and_then(|(_, rest)| rest.split_once(']')).expect("its form");
        assert_eq!(rule.trim(), allow.rule);
        assert!(!reason.trim().is_empty(), "{allow:?} has no reason");
        let own = sources.get(file).line_index(allow.span.start as usize);
        assert!(allow.line >= own, "{allow:?} reaches back");
        for line in own + 1..allow.line {
            let range = sources.get(file).line_range(line).unwrap_or_default();
            let between = text[range].trim();
            assert!(between.is_empty() || between.starts_with('#'), "{allow:?} jumps over `{between}`");
        }
        // Written as it was understood, it is understood again.
        let again = format!("# bailiwick: allow[{}] {}\nx: 1\n", allow.rule, reason.trim());
        let document = parse_yaml(file, &again, &mut Diagnostics::new());
        assert_eq!(document.allows.len(), 1, "{again}");
        assert_eq!((document.allows[0].rule.as_str(), document.allows[0].line), (allow.rule.as_str(), 1), "{again}");
    }
}

/// Without its suppressions a model has the findings it had, those that were suppressed, and none about suppressions.
fn check_effect(text: &str) {
    const ABOUT_SUPPRESSIONS: [&str; 2] = ["malformed-suppression", "unused-suppression"];
    let with = judge(text);
    check_findings(&with.diagnostics, &with.sources);
    // The same number of bytes, so that every place stays the same.
    let without = judge(&text.replace("bailiwick:", "bailiwicc:"));
    let left = places(&with, |finding| !ABOUT_SUPPRESSIONS.contains(&finding.rule));
    let all = places(&without, |_| true);
    assert!(all.iter().all(|(rule, _)| !ABOUT_SUPPRESSIONS.contains(rule)), "{all:?}");
    assert!(left.is_subset(&all), "{:?} are new", left.difference(&all).collect::<Vec<_>>());
    for (suppressed, _) in all.difference(&left) {
        assert!(rule(suppressed).is_some_and(|rule| rule.kind == Kind::Adjustable), "{suppressed} is gone");
        assert!(text.contains(&format!("allow[{suppressed}")) || text.contains("allow["), "{suppressed} is gone");
    }
}

fn places(session: &Session, wanted: impl Fn(&Diagnostic) -> bool) -> BTreeSet<(&'static str, Span)> {
    session.diagnostics.iter().filter(|finding| wanted(finding)).map(|finding| (finding.rule, finding.span)).collect()
}
