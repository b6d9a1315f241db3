//! Characters of the model in comments and literals, whatever the language of the output.

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
