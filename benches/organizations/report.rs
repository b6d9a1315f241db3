//! What a run says: a table for people, and a line of JSON for each figure, to compare runs by.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};
use workload::Size;

use crate::Result;
use crate::gate::Gate;
use crate::measure::{Measurements, Run, Spread};
use crate::scratch::Scratch;
use crate::verdict::{Line, Unit};

/// Where the report goes.
pub(crate) struct Report {
    file: File,
    path: PathBuf,
    started: String,
    commit: Option<String>,
    program: String,
}

impl Report {
    /// Opens `bench/organizations.jsonl` in cargo's target folder and says what is measured where.
    pub(crate) fn new(scratch: &Scratch, rounds: usize) -> Result<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.parent().unwrap_or(target).join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join("organizations.jsonl");
        let report = Self {
            file: OpenOptions::new().create(true).append(true).open(&path)?,
            path,
            started: Timestamp::now().to_string(),
            commit: commit(),
            program: scratch.bailiwick().display().to_string(),
        };
        say(&format!(
            "{} in {}; rounds: {rounds}; CPU time is user and system, of whole processes\n",
            report.program,
            scratch.path().display()
        ))?;
        Ok(report)
    }

    /// Says whether the expansion of a size is the pinned one.
    pub(crate) fn gate(&mut self, size: Size, gate: &Gate) -> Result<()> {
        for (what, verdict) in [("grants", &gate.grants), ("terraform", &gate.terraform)] {
            let error = verdict.as_ref().err();
            let words = error.map_or("the pinned expansion", |error| error);
            say(&format!("gate {size:<2} {what:<9}  {words}"))?;
            self.record(json!({ "gate": what, "size": size.to_string(), "error": error }))?;
        }
        Ok(())
    }

    /// Says that something is not measured, and why.
    pub(crate) fn skipped(&mut self, what: &str, why: &str) -> Result<()> {
        say(&format!("skipped  {what}: {why}"))
    }

    /// Tells the figures of every subject.
    pub(crate) fn measurements(&mut self, measurements: &Measurements) -> Result<()> {
        say(&format!("\n{:<28} {:>10} {:>23} {:>10} {:>9}  n", "process", "CPU", "", "wall", "peak"))?;
        for (name, runs) in measurements.subjects() {
            let of = |figure: fn(&Run) -> f64| Spread::of(runs.iter().map(figure));
            let (Some(cpu), Some(wall), Some(peak)) =
                (of(|run| run.cpu.as_secs_f64()), of(|run| run.wall.as_secs_f64()), of(|run| run.peak as f64))
            else {
                continue;
            };
            say(&format!(
                "{name:<28} {:>10} {:>23} {:>10} {:>9}  {}",
                show(cpu.median, Unit::Cpu),
                range(cpu, Unit::Cpu),
                show(wall.median, Unit::Cpu),
                show(peak.median, Unit::Memory),
                runs.len()
            ))?;
            self.record(json!({
                "process": name, "runs": runs.len(), "cpu_s": figures(cpu), "wall_s": figures(wall),
                "peak_bytes": figures(peak),
            }))?;
        }
        for (name, failure) in &measurements.failures {
            say(&format!("{name:<28} failed: {failure}"))?;
            self.record(json!({ "process": name, "failure": failure }))?;
        }
        Ok(())
    }

    /// Tells every verdict beside its target.
    pub(crate) fn lines(&mut self, lines: &[Line]) -> Result<()> {
        say(&format!(
            "\n{:<48} {:>10} {:>23} {:>9} {:>9} {:>9}",
            "", "measured", "", "target", "stretch", "of target"
        ))?;
        for line in lines {
            let limit = |limit: Option<f64>| limit.map_or(String::new(), |limit| show(limit, line.unit));
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
                    say(&format!(
                        "{:<48} {:>10} {:>23} {:>9} {:>9} {:>9}{verdict}",
                        line.what,
                        show(figure.median, line.unit),
                        range(*figure, line.unit),
                        limit(line.target),
                        limit(line.stretch),
                        of_target.map_or(String::new(), |ratio| format!("{ratio:.2}")),
                    ))?;
                }
                Err(why) => say(&format!("{:<48} {why}", line.what))?,
            }
            self.record(json!({
                "line": line.what, "figure": line.figure.as_ref().ok().copied().map(figures),
                "error": line.figure.as_ref().err(), "target": line.target, "stretch": line.stretch,
            }))?;
        }
        say(&format!("\nalso in {}", self.path.display()))
    }

    fn record(&mut self, mut record: Value) -> Result<()> {
        record["started"] = json!(self.started);
        record["commit"] = json!(self.commit);
        record["program"] = json!(self.program);
        Ok(writeln!(self.file, "{record}")?)
    }
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
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
    format!("{} to {}", show(spread.min, unit), show(spread.max, unit))
}

fn show(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Cpu if figure < 1.0 => format!("{:.1} ms", figure * 1e3),
        Unit::Cpu => format!("{figure:.2} s"),
        Unit::Memory => format!("{:.1} MB", figure / 1e6),
        Unit::Ratio if figure < 0.1 => format!("1/{:.0}", 1.0 / figure),
        Unit::Ratio | Unit::Exponent => format!("{figure:.2}"),
        Unit::Count => format!("{figure:.0}"),
    }
}
