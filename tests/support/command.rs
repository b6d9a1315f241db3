//! Runs that have to end well.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

pub(crate) use crate::program::bailiwick;

/// Runs a command that has to end well.
#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, streams(&output));
    output
}

/// What a command printed, both streams.
pub(crate) fn streams(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Builds a model.
#[track_caller]
pub(crate) fn build(model: &Path, out: &Path, as_of: &str) -> Output {
    let arguments: [&OsStr; 6] =
        ["build".as_ref(), model.as_ref(), "--out".as_ref(), out.as_ref(), "--as-of".as_ref(), as_of.as_ref()];
    succeed(&mut bailiwick(arguments))
}

/// Writes a file of a test's input, with the folders above it.
#[expect(clippy::disallowed_methods, reason = "input of a test")]
pub(crate) fn put(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("below a folder")).expect("a temporary folder is writable");
    fs::write(path, text).expect("a temporary folder is writable");
}
