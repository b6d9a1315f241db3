//! Messages in, messages out.

use lsp_server::{ErrorCode, Message};
use std::io::{self, BufRead, Read, Write};

/// The longest message that is read, in bytes: twice the largest file of a model, which may arrive as JSON.
const LONGEST: usize = 128 << 20;

/// The longest line of a header.
const LONGEST_HEADER: u64 = 1 << 12;

/// What arrived.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// Something else between two messages; why it is not one, as JSON-RPC numbers it and in words.
    Malformed(ErrorCode, String),
}

/// Reads the next message; `None` at the end of the stream, or where nobody can tell any more where a message begins.
///
/// The reader of `lsp-server` reserves whatever length a header claims, and ends with the first message that it does not
/// understand; this one answers it and goes on.
pub(super) fn read(input: &mut impl BufRead) -> Option<Incoming> {
    let mut length: Option<usize> = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_HEADER).read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = std::str::from_utf8(&line).ok()?.strip_suffix('\n')?.trim();
        if line.is_empty() {
            match length {
                Some(_) => break,
                None => return None,
            }
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().ok().filter(|&length| length <= LONGEST)?);
        }
    }
    let length = length?;
    let mut body = Vec::new();
    if input.by_ref().take(length as u64).read_to_end(&mut body).ok()? < length {
        return None;
    }
    Some(match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(message),
        Err(error) if error.is_data() => {
            Incoming::Malformed(ErrorCode::InvalidRequest, "this is no request, response or notification".to_owned())
        }
        Err(error) => Incoming::Malformed(ErrorCode::ParseError, format!("this is not JSON: {error}")),
    })
}

/// Writes a message.
pub(super) fn write(message: Message, out: &mut dyn Write) -> io::Result<()> {
    message.write(&mut Sized(out))
}

/// Writes the answer to something that is no message: JSON-RPC has it carry the id `null`, which `lsp-server` cannot spell.
pub(super) fn write_refusal(code: ErrorCode, why: &str, out: &mut dyn Write) -> io::Result<()> {
    let error = serde_json::json!({ "code": code as i32, "message": why });
    let body = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}

/// A writer of known size, as `lsp-server` asks for one.
struct Sized<'w>(&'w mut dyn Write);

impl Write for Sized<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &str) -> Vec<Incoming> {
        let mut input = bytes.as_bytes();
        std::iter::from_fn(|| read(&mut input)).collect()
    }

    fn framed(body: &str) -> String {
        format!(
            "Content-Length: {}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{body}",
            body.len()
        )
    }

    #[test]
    fn what_is_no_message_does_not_end_the_conversation() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        for (body, expected) in [("{", -32700), ("[]", -32600), (r#"{"id":1}"#, -32600), ("\"\u{e9}\"", -32600)] {
            match all(&(framed(body) + &exit)).as_slice() {
                [Incoming::Malformed(code, _), Incoming::Message(Message::Notification(exit))] => {
                    assert_eq!((*code as i32, exit.method.as_str()), (expected, "exit"), "{body}");
                }
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_broken_frame_ends_it() {
        for bytes in [
            "",
            "\r\n\r\n",
            "Content-Length: 99999999999999999\r\n\r\n{}",
            "Content-Length: -1\r\n\r\n{}",
            "Content-Length: 10\r\n\r\n{}",
            "no header\r\n\r\n{}",
            "\u{e9}: 1\r\n\r\n",
        ] {
            assert!(all(bytes).is_empty(), "{bytes:?}");
        }
    }
}
