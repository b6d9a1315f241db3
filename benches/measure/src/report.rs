//! What a run says: a table for people, and a line of JSON for each figure, to compare runs by.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Result;
use crate::line::{Line, Unit};
use crate::process::Run;
use crate::scratch::Scratch;
use crate::spread::Spread;
use crate::turns::Measurements;

/// Where the report goes.
pub struct Report {
    file: File,
    path: PathBuf,
    started: String,
    commit: Option<String>,
    program: String,
}

impl Report {
    /// Opens `bench/<benchmark>.jsonl` in cargo's target folder and says what is measured where.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn new(scratch: &Scratch, rounds: usize) -> Result<Self> {
        let folder = scratch.target().join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.jsonl", scratch.benchmark()));
        let report = Self {
            file: OpenOptions::new().create(true).append(true).open(&path)?,
            path,
            started: Timestamp::now().to_string(),
            commit: commit(),
            program: scratch.bailiwick().display().to_string(),
        };
        report.say(&format!(
            "{} in {}; rounds: {rounds}; CPU time is user and system, of whole processes\n",
            report.program,
            scratch.path().display()
        ))?;
        Ok(report)
    }

    /// Prints a line.
    ///
    /// # Errors
    ///
    /// When standard output is closed.
    pub fn say(&self, line: &str) -> Result<()> {
        Ok(writeln!(io::stdout(), "{line}")?)
    }

    /// Says that something is not measured, and why.
    ///
    /// # Errors
    ///
    /// When standard output is closed.
    pub fn skipped(&self, what: &str, why: &str) -> Result<()> {
        self.say(&format!("skipped  {what}: {why}"))
    }

    /// Tells the figures of every subject.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub fn measurements(&mut self, measurements: &Measurements) -> Result<()> {
        self.say(&format!("\n{:<28} {:>10} {:>23} {:>10} {:>9}  n", "process", "CPU", "", "wall", "peak"))?;
        for (name, runs) in measurements.subjects() {
            let of = |figure: fn(&Run) -> f64| Spread::of(runs.iter().map(figure));
            let (Some(cpu), Some(wall), Some(peak)) =
                (of(|run| run.cpu.as_secs_f64()), of(|run| run.wall.as_secs_f64()), of(|run| run.peak as f64))
            else {
                continue;
            };
            self.say(&format!(
                "{name:<28} {:>10} {:>23} {:>10} {:>9}  {}",
                Unit::Cpu.show(cpu.median),
                range(cpu, Unit::Cpu),
                Unit::Cpu.show(wall.median),
                Unit::Memory.show(peak.median),
                runs.len()
            ))?;
            self.record(json!({
                "process": name, "runs": runs.len(), "cpu_s": figures(cpu), "wall_s": figures(wall),
                "peak_bytes": figures(peak),
            }))?;
        }
        for (name, failure) in &measurements.failures {
            self.say(&format!("{name:<28} failed: {failure}"))?;
            self.record(json!({ "process": name, "failure": failure }))?;
        }
        Ok(())
    }

    /// Tells every verdict beside its target.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub fn lines(&mut self, lines: &[Line]) -> Result<()> {
        self.say(&format!(
            "\n{:<48} {:>10} {:>23} {:>9} {:>9} {:>9}",
            "", "measured", "", "target", "stretch", "of target"
        ))?;
        for line in lines {
            let limit = |limit: Option<f64>| limit.map_or(String::new(), |limit| line.unit.show(limit));
            match &line.figure {
                Ok(figure) => {
                    // A target of no files at all has no multiples.
                    let target = line.target.filter(|target| *target > 0.0);
                    let of_target = target.map(|target| figure.median / target);
                    let verdict = match (line.target, line.stretch) {
                        (_, Some(stretch)) if figure.median <= stretch => "  stretch met",
                        (Some(target), _) if figure.median <= target => "  met",
                        (Some(_), _) => "  missed",
                        (None, _) => "",
                    };
                    self.say(&format!(
                        "{:<48} {:>10} {:>23} {:>9} {:>9} {:>9}{verdict}",
                        line.what,
                        line.unit.show(figure.median),
                        range(*figure, line.unit),
                        limit(line.target),
                        limit(line.stretch),
                        of_target.map_or(String::new(), |ratio| format!("{ratio:.2}")),
                    ))?;
                }
                Err(why) => self.say(&format!("{:<48} {why}", line.what))?,
            }
            self.record(json!({
                "line": line.what, "figure": line.figure.as_ref().ok().copied().map(figures),
                "error": line.figure.as_ref().err(), "target": line.target, "stretch": line.stretch,
            }))?;
        }
        Ok(())
    }

    /// Says where the figures are kept.
    ///
    /// # Errors
    ///
    /// When standard output is closed.
    pub fn end(&self) -> Result<()> {
        self.say(&format!("\nalso in {}", self.path.display()))
    }

    /// Keeps an object, with the run that it is of.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn record(&mut self, mut record: Value) -> Result<()> {
        record["started"] = json!(self.started);
        record["commit"] = json!(self.commit);
        record["program"] = json!(self.program);
        Ok(writeln!(self.file, "{record}")?)
    }
}

/// The commit that is measured, with `-dirty` behind it where files differ from it.
fn commit() -> Option<String> {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty", "--exclude=*"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success()).then(|| text.trim().to_owned())
}

fn figures(spread: Spread) -> Value {
    json!({ "median": spread.median, "min": spread.min, "max": spread.max })
}

fn range(spread: Spread, unit: Unit) -> String {
    if spread.min == spread.max {
        return String::new();
    }
    // Of what there are most in a second, each takes the least time.
    let (from, to) = if unit == Unit::Rate { (spread.max, spread.min) } else { (spread.min, spread.max) };
    format!("{} to {}", unit.show(from), unit.show(to))
}
