//! Comma-separated values that are safe to open.

use std::io::{self, Write};

use super::sanitize;

/// Writes records, each cell made safe.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, whatever its quotes, and names of groups
/// and accounts are anybody's choice: such a cell gets an apostrophe in front, which a spreadsheet takes as "this is text"
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). Programs that want names exactly as they are read JSON.
pub struct Writer<W: Write> {
    records: csv::Writer<W>,
}

impl<W: Write> Writer<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { records: csv::Writer::from_writer(out) }
    }

    /// Writes a record.
    ///
    /// # Errors
    ///
    /// When the stream cannot be written to.
    pub fn record<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> io::Result<()> {
        self.records.write_record(cells.into_iter().map(cell))?;
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    ///
    /// When the stream cannot be written to.
    pub fn end(mut self) -> io::Result<()> {
        self.records.flush()
    }
}

fn cell(text: &str) -> String {
    let clean = sanitize(text).into_owned();
    if clean.starts_with(['=', '+', '-', '@', '\t', '\n']) { format!("'{clean}") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.record(["=1+1", "+x", "-x", "@x", "\t=x", "\r=x", "a=b", "a,b", "\"", "012"]).unwrap();
        writer.end().unwrap();
        let expected = "'=1+1,'+x,'-x,'@x,'\t=x, =x,a=b,\"a,b\",\"\"\"\",012\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
