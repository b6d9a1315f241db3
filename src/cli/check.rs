//! `check`: load, resolve, lint, report.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

use super::fix::fix;
use super::known::{self, Known, on_stdin};
use super::session::Session;
use super::watch::watch;
use super::{LintArgs, ModelArgs, Outcome, Streams};
use crate::diagnostic::{Diagnostics, SuppressedBy};
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::lint::Levels;
use crate::load::{Overlay, STDIN, read_stdin};
use crate::report::{self, count, sanitize, shown_path};

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    model: ModelArgs,

    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    lint: LintArgs,

    /// Write the findings that there are to the baseline, instead of what it holds
    #[arg(long, requires = "baseline", conflicts_with_all = ["changed_since", "watch"])]
    write_baseline: bool,

    /// Report only what the change since a git revision brings: findings that were not there when the work left that
    /// revision, and those on the lines that have changed
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,

    /// Put right what anybody would put right the same way, and report what is left
    #[arg(long, conflicts_with_all = ["diff", "watch"])]
    fix: bool,

    /// Print what `--fix` would change, as a patch, and change nothing; exit with 1 if there is something
    #[arg(long, conflicts_with_all = ["watch", "format", "show_suppressed"])]
    diff: bool,

    /// Take standard input as the content of a file of the model, such as one that an editor has not saved; its path counts
    /// from the working directory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "diff", "watch"])]
    stdin_file: Option<PathBuf>,

    /// Check again whenever the model changes
    #[arg(long)]
    watch: bool,

    /// Keep suppressed and known findings in the SARIF report, marked as such; GitHub opens alerts for them all the same
    #[arg(long)]
    show_suppressed: bool,
}

/// What stands for standard input instead of a path.
const DASH: &str = "-";

impl Check {
    /// Whether the arguments go together, beyond what their parser knows.
    fn agree(&self) -> Result<(), Error> {
        let error = |message, help| Err(Error::Arguments { message, help });
        if self.show_suppressed && self.format != Format::Sarif {
            return error("`--show-suppressed` shows nothing in this format", "write it beside `--format sarif`");
        }
        let takes_files =
            self.fix || self.diff || self.watch || self.stdin_file.is_some() || self.changed_since.is_some();
        if self.reads_stdin() && takes_files {
            return error(
                "the model on standard input is not a file",
                "name the model, and the file that standard input is the content of: `--stdin-file FILE`",
            );
        }
        Ok(())
    }

