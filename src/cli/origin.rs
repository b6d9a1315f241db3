//! Where rows of the matrix stand.

use serde::Serialize;

use crate::access::{Access, Row};
use crate::report::sanitize;
use crate::source::{Sources, Span};

/// Where something begins; lines and columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Origin<'a> {
    pub(super) file: &'a str,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl<'a> Origin<'a> {
    pub(super) fn of(span: Span, sources: &'a Sources) -> Self {
        let start = sources.start(span);
        Self { file: sources.get(span.file).path(), line: start.line, column: start.column }
    }

    /// `file:line`, for a person.
    pub(super) fn brief(&self) -> String {
        format!("{}:{}", sanitize(self.file), self.line)
    }
}

/// Where each row begins, by its place in [`Access::rows`].
pub(super) fn origins<'a>(access: &Access, sources: &'a Sources) -> Vec<Origin<'a>> {
    access.rows.iter().map(|row: &Row| Origin::of(row.span, sources)).collect()
}

/// `file:line:column`, separated by spaces.
pub(super) fn places(origins: &[&Origin<'_>]) -> String {
    let place = |origin: &&Origin<'_>| format!("{}:{}:{}", origin.file, origin.line, origin.column);
    origins.iter().map(place).collect::<Vec<_>>().join(" ")
}
