//! Files that the model names by path: below its root and nowhere else.

use std::fs;
use std::path::{Component, Path};

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

/// The text of the file that the model names `path`, or what is wrong and what to do. `root` is the real path of the
/// model's root.
pub(crate) fn text_inside(
    root: &Path,
    overlay: &Overlay,
    path: &str,
    expected: Expected,
) -> Result<String, (String, &'static str)> {
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
    let missing =
        |_| (format!("there is no file `{path}` in the model"), "correct the path; it starts at the root of the model");
    let too_large = || Err((format!("`{path}` is {}", expected.too_large.0), expected.too_large.1));
    let named = root.join(relative);
    let unsaved = overlay.text(&named);
    let real = if unsaved.is_some() { real_path(&named) } else { named.canonicalize().map_err(missing)? };
    if !real.starts_with(root) {
        return Err((format!("`{path}` leads out of the model through a link"), inside));
    }
    if let Some(text) = unsaved {
        return if text.len() as u64 > expected.limit { too_large() } else { Ok(without_mark(text.to_owned())) };
    }
    let metadata = fs::metadata(&real).map_err(missing)?;
    if !metadata.is_file() {
        return Err((format!("`{path}` is not a file"), expected.not_a_file));
    }
    if metadata.len() > expected.limit {
        return too_large();
    }
    let bytes = fs::read(&real).map_err(|error| (format!("`{path}` cannot be read: {error}"), "make it readable"))?;
    let text = String::from_utf8(bytes).map_err(|_| (format!("`{path}` is not UTF-8"), "save the file as UTF-8"))?;
    Ok(without_mark(text))
}
