//! The YAML of CloudFormation templates, read alike by YAML 1.1 and 1.2.
//!
//! In come keys and values; out comes text that every reader takes for exactly those. A string stands without quotes only
//! where nobody could read it as anything else, and in double quotes, as JSON writes them, everywhere else: `yes`, `1:30`,
//! `012345678901` and `=` stay strings. Short forms of CloudFormation's functions are a kind of value of their own, so that
//! no text of the model can become one.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write;

use super::characters::{comment, escape, is_disguised};

/// A value of a template.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// `true` or `false`.
    Bool(bool),
    /// A number, as JSON spells it.
    Number(serde_json::Number),
    /// `null`.
    Null,
    /// A function in its short form, such as `!Ref`, and what it is applied to.
    Function(&'static str, Cow<'a, str>),
    /// A function in its short form, applied to a list.
    Call(&'static str, Vec<Self>),
    /// A list of scalars on one line.
    Flow(Vec<Self>),
    /// A list.
    List(Vec<Self>),
    /// A mapping, in order.
    Map(Vec<(Cow<'a, str>, Self)>),
    /// A text of several lines, each of them indented: a template inside a template.
    Block(Cow<'a, str>),
    /// A scalar with a comment behind it.
    Commented(Box<Self>, Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// `!Ref name`.
    pub fn reference(name: impl Into<Cow<'a, str>>) -> Self {
        Self::Function("!Ref", name.into())
    }

    /// `!GetAtt resource.attribute`.
    pub fn attribute(resource: &str, attribute: &str) -> Self {
        Self::Function("!GetAtt", format!("{resource}.{attribute}").into())
    }

    /// A mapping of fixed keys.
    pub fn map(entries: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }

    /// Scalars on one line.
    pub fn flow<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Flow(items.into_iter().map(Into::into).collect())
    }

    /// This value with a comment behind it.
    pub fn commented(self, text: impl Into<Cow<'a, str>>) -> Self {
        Self::Commented(Box::new(self), text.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<serde_json::Value> for Value<'_> {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => Self::Number(number),
            Json::String(text) => Self::from(text),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Json::Object(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (Cow::Owned(key), Self::from(value))).collect())
            }
        }
    }
}

/// Appends `key: value` and its line break, `depth` levels of two spaces deep.
pub fn entry(out: &mut String, depth: usize, key: &str, value: &Value<'_>) {
    indent(out, depth);
    scalar(out, key);
    out.push(':');
    behind(out, depth, value);
}

/// A value on one line.
pub fn spelled(value: &Value<'_>) -> String {
    let mut out = String::new();
    inline(&mut out, value);
    out
}

/// Appends a comment on a line of its own.
pub fn comment_line(out: &mut String, depth: usize, text: &str) {
    indent(out, depth);
    comment(out, text);
    out.push('\n');
}

/// What stands behind a key or a dash, the line break included.
fn behind(out: &mut String, depth: usize, value: &Value<'_>) {
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            for (key, value) in entries {
                entry(out, depth + 1, key, value);
            }
        }
        Value::List(items) if !items.is_empty() => {
            out.push('\n');
            for value in items {
                item(out, depth + 1, value);
            }
        }
        Value::Call(function, items) if !items.is_empty() => {
            out.push(' ');
            out.push_str(function);
            out.push('\n');
            for value in items {
                item(out, depth + 1, value);
            }
        }
        Value::Block(text) => {
            out.push_str(" |\n");
            for line in text.lines() {
                if !line.is_empty() {
                    indent(out, depth + 1);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        Value::Commented(value, text) => {
            out.push(' ');
            inline(out, value);
            out.push(' ');
            comment(out, text);
            out.push('\n');
        }
        value => {
            out.push(' ');
            inline(out, value);
            out.push('\n');
        }
    }
}

/// One element of a list. The dash takes the place of the indentation of what it begins.
fn item(out: &mut String, depth: usize, value: &Value<'_>) {
    let start = out.len() + 2 * depth;
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                entry(out, depth + 1, key, value);
            }
            out.replace_range(start..start + 2, "- ");
        }
        value => {
            indent(out, depth);
            out.push('-');
            behind(out, depth, value);
        }
    }
}

/// A value on one line.
fn inline(out: &mut String, value: &Value<'_>) {
    match value {
        Value::Text(text) => scalar(out, text),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::Null => out.push_str("null"),
        Value::Function(function, argument) => {
            out.push_str(function);
            out.push(' ');
            scalar(out, argument);
        }
        Value::Flow(items) | Value::List(items) | Value::Call(_, items) => {
            if let Value::Call(function, _) = value {
                out.push_str(function);
                out.push(' ');
            }
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                inline(out, item);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { " " });
                scalar(out, key);
                out.push_str(": ");
                inline(out, value);
            }
            out.push_str(if entries.is_empty() { "}" } else { " }" });
        }
        Value::Block(text) => quoted(out, text),
        Value::Commented(value, _) => inline(out, value),
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Appends a string, in quotes where it needs them.
pub fn scalar(out: &mut String, text: &str) {
    if is_plain(text) { out.push_str(text) } else { quoted(out, text) }
}

/// Whether nobody can read a string without quotes as anything but itself, in a block or in a flow.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if !(first.is_ascii_alphabetic() || matches!(first, b'/' | b'_')) || matches!(last, b':' | b' ') {
        return false;
    }
    let safe =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'.' | b'-' | b'+' | b'=' | b'@' | b':' | b' ');
    if !bytes.iter().all(safe) || bytes.windows(2).any(|pair| pair == b": ") {
        return false;
    }
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    !(bytes.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// A string in double quotes, with the escapes that JSON and YAML share where there is one.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        escape(out, c, is_disguised(c));
    }
    out.push('"');
}
