//! Texts that are not on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The texts of files that count instead of what is on disk: the open buffers of an editor, or standard input.
///
/// Files are known by their real paths, links resolved, whatever path they are asked for by.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    texts: BTreeMap<PathBuf, String>,
}

impl Overlay {
    /// Nothing: all texts are those on disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `text` count as the content of the file at `path`, which need not exist.
    pub fn set(&mut self, path: &Path, text: String) {
        self.texts.insert(real_path(path), text);
    }

    /// Lets what is on disk count again.
    pub fn remove(&mut self, path: &Path) {
        self.texts.remove(&real_path(path));
    }

    /// The text that counts instead of what is on disk, if there is one.
    pub fn text(&self, path: &Path) -> Option<&str> {
        if self.texts.is_empty() {
            return None;
        }
        self.texts.get(&real_path(path)).map(String::as_str)
    }

    /// The real paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.texts.keys().map(PathBuf::as_path)
    }
}

/// The path without links. Where the end of it does not exist, links are resolved in what does.
pub fn real_path(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.as_os_str().is_empty() => real_path(Path::new(".")).join(name),
        (Some(folder), Some(name)) => real_path(folder).join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_real_path() {
        let folder = tempfile::tempdir().unwrap();
        let mut overlay = Overlay::new();
        overlay.set(&folder.path().join("new/a.yaml"), "text".to_owned());
        assert_eq!(overlay.text(&folder.path().join("new/./a.yaml")), Some("text"));
        assert_eq!(overlay.text(&folder.path().join("a.yaml")), None);
        overlay.remove(&folder.path().join("new/a.yaml"));
        assert_eq!(overlay.paths().count(), 0);
    }
}