    fn reads_stdin(&self) -> bool {
        self.model.model == Path::new(DASH)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a program: version 1 of the report
    Json,
    /// For GitHub code scanning and other collectors of findings: SARIF 2.1.0
    Sarif,
    /// For a run of GitHub Actions: annotations of the changed files
    Github,
}

pub(super) fn run(arguments: &Check, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    arguments.agree()?;
    let levels = arguments.lint.levels()?;
    if arguments.watch {
        return watch(&arguments.model.model, streams, |streams| Ok(once(arguments, &levels, streams)?.0));
    }
    let (outcome, session) = once(arguments, &levels, streams)?;
    // The process ends, which frees all of it at once.
    std::mem::forget(session);
    Ok(outcome)
}

fn once(arguments: &Check, levels: &Levels, streams: &mut Streams<'_>) -> Result<(Outcome, Session), Error> {
    let as_of = arguments.model.as_of();
    let (path, overlay) = input(arguments)?;
    let judge = |path: &Path, overlay: &Overlay| judge(path, overlay, as_of, levels);
    let mut known = match arguments.write_baseline {
        // What it holds now does not count.
        true => Known::default(),
        false => Known::of_baseline(arguments.lint.baseline.as_deref())?,
    };
    if let Some(revision) = &arguments.changed_since {
        known = known.before(revision, &path, |path| judge(path, &Overlay::new()))?;
    }
    let narrowed = |overlay: &Overlay| {
        let mut session = judge(&path, overlay)?;
        known.apply(&mut session);
        Ok(session)
    };
    if arguments.diff {
        let (fixed, session) = fix(narrowed)?;
        fixed.print(&session.repository(), streams)?;
        streams.out.flush().map_err(Error::Print)?;
        let left = numbers(&session.diagnostics);
        writeln!(streams.err, "`--fix` has {}; then {left}", fixed.summary()).map_err(Error::Print)?;
        let outcome = if fixed.is_empty() { session.outcome(&arguments.lint) } else { Outcome::Findings };
        return Ok((outcome, session));
    }
    if arguments.fix {
        let (fixed, _) = fix(narrowed)?;
        fixed.write()?;
        if !fixed.is_empty() {
            writeln!(streams.err, "{}", fixed.summary()).map_err(Error::Print)?;
        }
    }
    let mut session = judge(&path, &overlay)?;
    if let Some(file) = arguments.lint.baseline.as_deref().filter(|_| arguments.write_baseline) {
        let written = known::write(file, &session)?;
        known = Known::of_baseline(Some(file))?;
        let name = shown_path(file);
        writeln!(streams.err, "{name}: {}", count(written.len(), "known finding")).map_err(Error::Print)?;
    }
    let stale = known.apply(&mut session);
    report(arguments, &session, known.compares(), streams)?;
    if let Some(file) = arguments.lint.baseline.as_deref() {
        report_stale(file, &stale, streams)?;
    }
    Ok((session.outcome(&arguments.lint), session))
}

/// Where the model is, and what of it is not on disk.
fn input(arguments: &Check) -> Result<(PathBuf, Overlay), Error> {
    let model = &arguments.model.model;
    if arguments.reads_stdin() {
        let mut overlay = Overlay::new();
        overlay.set(Path::new(STDIN), read_stdin()?);
        return Ok((STDIN.into(), overlay));
    }
    let overlay = arguments.stdin_file.as_deref().map(|file| on_stdin(file, model)).transpose()?;
    Ok((model.clone(), overlay.unwrap_or_default()))
}

fn judge(path: &Path, overlay: &Overlay, as_of: Timestamp, levels: &Levels) -> Result<Session, Error> {
    let mut session = Session::read(path, overlay, as_of)?;
    session.judge_with_policies(levels, overlay, None)?;
    Ok(session)
}

fn report(arguments: &Check, session: &Session, compared: bool, streams: &mut Streams<'_>) -> Result<(), Error> {
    let (diagnostics, sources) = (&session.diagnostics, &session.sources);
    let reported = match arguments.format {
        Format::Text => report::terminal(diagnostics, sources, streams.out),
        Format::Json => return report::json(diagnostics, sources, streams.out).map_err(Error::Print),
        Format::Sarif => {
            let repository = session.repository();
            let options = report::Sarif { repository, suppressed: arguments.show_suppressed, compared };
            return report::sarif(&options, diagnostics, sources, streams.out).map_err(Error::Print);
        }
        Format::Github => report::github(diagnostics, sources, &session.repository(), streams.out),
    };
    reported.and_then(|()| streams.out.flush()).map_err(Error::Print)?;
    writeln!(streams.err, "{}", summary(session)).map_err(Error::Print)
}

/// How many entries of a baseline that are not needed any more are named.
const STALE_NAMED: usize = 10;

/// Says what a baseline still holds and the model does not.
fn report_stale(file: &Path, stale: &[Fingerprint], streams: &mut Streams<'_>) -> Result<(), Error> {
    let mut print = |line: String| writeln!(streams.err, "{}", sanitize(&line)).map_err(Error::Print);
    if stale.is_empty() {
        return Ok(());
    }
    let what = if stale.len() == 1 { "1 entry is".to_owned() } else { format!("{} entries are", stale.len()) };
    print(format!("{}: {what} not found any more; `--write-baseline` removes what is not needed", file.display()))?;
    for entry in stale.iter().take(STALE_NAMED) {
        print(format!("  {} at {}", entry.rule, entry.at))?;
    }
    match stale.len().saturating_sub(STALE_NAMED) {
        0 => Ok(()),
        more => print(format!("  … and {more} more")),
    }
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
    let left_out = |is: fn(&SuppressedBy) -> bool, why: &str| {
        let number = session.diagnostics.suppressed().iter().filter(|left| is(&left.by)).count();
        if number == 0 { String::new() } else { format!("; {number} {why}") }
    };
    let known = left_out(|by| *by == SuppressedBy::Baseline, "in the baseline");
    let untouched = left_out(|by| *by == SuppressedBy::Untouched, "from before the change");
    format!("{checked}: {}{known}{untouched}", numbers(&session.diagnostics))
}

/// `1 error, 2 warnings`, or `no findings`.
pub(super) fn numbers(diagnostics: &Diagnostics) -> String {
    let numbers = [(diagnostics.errors(), "error"), (diagnostics.warnings(), "warning"), (diagnostics.notes(), "note")];
    let numbers: Vec<_> =
        numbers.into_iter().filter(|&(number, _)| number > 0).map(|(number, what)| count(number, what)).collect();
    if numbers.is_empty() { "no findings".to_owned() } else { numbers.join(", ") }
}
