//! `check`: load, resolve, lint, report.

use clap::{Args, ValueEnum};

use super::session::Session;
use super::{Deny, ModelArgs, Outcome, Streams};
use crate::diagnostic::Diagnostics;
use crate::error::Error;
use crate::report::{self, count};

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    model: ModelArgs,

    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// What fails the run beside errors
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a program: version 1 of the report
    Json,
}

pub(super) fn run(arguments: &Check, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let mut session = Session::open(&arguments.model)?;
    session.judge();
    match arguments.format {
        Format::Text => {
            session.print(streams.out)?;
            streams.out.flush().map_err(Error::Print)?;
            writeln!(streams.err, "{}", summary(&session)).map_err(Error::Print)?;
        }
        Format::Json => {
            report::json(&session.diagnostics, &session.sources, streams.out).map_err(Error::Print)?;
        }
    }
    Ok(session.outcome(arguments.deny))
}

/// What was checked, and how it ended, in one line.
fn summary(session: &Session) -> String {
    let checked = match &session.access {
        Some(access) => format!(
            "{}, {}, {}",
            count(access.permission_sets.len(), "permission set"),
            count(access.rows.len(), "row"),
            count(access.grant_count(), "grant"),
        ),
        None => "not read to the end".to_owned(),
    };
    format!("{checked}: {}", numbers(&session.diagnostics))
}

/// `1 error, 2 warnings`, or `no findings`.
pub(super) fn numbers(diagnostics: &Diagnostics) -> String {
    let numbers = [(diagnostics.errors(), "error"), (diagnostics.warnings(), "warning"), (diagnostics.notes(), "note")];
    let numbers: Vec<_> =
        numbers.into_iter().filter(|&(number, _)| number > 0).map(|(number, what)| count(number, what)).collect();
    if numbers.is_empty() { "no findings".to_owned() } else { numbers.join(", ") }
}
