//! Why bailiwick could not do its work.

use std::io;
use std::path::{Path, PathBuf};

/// Why bailiwick could not do its work.
///
/// It says nothing about access: what is wrong with a model is a [`Diagnostic`](crate::diagnostic::Diagnostic).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused; usually the user's to put right.
    #[error("cannot {attempt} `{}`: {cause}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `write`.
        attempt: &'static str,
        /// The file or directory it was tried on.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The output directory is something else; the user named it.
    #[error("`{}` is not a directory that can be written to", path.display())]
    NotADirectory {
        /// What the user named.
        path: PathBuf,
    },
    /// An artifact's path could lead outside the output directory; a fault of the emitter, which names files.
    #[error("`{path}` is not a path inside the output directory")]
    PathLeaves {
        /// The path as the emitter gave it.
        path: String,
    },
    /// Two artifacts have the same path; a fault of the emitter, which names files.
    #[error("two files of the output are called `{path}`")]
    WrittenTwice {
        /// The path of both.
        path: String,
    },
    /// A file of somebody else has the name of an artifact.
    #[error("`{}` exists, and bailiwick did not write it", path.display())]
    Foreign {
        /// The file of somebody else.
        path: PathBuf,
    },
    /// Templates would be written where they are read as a part of the model.
    #[error("templates in `{}` would become a part of the model", path.display())]
    BecomesModel {
        /// The output directory.
        path: PathBuf,
    },
    /// `report` was told to write over a file that is no page of its own.
    #[error("`{}` exists, and it is no page that bailiwick wrote", path.display())]
    NotAPage {
        /// What the user named.
        path: PathBuf,
    },
    /// A directory stands where a file belongs, or something else where a directory belongs.
    #[error("`{}` stands in the way of the output", path.display())]
    InTheWay {
        /// What stands there.
        path: PathBuf,
    },
    /// The record of the files an earlier build wrote cannot be trusted.
    #[error("`{}` is not a list of generated files: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A model file that is not text.
    #[error("`{}` is not UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// A model file of a size that no model has.
    #[error("`{}` is larger than {limit} MiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size that is read, in MiB.
        limit: u64,
    },
    /// A folder without a model.
    #[error("there is no `*.yaml` or `*.yml` file below `{}`", .0.display())]
    NoModel(PathBuf),
    /// A link in the model's folder that leads out of it.
    #[error("`{}` is a link that leads out of the model", .0.display())]
    LeavesModel(PathBuf),
    /// `init` into a folder that has files in the way.
    #[error("`{}` exists, and `init` overwrites nothing", .0.display())]
    Exists(PathBuf),
    /// The record of an earlier build's decisions cannot be understood.
    #[error("`{}` is not what an earlier build left: {reason}", path.display())]
    History {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model wants another number of states than the output has.
    #[error("`{}` is divided into {has}, and the model wants {wants}", path.display())]
    States {
        /// The output directory.
        path: PathBuf,
        /// How many states it has.
        has: u32,
        /// How many the model wants.
        wants: u32,
    },
    /// A template has outgrown what CloudFormation takes.
    #[error("template `{template}` has {has} {what}, and CloudFormation takes {limit}")]
    FullTemplate {
        /// The template, by its file or by what brings it.
        template: String,
        /// What it has too many of.
        what: &'static str,
        /// How many.
        has: usize,
        /// What is taken.
        limit: usize,
    },
    /// The administration of Identity Center has moved since the last build of an output.
    #[error("`{}` was built for another administrator of IAM Identity Center", path.display())]
    Administrator {
        /// The output directory.
        path: PathBuf,
    },
    /// A policy that is in use would move between StackSets.
    #[error(
        "policy `{policy}` is in use in `{account}`, and would come from another StackSet or with the body of another variant"
    )]
    MovedPolicy {
        /// The policy.
        policy: String,
        /// An account.
        account: String,
    },
    /// A rule that does not exist, on the command line.
    #[error("no rule `{id}`")]
    UnknownRule {
        /// What was asked for.
        id: String,
        /// The nearest rule.
        near: Option<&'static str>,
    },
    /// A name on the command line that nothing has.
    #[error("no {what} `{name}`")]
    UnknownName {
        /// What it should be the name of.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The nearest name.
        near: Option<String>,
    },
    /// A name on the command line that several have.
    #[error("`{name}` is the name of several {what}")]
    Ambiguous {
        /// Of what.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// How to say which is meant, where there is a way.
        help: Option<&'static str>,
    },
    /// A name on the command line of something else.
    #[error("`{name}` is {is}")]
    OtherKind {
        /// What was asked for.
        name: String,
        /// What it is, with its article.
        is: &'static str,
        /// The option that takes it.
        write: &'static str,
    },
    /// A resource on the command line that is none.
    #[error("`{written}` does not name a resource: {reason}")]
    Resource {
        /// What was asked for.
        written: String,
        /// What is wrong with it.
        reason: &'static str,
        /// What to write instead.
        help: &'static str,
    },
    /// A template of names that gives none, or one twice.
    #[error("`{template}` names no profiles: {reason}")]
    ProfileNames {
        /// The template.
        template: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Profiles that cannot be put into a file without harm to what is there.
    #[error("`{}`:{line}: {problem}", path.display())]
    Profiles {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What stands in the way.
        problem: String,
        /// What the user can do about it.
        help: &'static str,
    },
    /// A name on the command line that AWS once had.
    #[error("AWS has no {what} `{name}` any more; it was last seen on {last_seen}")]
    Gone {
        /// What it was the name of.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The day on which AWS still had it.
        last_seen: &'static str,
        /// What took its place.
        replacement: Option<&'static str>,
    },
    /// A level for a rule that has none, on the command line.
    #[error("the rule `{id}` has no level")]
    FixedRule {
        /// The rule.
        id: String,
    },
    /// A revision that the repository does not have.
    #[error("no revision `{revision}`")]
    UnknownRevision {
        /// What the user named.
        revision: String,
    },
    /// What should be a model on disk or a revision of one, and is neither.
    #[error("`{name}` is not a model on disk, and not a revision{}", cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default())]
    NeitherPathNorRevision {
        /// What the user named.
        name: String,
        /// Why git knows no revision, where the name is not the reason.
        cause: Option<String>,
    },
    /// Git cannot do what a revision takes.
    #[error("git cannot read the revision: {message}")]
    Git {
        /// What it said.
        message: String,
    },
    /// A baseline that is not understood.
    #[error("`{}`:{line}: not a line of a baseline: {reason}", path.display())]
    Baseline {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that was changed by somebody else during the run.
    #[error("`{}` has changed since it was read", .0.display())]
    Changed(PathBuf),
    /// Fixes that leave a model worse than it was: a fault of ours.
    #[error("the fixes would break the model; nothing is written")]
    Fixes,
    /// Standard input for a file that the model cannot have.
    #[error("`{}` is not a file of the model", file.display())]
    NotInModel {
        /// The file, as it was named.
        file: PathBuf,
        /// The file of the model that this is the path of, if it counts from there.
        meant: Option<PathBuf>,
    },
    /// Files cannot be watched.
    #[error("cannot watch the model: {0}")]
    Watch(#[from] notify::Error),
    /// Arguments that do not go together.
    #[error("{message}")]
    Arguments {
        /// What does not go with what.
        message: &'static str,
        /// What to write instead.
        help: &'static str,
    },
    /// Two levels for one rule, on the command line.
    #[error("the rule `{id}` is given two levels")]
    TwoLevels {
        /// The rule.
        id: String,
    },
    /// A template that ships with bailiwick does not render: a fault of ours.
    #[error("a built-in template does not render: {0}")]
    Template(#[from] minijinja::Error),
    /// The evaluator of organization policies does not work: a fault of ours, or of the system.
    #[error("organization policies cannot be evaluated: {cause}")]
    Evaluator {
        /// What the operating system said.
        cause: io::Error,
    },
    /// A result or message that could not be printed.
    #[error("cannot write the result: {0}")]
    Print(#[source] io::Error),
    /// Another build writes to the same directory.
    #[error("another build is writing to `{}`", path.display())]
    Busy {
        /// The output directory.
        path: PathBuf,
    },
}

impl Error {
    /// Makes an I/O error of one path, for `map_err`.
    pub fn io(attempt: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { attempt, path: path.as_ref().to_owned(), cause }
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownRule { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::UnknownName { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::NotInModel { meant: Some(meant), .. } => {
                Some(format!("the path counts from the working directory: write `{}`", meant.display()))
            }
            Self::OtherKind { write, .. } => Some(format!("name it behind `{write}`")),
            Self::Gone { replacement: Some(replacement), .. } => Some(format!("`{replacement}` took its place")),
            other => other.remedy().map(str::to_owned),
        }
    }

    fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Io { cause, .. } => match cause.kind() {
                io::ErrorKind::NotFound => Some("check the path"),
                io::ErrorKind::PermissionDenied => Some("check who may read and write there"),
                _ => None,
            },
            Self::NotADirectory { .. } => {
                Some("name a directory for the output; it is created where it does not exist")
            }
            Self::NotUtf8(_) => Some("save the file as UTF-8"),
            Self::TooLarge { .. } => Some("move the file out of the model, or split it"),
            Self::NoModel(_) => Some("`bailiwick init DIR` writes a small model to start from"),
            Self::LeavesModel(_) => Some("put the file itself into the model"),
            Self::Exists(_) => Some("name an empty or a new folder"),
            Self::NotInModel { .. } => {
                Some("name a file below the root of the model; its path counts from the working directory")
            }
            Self::History { .. } => {
                Some("restore it from version control: it keeps live assignments at their addresses")
            }
            Self::States { .. } => Some(
                "a permission set that leaves its state loses its assignments; add states only to an output that has \
                 several, or build into a new directory and move resources with `terraform state mv`",
            ),
            Self::FullTemplate { .. } => Some(
                "if branches were merged that both took its last places, restore `assignments.lock.json` and \
                 `deployment.json` as they are deployed and build again: what is new finds other places. If a policy or \
                 permission set in it has grown, declare it under a new name, deploy, and then take the old one away",
            ),
            Self::Administrator { .. } => Some(
                "every permission set and assignment would be deleted here and created there: build into a new \
                 directory, and delete the old stack first",
            ),
            Self::MovedPolicy { .. } => Some(
                "AWS cannot exchange a policy under its name while a role uses it: declare the new body as a policy of \
                 another name, attach it instead, deploy, and only then take the old one away",
            ),
            Self::UnknownRule { .. } => Some("`bailiwick explain` lists the rules"),
            Self::UnknownName { what: "rule" | "rule or AWS-managed policy", .. } => {
                Some("`bailiwick explain` lists the rules")
            }
            Self::UnknownName { .. } | Self::Gone { .. } | Self::OtherKind { .. } => None,
            Self::Ambiguous { help, .. } => *help,
            Self::ProfileNames { .. } => Some(
                "a template such as `{account_id}-{permission_set}` names each grant of a permission set in an account apart",
            ),
            Self::Profiles { help, .. } => Some(help),
            Self::Resource { help, .. } => Some(help),
            Self::FixedRule { .. } => Some("rules of the language and hard limits of AWS cannot be changed"),
            Self::TwoLevels { .. } => Some("name it once, behind `--deny`, `--warn` or `--allow`"),
            Self::Arguments { help, .. } => Some(help),
            Self::NeitherPathNorRevision { .. } => Some(
                "name a folder or file, or a commit, branch or tag of the repository around the model, and the model with \
                 `--model` if it is not the current folder; in a shallow clone, fetch the revision first",
            ),
            Self::UnknownRevision { .. } => {
                Some("name a commit, a branch or a tag; in a shallow clone, fetch it first")
            }
            Self::Git { .. } => Some("the model has to be in a git repository, and `git` on the path"),
            Self::Baseline { .. } => Some("restore it from version control, or write it anew with `--write-baseline`"),
            Self::Changed(_) => Some("run the command again"),
            Self::Watch(_) => Some("watch fewer folders, or raise the limits of the system"),
            Self::Print(_) => None,
            Self::Evaluator { .. } => Some("bailiwick starts itself a second time for this; check that it may"),
            Self::PathLeaves { .. } | Self::WrittenTwice { .. } | Self::Template(_) | Self::Fixes => {
                Some("this is a bug in bailiwick; please report it")
            }
            Self::Foreign { .. } => Some("move the file away, or build into another directory"),
            Self::BecomesModel { .. } => Some(
                "build into a directory outside the model, or into one below a folder whose name begins with a dot",
            ),
            Self::NotAPage { .. } => Some("name another file, or write over it with `--force`"),
            Self::InTheWay { .. } => Some("move it away, or build into another directory"),
            Self::Manifest { .. } => {
                Some("restore it from version control, or build into another directory and move your own files there")
            }
            Self::Busy { .. } => Some("wait until it is done, then build again"),
        }
    }
}
