//! Suppressions: `# bailiwick: allow[rule-id] reason`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// One rule suppressed on one line.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The id between the brackets.
    pub rule: String,
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
}

impl Allows {
    /// Adds the suppressions of a file.
    pub fn extend(&mut self, allows: Vec<Allow>) {
        self.allows.extend(allows);
    }

    /// Whether a finding of `rule` on `line` (from 0) of `file` is suppressed; remembers that the suppression served.
    pub fn suppresses(&mut self, rule: &str, file: FileId, line: usize) -> bool {
        let mut found = false;
        for allow in &mut self.allows {
            if allow.rule == rule && allow.span.file == file && allow.line == line {
                allow.used = true;
                found = true;
            }
        }
        found
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

/// Reads a comment (the text behind `#`). Comments that do not address bailiwick are nobody's business; one that does
/// and cannot be understood is reported, because it would silently suppress nothing.
pub(super) fn read(comment: &str, span: Span, text: &str, diagnostics: &mut Diagnostics) -> Option<Allow> {
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
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let line = text[..start].bytes().filter(|&byte| byte == b'\n').count();
    let shares_line = !text[start..span.start as usize].trim().is_empty();
    let reach = if shares_line {
        line
    } else {
        let content = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        line + 1 + text[start..].lines().skip(1).position(content).unwrap_or(0)
    };
    Some(Allow { rule: rule.trim().to_owned(), span, line: reach, used: false })
}
