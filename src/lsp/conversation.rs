//! Whole conversations in memory, for tests and for finding input that the server does not survive.

use jiff::Timestamp;
use serde_json::Value;

use super::server::Server;
use super::transport::{self, Incoming};
use super::{Options, take};

/// Feeds a server with the bytes of a whole conversation and returns what it says, whatever the time.
pub(crate) fn feed(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut server =
        Server::new(Options { as_of: Some(Timestamp::UNIX_EPOCH), now: || Timestamp::UNIX_EPOCH }, &mut out);
    while let Some(incoming) = transport::read(&mut bytes) {
        // Writing to memory cannot fail.
        let _ = take(incoming, &mut server);
        if server.ended().is_some() {
            break;
        }
    }
    let _ = server.check();
    drop(server);
    out
}

/// What a server hears of the bytes of a whole conversation.
pub(crate) fn hear(mut bytes: &[u8]) -> Vec<Heard> {
    std::iter::from_fn(|| transport::read(&mut bytes))
        .map(|incoming| match incoming {
            Incoming::Message(message) => Heard::Message(serde_json::to_value(message).expect("a message is JSON")),
            Incoming::Malformed(..) => Heard::Malformed,
        })
        .collect()
}

/// What a server hears at once.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A message, as JSON.
    Message(Value),
    /// Something else, which is refused.
    Malformed,
}

/// What a server said, taken apart.
pub(crate) fn messages(mut said: &[u8]) -> Vec<Value> {
    let mut messages = Vec::new();
    while !said.is_empty() {
        let end = said.windows(4).position(|window| window == b"\r\n\r\n").expect("a header ends") + 4;
        let header = std::str::from_utf8(&said[..end]).expect("a header is text");
        let length = header.strip_prefix("Content-Length: ").expect("a header has a length").trim();
        let end_of_body = end + length.parse::<usize>().expect("a length is a number");
        messages.push(serde_json::from_slice(&said[end..end_of_body]).expect("a body is JSON"));
        said = &said[end_of_body..];
    }
    messages
}
