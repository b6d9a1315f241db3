//! `check --watch`: once more whenever the model changes.

use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::known::folder_of;
use super::{Outcome, Streams};
use crate::error::Error;
use crate::report::{sanitize, shown_path};

/// How long nothing must change before the model is read: editors and version control write many files at once.
const QUIET: Duration = Duration::from_millis(100);

/// Runs `once` now, and again after each change of the model, until the program is stopped.
pub(super) fn watch(
    model: &Path,
    streams: &mut Streams<'_>,
    mut once: impl FnMut(&mut Streams<'_>) -> Result<Outcome, Error>,
) -> Result<Outcome, Error> {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(sender)?;
    // Editors replace files, so that watching a file would end with the first change: its folder is watched.
    let folder = if model.is_dir() { model.to_owned() } else { folder_of(model) };
    watcher.watch(&folder, RecursiveMode::Recursive)?;
    loop {
        if std::io::stdout().is_terminal() {
            streams.out.write_all(b"\x1b[2J\x1b[3J\x1b[H").map_err(Error::Print)?;
        }
        match once(streams) {
            Ok(_) => {}
            Err(error @ Error::Print(_)) => return Err(error),
            // Half of a change may be on disk; the other half comes.
            Err(error) => {
                writeln!(streams.err, "bailiwick: {}", sanitize(&error.to_string())).map_err(Error::Print)?;
            }
        }
        streams.out.flush().map_err(Error::Print)?;
        writeln!(streams.err, "watching `{}`; stop with Ctrl-C", shown_path(&folder)).map_err(Error::Print)?;
        loop {
            match events.recv() {
                Ok(event) if event.as_ref().is_ok_and(changes_the_model) => break,
                Ok(_) => {}
                // The watcher lives as long as this function.
                Err(_) => return Ok(Outcome::Clean),
            }
        }
        while !matches!(events.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) {}
    }
}

/// Whether what has happened can matter: reading does not, nor do files that no model holds.
fn changes_the_model(event: &Event) -> bool {
    let is_part = |path: &Path| {
        matches!(path.extension().and_then(|end| end.to_str()), Some("yaml" | "yml" | "json" | "guard") | None)
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_part(path))
}
