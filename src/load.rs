//! The files of a model.

mod inside;
mod overlay;

pub(crate) use inside::{Expected, Inside};
pub use overlay::{Overlay, real_path};

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::Diagnostics;
use crate::error::Error;
use crate::model::{self, Model};
use crate::source::{FileId, Sources};
use crate::syntax::{Allows, parse_yaml};

/// The largest YAML file that is read, in MiB. The model of an organization with 10,000 accounts has two.
const LIMIT: u64 = 64;

/// A model as it was read.
#[derive(Debug)]
pub struct Loaded {
    /// The folder that paths of documents start from.
    pub root: PathBuf,
    /// The merged sections; `None` when a file broke off and nobody can say what is missing.
    pub model: Option<Model>,
    /// The suppressions in comments.
    pub allows: Allows,
    /// The first file: the place of findings that have no other.
    pub first: FileId,
}

/// Reads the model at `path`: one file, or every `*.yaml` and `*.yml` below a folder, in the order of their paths.
/// Folders whose names begin with a dot are left out. A file that the overlay holds has the text it has there.
///
/// # Errors
///
/// When a file or folder cannot be read, or there is nothing to read.
pub fn load(
    path: &Path,
    overlay: &Overlay,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Loaded, Error> {
    let is_folder = match fs::metadata(path) {
        Ok(metadata) => metadata.is_dir(),
        Err(_) if overlay.text(path).is_some() => false,
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    let (root, files) = if is_folder {
        (path.to_owned(), model_files(path, overlay)?)
    } else {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        (folder.to_owned(), vec![path.to_owned()])
    };
    let mut model = None;
    let mut allows = Allows::default();
    let mut first = None;
    let mut broken_off = false;
    for file in files {
        let text = match overlay.text(&file) {
            Some(text) => without_mark(text.to_owned()),
            None => read_text(&file)?,
        };
        let name = relative_name(&file, &root);
        let id = sources.add(name, text);
        first.get_or_insert(id);
        let mut document = parse_yaml(id, sources.get(id).text(), diagnostics);
        allows.extend(std::mem::take(&mut document.allows));
        broken_off |= document.broken_off;
        model::read(&mut model, document, diagnostics);
    }
    let first = first.ok_or_else(|| Error::NoModel(path.to_owned()))?;
    Ok(Loaded { root, model: model.filter(|_| !broken_off), allows, first })
}

fn model_files(root: &Path, overlay: &Overlay) -> Result<Vec<PathBuf>, Error> {
    let real = root.canonicalize().map_err(Error::io("read", root))?;
    let visible = |entry: &DirEntry| {
        let hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        !(hidden && entry.file_type().is_dir())
    };
    let mut files = Vec::new();
    let mut outside: Vec<PathBuf> = Vec::new();
    for entry in WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible) {
        let entry = match entry {
            Ok(entry) => entry,
            // Editors leave links to nowhere as locks; only one with the name of a model file could have meant something.
            Err(error) if error.path().is_some_and(|path| is_dangling(path) && !names_model_file(path)) => continue,
            Err(error) => return Err(walk_error(error, root)),
        };
        let leaves = || -> Result<bool, Error> {
            let target = entry.path().canonicalize().map_err(Error::io("read", entry.path()))?;
            Ok(!target.starts_with(&real))
        };
        if entry.file_type().is_dir() {
            if entry.depth() > 0 && entry.path_is_symlink() && leaves()? {
                outside.push(entry.into_path());
            }
            continue;
        }
        if !names_model_file(entry.path()) {
            continue;
        }
        if let Some(link) = outside.iter().find(|link| entry.path().starts_with(link)) {
            return Err(Error::LeavesModel(link.clone()));
        }
        if entry.path_is_symlink() && leaves()? {
            return Err(Error::LeavesModel(entry.into_path()));
        }
        // What is not a file (a pipe, a device) is refused when it is read.
        files.push(entry.into_path());
    }
    files.extend(unsaved_files(root, &real, overlay));
    // Byte order of the whole path, so that the order does not depend on how folders and files are interleaved.
    files.sort();
    Ok(files)
}

/// The files of the overlay that belong to the model and are not on disk yet.
fn unsaved_files<'o>(root: &'o Path, real: &'o Path, overlay: &'o Overlay) -> impl Iterator<Item = PathBuf> + 'o {
    overlay.paths().filter_map(move |path| {
        let relative = path.strip_prefix(real).ok()?;
        let unsaved = fs::symlink_metadata(path).is_err();
        (unsaved && belongs_to_model(relative)).then(|| root.join(relative))
    })
}

/// Whether a file, given by its path from the root of a model, is read as a part of it.
fn belongs_to_model(relative: &Path) -> bool {
    let hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
    names_model_file(relative) && !relative.parent().is_some_and(|folder| folder.components().any(hidden))
}

/// Whether a file that does not have to exist would be read as a part of the model at `model`, a folder or a file.
pub fn is_read_with(model: &Path, file: &Path) -> bool {
    let (root, file) = (real_path(model), real_path(file));
    root.is_dir() && file.strip_prefix(&root).is_ok_and(belongs_to_model)
}

/// `*.yaml` and `*.yml`, but not the hidden files in which editors keep their state.
fn names_model_file(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".#"));
    !hidden && matches!(path.extension().and_then(|end| end.to_str()), Some("yaml" | "yml"))
}

fn is_dangling(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|link| link.is_symlink()) && fs::metadata(path).is_err()
}

fn walk_error(error: walkdir::Error, root: &Path) -> Error {
    let path = error.path().unwrap_or(root).to_owned();
    let looped =
        error.loop_ancestor().map(|ancestor| format!("it is a link to `{}`, which holds it", ancestor.display()));
    let cause = match looped {
        Some(looped) => std::io::Error::other(looped),
        None => error.into_io_error().unwrap_or_else(|| std::io::Error::other("it cannot be walked")),
    };
    Error::Io { attempt: "read", path, cause }
}

/// What stands for standard input in messages.
pub const STDIN: &str = "<stdin>";

/// Reads standard input to its end, as the text of a file.
///
/// # Errors
///
/// When it cannot be read, is not UTF-8 or is larger than any model.
pub fn read_stdin() -> Result<String, Error> {
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take((LIMIT << 20) + 1);
    input.read_to_end(&mut bytes).map_err(Error::io("read", STDIN))?;
    if bytes.len() as u64 > LIMIT << 20 {
        return Err(Error::TooLarge { path: STDIN.into(), limit: LIMIT });
    }
    String::from_utf8(bytes).map_err(|_| Error::NotUtf8(STDIN.into()))
}

/// Reads a text file that is not larger than any model.
///
/// # Errors
///
/// When it cannot be read, is not a file, is not UTF-8 or is too large.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let read = || Error::io("read", path);
    let metadata = fs::metadata(path).map_err(read())?;
    if !metadata.is_file() {
        return Err(read()(std::io::Error::other("it is not a file")));
    }
    if metadata.len() > LIMIT << 20 {
        return Err(Error::TooLarge { path: path.to_owned(), limit: LIMIT });
    }
    let bytes = fs::read(path).map_err(read())?;
    let text = String::from_utf8(bytes).map_err(|_| Error::NotUtf8(path.to_owned()))?;
    Ok(without_mark(text))
}

/// The text without the byte order mark that some editors put in front of it: it is not part of the first line.
pub(crate) fn without_mark(mut text: String) -> String {
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    text
}

/// The path below the root, with `/` between its parts whatever the system uses.
pub(crate) fn relative_name(file: &Path, root: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
