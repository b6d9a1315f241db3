//! Conversations of editors with the language server.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::lsp::conversation::{Heard, feed, hear, messages};

/// The only folder that messages may speak of. It does not exist, so that no input reads a file of the machine.
const FOLDER: &str = "file:///no-such-folder";

/// Each line is the body of a message, or else the whole input is what a client sends, frames included. Every request is
/// answered once, up to the one that ends the server, what is said is well-formed, and it is the same every time.
pub fn lsp(input: &[u8]) {
    let framed = match input.starts_with(b"Content-Length") {
        true => input.to_vec(),
        false => input.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).flat_map(frame).collect(),
    };
    let heard = hear(&framed);
    if !heard.iter().all(stays_inside) {
        return;
    }
    let said = feed(&framed);
    let answers = messages(&said).into_iter().filter(|message| message.get("method").is_none());
    let answered = count(answers.map(|answer| answer["id"].clone()));
    let asked = heard.iter().take_while(|heard| !matches!(heard, Heard::Message(message) if is_exit(message)));
    let asked = count(asked.filter_map(|heard| match heard {
        Heard::Message(message) => message.get("method").and_then(|_| message.get("id")).cloned(),
        Heard::Malformed => Some(Value::Null),
    }));
    assert_eq!(asked, answered, "every request is answered once");
    assert_eq!(said, feed(&framed), "the same conversation goes the same way");
}

fn frame(body: &[u8]) -> Vec<u8> {
    [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn is_exit(message: &Value) -> bool {
    message["method"] == "exit" && message.get("id").is_none()
}

fn count(ids: impl Iterator<Item = Value>) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for id in ids {
        *count.entry(id.to_string()).or_default() += 1;
    }
    count
}

/// Whether every URI and every path in a message leads into the folder that does not exist.
fn stays_inside(heard: &Heard) -> bool {
    fn inside(value: &Value) -> bool {
        match value {
            Value::Array(values) => values.iter().all(inside),
            Value::Object(entries) => {
                entries.iter().all(|(key, value)| !matches!(key.as_str(), "root" | "rootPath") && inside(value))
            }
            Value::String(text) if text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")) => {
                let rest = text.strip_prefix(FOLDER);
                rest.is_some_and(|rest| {
                    (rest.is_empty() || rest.starts_with('/')) && !rest.contains("..") && !rest.contains('%')
                })
            }
            _ => true,
        }
    }
    match heard {
        Heard::Message(message) => inside(message),
        Heard::Malformed => true,
    }
}
