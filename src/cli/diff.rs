//! `diff`: what a change does to access.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

use super::known::folder_of;
use super::session::Session;
use super::{Outcome, Streams, as_of};
use crate::access::Access;
use crate::diff::{AccessDiff, Gate};
use crate::error::Error;
use crate::git::Revision;
use crate::load::Overlay;
use crate::report::diff::{self as report, Compared, Origins};
use crate::report::sanitize;
use crate::source::Sources;

/// Each of OLD and NEW is a model on disk, a folder or one file, or else a git revision of the model in `--model`, read from
/// the repository without touching the files that are checked out.
///
///   bailiwick diff old-model new-model     two models on disk
///   bailiwick diff main --model access     a revision, and the files as they are
///   bailiwick diff main HEAD               two revisions of the model in the current folder
///   bailiwick diff main...HEAD             what the branch has changed since it left `main`
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Diff {
    /// The model before; OLD..NEW and OLD...NEW name two revisions, the latter the one where NEW left OLD
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The model after; without it, the files as they are
    #[arg(value_name = "NEW")]
    new: Option<PathBuf>,

    /// The model of revisions; with it, OLD and NEW are revisions whatever is on disk [default: .]
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,

    /// The time of the run, for both models: a date (its beginning, UTC) or a timestamp with an offset [default: now]
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<Timestamp>,

    /// How the difference is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Exit with 1 if the change does this
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a comment on a pull request: at most 65,536 characters
    Markdown,
    /// For a program: version 1 of the report
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Somebody comes to permissions that lead to any other, through a grant or because a permission set opens the way
    GainedPrivileged,
    /// The same, where it is only possible
    GainedPossiblyPrivileged,
    /// Somebody gains a permission set in an account
    Gained,
    /// Somebody loses a permission set in an account
    Lost,
    /// A permission set allows actions that it did not
    Widened,
    /// A permission set no more allows actions that it did
    Narrowed,
    /// A permissions boundary is taken away or exchanged
    Boundary,
    /// Sessions last longer
    LongerSession,
    /// Grants end later, or never
    LaterEnd,
    /// Access differs in any way
    Any,
}

impl From<FailOn> for Gate {
    fn from(on: FailOn) -> Self {
        match on {
            FailOn::GainedPrivileged => Self::GainedPrivileged,
            FailOn::GainedPossiblyPrivileged => Self::GainedPossiblyPrivileged,
            FailOn::Gained => Self::Gained,
            FailOn::Lost => Self::Lost,
            FailOn::Widened => Self::Widened,
            FailOn::Narrowed => Self::Narrowed,
            FailOn::Boundary => Self::Boundary,
            FailOn::LongerSession => Self::LongerSession,
            FailOn::LaterEnd => Self::LaterEnd,
            FailOn::Any => Self::Any,
        }
    }
}

/// Where one of the models is.
#[derive(Debug)]
enum Place<'a> {
    Disk(&'a Path),
    /// A revision, and where another one left it, if that is meant.
    Revision {
        revision: String,
        left_by: Option<String>,
    },
}

