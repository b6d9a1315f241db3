//! Text edits that put findings right.
//!
//! A finding says what is to change ([`Edit`]); here that becomes a change of bytes, in the layout of its place. Nothing
//! else in the file changes: comments, blank lines, the end of lines and the order of everything stay as they are.
//! Changes that overlap are left for the next round, when the text has been read again.

use similar::TextDiff;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Diagnostics, Edit, Fix};
use crate::source::{FileId, Sources, Span};

/// One change of a text: the bytes of the range become the string.
type Change = (Range<usize>, String);

/// The new texts of the files that safe fixes change, and how many fixes that are.
pub fn apply(diagnostics: &Diagnostics, sources: &Sources) -> (BTreeMap<FileId, String>, usize) {
    let mut accepted: BTreeMap<FileId, Vec<Change>> = BTreeMap::new();
    let mut applied = 0;
    for fix in diagnostics.iter().filter_map(|finding| finding.fix.as_deref()).filter(|fix| fix.safe) {
        let Some(changes) = resolve(fix, sources) else { continue };
        let collides = |(file, change): &(FileId, Change)| {
            accepted.get(file).is_some_and(|others| others.iter().any(|other| overlap(&other.0, &change.0)))
        };
        if changes.is_empty() || changes.iter().any(collides) {
            continue;
        }
        applied += 1;
        for (file, change) in changes {
            accepted.entry(file).or_default().push(change);
        }
    }
    let texts = accepted.into_iter().map(|(file, changes)| (file, changed(sources.get(file).text(), changes)));
    (texts.collect(), applied)
}

/// The changes of a fix in all files; `None` where one of its edits does not fit what is written.
pub fn resolve(fix: &Fix, sources: &Sources) -> Option<Vec<(FileId, Change)>> {
    let mut changes = Vec::new();
    for edit in &fix.edits {
        let (file, change) = match edit {
            Edit::Replace { span, old, new } => {
                let fits = sources.slice(*span) == old;
                (span.file, fits.then(|| Some((span.range(), new.clone())))?)
            }
            Edit::RemoveComment { span } => (span.file, Some((comment(*span, sources)?, String::new()))),
            Edit::Annotate { span, within, lines } => (span.file, annotation(*span, *within, lines, sources)?),
        };
        changes.extend(change.map(|change| (file, change)));
    }
    Some(changes)
}

/// Whether two changes touch each other. Two insertions at one place do: their order would be anybody's guess.
fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn changed(text: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in changes {
        new.push_str(&text[at..range.start]);
        new.push_str(&replacement);
        at = range.end;
    }
    new + &text[at..]
}

/// The bytes of a comment: of its whole line where nothing else stands on it, and with the space in front of it otherwise.
fn comment(span: Span, sources: &Sources) -> Option<Range<usize>> {
    let source = sources.get(span.file);
    let text = source.text();
    let line = source.line_range(source.line_index(span.start as usize))?;
    if !text.get(span.range())?.starts_with('#') {
        return None;
    }
    let before = text[line.start..span.start as usize].trim_end();
    if before.is_empty() {
        return Some(line);
    }
    let content = text[line.clone()].trim_end_matches(['\n', '\r']).len();
    Some(line.start + before.len()..line.start + content)
}

