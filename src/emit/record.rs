//! What an output says about itself, to later builds and to other programs.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::Error;

/// The text of a record.
pub(super) fn print(record: &impl Serialize) -> Result<String, Error> {
    let mut json = serde_json::to_string_pretty(record).map_err(|error| Error::Print(error.into()))?;
    json.push('\n');
    Ok(json)
}

/// The record that an earlier build has left in a file; `None` where there is no such file.
///
/// # Errors
///
/// When it is there and cannot be understood: guessing could move what is live.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    serde_json::from_str(&text).map(Some).map_err(|error| distrust(path, error.to_string()))
}

/// Why a record cannot be one.
pub(super) fn distrust(path: &Path, reason: impl Into<String>) -> Error {
    Error::History { path: path.to_owned(), reason: reason.into() }
}
