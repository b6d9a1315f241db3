//! `report`: access as one page.

use clap::Args;
use std::path::{Path, PathBuf};

use super::check::numbers;
use super::session::Session;
use super::{ModelArgs, Outcome, Streams};
use crate::error::Error;
use crate::lint::Levels;
use crate::load::Overlay;
use crate::page::{Page, is_page};
use crate::report::{count, shown_path};
use crate::write::{Put, put};

#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    model: ModelArgs,

    /// The page to write, such as `access.html`; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Write over a file that is not such a page
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Report, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let Some(mut session) = Session::open_resolved(&arguments.model, streams)? else { return Ok(Outcome::Findings) };
    // What the rules say stands on the page; it does not stop it.
    session.judge_with_policies(&Levels::new(), &Overlay::new(), None)?;
    // A model that could not be read to its end has errors.
    let Some(access) = &session.access else { return Ok(Outcome::Findings) };
    let page = Page::new(access, &session.sources, &session.diagnostics);
    let html = page.html()?;
    if arguments.out == Path::new("-") {
        streams.out.write_all(html.as_bytes()).map_err(Error::Print)?;
        return Ok(Outcome::Clean);
    }
    let done = match put(&arguments.out, html.as_bytes(), |earlier| arguments.force || is_page(earlier))? {
        Put::Created => "written",
        Put::Changed => "changed",
        Put::Unchanged => "unchanged",
        Put::Foreign => return Err(Error::NotAPage { path: arguments.out.clone() }),
    };
    let out = shown_path(&arguments.out);
    let sets = count(access.permission_sets.len(), "permission set");
    let grants = count(page.about.grants, "grant");
    let findings = numbers(&session.diagnostics);
    writeln!(streams.err, "{out}: {sets}, {grants}, {findings}; {done}").map_err(Error::Print)?;
    Ok(Outcome::Clean)
}
