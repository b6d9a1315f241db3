//! The command line: arguments to library calls, results to streams and an exit status.

mod access;
mod answer;
mod build;
mod check;
mod diff;
mod explain;
mod fix;
mod grants;
mod init;
mod known;
mod lsp;
mod profiles;
mod report;
mod select;
mod session;
mod watch;
mod who_can;

use clap::{Args, CommandFactory, Parser, Subcommand};
use jiff::Timestamp;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::emit::guard;
use crate::error::Error;
use crate::lint::{Level, Levels, NoLevel, RULES};
use crate::resolve::parse_as_of;
use crate::syntax::decode::did_you_mean;

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
    /// Write access as one page for a browser: the matrix, findings, ends and the deployment, to search and to print
    Report(report::Report),
    /// Tell who may do something, where, and through which rows and statements
    ///
    /// Considered are the policies of permission sets, their boundaries and the service control policies of the model; resource
    /// policies, role trust policies and resource control policies are not.
    WhoCan(who_can::WhoCanArgs),
    /// Tell what a principal has, what there is in an account, or what a permission set gives
    ///
    /// At least one of `--principal`, `--permission-set`, `--account` and `--ou` says whose access is meant; together they
    /// narrow each other.
    Access(access::AccessArgs),
    /// Say what a change does to access: who gains or loses what and where, which permission sets allow more or less
    Diff(diff::Diff),
    /// Write the sections of `~/.aws/config` for the grants of a principal
    Profiles(profiles::Profiles),
    /// Explain a rule, an AWS-managed policy or an action; without a name, list the rules
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
    /// Print the manual page, of bailiwick or of one of its commands
    Man {
        /// The command
        command: Option<String>,
    },
}

/// The model and the time of the run.
#[derive(Debug, Args)]
struct ModelArgs {
    /// The model: a folder of YAML files, or one file; for `check`, `-` is standard input
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

/// What findings weigh, on the command line.
#[derive(Debug, Args)]
struct LintArgs {
    /// Make the findings of a rule errors; `warnings` lets every warning fail the run
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<String>,

    /// Make the findings of a rule warnings
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    warn: Vec<String>,

    /// Leave the findings of a rule out
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<String>,

    /// The findings that are known, and not reported; `check --write-baseline` writes them down
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// What `--deny` takes beside rules.
const WARNINGS: &str = "warnings";

impl LintArgs {
    /// Whether warnings fail the run.
    fn denies_warnings(&self) -> bool {
        self.deny.iter().any(|id| id == WARNINGS)
    }

    /// The levels that are given to rules, above those of the model.
    fn levels(&self) -> Result<Levels, Error> {
        let mut levels = Levels::new();
        let given = [(&self.deny, Level::Deny), (&self.warn, Level::Warn), (&self.allow, Level::Allow)];
        for (id, level) in given.into_iter().flat_map(|(ids, level)| ids.iter().map(move |id| (id, level))) {
            if id == WARNINGS && level == Level::Deny {
                continue;
            }
            match levels.set(id, level) {
                Ok(Some(other)) if other != level => return Err(Error::TwoLevels { id: id.clone() }),
                Ok(_) => {}
                Err(NoLevel::Fixed) => return Err(Error::FixedRule { id: id.clone() }),
                Err(NoLevel::Unknown) => {
                    let near = did_you_mean(id, RULES.iter().map(|rule| rule.id));
                    return Err(Error::UnknownRule { id: id.clone(), near });
                }
            }
        }
        Ok(levels)
    }
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
/// work. A reader that goes away (`| head`) changes nothing about it.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|argument| argument == guard::CHILD) {
        // Nobody types this: bailiwick does, to evaluate rules where they can do no harm.
        return guard::serve();
    }
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
    // The stream that takes colours out reads its input at some length at a time, and writes what is between them piece
    // by piece.
    let buffer = io::BufWriter::with_capacity(1 << 16, Pipe::new(io::stdout().lock()));
    let colour = anstream::AutoStream::choice(&io::stdout());
    let mut out = io::BufWriter::new(anstream::AutoStream::new(Box::new(buffer) as Box<dyn Write>, colour));
    let mut err = Pipe::new(anstream::AutoStream::auto(io::stderr().lock()));
    let outcome = dispatch(cli.command, &mut Streams { out: &mut out, err: &mut err });
    let outcome = outcome.and_then(|outcome| out.flush().map(|()| outcome).map_err(Error::Print));
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
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

/// A stream whose reader may go away: from then on, what is written goes nowhere. A run ends as it would have ended, so
/// that `check | head` does not hide errors.
struct Pipe<W> {
    stream: W,
    closed: bool,
}

impl<W: Write> Pipe<W> {
    fn new(stream: W) -> Self {
        Self { stream, closed: false }
    }

    fn unless_closed<T>(&mut self, done: T, attempt: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.closed {
            return Ok(done);
        }
        match attempt(&mut self.stream) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(done)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), Write::flush)
    }
}

fn dispatch(command: Command, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    match command {
        Command::Init(arguments) => init::run(&arguments, streams),
        Command::Check(arguments) => check::run(&arguments, streams),
        Command::Build(arguments) => build::run(&arguments, streams),
        Command::Grants(arguments) => grants::run(&arguments, streams),
        Command::Report(arguments) => report::run(&arguments, streams),
        Command::WhoCan(arguments) => who_can::run(&arguments, streams),
        Command::Access(arguments) => access::run(&arguments, streams),
        Command::Diff(arguments) => diff::run(&arguments, streams),
        Command::Profiles(arguments) => profiles::run(&arguments, streams),
        Command::Explain(arguments) => explain::run(&arguments, streams),
        Command::Lsp(_) => Ok(Outcome::Clean),
        Command::Schema => schema(streams),
        Command::Man { command } => man(command.as_deref(), streams),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "bailiwick", &mut script);
            streams.out.write_all(&script).map_err(Error::Print)?;
            Ok(Outcome::Clean)
        }
    }
}

/// Writes the manual page of a command, or of the whole program.
fn man(name: Option<&str>, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let mut program = Cli::command();
    // So that subcommands know what they are called.
    program.build();
    let page = match name {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
                let near = did_you_mean(name, names).map(str::to_owned);
                return Err(Error::UnknownName { what: "command", name: name.to_owned(), near });
            }
        },
    };
    clap_mangen::Man::new(page).render(streams.out).map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

fn schema(streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let schema = crate::model::schema();
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Error::Print(error.into()))?;
    writeln!(streams.out, "{text}").map_err(Error::Print)?;
    Ok(Outcome::Clean)
}
