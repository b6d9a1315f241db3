//! A language server: what the linter knows, while the model is being written.
//!
//! Messages come in, messages go out; between them stands the same chain as for `check`, over the open buffers instead of
//! the files on disk ([`Overlay`](crate::load::Overlay)). Whatever is said about names (what they mean, where they are
//! declared, what may stand at the cursor) is read off the text itself and the declarations of the language, so that it
//! works while a file is half written.
//!
//! - `transport` frames messages, `protocol` spells them, `text` and `uri` count as editors count;
//! - `server` is the conversation, `workspace` the models that are open;
//! - `shape` is the language as a graph, `names` finds the names in a file, and `hover`, `navigate`, `complete` and
//!   `actions` answer.

mod actions;
mod complete;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod conversation;
mod hover;
mod names;
mod navigate;
mod protocol;
mod server;
mod shape;
#[cfg(test)]
mod tests;
mod text;
mod transport;
mod uri;
mod workspace;

use jiff::Timestamp;
use lsp_server::Message;
use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use self::server::{Clock, Server};
use self::transport::Incoming;

/// How long nothing is typed before the model is looked at.
const PAUSE: Duration = Duration::from_millis(80);

/// How long typing may put that off.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a server is told from outside the conversation.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The time of every run; `None`: that of the clock.
    pub as_of: Option<Timestamp>,
    /// The clock.
    pub now: Clock,
}

/// Serves one client until it goes away; whether it did in the order that the protocol asks for, `shutdown` before `exit`.
///
/// # Errors
///
/// When the client cannot be written to.
pub fn serve(mut input: impl BufRead + Send + 'static, out: &mut dyn Write, options: Options) -> io::Result<bool> {
    let (sender, receiver) = mpsc::channel();
    // The client is always listened to, so that neither side waits for the other to read.
    thread::spawn(move || {
        while let Some(incoming) = transport::read(&mut input) {
            let is_exit = matches!(&incoming, Incoming::Message(Message::Notification(last)) if last.method == "exit");
            if sender.send(incoming).is_err() || is_exit {
                break;
            }
        }
    });
    converse(&receiver, &mut Server::new(options, out))
}

fn converse(receiver: &Receiver<Incoming>, server: &mut Server<'_>) -> io::Result<bool> {
    let mut waiting = VecDeque::new();
    // Since when something is to be looked at.
    let mut stale_since: Option<Instant> = None;
    loop {
        if waiting.is_empty() {
            let next = match stale_since {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => receiver.recv_timeout(PAUSE.min(PATIENCE.saturating_sub(since.elapsed()))),
            };
            match next {
                Ok(incoming) => waiting.push_back(incoming),
                Err(RecvTimeoutError::Timeout) => {
                    server.check()?;
                    stale_since = None;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
            }
        }
        waiting.extend(receiver.try_iter());
        drop_cancelled(&mut waiting, server)?;
        if let Some(incoming) = waiting.pop_front() {
            take(incoming, server)?;
        }
        if let Some(in_order) = server.ended() {
            return Ok(in_order);
        }
        stale_since = server.is_stale().then(|| stale_since.unwrap_or_else(Instant::now));
        if stale_since.is_some_and(|since| since.elapsed() >= PATIENCE) {
            server.check()?;
            stale_since = None;
        }
    }
}

fn take(incoming: Incoming, server: &mut Server<'_>) -> io::Result<()> {
    match incoming {
        Incoming::Message(message) => server.accept(message),
        Incoming::Malformed(code, why) => server.refuse(code, &why),
    }
}

/// Answers the requests among those that wait which their sender no longer wants.
fn drop_cancelled(waiting: &mut VecDeque<Incoming>, server: &mut Server<'_>) -> io::Result<()> {
    let cancelled: Vec<_> = waiting
        .iter()
        .filter_map(|incoming| match incoming {
            Incoming::Message(Message::Notification(notification)) if notification.method == "$/cancelRequest" => {
                serde_json::from_value::<protocol::Cancel>(notification.params.clone()).ok()
            }
            _ => None,
        })
        .collect();
    for protocol::Cancel { id } in cancelled {
        let place = waiting
            .iter()
            .position(|incoming| matches!(incoming, Incoming::Message(Message::Request(request)) if request.id == id));
        if let Some(place) = place {
            waiting.remove(place);
            server.cancel(id)?;
        }
    }
    Ok(())
}
