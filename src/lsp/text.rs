//! Places in a text as editors count them.

use super::protocol::{Position, Range};

/// What the columns of a position count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes, where the client offers it.
    Utf8,
    /// Code units of UTF-16, which every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    /// The name in the protocol.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }
}

/// Where the lines of a text begin. In the protocol, a line ends with `\n`, `\r\n` or `\r`.
#[derive(Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
    encoding: Encoding,
}

impl Lines {
    pub(super) fn new(text: &str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = |&at: &usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect();
        Self { starts, encoding }
    }

    /// The number of the line, from 0, that holds a byte.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The bytes of a line without its end; the end of the text for a line that does not exist.
    pub(super) fn range_of(&self, text: &str, line: usize) -> std::ops::Range<usize> {
        let Some(&start) = self.starts.get(line) else { return text.len()..text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        start..start + text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// The position of a byte; one inside a character counts as that character.
    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line(offset);
        let character = text[self.starts[line]..offset].chars().map(|c| self.encoding.width(c)).sum::<usize>();
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: narrow(line), character: narrow(character) }
    }

    /// The byte of a position; what lies behind the end of a line is its end.
    pub(super) fn offset(&self, text: &str, position: Position) -> usize {
        let range = self.range_of(text, position.line as usize);
        let mut left = position.character as usize;
        for (at, c) in text[range.clone()].char_indices() {
            let width = self.encoding.width(c);
            if left < width {
                return range.start + at;
            }
            left -= width;
        }
        range.end
    }

    /// A range of bytes as positions.
    pub(super) fn range(&self, text: &str, bytes: std::ops::Range<usize>) -> Range {
        Range { start: self.position(text, bytes.start), end: self.position(text, bytes.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: é\u{1f600}b\r\nsecond\rthird\n";

    #[test]
    fn positions_and_offsets_are_inverse() {
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            let lines = Lines::new(TEXT, encoding);
            for (offset, c) in TEXT.char_indices().filter(|&(_, c)| c != '\n') {
                let position = lines.position(TEXT, offset);
                assert_eq!(lines.offset(TEXT, position), offset, "{c:?} in {encoding:?}");
            }
            assert_eq!(lines.offset(TEXT, Position { line: 99, character: 0 }), TEXT.len());
        }
    }

    #[test]
    fn columns_are_counted_in_the_units_of_the_encoding() {
        let b = TEXT.find('b').unwrap();
        let column = |encoding| Lines::new(TEXT, encoding).position(TEXT, b).character;
        assert_eq!((column(Encoding::Utf8), column(Encoding::Utf16)), (9, 6));
        let lines = Lines::new(TEXT, Encoding::Utf16);
        assert_eq!(lines.offset(TEXT, Position { line: 0, character: 5 }), TEXT.find('\u{1f600}').unwrap());
        assert_eq!(lines.position(TEXT, TEXT.find("third").unwrap()), Position { line: 2, character: 0 });
        assert_eq!(lines.offset(TEXT, Position { line: 0, character: 99 }), TEXT.find('\r').unwrap());
    }
}
