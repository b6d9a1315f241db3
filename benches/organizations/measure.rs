//! CPU time and peak memory of whole processes, from start to exit.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use wait4::Wait4;

use crate::Result;

/// One run of one process, the descendants it waited for included.
pub(crate) struct Run {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// From start to exit.
    pub(crate) wall: Duration,
    /// Peak resident memory of the largest process among them, in bytes.
    pub(crate) peak: u64,
    status: ExitStatus,
    /// The last line that it wrote to standard error.
    last_words: String,
}

impl Run {
    /// What went wrong, if the process did not exit with success.
    pub(crate) fn failure(&self) -> Option<String> {
        (!self.status.success()).then(|| format!("{}: {}", self.status, self.last_words))
    }
}

/// Runs a command to its end. Its standard output is discarded unless the command says where it goes.
pub(crate) fn once(command: &mut Command) -> Result<Run> {
    let mut errors = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stderr(errors.try_clone()?);
    let start = Instant::now();
    let child = command.spawn().map_err(|error| format!("`{}`: {error}", command.get_program().display()))?;
    let usage = child.wait4()?;
    let wall = start.elapsed();
    Ok(Run {
        cpu: usage.rusage.utime + usage.rusage.stime,
        wall,
        peak: usage.rusage.maxrss,
        status: usage.status,
        last_words: last_line(&mut errors)?,
    })
}

fn last_line(file: &mut File) -> io::Result<String> {
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(end.saturating_sub(4096)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().last().unwrap_or_default().trim().to_owned())
}

/// Something to measure.
pub(crate) struct Subject {
    /// What it is called in the report: a verb, and a size behind it.
    pub(crate) name: String,
    /// Makes the commands of one run, after whatever must be cleared away first. The figures of
    /// several commands are added up.
    pub(crate) commands: Box<dyn Fn() -> Result<Vec<Command>>>,
}

/// The runs of every subject, by name, in the order in which they took turns; the runs of a round
/// stand at the same index.
#[derive(Default)]
pub(crate) struct Measurements {
    runs: IndexMap<String, Vec<Run>>,
    /// Subjects that failed, and why. Their figures are not kept.
    pub(crate) failures: IndexMap<String, String>,
}

impl Measurements {
    /// The runs of every subject that never failed.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = (&str, &[Run])> {
        self.runs.iter().map(|(name, runs)| (&**name, &runs[..]))
    }

    /// The runs of a subject.
    pub(crate) fn runs(&self, name: &str) -> Option<&[Run]> {
        self.runs.get(name).map(|runs| &runs[..])
    }
}

/// Runs every subject once a round, so that whatever else the machine does falls on all alike.
pub(crate) fn in_turns(subjects: &[Subject], rounds: usize, measurements: &mut Measurements) -> Result<()> {
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
                    Some(before) => Run {
                        cpu: before.cpu + run.cpu,
                        wall: before.wall + run.wall,
                        peak: before.peak.max(run.peak),
                        ..if before.status.success() { run } else { before }
                    },
                });
            }
            let Some(run) = sum else { continue };
            if let Some(failure) = run.failure() {
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

/// The median of some figures, with the smallest and the largest of them.
#[derive(Copy, Clone)]
pub(crate) struct Spread {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub(crate) median: f64,
    /// The smallest.
    pub(crate) min: f64,
    /// The largest.
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one figure.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let middle = figures.len() / 2;
        let median = if figures.len() % 2 == 1 {
            figures[middle]
        } else {
            f64::midpoint(*figures.get(middle.checked_sub(1)?)?, figures[middle])
        };
        Some(Self { median, min: *figures.first()?, max: *figures.last()? })
    }
}
