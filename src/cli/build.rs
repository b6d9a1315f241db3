//! `build`: check, then plan, emit and write.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

use super::check::numbers;
use super::session::Session;
use super::{Deny, ModelArgs, Outcome, Streams};
use crate::diagnostic::Diagnostic;
use crate::emit::terraform;
use crate::error::Error;
use crate::plan;
use crate::report::{count, sanitize};
use crate::source::Sources;
use crate::write::{Checker, Difference, Writer};

#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    model: ModelArgs,

    /// The folder to write to; files there that bailiwick did not write stay as they are
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// What to write
    #[arg(long, value_enum, default_value_t = Target::Terraform)]
    target: Target,

    /// Compare with what is on disk and write nothing; exit with 1 when it is not up to date
    #[arg(long)]
    check: bool,

    /// What fails the run beside errors
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Target {
    /// One root module of `aws_ssoadmin_*` resources
    Terraform,
}

pub(super) fn run(arguments: &Build, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let Target::Terraform = arguments.target;
    let mut session = Session::open(&arguments.model)?;
    session.require_whole_model();
    session.judge();
    session.print(streams.err)?;
    let outcome = session.outcome(arguments.deny);
    let Some(access) = session.access.as_ref().filter(|_| outcome == Outcome::Clean) else {
        writeln!(streams.err, "nothing written: {}", numbers(&session.diagnostics)).map_err(Error::Print)?;
        return Ok(Outcome::Findings);
    };
    // Everything that is said about the model has been said: its text makes room for the output.
    session.sources = Sources::new();
    let undividable = |plan::Undividable { has, wants }| Error::States { path: arguments.out.clone(), has, wants };
    let plan = plan::plan(access, terraform::history(&arguments.out)?).map_err(undividable)?;
    let out = sanitize(&arguments.out.display().to_string());
    if arguments.check {
        let mut checker = Checker::open(&arguments.out)?;
        terraform::emit(&plan, &mut checker)?;
        return compare(&checker.finish(), &out, streams);
    }
    let mut writer = Writer::stage(&arguments.out)?;
    terraform::emit(&plan, &mut writer)?;
    let written = writer.commit()?;
    let changes = [
        (written.created.len(), "created"),
        (written.changed.len(), "changed"),
        (written.removed.len(), "removed"),
        (written.unchanged.len(), "unchanged"),
    ];
    let changes: Vec<_> = changes
        .into_iter()
        .filter(|&(number, _)| number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let sets = count(plan.permission_sets.len(), "permission set");
    let grants = count(access.grant_count(), "grant");
    writeln!(streams.err, "{out}: {sets}, {grants}; files: {}", changes.join(", ")).map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

fn compare(differences: &[Difference], out: &str, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    for difference in differences {
        let (what, path) = match difference {
            Difference::Missing(path) => ("missing", path),
            Difference::Different(path) => ("different", path),
            Difference::Stale(path) => ("stale", path),
        };
        writeln!(streams.out, "{what}: {path}").map_err(Error::Print)?;
    }
    if differences.is_empty() {
        writeln!(streams.err, "{out} is up to date").map_err(Error::Print)?;
        return Ok(Outcome::Clean);
    }
    let files = count(differences.len(), "file");
    writeln!(streams.err, "{out} is not up to date: {files}; run `bailiwick build` and commit the result")
        .map_err(Error::Print)?;
    Ok(Outcome::Findings)
}

impl Session {
    /// What can only be checked cannot be built.
    fn require_whole_model(&mut self) {
        let Some(access) = &self.access else { return };
        if !access.missing_sections.is_empty() {
            let missing = crate::syntax::decode::listing(&access.missing_sections);
            // The error says what the note about the same says, and weighs more.
            self.diagnostics.retain_mut(|finding| finding.rule != "partial-model");
            let finding = Diagnostic::error("partial-model", self.place, format!("a build needs {missing}"))
                .help("add what is missing to any file of the model");
            self.diagnostics.push(finding);
        }
    }
}
