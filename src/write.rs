//! Artifacts to disk, all or nothing.
//!
//! In come the files of one build, one after the other; out comes a directory that holds exactly those, beside whatever
//! other people keep there. A build that is stopped at any moment, even by `kill -9`, leaves the directory as it was or
//! as it is meant to be, never between the two. Nothing outside the directory can be reached.
//!
//! How: the files that differ are written to a staging directory beside the target. At the end the unchanged files and
//! all foreign ones are linked into it, so that they stay the very same files, and the two directories change places
//! in one step. A build that changes nothing touches nothing.
//!
//! A record of the generated files ([`MANIFEST`]) tells ours from foreign ones. What an earlier build wrote and this one
//! does not is removed; what bailiwick did not write is never overwritten.

mod file;
mod manifest;
mod platform;
#[cfg(all(test, unix))]
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

pub use self::file::{Put, put, replace};
use self::manifest::Manifest;
use self::tree::{Lock, Staging};
use crate::error::Error;

/// The name of the record of generated files in the output directory.
pub const MANIFEST: &str = manifest::NAME;

/// Where an emitter puts its files; it does not know whether they are written or compared.
pub trait Sink {
    /// Takes one file. `path` has `/` between its parts and leads inside the output; each path is given once.
    fn file(&mut self, path: &str, contents: &[u8]) -> Result<(), Error>;

    /// Is told of the template that stands inside a StackSet, by the logical id of the StackSet; the file with the
    /// StackSet comes later.
    fn body(&mut self, _stack_set: &str, _template: &str) {}
}

/// What a build did to the output directory: paths with `/` between their parts, in order.
#[derive(Clone, Eq, PartialEq, Default, Debug)]
pub struct Written {
    /// Files that did not exist before.
    pub created: Vec<String>,
    /// Files with new contents.
    pub changed: Vec<String>,
    /// Files that were not touched, because they are as they should be.
    pub unchanged: Vec<String>,
    /// Files of an earlier build that are gone.
    pub removed: Vec<String>,
}

/// How a file on disk differs from what a build would write.
#[derive(Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub enum Difference {
    /// A build would create it.
    Missing(String),
    /// A build would change it.
    Different(String),
    /// A build would remove it.
    Stale(String),
}

/// Builds one output directory; nothing of it shows before [`Writer::commit`].
pub struct Writer {
    output: Output,
    /// Held while the directory is built.
    _lock: Option<Lock>,
    /// Created with the first file that differs.
    staging: Option<Staging>,
    written: Written,
}

impl Writer {
    /// Begins a build into `out`, which is created with its parents where it does not exist and may be a symbolic link
    /// to a directory. What a killed build left behind is removed.
    ///
    /// # Errors
    ///
    /// If `out` is not a directory, another build is at work there, or the record of generated files is damaged.
    pub fn stage(out: &Path) -> Result<Self, Error> {
        let root = resolve(out)?;
        let lock = Lock::acquire(&root)?;
        tree::clear_killed_builds(&root)?;
        Ok(Self { output: Output::open(root)?, _lock: lock, staging: None, written: Written::default() })
    }

    /// Puts the new directory in place of the old one.
    ///
    /// # Errors
    ///
    /// If the operating system refuses; the old directory is then untouched.
    pub fn commit(mut self) -> Result<Written, Error> {
        let (removed, record) = self.output.finish();
        self.written.removed = removed;
        for paths in [&mut self.written.created, &mut self.written.changed, &mut self.written.unchanged] {
            paths.sort_unstable();
        }
        if self.staging.is_none() && record == self.output.record && self.output.exists {
            return Ok(self.written);
        }
        let staging = match self.staging.take() {
            Some(staging) => staging,
            None => Staging::create(&self.output.root)?,
        };
        if self.output.exists && record == self.output.record {
            staging.link(Path::new(MANIFEST))?;
        } else {
            // A kill needs no sync: what a process has written outlives it. After a loss of power files may be short, and
            // the next build repairs them as long as it can trust the record.
            let file = staging.write(MANIFEST, record.as_bytes(), None)?;
            file.sync_all().map_err(Error::io("write", self.output.root.join(MANIFEST)))?;
        }
        if self.output.exists {
            for path in &self.written.unchanged {
                staging.link(Path::new(path))?;
            }
            let earlier = &self.output.earlier.files;
            let is_ours = |path: &str| path == MANIFEST || earlier.contains(path);
            staging.keep_foreign(is_ours)?;
            staging.exchange()?;
            staging.retire(is_ours)?;
        } else {
            staging.appear()?;
        }
        Ok(self.written)
    }
}

impl Sink for Writer {
    fn file(&mut self, path: &str, contents: &[u8]) -> Result<(), Error> {
        let (paths, earlier) = match self.output.compare(path, contents)? {
            State::Same => {
                self.written.unchanged.push(path.to_owned());
                return Ok(());
            }
            State::Missing => (&mut self.written.created, None),
            State::Different(earlier) => (&mut self.written.changed, Some(earlier)),
        };
        paths.push(path.to_owned());
        let staging = match &mut self.staging {
            Some(staging) => staging,
            none => none.insert(Staging::create(&self.output.root)?),
        };
        staging.write(path, contents, earlier.as_ref()).map(drop)
    }
}

/// Compares what a build would write with what is there, and writes nothing.
pub struct Checker {
    output: Output,
    differences: Vec<Difference>,
}

impl Checker {
    /// Begins to compare with `out`.
    ///
    /// # Errors
    ///
    /// If `out` is not a directory, or the record of generated files is damaged. An `out` that does not exist lacks
    /// every file.
    pub fn open(out: &Path) -> Result<Self, Error> {
        Ok(Self { output: Output::open(resolve(out)?)?, differences: Vec::new() })
    }

