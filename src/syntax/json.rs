//! JSON text to the same tree as YAML.

use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use super::yaml::report_duplicates;
use super::{Entry, Node, Scalar, Style, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// RFC 8259 and nothing more.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads a JSON document; `None` when it is not one, which is then reported.
pub fn parse_json(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let report = |at: usize, message: String, diagnostics: &mut Diagnostics| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        diagnostics.push(
            Diagnostic::error("syntax", Span::new(file, at..end), format!("this is not JSON: {message}"))
                .label("the parser stopped here")
                .help("a document that is named by its path is JSON, without comments and trailing commas"),
        );
    };
    if text.trim().is_empty() {
        report(0, "the file is empty".to_owned(), diagnostics);
        return None;
    }
    // serde_json is the stricter judge (control characters, lone surrogates, depth); the spans come from the other.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let line = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let message = match message.strip_prefix("EOF while parsing ") {
            Some(what) => format!("the file ends inside {what}"),
            None => message.to_owned(),
        };
        report(line + error.column().saturating_sub(1), message, diagnostics);
        return None;
    }
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    match parse_to_ast(text, &collect, &STRICT) {
        Ok(parsed) => parsed.value.map(|value| node(file, value, diagnostics)),
        Err(error) => {
            report(error.range().start, lower(error.kind().to_string()), diagnostics);
            None
        }
    }
}

/// The library begins its messages with a capital letter.
fn lower(mut message: String) -> String {
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    message
}

fn node(file: FileId, value: Ast<'_>, diagnostics: &mut Diagnostics) -> Node {
    let span = |range: Range| Span::new(file, range.start..range.end);
    let scalar = |text: &str, style, range| Node {
        span: span(range),
        value: Value::Scalar(Scalar { text: text.into(), style }),
    };
    match value {
        Ast::StringLit(string) => scalar(&string.value, Style::Quoted, string.range),
        Ast::NumberLit(number) => scalar(number.value, Style::Literal, number.range),
        Ast::BooleanLit(boolean) => scalar(if boolean.value { "true" } else { "false" }, Style::Literal, boolean.range),
        Ast::NullKeyword(null) => scalar("null", Style::Literal, null.range),
        Ast::Array(array) => {
            let items = array.elements.into_iter().map(|item| node(file, item, diagnostics)).collect();
            Node { span: span(array.range), value: Value::Sequence(items) }
        }
        Ast::Object(object) => {
            let entry = |property: jsonc_parser::ast::ObjectProp<'_>, diagnostics: &mut Diagnostics| {
                let range = property.name.range();
                let key = match &property.name {
                    ObjectPropName::String(name) => scalar(&name.value, Style::Quoted, range),
                    ObjectPropName::Word(word) => scalar(word.value, Style::Quoted, range),
                };
                Entry { key, value: node(file, property.value, diagnostics) }
            };
            let entries: Vec<_> = object.properties.into_iter().map(|property| entry(property, diagnostics)).collect();
            report_duplicates(&entries, diagnostics);
            Node { span: span(object.range), value: Value::Mapping(entries) }
        }
    }
}
