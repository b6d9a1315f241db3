//! The embedded tables, read in place: nothing is decoded before it is asked for.
//!
//! A packed file is a magic word of eight bytes, the number of its sections, the offset and length of each, then the
//! sections. Numbers are little-endian `u32` unless said otherwise. A section is an array of rows of one width, or, the
//! last, the pool of strings that the rows point into.

use std::cmp::Ordering;
use std::ops::Range;

/// One packed file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pack {
    bytes: &'static [u8],
}

impl Pack {
    pub(super) const fn new(bytes: &'static [u8]) -> Self {
        Self { bytes }
    }

    /// A section by its number.
    pub(super) fn section(self, number: usize) -> Section {
        let directory = 12 + number * 8;
        let (offset, length) = (number_at(self.bytes, directory), number_at(self.bytes, directory + 4));
        Section { bytes: self.bytes.get(offset..offset + length).unwrap_or_default(), pool: self.pool() }
    }

    /// The last section: the strings.
    fn pool(self) -> &'static [u8] {
        let directory = 4 + number_at(self.bytes, 8) * 8;
        let (offset, length) = (number_at(self.bytes, directory), number_at(self.bytes, directory + 4));
        self.bytes.get(offset..offset + length).unwrap_or_default()
    }
}

/// The rows of one section, and the strings they point into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    bytes: &'static [u8],
    pool: &'static [u8],
}

impl Section {
    /// How many rows of `width` bytes there are.
    pub(super) fn rows(&self, width: usize) -> usize {
        self.bytes.len() / width
    }

    /// The number at a byte offset of the section.
    pub(super) fn number(&self, offset: usize) -> usize {
        number_at(self.bytes, offset)
    }

    /// The two-byte number at a byte offset.
    pub(super) fn short(&self, offset: usize) -> usize {
        usize::from(self.byte(offset)) | usize::from(self.byte(offset + 1)) << 8
    }

    /// The byte at an offset.
    pub(super) fn byte(&self, offset: usize) -> u8 {
        self.bytes.get(offset).copied().unwrap_or_default()
    }

    /// The string whose place in the pool and length stand at a byte offset.
    pub(super) fn string(&self, offset: usize) -> &'static str {
        let start = self.number(offset);
        self.text(start, self.number(offset + 4))
    }

    /// A piece of the pool; checking only what is asked for keeps the rest of the pool untouched.
    pub(super) fn text(&self, start: usize, length: usize) -> &'static str {
        std::str::from_utf8(self.raw(start, length)).unwrap_or_default()
    }

    /// A piece of the pool as bytes, for comparisons.
    pub(super) fn raw(&self, start: usize, length: usize) -> &'static [u8] {
        self.pool.get(start..start + length).unwrap_or_default()
    }

    /// [`Self::string`] as bytes.
    pub(super) fn raw_string(&self, offset: usize) -> &'static [u8] {
        self.raw(self.number(offset), self.number(offset + 4))
    }

    /// A range of bytes.
    pub(super) fn slice(&self, range: Range<usize>) -> &'static [u8] {
        self.bytes.get(range).unwrap_or_default()
    }
}

fn number_at(bytes: &[u8], offset: usize) -> usize {
    let number = bytes.get(offset..).and_then(|rest| rest.first_chunk::<4>());
    number.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}

/// The row of `range` that compares equal, or the one it would stand before; the rows are in the order of the comparison.
pub(super) fn search(range: Range<usize>, compare: impl Fn(usize) -> Ordering) -> Result<usize, usize> {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

/// The first index in `range` for which `is_before` does not hold; the range is ordered by it.
pub(super) fn partition_point(range: Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let side = |row| if is_before(row) { Ordering::Less } else { Ordering::Greater };
    search(range, side).unwrap_or_else(|row| row)
}
