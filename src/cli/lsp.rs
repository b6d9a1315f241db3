//! `lsp`: a language server over the standard streams.

use clap::Args;
use jiff::Timestamp;
use std::io::{self, Write};
use std::process::ExitCode;

use super::as_of;
use crate::lsp::{Options, serve};

#[derive(Debug, Args)]
pub(super) struct Lsp {
    /// The time of every run: a date (its beginning, UTC) or a timestamp with an offset [default: now]
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<Timestamp>,

    /// What editors add to the command of a server; there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Serves until the editor goes away. The protocol has a status for that: 0 if it said so in order, 1 if not.
pub(super) fn run(arguments: &Lsp) -> ExitCode {
    let options = Options { as_of: arguments.as_of, now: Timestamp::now };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match serve(io::BufReader::new(io::stdin()), &mut out, options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // The status says it as well, if nobody reads this either.
            let _ = writeln!(io::stderr(), "bailiwick: cannot write to the editor: {error}");
            ExitCode::from(2)
        }
    }
}
