//! `check --fix` and `check --diff`: safe fixes, applied until none is left.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::Streams;
use super::session::Session;
use crate::error::Error;
use crate::fix;
use crate::load::{Overlay, without_mark};
use crate::report::{Repository, count};
use crate::write::replace;

/// How often the text is read again. A fix may uncover others (a key that is read now holds a mistake), never endlessly.
const ROUNDS: usize = 20;

/// What must not become more by a fix: what keeps the text from being read.
const BROKEN: [&str; 3] = ["syntax", "duplicate-key", "malformed-suppression"];

/// A model with its safe fixes applied, none of it written yet.
pub(super) struct Fixed {
    /// The files that change, by path: as they were, and as they are to be.
    files: BTreeMap<String, (String, String)>,
    /// How many fixes that took.
    fixes: usize,
    root: PathBuf,
}

/// Applies fixes to what `judge` reads and finds, round for round; gives the model as it is then.
pub(super) fn fix(judge: impl Fn(&Overlay) -> Result<Session, Error>) -> Result<(Fixed, Session), Error> {
    let mut overlay = Overlay::new();
    let mut session = judge(&overlay)?;
    let mut fixed = Fixed { files: BTreeMap::new(), fixes: 0, root: session.root.clone() };
    let broken = |session: &Session| session.diagnostics.iter().filter(|found| BROKEN.contains(&found.rule)).count();
    for _ in 0..ROUNDS {
        let (texts, applied) = fix::apply(&session.diagnostics, &session.sources);
        if texts.is_empty() {
            return Ok((fixed, session));
        }
        fixed.fixes += applied;
        for (file, new) in texts {
            let source = session.sources.get(file);
            overlay.set(&fixed.root.join(source.path()), new.clone());
            let file = fixed.files.entry(source.path().to_owned());
            file.or_insert_with(|| (source.text().to_owned(), String::new())).1 = new;
        }
        let before = broken(&session);
        session = judge(&overlay)?;
        if broken(&session) > before {
            return Err(Error::Fixes);
        }
    }
    Err(Error::Fixes)
}

impl Fixed {
    /// Whether there was nothing to fix.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// `3 fixes in 2 files`.
    pub(super) fn summary(&self) -> String {
        let fixes = if self.fixes == 1 { "1 fix".to_owned() } else { format!("{} fixes", self.fixes) };
        format!("{fixes} in {}", count(self.files.len(), "file"))
    }

    /// Puts the new texts in place, file by file.
    pub(super) fn write(&self) -> Result<(), Error> {
        let mut contents = Vec::with_capacity(self.files.len());
        // All files are looked at before the first is written.
        for (path, (old, new)) in &self.files {
            let path = self.root.join(path);
            let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
            let marked = String::from_utf8(bytes).map_err(|_| Error::NotUtf8(path.clone()))?;
            let text = without_mark(marked.clone());
            if text != *old {
                return Err(Error::Changed(path));
            }
            let mark = &marked[..marked.len() - text.len()];
            contents.push((path, format!("{mark}{new}")));
        }
        for (path, text) in contents {
            replace(&path, text.as_bytes())?;
        }
        Ok(())
    }

    /// Prints the changes as a patch.
    pub(super) fn print(&self, repository: &Repository, streams: &mut Streams<'_>) -> Result<(), Error> {
        for (path, (old, new)) in &self.files {
            let patch = fix::patch(&repository.path_of(path), old, new);
            streams.out.write_all(patch.as_bytes()).map_err(Error::Print)?;
        }
        Ok(())
    }
}
