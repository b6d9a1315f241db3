//! The staging directory, and how it takes the place of the output.
//!
//! Everything of a build that is not the output itself is in one hidden directory beside it, `.<name>.bailiwick-XXXXXX`:
//! `new`, the tree being built, which holds the old one after the exchange; and `old`, which exists only for a moment
//! where the operating system cannot exchange two directories in one step.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use walkdir::WalkDir;

use super::create;
use super::platform::{copy_permissions, exchange, is_same, make_writable};
use crate::error::Error;

/// The random letters at the end of the name of a staging directory.
const LETTERS: usize = 6;

/// The right to build into one directory. It ends with the process, however that ends.
pub(super) struct Lock(#[expect(dead_code, reason = "the lock is held while the file is open")] File);

impl Lock {
    /// Locks `root`, if it exists and the file system knows locks.
    pub(super) fn acquire(root: &Path) -> Result<Option<Self>, Error> {
        loop {
            let Ok(directory) = File::open(root) else { return Ok(None) };
            match directory.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: root.to_owned() }),
                Err(TryLockError::Error(_)) => return Ok(None),
            }
            // Another build may have put a new directory in place between the two calls.
            let (locked, current) = (directory.metadata(), fs::metadata(root));
            match (locked, current) {
                (Ok(locked), Ok(current)) if !is_same(&locked, &current) => {}
                _ => return Ok(Some(Self(directory))),
            }
        }
    }
}

/// Removes what killed builds into `root` left beside it, and brings `root` back where one was killed while it was away.
pub(super) fn clear_killed_builds(root: &Path) -> Result<(), Error> {
    let Some(parent) = root.parent() else { return Ok(()) };
    // A directory that cannot be listed, or does not exist yet, shows no leftovers.
    let Ok(siblings) = fs::read_dir(parent) else { return Ok(()) };
    let prefix = prefix(root);
    for sibling in siblings.flatten() {
        let name = sibling.file_name();
        let letters = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        let is_ours = letters.is_some_and(|s| s.len() == LETTERS && s.iter().all(u8::is_ascii_alphanumeric));
        if !is_ours || !sibling.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let leftover = sibling.path();
        let Ok(_lock) = Lock::acquire(&leftover) else { return Err(Error::Busy { path: root.to_owned() }) };
        let away = leftover.join("old");
        if away.is_dir() && !root.exists() {
            fs::rename(&away, root).map_err(Error::io("restore", root))?;
        }
        remove(&leftover).map_err(Error::io("remove", &leftover))?;
    }
    Ok(())
}

fn prefix(root: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(root.file_name().unwrap_or_default());
    prefix.push(".bailiwick-");
    prefix
}

/// A directory beside the output, in which the new output is built.
pub(super) struct Staging {
    /// Removed when dropped.
    directory: TempDir,
    _lock: Option<Lock>,
    root: PathBuf,
    new: PathBuf,
}

impl Staging {
    /// Creates a staging directory beside `root`.
    pub(super) fn create(root: &Path) -> Result<Self, Error> {
        let parent = root.parent().unwrap_or(root);
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let directory = tempfile::Builder::new()
            .prefix(&prefix(root))
            .rand_bytes(LETTERS)
            .tempdir_in(parent)
            .map_err(Error::io("create a directory in", parent))?;
        let lock = Lock::acquire(directory.path())?;
        let new = directory.path().join("new");
        fs::create_dir(&new).map_err(Error::io("create", &new))?;
        Ok(Self { directory, _lock: lock, root: root.to_owned(), new })
    }

    /// Writes a file that takes the place of one with the metadata `earlier`, if there was one.
    pub(super) fn write(&self, path: &str, contents: &[u8], earlier: Option<&fs::Metadata>) -> Result<File, Error> {
        let target = self.new.join(path);
        create_parent(&target)?;
        let file = create(&target, contents)?;
        if let Some(earlier) = earlier.filter(|earlier| earlier.is_file()) {
            file.set_permissions(earlier.permissions()).map_err(Error::io("set the permissions of", &target))?;
        }
        Ok(file)
    }

    /// Makes the file at `path` of the old tree part of the new one.
    pub(super) fn link(&self, path: &Path) -> Result<(), Error> {
        let (from, to) = (self.root.join(path), self.new.join(path));
        create_parent(&to)?;
        fs::hard_link(&from, &to).map_err(Error::io("link", &from))
    }

