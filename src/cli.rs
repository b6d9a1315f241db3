//! The command line: arguments to library calls, results to streams and an exit status.

mod build;
mod check;
mod explain;
mod grants;
mod init;
mod lsp;
mod session;

use clap::{Args, CommandFactory, Parser, Subcommand};
use jiff::Timestamp;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::Error;
use crate::resolve::parse_as_of;

/// Compiles and lints workforce access to AWS.
///
/// A model says which groups get which permission sets in which organizational units. bailiwick proves things about it
/// offline and writes the Terraform that deploys it to IAM Identity Center.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a small commented model that checks clean
    Init(init::Init),
    /// Lint a model
    Check(check::Check),
    /// Check a model, then write what deploys it
    Build(build::Build),
    /// Print the expanded matrix: who has what, where, and by which rows
    Grants(grants::Grants),
    /// Print a rule's page, or list the rules
    Explain(explain::Explain),
    /// Serve an editor: findings as you type, what names mean, what may stand at the cursor
    Lsp(lsp::Lsp),
    /// Print the JSON Schema of the language, for editors
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// The model and the time of the run.
#[derive(Debug, Args)]
struct ModelArgs {
    /// The model: a folder of YAML files, or one file
    #[arg(default_value = ".")]
    model: PathBuf,

    /// The time of the run: a date (its beginning, UTC) or a timestamp with an offset [default: now]
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<Timestamp>,
}

impl ModelArgs {
    /// Time enters the program here and nowhere else.
    fn as_of(&self) -> Timestamp {
        self.as_of.unwrap_or_else(Timestamp::now)
    }
}

fn as_of(text: &str) -> Result<Timestamp, String> {
    parse_as_of(text)
        .ok_or_else(|| "write a date such as 2027-01-31, or a timestamp such as 2027-01-31T18:00:00+01:00".to_owned())
}

/// What turns warnings into a failed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    /// Warnings fail the run
    Warnings,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing to complain about, warnings allowed.
    Clean,
    /// Errors in the model, or output that is not up to date.
    Findings,
}

/// The streams of a run: results go to `out`, messages to `err`.
struct Streams<'s> {
    out: &'s mut dyn Write,
    err: &'s mut dyn Write,
}

/// Runs the command that `arguments` name, the name of the program first.
///
/// The exit status is 0 for a clean run, 1 for errors in the model (or stale output), 2 when bailiwick could not do its
/// work. A reader that goes away (`| head`) is not a failure.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Printing help can only fail when nobody reads it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if let Command::Lsp(arguments) = &cli.command {
        // Its output is no text for a terminal: the lengths of messages are counted in bytes.
        return lsp::run(arguments);
    }
    let mut out = io::BufWriter::with_capacity(1 << 16, anstream::AutoStream::auto(io::stdout().lock()));
    let mut err = anstream::AutoStream::auto(io::stderr().lock());
    let outcome = dispatch(cli.command, &mut Streams { out: &mut out, err: &mut err });
    let outcome = outcome.and_then(|outcome| out.flush().map(|()| outcome).map_err(Error::Print));
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(Error::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // The failure is reported by the status as well, if this cannot be written.
            let _ = writeln!(err, "bailiwick: {}", crate::report::sanitize(&error.to_string()));
            if let Some(help) = error.help() {
                let _ = writeln!(err, "help: {help}");
            }
            ExitCode::from(2)
        }
    }
}

fn dispatch(command: Command, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    match command {
        Command::Init(arguments) => init::run(&arguments, streams),
        Command::Check(arguments) => check::run(&arguments, streams),
        Command::Build(arguments) => build::run(&arguments, streams),
        Command::Grants(arguments) => grants::run(&arguments, streams),
        Command::Explain(arguments) => explain::run(&arguments, streams),
        Command::Lsp(_) => Ok(Outcome::Clean),
        Command::Schema => schema(streams),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "bailiwick", &mut script);
            streams.out.write_all(&script).map_err(Error::Print)?;
            Ok(Outcome::Clean)
        }
    }
}

fn schema(streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let schema = crate::model::schema();
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Error::Print(error.into()))?;
    writeln!(streams.out, "{text}").map_err(Error::Print)?;
    Ok(Outcome::Clean)
}
