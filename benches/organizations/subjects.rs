//! What is measured in every run: bailiwick, and the yardsticks that every machine has.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use walkdir::WalkDir;
use workload::Size;

use crate::gate::Gate;
use crate::measure::Subject;
use crate::scratch::Scratch;
use crate::{Result, peers};

/// The name of a process that does nothing: its peak is the least that can be seen from here.
pub(crate) const NOTHING: &str = "true";
/// The name of Python's start.
pub(crate) const PYTHON: &str = "python -c pass";

/// The name of a subject that has a size.
pub(crate) fn named(name: &str, size: Size) -> String {
    format!("{name} {size}")
}

/// Everything that is measured for the sizes that passed the gate.
pub(crate) fn all(scratch: &Scratch, passed: &[(Size, Gate)]) -> Vec<Subject> {
    let mut subjects = vec![subject(NOTHING.to_owned(), || Command::new("true"))];
    if let Some(python) = peers::plain_python() {
        subjects.push(subject(PYTHON.to_owned(), move || {
            let mut command = Command::new(&python);
            command.args(["-c", "pass"]);
            command
        }));
    }
    for &(size, ref gate) in passed {
        let check = Recipe::of(scratch.check(size));
        subjects.push(subject(named("check", size), move || check.command()));
        if gate.terraform.is_err() {
            continue;
        }
        let folder = scratch.terraform(size);
        let build = Recipe::of(scratch.build(size));
        subjects.push(Subject {
            name: named("build", size),
            commands: Box::new({
                let folder = folder.clone();
                move || {
                    clear(&folder)?;
                    Ok(vec![build.command()])
                }
            }),
        });
        let copy = scratch.join("copy");
        subjects.push(Subject {
            name: named("cat", size),
            commands: Box::new(move || {
                clear(&copy)?;
                let mut command = Command::new("cat");
                command.args(files(&folder)?).stdout(File::create(&copy)?);
                Ok(vec![command])
            }),
        });
    }
    subjects
}

/// The program and arguments of a command, to be made again for every run.
pub(crate) struct Recipe(Vec<std::ffi::OsString>);

impl Recipe {
    /// Of a command that sets nothing else.
    pub(crate) fn of(command: Command) -> Self {
        let program = [command.get_program().to_owned()].into_iter();
        Self(program.chain(command.get_args().map(Into::into)).collect())
    }

    /// The command again; its output is discarded.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdout(Stdio::null());
        command
    }
}

fn subject(name: String, command: impl Fn() -> Command + 'static) -> Subject {
    Subject { name, commands: Box::new(move || Ok(vec![command()])) }
}

/// Removes a file or folder that may be there.
pub(crate) fn clear(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The files below a folder, in the order of their names.
pub(crate) fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}
