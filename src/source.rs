//! The files that a run reads, and places in them.
//!
//! Every value a user wrote keeps the [`Span`] it was written at, so that whatever is later said about it can point there.

use std::cell::OnceCell;
use std::ops::Range;

/// One file of the model, in the order in which [`Sources`] met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to and without `end`.
    ///
    /// Offsets beyond 4 GiB are capped; [`Sources`] refuses such files long before.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The empty span at the beginning of `self`.
    pub fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// From the beginning of `self` to the end of `other`, which stands behind it in the same file.
    pub fn to(self, other: Self) -> Self {
        Self { end: other.end.max(self.end), ..self }
    }

    /// The bytes as a range of indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and the place where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value` as written at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl Spanned<String> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in Unicode scalar values.
    pub column: usize,
}

/// One file: its path relative to the model's root, its text, and where its lines begin.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    /// Where the model names the file, where it is a document.
    named_at: Vec<Span>,
    /// Where the lines begin; found for the first finding that points here.
    line_starts: OnceCell<Vec<u32>>,
}

impl Source {
    /// The path relative to the model's root, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every place of the model that names the file; none for a file of the model itself. JSON has no comments, so what is
    /// found in a document is suppressed there.
    pub fn named_at(&self) -> &[Span] {
        &self.named_at
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let behind = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(behind)).collect()
        })
    }

    /// Counts lines from 0.
    pub fn line_index(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// The bytes of a line, its end included; `None` beyond the last line.
    pub fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let start = *self.line_starts().get(line)? as usize;
        let end = self.line_starts().get(line + 1).map_or(self.text.len(), |&next| next as usize);
        Some(start..end)
    }

    /// The line and column of a byte; a byte inside a character counts as that character.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_index(offset);
        let start = self.line_starts()[line] as usize;
        Position { line: line + 1, column: self.text[start..offset].chars().count() + 1 }
    }
}

/// All files of a run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No file yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file; `path` is relative to the model's root.
    pub fn add(&mut self, path: String, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { path, text, named_at: Vec::new(), line_starts: OnceCell::new() });
        id
    }

    /// Notes a place of the model that names a file. An alias of YAML names it where its anchor stands.
    pub(crate) fn name(&mut self, file: FileId, place: Span) {
        let source = &mut self.files[file.0 as usize];
        if !source.named_at.contains(&place) {
            source.named_at.push(place);
        }
    }

    /// All files, in the order in which they were met.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(u32::try_from(at).unwrap_or(u32::MAX)), file))
    }

    /// The file of an id that [`Sources::add`] returned.
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The text a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text().get(span.range()).unwrap_or_default()
    }

    /// Where a span begins.
    pub fn start(&self, span: Span) -> Position {
        self.get(span.file).position(span.start as usize)
    }

    /// Where a span ends (the position behind its last character).
    pub fn end(&self, span: Span) -> Position {
        self.get(span.file).position(span.end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml".into(), "ab\nc\u{e9}d\n".into());
        let place = |offset| {
            let Position { line, column } = sources.get(file).position(offset);
            (line, column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(2), (1, 3));
        assert_eq!(place(3), (2, 1));
        assert_eq!(place(5), (2, 2), "a byte inside é belongs to é");
        assert_eq!(place(6), (2, 3));
        assert_eq!(place(999), (3, 1), "beyond the end is the end");
    }

    #[test]
    fn lines_have_ranges() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml".into(), "ab\ncd".into());
        assert_eq!(sources.get(file).line_range(0), Some(0..3));
        assert_eq!(sources.get(file).line_range(1), Some(3..5));
        assert_eq!(sources.get(file).line_range(2), None);
    }
}
