//! Characters of the model in comments and literals, whatever the language of the output.

use std::fmt::Write;

/// Writes one line of comment, without the line break. Whatever could end the line or hide its meaning is replaced.
pub(super) fn comment(out: &mut String, text: &str) {
    out.push('#');
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    out.push(' ');
    if is_printable_ascii(text) {
        out.push_str(text);
    } else {
        out.extend(text.chars().map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if is_disguised(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        }));
    }
}

/// Writes a character of a string in double quotes, with the escapes that HCL, JSON and YAML share.
pub(super) fn escape(out: &mut String, c: char, as_code_point: bool) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if as_code_point => {
            let code = u32::from(c);
            // Writing to a string cannot fail.
            let _ = if code <= 0xffff { write!(out, "\\u{code:04x}") } else { write!(out, "\\U{code:08x}") };
        }
        c => out.push(c),
    }
}

/// Folds instead of stopping early, so that the compiler vectorizes it.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().fold(true, |plain, b| plain & matches!(b, 0x20..0x7f))
}

/// Characters that do not show, or that change how their neighbours show: controls, bidirectional controls (so that
/// text cannot be displayed in another order than it is read), zero-width characters, line and paragraph separators,
/// byte order marks, tags, and what no text may hold.
pub(super) fn is_disguised(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || matches!(c, '\u{fffe}' | '\u{ffff}')
}
