//! The tree both YAML and JSON become.

use smol_str::SmolStr;

use crate::source::Span;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written. A block collection reaches from its first to its last child.
    pub span: Span,
    /// What is written.
    pub value: Value,
}

/// The kinds of value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing behind a `key:`, or an empty file.
    Empty,
    /// A piece of text.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order they are written, duplicates included (they are reported by the parser; readers
    /// take the first).
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; always a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// A piece of text, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, escapes resolved.
    pub text: SmolStr,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// YAML without quotes.
    Plain,
    /// A quoted or block scalar of YAML, or a JSON string.
    Quoted,
    /// A JSON number, `true`, `false` or `null`.
    Literal,
}

impl Entry {
    /// The text of the key.
    pub fn name(&self) -> &str {
        self.key.text().unwrap_or_default()
    }
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The value behind a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| entry.name() == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// Whether this is a plain `null` or `~`, which no string field takes as text.
    pub fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar(scalar) => match scalar.style {
                Style::Plain => matches!(&*scalar.text, "null" | "Null" | "NULL" | "~"),
                Style::Literal => &*scalar.text == "null",
                Style::Quoted => false,
            },
            _ => false,
        }
    }

    /// The value as compact JSON. Scalars of YAML are strings as written; numbers, booleans and `null` of a JSON
    /// document stay what they are.
    pub fn to_json(&self) -> String {
        let mut json = Vec::new();
        self.write_json(&mut json);
        // It is made of strings.
        String::from_utf8(json).unwrap_or_default()
    }

    fn write_json(&self, json: &mut Vec<u8>) {
        match &self.value {
            Value::Empty => json.extend(b"null"),
            Value::Scalar(scalar) if scalar.style == Style::Literal => json.extend(scalar.text.bytes()),
            Value::Scalar(scalar) => write_string(&scalar.text, json),
            Value::Sequence(items) => {
                json.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        json.push(b',');
                    }
                    item.write_json(json);
                }
                json.push(b']');
            }
            Value::Mapping(entries) => {
                json.push(b'{');
                for (at, entry) in entries.iter().enumerate() {
                    if at > 0 {
                        json.push(b',');
                    }
                    write_string(entry.name(), json);
                    json.push(b':');
                    entry.value.write_json(json);
                }
                json.push(b'}');
            }
        }
    }

    /// What a reader would call this value.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Empty => "nothing",
            Value::Scalar(_) if self.is_null() => "null",
            Value::Scalar(scalar) if scalar.style == Style::Literal => match &*scalar.text {
                "true" | "false" => "a boolean",
                _ => "a number",
            },
            Value::Scalar(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

fn write_string(text: &str, json: &mut Vec<u8>) {
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(json, text);
}