/// The insertion of comments below an entry: `Some(None)` where they stand there already, `None` where the entry is not
/// on lines of its own.
fn annotation(span: Span, within: Span, lines: &[(&'static str, String)], sources: &Sources) -> Option<Option<Change>> {
    let source = sources.get(span.file);
    let text = source.text();
    let line_of = |offset: u32| source.line_range(source.line_index(offset as usize));
    let first = line_of(span.start)?;
    let last = line_of(span.end)?;
    // Spaces and the dash of a list may stand in front of the key, and nothing else.
    let column = text[first.clone()].find(|c| !matches!(c, ' ' | '-'))?;
    let key = first.start + column;
    let in_block = text.as_bytes().get(within.start as usize).is_some_and(|byte| !matches!(byte, b'{' | b'*'));
    if !in_block || key < within.start as usize || key >= span.start as usize {
        return None;
    }
    let end_of_line = if text[last.clone()].ends_with("\r\n") { "\r\n" } else { "\n" };
    let missing = lines.iter().filter(|(key, _)| !has_comment(text, within, key));
    let missing: Vec<_> = missing.map(|(key, what)| format!("{:column$}# {key}: {what}", "")).collect();
    if missing.is_empty() {
        return Some(None);
    }
    let missing = missing.join(end_of_line);
    let inserted = match text[last.clone()].ends_with('\n') {
        true => missing + end_of_line,
        false => end_of_line.to_owned() + &missing,
    };
    Some(Some((last.end..last.end, inserted)))
}

/// Whether a comment `# key: …` stands on a line of a mapping or right below it.
fn has_comment(text: &str, within: Span, key: &str) -> bool {
    let mapping = text.get(within.range()).unwrap_or_default().lines();
    let below = text.get(within.end as usize..).unwrap_or_default().lines();
    // The rest of the last line is not a line of comments.
    let below = below.skip(1).take_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    mapping.chain(below).any(|line| {
        let comment = line.trim_start().strip_prefix('#').map(str::trim_start);
        comment.and_then(|comment| comment.strip_prefix(key)).is_some_and(|rest| rest.starts_with(':'))
    })
}

/// The difference between two texts as a patch that `git apply` takes at the root of the repository.
pub fn patch(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;

    /// Applies edits that are made for the spans of needles in a text.
    fn edited(text: &str, edits: impl Fn(&dyn Fn(&str) -> Span) -> Vec<Vec<Edit>>) -> String {
        let mut sources = Sources::new();
        let file = sources.add("m.yaml".to_owned(), text.to_owned());
        let span = |needle: &str| {
            let start = text.find(needle).expect("the text holds it");
            Span::new(file, start..start + needle.len())
        };
        let mut diagnostics = Diagnostics::new();
        for edits in edits(&span) {
            diagnostics.push(Diagnostic::error("wrong-type", span(""), "message").safe_fix("fix", edits));
        }
        apply(&diagnostics, &sources).0.remove(&file).unwrap_or_else(|| text.to_owned())
    }

    fn replace(span: Span, old: &str, new: &str) -> Vec<Edit> {
        vec![Edit::Replace { span, old: old.to_owned(), new: new.to_owned() }]
    }

    #[test]
    fn texts_are_replaced_where_they_are_what_is_expected() {
        let new =
            edited("a: 1 # c\r\nb: 2\r\n", |span| vec![replace(span("1"), "1", "\"1\""), replace(span("2"), "3", "4")]);
        assert_eq!(new, "a: \"1\" # c\r\nb: 2\r\n");
    }

    #[test]
    fn of_fixes_that_overlap_the_first_is_applied() {
        let new = edited("a: 123\n", |span| vec![replace(span("12"), "12", "x"), replace(span("23"), "23", "y")]);
        assert_eq!(new, "a: x3\n");
    }

    #[test]
    fn a_comment_goes_with_its_line_where_it_is_alone() {
        let removed = |text: &str| {
            edited(text, |span| {
                let start = span("# x");
                let end = text.len() as u32 - text[start.start as usize..].len() as u32
                    + text[start.start as usize..].lines().next().unwrap_or_default().len() as u32;
                vec![vec![Edit::RemoveComment { span: Span { end, ..start } }]]
            })
        };
        assert_eq!(removed("a: 1\n  # x y\nb: 2\n"), "a: 1\nb: 2\n");
        assert_eq!(removed("a: 1   # x y\r\nb: 2\r\n"), "a: 1\r\nb: 2\r\n");
        assert_eq!(removed("a: 1 # x"), "a: 1");
    }

    #[test]
    fn comments_are_added_once_and_only_to_blocks() {
        let annotated = |text: &str| {
            edited(text, |span| {
                let within =
                    Span { end: text.trim_end().len() as u32, ..span(if text.contains('{') { "{" } else { "u: x" }) };
                let lines = vec![("owner", "who".to_owned()), ("reason", "why".to_owned())];
                vec![vec![Edit::Annotate { span: span("x"), within, lines }]]
            })
        };
        let once = annotated("r:\n  - u: x # c\n    v: 1\n");
        assert_eq!(once, "r:\n  - u: x # c\n    # owner: who\n    # reason: why\n    v: 1\n");
        assert_eq!(annotated(&once), once);
        assert_eq!(annotated("- u: x"), "- u: x\n  # owner: who\n  # reason: why");
        assert_eq!(
            annotated("- v: 1\r\n  u: x\r\n  #owner: a\r\n"),
            "- v: 1\r\n  u: x\r\n  # reason: why\r\n  #owner: a\r\n"
        );
        assert_eq!(annotated("- { u: x }\n"), "- { u: x }\n");
    }

    #[test]
    fn a_patch_names_the_file_and_the_lines() {
        assert_eq!(
            patch("m/a.yaml", "a\nb\n", "a\nc\n"),
            "--- a/m/a.yaml\n+++ b/m/a.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        );
    }
}
