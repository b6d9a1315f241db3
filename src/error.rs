//! Why bailiwick could not do its work.

use std::io;
use std::path::PathBuf;

/// A failure of the run, never of the model: arguments, files that cannot be read, output that cannot be written.
/// What is wrong with the user's model is a [`Diagnostic`](crate::diagnostic::Diagnostic).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model's path leads nowhere, or a file below it cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A model file that is not text.
    #[error("`{}` is not UTF-8: save the file as UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// A model file of a size that no model has.
    #[error("`{}` is larger than {limit} MiB: is it part of the model?", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size that is read.
        limit: u64,
    },
    /// A folder without a model.
    #[error("no `*.yaml` or `*.yml` file below `{}`: `bailiwick init` writes a small model", .0.display())]
    NoModel(PathBuf),
    /// A link in the model's folder that leads out of it.
    #[error("`{}` is a link that leads out of the model", .0.display())]
    LeavesModel(PathBuf),
    /// `init` into a folder that has files in the way.
    #[error("`{}` exists: `init` overwrites nothing", .0.display())]
    Exists(PathBuf),
    /// `explain` of a rule that does not exist.
    #[error("no rule `{id}`: {}", near.as_ref().map_or("`bailiwick explain` lists the rules".to_owned(), |near| format!("did you mean `{near}`?")))]
    UnknownRule {
        /// What was asked for.
        id: String,
        /// The nearest rule.
        near: Option<String>,
    },
    /// A result or message that could not be printed.
    #[error("cannot write the result: {0}")]
    Print(#[source] io::Error),
}
