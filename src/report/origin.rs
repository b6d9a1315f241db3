//! Where what is reported stands.

use serde::Serialize;

use crate::access::{Access, Row};
use crate::report::sanitize;
use crate::source::{Sources, Span};

/// Where something begins; lines and columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Origin<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl<'a> Origin<'a> {
    pub(crate) fn of(span: Span, sources: &'a Sources) -> Self {
        let start = sources.start(span);
        Self { file: sources.get(span.file).path(), line: start.line, column: start.column }
    }

    /// `file:line`, for a person.
    pub(crate) fn brief(&self) -> String {
        format!("{}:{}", sanitize(self.file), self.line)
    }
}

/// Where each row begins, by its place in [`Access::rows`].
pub(crate) fn origins<'a>(access: &Access, sources: &'a Sources) -> Vec<Origin<'a>> {
    access.rows.iter().map(|row: &Row| Origin::of(row.span, sources)).collect()
}

/// `file:line:column`, separated by spaces.
pub(crate) fn places(origins: &[&Origin<'_>]) -> String {
    let place = |origin: &&Origin<'_>| format!("{}:{}:{}", origin.file, origin.line, origin.column);
    origins.iter().map(place).collect::<Vec<_>>().join(" ")
}