pub(super) fn run(arguments: &Diff, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let as_of = arguments.as_of.unwrap_or_else(Timestamp::now);
    let model = arguments.model.as_deref().unwrap_or(Path::new("."));
    let (old, new) = places(arguments, model)?;
    let strictly = arguments.model.is_some();
    let mut old = Model::read(&old, model, strictly, as_of)?;
    let mut new = Model::read(&new, model, strictly, as_of)?;
    if old.session.is_none() && new.session.is_none() {
        return Err(Error::NoModel(model.to_owned()));
    }
    let mut whole = true;
    for (side, which) in [(&mut old, "before"), (&mut new, "after")] {
        whole &= side.is_whole(which, streams)?;
    }
    let (Some(before), Some(after)) = (old.access(), new.access()) else { return Ok(Outcome::Findings) };
    if !whole {
        return Ok(Outcome::Findings);
    }
    let diff = AccessDiff::of(before, after);
    if diff.without_grants {
        let message = "grants are not compared: a model with rows has no `organization`, so targets are not expanded";
        writeln!(streams.err, "{message}").map_err(Error::Print)?;
    }
    let compared = Compared { old: &old.label, new: &new.label };
    let origins = Origins { old: &old.sources, new: &new.sources };
    match arguments.format {
        Format::Text => report::text(&diff, &origins, streams.out),
        Format::Markdown => report::markdown(&diff, &compared, &origins, streams.out),
        Format::Json => report::json(&diff, &compared, &origins, streams.out),
    }
    .and_then(|()| streams.out.flush())
    .map_err(Error::Print)?;
    if diff.is_empty() && arguments.format == Format::Text {
        writeln!(streams.err, "access is the same").map_err(Error::Print)?;
    }
    let met: Vec<FailOn> = arguments.fail_on.iter().copied().filter(|&on| diff.meets(on.into())).collect();
    for on in &met {
        let value = on.to_possible_value();
        let (name, help) = value.as_ref().map_or(("", String::new()), |value| {
            (value.get_name(), value.get_help().map(ToString::to_string).unwrap_or_default())
        });
        writeln!(streams.err, "fails on `{name}`: {}", lower(&help)).map_err(Error::Print)?;
    }
    Ok(if met.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// A sentence of the help text, as a message.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What OLD and NEW stand for.
fn places<'a>(arguments: &'a Diff, model: &'a Path) -> Result<(Place<'a>, Place<'a>), Error> {
    let place = |name: &'a Path| -> Result<Place<'a>, Error> {
        if arguments.model.is_none() && fs::symlink_metadata(name).is_ok() {
            return Ok(Place::Disk(name));
        }
        match name.to_str() {
            Some(revision) => Ok(Place::Revision { revision: revision.to_owned(), left_by: None }),
            None => {
                let name = name.display().to_string();
                Err(Error::NeitherPathNorRevision { name, cause: None })
            }
        }
    };
    let old = place(&arguments.old)?;
    if let Some(new) = &arguments.new {
        return Ok((old, place(new)?));
    }
    let Place::Revision { revision, .. } = &old else { return Ok((old, Place::Disk(model))) };
    // Two dots cannot stand in the name of a revision.
    let range = revision.split_once("...").map(|range| (range, true));
    let range = range.or_else(|| revision.split_once("..").map(|range| (range, false)));
    Ok(match range.filter(|((from, _), _)| !from.is_empty()) {
        Some(((from, to), forks)) => {
            let to = if to.is_empty() { "HEAD" } else { to }.to_owned();
            let left_by = forks.then(|| to.clone());
            (Place::Revision { revision: from.to_owned(), left_by }, Place::Revision { revision: to, left_by: None })
        }
        None => (old, Place::Disk(model)),
    })
}

/// One of the models.
struct Model {
    /// How it is called in messages.
    label: String,
    /// `None` if there was no model in that revision.
    session: Option<Session>,
    sources: Sources,
    nothing: Access,
}

impl Model {
    fn read(place: &Place<'_>, model: &Path, strictly: bool, as_of: Timestamp) -> Result<Self, Error> {
        let read = |path: &Path| Session::read(path, &Overlay::new(), as_of);
        let (label, session) = match place {
            Place::Disk(path) => (path.display().to_string(), Some(read(path)?)),
            Place::Revision { revision, left_by } => {
                let (root, file) = match fs::metadata(model).map_err(Error::io("read", model))?.is_dir() {
                    true => (model.to_owned(), None),
                    false => (folder_of(model), model.file_name()),
                };
                let found = match left_by {
                    Some(branch) => Revision::fork(revision, branch, &root),
                    None => Revision::at(revision, &root),
                };
                let found = found.map_err(|error| match error {
                    Error::UnknownRevision { revision } if !strictly => {
                        Error::NeitherPathNorRevision { name: revision, cause: None }
                    }
                    Error::Git { message } if !strictly => {
                        Error::NeitherPathNorRevision { name: revision.clone(), cause: Some(message) }
                    }
                    other => other,
                })?;
                let path = file.map_or_else(|| found.root(), |file| found.root().join(file));
                let session = match path.exists().then(|| read(&path)) {
                    // A folder in which no model was yet.
                    None | Some(Err(Error::NoModel(_))) => None,
                    Some(session) => Some(session?),
                };
                (revision.clone(), session)
            }
        };
        let mut model = Self {
            label: sanitize(&label).into_owned(),
            session,
            sources: Sources::new(),
            nothing: Access::nothing(as_of),
        };
        if let Some(session) = &mut model.session {
            session.diagnostics.sort(&session.sources);
        }
        Ok(model)
    }

    /// Whether nothing is wrong with it; what is wrong is said.
    fn is_whole(&mut self, which: &str, streams: &mut Streams<'_>) -> Result<bool, Error> {
        let Some(session) = &mut self.session else {
            writeln!(streams.err, "there is no model in `{}`: the model {which} is taken to be empty", self.label)
                .map_err(Error::Print)?;
            return Ok(true);
        };
        let whole = session.diagnostics.errors() == 0 && session.access.is_some();
        if !whole {
            writeln!(streams.err, "the model {which}, `{}`, has errors:\n", self.label).map_err(Error::Print)?;
            session.print_errors(streams.err)?;
        }
        self.sources = std::mem::take(&mut session.sources);
        Ok(whole)
    }

    fn access(&self) -> Option<&Access> {
        match &self.session {
            Some(session) => session.access.as_ref(),
            None => Some(&self.nothing),
        }
    }
}
