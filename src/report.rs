//! Findings, shown: to a person at a terminal, or to a program.

use std::borrow::Cow;
use std::path::Path;

pub mod csv;
pub mod diff;
mod github;
mod json;
pub(crate) mod origin;
mod repository;
mod sarif;
mod terminal;

pub use github::github;
pub use json::json;
pub use repository::Repository;
pub use sarif::{Sarif, sarif};
pub use terminal::terminal;

/// Replaces what could steer a terminal by what cannot, keeping the number of bytes, so that spans stay right: control
/// characters, and the characters that change the direction of text.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    // Nearly every text is harmless; without a way out of the loop it is one over many bytes at a time.
    let plain = text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    if plain {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            // A carriage return belongs to the end of a line; elsewhere it would overwrite the line.
            '\r' => ' ',
            '\0'..='\u{1f}' | '\u{7f}' => '?',
            '\u{80}'..='\u{9f}' => '\u{b7}',
            c if is_bidi(c) => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// A path as it is shown.
pub fn shown_path(path: &Path) -> String {
    sanitize(&path.to_string_lossy()).into_owned()
}

/// JSON text in which what could steer a terminal is escaped; such characters only stand inside strings.
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    let steers = |c: char| matches!(c, '\u{7f}'..='\u{9f}') || is_bidi(c);
    if !json.contains(steers) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) {
            escaped.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Characters that change the direction of text, break lines unseen, or are not seen at all.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sanitizing_keeps_the_length_and_drops_what_steers() {
        let hostile = "a\x1b[31mb\u{9b}c\u{202e}d\u{feff}e\rf\u{7f}";
        let clean = sanitize(hostile);
        assert_eq!(clean.len(), hostile.len());
        assert!(clean.chars().all(|c| !c.is_control() && c != '\u{202e}' && c != '\u{feff}'));
    }
}
