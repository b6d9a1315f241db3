//! Suppressions: `# bailiwick: allow[rule-id] reason`.

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// One rule suppressed on one line.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The id between the brackets.
    pub rule: String,
    /// Why it is right here.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// The line it reaches, counted from 0: its own if something stands in front of it, else the next line that is
    /// neither blank nor a comment.
    pub line: usize,
    /// Whether a finding was suppressed by it.
    pub used: bool,
}

/// The suppressions of all files.
#[derive(Debug, Default)]
pub struct Allows {
    allows: Vec<Allow>,
    /// By file and line, where in the list.
    places: FxHashMap<(FileId, usize), Vec<usize>>,
}

impl Allows {
    /// Adds the suppressions of a file.
    pub fn extend(&mut self, allows: Vec<Allow>) {
        for allow in allows {
            self.places.entry((allow.span.file, allow.line)).or_default().push(self.allows.len());
            self.allows.push(allow);
        }
    }

    /// What suppresses a finding of `rule` on `line` (from 0) of `file`; remembers that it served.
    pub fn suppressing(&mut self, rule: &str, file: FileId, line: usize) -> Option<&Allow> {
        let mut found = None;
        for &place in self.places.get(&(file, line)).map_or(&[][..], Vec::as_slice) {
            let allow = &mut self.allows[place];
            if allow.rule == rule {
                allow.used = true;
                found = found.or(Some(place));
            }
        }
        found.map(|place| &self.allows[place])
    }

    /// Whether something suppresses a finding of `rule` on `line` (from 0) of `file`.
    pub fn suppress(&self, rule: &str, file: FileId, line: usize) -> bool {
        let places = self.places.get(&(file, line)).map_or(&[][..], Vec::as_slice);
        places.iter().any(|&place| self.allows[place].rule == rule)
    }

    /// Lets those of a rule count as if they served: nobody has looked for what they suppress.
    pub fn spare(&mut self, rule: &str) {
        for allow in self.allows.iter_mut().filter(|allow| allow.rule == rule) {
            allow.used = true;
        }
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Allow> {
        self.allows.iter()
    }
}

impl<'a> IntoIterator for &'a Allows {
    type Item = &'a Allow;
    type IntoIter = std::slice::Iter<'a, Allow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Where the lines of a file begin; found out when the first comment to bailiwick is met.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, starts: Vec::new() }
    }

    /// The line, from 0, that a comment at `offset` reaches: its own if something stands in front of it, else the next
    /// one that is neither blank nor a comment.
    fn reached(&mut self, offset: usize) -> usize {
        if self.starts.is_empty() {
            let ends = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at + 1);
            self.starts = std::iter::once(0).chain(ends).collect();
        }
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        if !self.text[self.starts[line]..offset].trim().is_empty() {
            return line;
        }
        let content = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        line + 1 + self.text[offset..].lines().skip(1).position(content).unwrap_or(0)
    }
}

/// Reads a comment (the text behind `#`). Comments that do not address bailiwick are nobody's business; one that does
/// and cannot be understood is reported, because it would silently suppress nothing.
pub(super) fn read(comment: &str, span: Span, lines: &mut Lines<'_>, diagnostics: &mut Diagnostics) -> Option<Allow> {
    let command = comment.trim().strip_prefix("bailiwick:")?.trim();
    let malformed = |message: &str| {
        Diagnostic::error("malformed-suppression", span, message)
            .help("write `# bailiwick: allow[rule-id] why this is right here`")
    };
    let Some((rule, reason)) = command.strip_prefix("allow[").and_then(|rest| rest.split_once(']')) else {
        diagnostics.push(malformed("a comment to bailiwick that is not understood"));
        return None;
    };
    if reason.trim().is_empty() {
        diagnostics.push(malformed("a suppression without a reason"));
        return None;
    }
    let line = lines.reached(span.start as usize);
    Some(Allow { rule: rule.trim().to_owned(), reason: reason.trim().to_owned(), span, line, used: false })
}
