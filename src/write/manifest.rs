//! The record of what bailiwick wrote, kept beside it.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::leads_inside;
use crate::error::Error;

/// The name of the record in the output directory.
pub(super) const NAME: &str = ".bailiwick.json";

const ABOUT: &str = "The files in this directory that bailiwick generated. A build replaces and removes these files and no others. Do not edit.";

/// The files of one build.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    about: String,
    version: u32,
    /// Paths with `/` between their parts.
    pub(super) files: BTreeSet<String>,
}

impl Manifest {
    /// A record of `files`.
    pub(super) fn new(files: BTreeSet<String>) -> Self {
        Self { about: ABOUT.to_owned(), version: 1, files }
    }

    /// Reads the record in `root` with its text. A directory without one holds nothing of ours.
    pub(super) fn read(root: &Path) -> Result<(Self, String), Error> {
        let path = root.join(NAME);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok((Self::new(BTreeSet::new()), String::new()));
            }
            Err(error) => return Err(Error::io("read", &path)(error)),
            Ok(metadata) if !metadata.is_file() => return Err(Error::InTheWay { path }),
            Ok(_) => {}
        }
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let distrust = |reason: String| Error::Manifest { path, reason };
        let manifest: Self = match serde_json::from_str(&text) {
            Ok(manifest) => manifest,
            Err(error) => return Err(distrust(error.to_string())),
        };
        if manifest.version != 1 {
            return Err(distrust(format!("version {} is not known to this bailiwick", manifest.version)));
        }
        if let Some(stray) = manifest.files.iter().find(|path| !leads_inside(path)) {
            return Err(distrust(format!("`{}` is not a path inside the directory", stray.escape_debug())));
        }
        Ok((manifest, text))
    }

    /// The record as it is written.
    pub(super) fn text(&self) -> String {
        // A list of strings always has a form in JSON.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