    /// Everything a build would change, in order; empty if it would touch nothing.
    pub fn finish(mut self) -> Vec<Difference> {
        let (stale, record) = self.output.finish();
        self.differences.extend(stale.into_iter().map(Difference::Stale));
        if self.differences.is_empty() && record != self.output.record {
            let changed = if self.output.record.is_empty() { Difference::Missing } else { Difference::Different };
            self.differences.push(changed(MANIFEST.to_owned()));
        }
        self.differences.sort_unstable();
        self.differences
    }
}

impl Sink for Checker {
    fn file(&mut self, path: &str, contents: &[u8]) -> Result<(), Error> {
        match self.output.compare(path, contents)? {
            State::Same => {}
            State::Missing => self.differences.push(Difference::Missing(path.to_owned())),
            State::Different(_) => self.differences.push(Difference::Different(path.to_owned())),
        }
        Ok(())
    }
}

/// The output directory as an earlier build left it, and what has been compared with it.
struct Output {
    root: PathBuf,
    exists: bool,
    /// What the earlier build wrote.
    earlier: Manifest,
    /// The text of its record.
    record: String,
    /// What this build writes.
    files: BTreeSet<String>,
    /// Reused to read the files on disk.
    buffer: Vec<u8>,
}

/// What is on disk where a file belongs.
enum State {
    Missing,
    Same,
    /// Something of ours with other contents; its permissions, if it is a file.
    Different(fs::Metadata),
}

impl Output {
    fn open(root: PathBuf) -> Result<Self, Error> {
        let exists = root.is_dir();
        let (earlier, record) = Manifest::read(&root)?;
        Ok(Self { root, exists, earlier, record, files: BTreeSet::new(), buffer: vec![0; 1 << 16] })
    }

    fn compare(&mut self, path: &str, contents: &[u8]) -> Result<State, Error> {
        if !leads_inside(path) {
            return Err(Error::PathLeaves { path: path.to_owned() });
        }
        if !self.files.insert(path.to_owned()) {
            return Err(Error::WrittenTwice { path: path.to_owned() });
        }
        let mut target = self.root.clone();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            target.push(part);
            let metadata = match fs::symlink_metadata(&target) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::Missing),
                Err(error) => return Err(Error::io("read", &target)(error)),
            };
            let is_parent = parts.peek().is_some();
            if is_parent && metadata.is_dir() {
                continue;
            }
            if is_parent || metadata.is_dir() {
                return Err(Error::InTheWay { path: target });
            }
            if !self.earlier.files.contains(path) {
                return Err(Error::Foreign { path: target });
            }
            let same = metadata.is_file()
                && metadata.len() == contents.len() as u64
                && self.holds(&target, contents).map_err(Error::io("read", &target))?;
            return Ok(if same { State::Same } else { State::Different(metadata) });
        }
        Err(Error::PathLeaves { path: path.to_owned() })
    }

    fn holds(&mut self, path: &Path, contents: &[u8]) -> io::Result<bool> {
        let (mut file, mut rest) = (File::open(path)?, contents);
        loop {
            let count = file.read(&mut self.buffer)?;
            match rest.strip_prefix(&self.buffer[..count]) {
                Some(_) if count == 0 => return Ok(rest.is_empty()),
                Some(after) => rest = after,
                None => return Ok(false),
            }
        }
    }

    /// What earlier builds wrote and this one does not, and the record of this build.
    fn finish(&mut self) -> (Vec<String>, String) {
        let stale = self.earlier.files.iter().filter(|path| !self.files.contains(*path));
        // Somebody else may have removed a file or put a directory in its place.
        let stale = stale.filter(|path| self.root.join(path).symlink_metadata().is_ok_and(|found| !found.is_dir()));
        (stale.cloned().collect(), Manifest::new(std::mem::take(&mut self.files)).text())
    }
}

/// Where the output really is: symbolic links are followed once, here.
fn resolve(out: &Path) -> Result<PathBuf, Error> {
    let root = match fs::symlink_metadata(out) {
        Ok(_) => fs::canonicalize(out).map_err(Error::io("open", out))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            std::path::absolute(out).map_err(Error::io("open", out))?
        }
        Err(error) => return Err(Error::io("open", out)(error)),
    };
    let is_directory = fs::metadata(&root).map_or(true, |metadata| metadata.is_dir());
    if root.file_name().is_none() || !is_directory {
        return Err(Error::NotADirectory { path: out.to_owned() });
    }
    Ok(root)
}

/// Whether `path` is a relative path that stays inside on every operating system, and is not the record itself.
fn leads_inside(path: &str) -> bool {
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    path != MANIFEST
        && path.split('/').all(is_name)
        && !path.contains(|c: char| c.is_control() || matches!(c, '\\' | ':'))
}

/// Writes the first files of something that belongs to the user from then on; nothing of theirs is overwritten.
///
/// # Errors
///
/// If one of the files exists, or the operating system refuses.
pub fn create_new(dir: &Path, files: &[(&str, &str)]) -> Result<(), Error> {
    let targets: Vec<_> = files.iter().map(|(name, contents)| (dir.join(name), contents)).collect();
    if let Some((taken, _)) = targets.iter().find(|(target, _)| target.symlink_metadata().is_ok()) {
        return Err(Error::Exists(taken.clone()));
    }
    for (target, contents) in targets {
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        create(&target, contents.as_bytes())?;
    }
    Ok(())
}

/// Writes a new file.
fn create(path: &Path, contents: &[u8]) -> Result<File, Error> {
    let mut file = File::create_new(path).map_err(Error::io("create", path))?;
    file.write_all(contents).map_err(Error::io("write", path))?;
    Ok(file)
}
