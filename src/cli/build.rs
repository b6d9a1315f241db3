//! `build`: check, then plan, emit and write.

use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

use super::check::numbers;
use super::known::Known;
use super::session::Session;
use super::{LintArgs, ModelArgs, Outcome, Streams};
use crate::access::Access;
use crate::diagnostic::Diagnostic;
use crate::emit::{cloudformation, terraform};
use crate::error::Error;
use crate::load::{Overlay, is_read_with};
use crate::plan::{self, STACK_SETS_QUOTA};
use crate::report::{count, shown_path};
use crate::session::Output;
use crate::source::Sources;
use crate::write::{Checker, Difference, Sink, Writer};

/// The folders of the output when it is both.
const TERRAFORM: &str = "terraform";
const CLOUDFORMATION: &str = "cloudformation";

#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    model: ModelArgs,

    /// The folder to write to; files there that bailiwick did not write stay as they are
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// What to write; `all` writes to a folder for each
    #[arg(long, value_enum, default_value_t = Target::Terraform)]
    target: Target,

    /// The last build of this CloudFormation output is deployed: take away what it only kept
    #[arg(long)]
    deployed: bool,

    /// Compare with what is on disk and write nothing; exit with 1 when it is not up to date
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    lint: LintArgs,
}

impl Build {
    /// The folder with CloudFormation templates, if there is to be one.
    fn cloudformation_out(&self) -> Option<PathBuf> {
        match self.target {
            Target::Terraform => None,
            Target::Cloudformation => Some(self.out.clone()),
            Target::All => Some(self.out.join(CLOUDFORMATION)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// One root module of `aws_ssoadmin_*` resources
    Terraform,
    /// A root template with StackSets and nested stacks
    Cloudformation,
    /// Both, in folders `terraform` and `cloudformation`
    All,
}

pub(super) fn run(arguments: &Build, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let levels = arguments.lint.levels()?;
    let out = arguments.cloudformation_out();
    // Before the model is read: an earlier output could be a part of it by now.
    if let Some(out) =
        out.as_deref().filter(|out| is_read_with(&arguments.model.model, &out.join(cloudformation::ROOT)))
    {
        return Err(Error::BecomesModel { path: out.to_owned() });
    }
    let mut session = Session::open(&arguments.model)?;
    session.require_whole_model();
    session.for_cloudformation = arguments.target != Target::Terraform;
    let output = out.as_deref().map(|out| Output { out, deployed: arguments.deployed });
    session.judge_with_policies(&levels, &Overlay::new(), output)?;
    Known::of_baseline(arguments.lint.baseline.as_deref())?.apply(&mut session);
    session.print(streams.err)?;
    let outcome = session.outcome(&arguments.lint);
    let Some(access) = session.access.as_ref().filter(|_| outcome == Outcome::Clean) else {
        writeln!(streams.err, "nothing written: {}", numbers(&session.diagnostics)).map_err(Error::Print)?;
        return Ok(Outcome::Findings);
    };
    // Everything that is said about the model has been said: its text makes room for the output.
    session.sources = Sources::new();
    let out = shown_path(&arguments.out);
    let mut notes = Vec::new();
    if arguments.check {
        let mut checker = Checker::open(&arguments.out)?;
        emit(arguments, access, &mut checker, &mut notes)?;
        return compare(&checker.finish(), &out, streams);
    }
    let mut writer = Writer::stage(&arguments.out)?;
    emit(arguments, access, &mut writer, &mut notes)?;
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
    let sets = count(access.permission_sets.len() + plan::twins(access).len(), "permission set");
    let grants = count(access.grant_count(), "grant");
    writeln!(streams.err, "{out}: {sets}, {grants}; files: {}", changes.join(", ")).map_err(Error::Print)?;
    for note in notes {
        writeln!(streams.err, "{note}").map_err(Error::Print)?;
    }
    Ok(Outcome::Clean)
}

/// Plans and emits what is wanted; `notes` takes what is to be said when it is written.
fn emit(arguments: &Build, access: &Access, sink: &mut dyn Sink, notes: &mut Vec<String>) -> Result<(), Error> {
    match arguments.target {
        Target::Terraform => emit_terraform(access, &arguments.out, sink, notes),
        Target::Cloudformation => emit_cloudformation(access, &arguments.out, arguments.deployed, sink, notes),
        Target::All => {
            let mut below = Below { folder: TERRAFORM, sink };
            emit_terraform(access, &arguments.out.join(TERRAFORM), &mut below, notes)?;
            let mut below = Below { folder: CLOUDFORMATION, sink };
            emit_cloudformation(access, &arguments.out.join(CLOUDFORMATION), arguments.deployed, &mut below, notes)
        }
    }
}

fn emit_terraform(access: &Access, out: &Path, sink: &mut dyn Sink, notes: &mut Vec<String>) -> Result<(), Error> {
    let undividable = |plan::Undividable { has, wants }| Error::States { path: out.to_owned(), has, wants };
    let plan = plan::plan(access, terraform::history(out)?).map_err(undividable)?;
    terraform::emit(&plan, sink)?;
    notes.extend(quota_of_stack_sets(plan.fan_out.stack_sets.len()));
    Ok(())
}

/// What is to be said of a number of StackSets that AWS does not take without being asked.
fn quota_of_stack_sets(stack_sets: usize) -> Option<String> {
    (stack_sets > STACK_SETS_QUOTA).then(|| {
        format!(
            "{stack_sets} StackSets: the management account takes {STACK_SETS_QUOTA}, so let AWS raise the quota of \
             StackSets per administrator account before this is deployed"
        )
    })
}

fn emit_cloudformation(
    access: &Access,
    out: &Path,
    deployed: bool,
    sink: &mut dyn Sink,
    notes: &mut Vec<String>,
) -> Result<(), Error> {
    let (plan, stacks) = cloudformation::settle(access, Some(out), deployed)?;
    cloudformation::emit(&plan, &stacks, out, sink)?;
    let shards = count(stacks.headroom.shards as usize, "template");
    notes.push(format!("assignments: {} of {} places taken in {shards}", stacks.headroom.taken, stacks.headroom.of));
    notes.extend(quota_of_stack_sets(stacks.stack_set_count(&plan)));
    if !stacks.kept().is_empty() {
        let out = shown_path(out);
        notes.push(format!(
            "something that was removed is kept until nobody uses it: deploy {out}, build again with `--deployed`, and deploy once more"
        ));
    }
    Ok(())
}

/// A folder of the output.
struct Below<'s> {
    folder: &'static str,
    sink: &'s mut dyn Sink,
}

impl Sink for Below<'_> {
    fn file(&mut self, path: &str, contents: &[u8]) -> Result<(), Error> {
        self.sink.file(&format!("{}/{path}", self.folder), contents)
    }
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
            let missing = crate::words::listing(&access.missing_sections);
            // The error says what the note about the same says, and weighs more.
            self.diagnostics.retain_mut(|finding| finding.rule != "partial-model");
            let finding = Diagnostic::error("partial-model", self.place, format!("a build needs {missing}"))
                .help("add what is missing to any file of the model");
            self.diagnostics.push(finding);
        }
    }
}