    /// Makes everything that bailiwick did not write part of the new tree, and gives its directories the permissions
    /// they had. Directories that held nothing but stale files are left out.
    pub(super) fn keep_foreign(&self, is_ours: impl Fn(&str) -> bool) -> Result<(), Error> {
        let mut directories = vec![(self.root.clone(), self.new.clone())];
        for entry in WalkDir::new(&self.root).min_depth(1) {
            let entry = entry.map_err(|error| self.unreadable(error))?;
            let Ok(path) = entry.path().strip_prefix(&self.root) else { continue };
            if entry.file_type().is_dir() {
                let new = self.new.join(path);
                let mut entries = fs::read_dir(entry.path()).map_err(Error::io("read", entry.path()))?;
                if entries.next().is_none() {
                    fs::create_dir_all(&new).map_err(Error::io("create", &new))?;
                }
                directories.push((entry.into_path(), new));
            } else if !is_ours(&slashed(path)) {
                self.link(path)?;
            }
        }
        // From the inside out, because a directory may be read-only.
        for (old, new) in directories.iter().rev().filter(|(_, new)| new.is_dir()) {
            copy_permissions(old, new).map_err(Error::io("set the permissions of", new))?;
        }
        Ok(())
    }

    /// Puts the new tree where there was none.
    pub(super) fn appear(&self) -> Result<(), Error> {
        match fs::rename(&self.new, &self.root) {
            Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
                Err(Error::Busy { path: self.root.clone() })
            }
            result => result.map_err(Error::io("create", &self.root)),
        }
    }

    /// Lets the new tree and the old one change places.
    pub(super) fn exchange(&self) -> Result<(), Error> {
        let result = match exchange(&self.new, &self.root) {
            Err(error) if error.kind() == ErrorKind::Unsupported => self.exchange_in_two_steps(),
            result => result,
        };
        result.map_err(Error::io("replace", &self.root))
    }

    /// The same for operating systems and file systems that cannot do it in one. A build that is killed between the
    /// two steps leaves the old tree in the staging directory, from where the next one brings it back.
    pub(super) fn exchange_in_two_steps(&self) -> io::Result<()> {
        let old = self.directory.path().join("old");
        fs::rename(&self.root, &old)?;
        if let Err(error) = fs::rename(&self.new, &self.root) {
            fs::rename(&old, &self.root)?;
            return Err(error);
        }
        fs::rename(&old, &self.new)
    }

    /// Removes the old tree after the exchange. What somebody else put there since it was read is moved to the new one.
    pub(super) fn retire(mut self, is_ours: impl Fn(&str) -> bool) -> Result<(), Error> {
        for entry in WalkDir::new(&self.new).min_depth(1) {
            let entry = entry.map_err(|error| self.unreadable(error))?;
            let Ok(path) = entry.path().strip_prefix(&self.new) else { continue };
            if entry.file_type().is_dir() || is_ours(&slashed(path)) {
                continue;
            }
            let target = self.root.join(path);
            let kept = match (entry.metadata(), fs::symlink_metadata(&target)) {
                (Ok(old), Ok(new)) => is_same(&old, &new),
                _ => false,
            };
            if !kept {
                // Where this fails, the file stays at the path that the error names.
                self.directory.disable_cleanup(true);
                create_parent(&target)?;
                fs::rename(entry.path(), &target).map_err(Error::io("keep", entry.path()))?;
            }
        }
        // The output is as it should be. What cannot be removed now is removed by the next build.
        let _ = remove(self.directory.path());
        Ok(())
    }

    fn unreadable(&self, error: walkdir::Error) -> Error {
        let path = error.path().unwrap_or(&self.root).to_owned();
        Error::Io { attempt: "read", path, cause: error.into() }
    }
}

fn create_parent(path: &Path) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(Error::io("create", parent))
}

/// A path as the record of generated files spells it.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Removes a tree in which directories may be read-only.
fn remove(tree: &Path) -> io::Result<()> {
    if fs::remove_dir_all(tree).is_ok() {
        return Ok(());
    }
    for entry in WalkDir::new(tree).into_iter().flatten().filter(|entry| entry.file_type().is_dir()) {
        make_writable(entry.path())?;
    }
    fs::remove_dir_all(tree)
}
