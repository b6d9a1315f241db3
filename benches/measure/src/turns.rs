//! Rounds in which every subject runs once.

use std::process::Command;

use indexmap::IndexMap;

use crate::Result;
use crate::process::{Run, once};

/// Something to measure.
pub struct Subject {
    /// What it is called in the report: a verb, and what it is about behind it.
    pub name: String,
    /// Makes the commands of one run, after whatever must be cleared away first. The figures of
    /// several commands are added up.
    pub commands: Box<dyn Fn() -> Result<Vec<Command>>>,
    /// The exit codes that say that the work was done: a linter that finds something says so with one of its own.
    pub done: &'static [i32],
}

impl Subject {
    /// One that does its work when it exits with success.
    pub fn new(name: impl Into<String>, commands: impl Fn() -> Result<Vec<Command>> + 'static) -> Self {
        Self { name: name.into(), commands: Box::new(commands), done: &[0] }
    }
}

/// The runs of every subject, by name, in the order in which they took turns; the runs of a round
/// stand at the same index.
#[derive(Default)]
pub struct Measurements {
    runs: IndexMap<String, Vec<Run>>,
    /// Subjects that failed, and why. Their figures are not kept.
    pub failures: IndexMap<String, String>,
}

impl Measurements {
    /// The runs of every subject that never failed.
    pub fn subjects(&self) -> impl Iterator<Item = (&str, &[Run])> {
        self.runs.iter().map(|(name, runs)| (&**name, &runs[..]))
    }

    /// The runs of a subject.
    pub fn runs(&self, name: &str) -> Option<&[Run]> {
        self.runs.get(name).map(|runs| &runs[..])
    }
}

/// Runs every subject once a round, so that whatever else the machine does falls on all alike.
///
/// # Errors
///
/// When the commands of a subject cannot be made or started; one that starts and fails is kept with the measurements.
pub fn in_turns(subjects: &[Subject], rounds: usize, measurements: &mut Measurements) -> Result<()> {
    for _ in 0..rounds {
        for subject in subjects {
            if measurements.failures.contains_key(&subject.name) {
                continue;
            }
            let mut sum: Option<Run> = None;
            for mut command in (subject.commands)()? {
                let run = once(&mut command)?;
                sum = Some(match sum {
                    None => run,
                    Some(before) => before.and(run),
                });
            }
            let Some(run) = sum else { continue };
            if let Some(failure) = run.failure_unless(subject.done) {
                measurements.runs.shift_remove(&subject.name);
                measurements.failures.insert(subject.name.clone(), failure);
            } else {
                let runs = measurements.runs.entry(subject.name.clone());
                runs.or_default().push(run);
            }
        }
    }
    Ok(())
}
