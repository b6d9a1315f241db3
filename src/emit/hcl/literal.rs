//! Text of the model inside HCL: string literals that cannot become anything else.

use unicode_segmentation::UnicodeSegmentation;

use crate::emit::characters::{self, is_disguised};

/// Writes `text` as a quoted string that Terraform evaluates to exactly `text` (after its own NFC normalization).
///
/// Every `${` and `%{` gets one more marker character, whatever stands before it; characters that a terminal or an
/// editor would not show as themselves are written as escapes.
pub(super) fn string(out: &mut String, text: &str) {
    out.push('"');
    if is_plain(text) {
        out.push_str(text);
    } else {
        let start = out.len();
        escape(out, text, is_disguised);
        // `terraform fmt` counts columns in grapheme clusters, by the Unicode version it was built with. Text whose
        // characters combine is written in ASCII, so that every version counts the same.
        if out[start..].graphemes(true).count() != out[start..].chars().count() {
            out.truncate(start);
            escape(out, text, |c| is_disguised(c) || !c.is_ascii());
        }
    }
    out.push('"');
}

/// The columns of `text` as [`string`] writes it.
pub(super) fn string_columns(text: &str) -> usize {
    if is_plain(text) {
        return text.len() + 2;
    }
    let mut out = String::new();
    string(&mut out, text);
    columns(&out)
}

/// The columns that a line fragment written by this module takes, as `terraform fmt` counts them.
pub(super) fn columns(text: &str) -> usize {
    // Characters of a literal never combine, see `string`.
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Whether `text` stands in quotes as it is. Folds instead of stopping early, so that the compiler vectorizes it.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, b| plain & matches!(b, 0x20..0x7f) & (b != b'"') & (b != b'\\') & (b != b'{'))
}

fn escape(out: &mut String, text: &str, to_code_point: impl Fn(char) -> bool) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // A marker of a template is doubled.
        if matches!(c, '$' | '%') && chars.peek() == Some(&'{') {
            out.push(c);
            out.push(c);
        } else {
            characters::escape(out, c, to_code_point(c));
        }
    }
}
