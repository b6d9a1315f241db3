//! What is measured in every run: bailiwick, and the yardsticks that every machine has.

use std::fs::File;
use std::process::Command;

use measure::{Recipe, Subject, clear, files};
use workload::Size;

use crate::gate::Gate;
use crate::peers;
use crate::scratch::Scratch;

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
        subjects.push(Subject::new(named("build", size), {
            let folder = folder.clone();
            move || {
                clear(&folder)?;
                Ok(vec![build.command()])
            }
        }));
        let copy = scratch.join("copy");
        subjects.push(Subject::new(named("cat", size), move || {
            clear(&copy)?;
            let mut command = Command::new("cat");
            command.args(files(&folder)?).stdout(File::create(&copy)?);
            Ok(vec![command])
        }));
    }
    subjects
}

fn subject(name: String, command: impl Fn() -> Command + 'static) -> Subject {
    Subject::new(name, move || Ok(vec![command()]))
}
