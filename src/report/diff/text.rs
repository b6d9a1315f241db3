//! A difference for a person at a terminal.

use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

use super::Origins;
use super::story::{Item, Sign, Story};
use super::words::Words;
use crate::diff::AccessDiff;
use crate::report::sanitize;

/// How many of a list are named in a line.
const MOST: usize = 12;

/// Prints the difference; nothing, if there is none.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn text(diff: &AccessDiff<'_>, origins: &Origins<'_>, out: &mut dyn Write) -> io::Result<()> {
    if diff.is_empty() {
        return Ok(());
    }
    let story = Story::of(&Words { diff, origins: *origins, name, most: MOST });
    let bold = Style::new().bold();
    writeln!(out, "{bold}{}{bold:#}", story.headline)?;
    for section in &story.sections {
        writeln!(out, "\n{bold}{}{bold:#}", section.title)?;
        for item in &section.items {
            print(item, 0, out)?;
        }
    }
    Ok(())
}

fn print(item: &Item, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let (sign, colour) = match item.sign {
        Sign::Danger => ("!", AnsiColor::Red.on_default().bold()),
        Sign::More => ("+", AnsiColor::Green.on_default()),
        Sign::Less => ("-", AnsiColor::Yellow.on_default()),
        Sign::Other if depth == 0 => ("~", Style::new()),
        Sign::Other => (" ", Style::new()),
    };
    writeln!(out, "{:indent$}{colour}{sign}{colour:#} {}", "", item.text, indent = depth * 2)?;
    item.details.iter().try_for_each(|detail| print(detail, depth + 1, out))
}

/// A name in backticks, in one line.
fn name(text: &str) -> String {
    format!("`{}`", sanitize(text).replace(['\n', '\t'], " "))
}
