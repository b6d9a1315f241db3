//! `init`: a small commented model that checks clean.

use clap::Args;
use std::path::PathBuf;

use super::{Outcome, Streams};
use crate::error::Error;
use crate::report::shown_path;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The folder to write to
    dir: PathBuf,
}

/// The files, and what is in them.
const FILES: [(&str, &str); 3] = [
    ("bailiwick.yaml", include_str!("../../templates/init/bailiwick.yaml")),
    ("access.yaml", include_str!("../../templates/init/access.yaml")),
    ("policies/team-data.json", include_str!("../../templates/init/policies/team-data.json")),
];

pub(super) fn run(arguments: &Init, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    crate::write::create_new(&arguments.dir, &FILES)?;
    let dir = shown_path(&arguments.dir);
    writeln!(streams.err, "wrote {}; next: bailiwick check {dir}", FILES.map(|(name, _)| name).join(", "))
        .map_err(Error::Print)?;
    Ok(Outcome::Clean)
}
