//! Why bailiwick could not do its work.

use std::io;
use std::path::{Path, PathBuf};

/// Why bailiwick could not do its work.
///
/// It says nothing about access: what is wrong with a model is a [`Diagnostic`](crate::diagnostic::Diagnostic).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused; usually the user's to put right.
    #[error("cannot {attempt} `{}`: {cause}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `write`.
        attempt: &'static str,
        /// The file or directory it was tried on.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The output directory is something else; the user named it.
    #[error("`{}` is not a directory that can be written to", path.display())]
    NotADirectory {
        /// What the user named.
        path: PathBuf,
    },
    /// An artifact's path could lead outside the output directory; a fault of the emitter, which names files.
    #[error("`{path}` is not a path inside the output directory")]
    PathLeaves {
        /// The path as the emitter gave it.
        path: String,
    },
    /// Two artifacts have the same path; a fault of the emitter, which names files.
    #[error("two files of the output are called `{path}`")]
    WrittenTwice {
        /// The path of both.
        path: String,
    },
    /// A file of somebody else has the name of an artifact.
    #[error("`{}` exists, and bailiwick did not write it", path.display())]
    Foreign {
        /// The file of somebody else.
        path: PathBuf,
    },
    /// A directory stands where a file belongs, or something else where a directory belongs.
    #[error("`{}` stands in the way of the output", path.display())]
    InTheWay {
        /// What stands there.
        path: PathBuf,
    },
    /// The record of the files an earlier build wrote cannot be trusted.
    #[error("`{}` is not a list of generated files: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another build writes to the same directory.
    #[error("another build is writing to `{}`", path.display())]
    Busy {
        /// The output directory.
        path: PathBuf,
    },
}

impl Error {
    /// Makes an I/O error of one path, for `map_err`.
    pub fn io(attempt: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { attempt, path: path.as_ref().to_owned(), cause }
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => None,
            Self::NotADirectory { .. } => {
                Some("name a directory for the output; it is created where it does not exist")
            }
            Self::PathLeaves { .. } | Self::WrittenTwice { .. } => Some("this is a bug in bailiwick; please report it"),
            Self::Foreign { .. } => Some("move the file away, or build into another directory"),
            Self::InTheWay { .. } => Some("move it away, or build into another directory"),
            Self::Manifest { .. } => {
                Some("restore it from version control, or build into another directory and move your own files there")
            }
            Self::Busy { .. } => Some("wait until it is done, then build again"),
        }
    }
}
