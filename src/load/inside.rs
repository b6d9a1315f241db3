//! Files that the model names by path: below its root and nowhere else.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use rustc_hash::FxHashMap;

use super::{Overlay, real_path, without_mark};

/// What a file that is named by path is expected to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    /// What it is called: `a document`.
    pub what: &'static str,
    /// The largest that is read, in bytes.
    pub limit: u64,
    /// What is said of a larger one, and what helps.
    pub too_large: (&'static str, &'static str),
    /// What helps where something that is no file is named.
    pub not_a_file: &'static str,
}

/// Reads files that the model names by path.
#[derive(Debug)]
pub(crate) struct Inside<'o> {
    /// The real path of the model's root.
    root: PathBuf,
    overlay: &'o Overlay,
    /// The real paths of the folders that files have been read from: most documents share one.
    folders: FxHashMap<PathBuf, PathBuf>,
}

impl<'o> Inside<'o> {
    /// Files below `root`, an existing folder; their text may be that of the overlay.
    pub(crate) fn new(root: &Path, overlay: &'o Overlay) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self { root, overlay, folders: FxHashMap::default() }
    }

    /// The text of the file that the model names `path`, or what is wrong and what to do.
    pub(crate) fn text(&mut self, path: &str, expected: Expected) -> Result<String, (String, &'static str)> {
        let inside = "name a file below the root of the model, by its path from there";
        let relative = Path::new(path);
        if path.trim().is_empty() {
            return Err((format!("the path of {} is empty", expected.what), inside));
        }
        let mut depth = 0_i32;
        for component in relative.components() {
            depth += match component {
                Component::Normal(_) => 1,
                Component::CurDir => 0,
                Component::ParentDir => -1,
                Component::RootDir | Component::Prefix(_) => i32::MIN / 2,
            };
            if depth < 0 {
                return Err((format!("`{path}` leads out of the model"), inside));
            }
        }
        let missing = |_| {
            (format!("there is no file `{path}` in the model"), "correct the path; it starts at the root of the model")
        };
        let too_large = || Err((format!("`{path}` is {}", expected.too_large.0), expected.too_large.1));
        let named = self.root.join(relative);
        let outside = || Err((format!("`{path}` leads out of the model through a link"), inside));
        if let Some(text) = self.overlay.text(&named) {
            return match text.len() as u64 {
                _ if !real_path(&named).starts_with(&self.root) => outside(),
                length if length > expected.limit => too_large(),
                _ => Ok(without_mark(text.to_owned())),
            };
        }
        let (real, metadata) = self.find(&named).map_err(missing)?;
        if !real.starts_with(&self.root) {
            return outside();
        }
        if !metadata.is_file() {
            return Err((format!("`{path}` is not a file"), expected.not_a_file));
        }
        if metadata.len() > expected.limit {
            return too_large();
        }
        let bytes =
            fs::read(&real).map_err(|error| (format!("`{path}` cannot be read: {error}"), "make it readable"))?;
        let text =
            String::from_utf8(bytes).map_err(|_| (format!("`{path}` is not UTF-8"), "save the file as UTF-8"))?;
        Ok(without_mark(text))
    }

    /// The real path of what exists at a path, and what it is.
    fn find(&mut self, named: &Path) -> io::Result<(PathBuf, Metadata)> {
        if let (Some(folder), Some(name)) = (named.parent(), named.file_name()) {
            let known = match self.folders.get(folder) {
                Some(known) => known,
                None => self.folders.entry(folder.to_owned()).or_insert(folder.canonicalize()?),
            };
            let metadata = fs::symlink_metadata(named)?;
            if !metadata.is_symlink() {
                return Ok((known.join(name), metadata));
            }
        }
        let real = named.canonicalize()?;
        let metadata = fs::metadata(&real)?;
        Ok((real, metadata))
    }
}
