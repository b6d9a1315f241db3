//! The characters of a document.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::syntax::{Node, Value};

/// The rule of a document with characters that IAM does not take.
pub const POLICY_CHARACTERS: &str = "policy-characters";

/// Whether the JSON of a document holds printable ASCII alone, nothing of it escaped: nearly all do, and nothing is to be
/// reported of them.
pub(super) fn are_plain(json: &str) -> bool {
    // All of it is looked at, because many bytes at a time are faster than the first few that decide.
    json.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~') & (byte != b'\\'))
}

/// Reports what is outside `[\u0009\u000A\u000D\u0020-\u00FF]`, the pattern of a policy document in the API of IAM and
/// of Identity Center.
pub(super) fn check(node: &Node, diagnostics: &mut Diagnostics) {
    let mut report = |text: &str, span: Span| {
        if let Some(c) = text.chars().find(|&c| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
            let message = format!("a policy holds U+{:04X}, which IAM does not take", c as u32);
            diagnostics.push(
                Diagnostic::error(POLICY_CHARACTERS, span, message)
                    .help("use characters of Latin-1; `*` and `?` can stand for others in a resource"),
            );
        }
    };
    match &node.value {
        Value::Empty => {}
        Value::Scalar(scalar) => report(&scalar.text, node.span),
        Value::Sequence(items) => items.iter().for_each(|item| check(item, diagnostics)),
        Value::Mapping(entries) => {
            for entry in entries {
                report(entry.name(), entry.key.span);
            }
            entries.iter().for_each(|entry| check(&entry.value, diagnostics));
        }
    }
}
