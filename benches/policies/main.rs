//! The benchmark of the policy engine, and of policy linters on the same policies.
//!
//! The subject is every AWS-managed policy as a permission set of its own. `cargo bench --bench policies` measures what it
//! costs to judge them all ([`engine`]) and to `check` a model of them; with `--peers` other linters read the same
//! documents, each in the form that it takes ([`corpus`], [`linters`]), and what all of them find is laid side by side
//! ([`comparison`]). The README one level up says how to read it.

mod comparison;
mod corpus;
mod engine;
mod linters;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use measure::worker::spawn;
use measure::{Line, Measurements, Named, Report, Result, SLOW_ROUNDS, Scratch, in_turns};

use crate::corpus::Corpus;
use crate::linters::{BAILIWICK, Linter};

/// Measures bailiwick on the AWS-managed policies.
#[derive(Parser)]
#[command(name = "policies")]
struct Args {
    /// Rounds; in each of them every subject runs once.
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Also runs other linters on the same policies. Takes minutes.
    #[arg(long)]
    peers: bool,
    /// Gives linters so many of the policies only, evenly spread over their names.
    #[arg(long, value_name = "POLICIES")]
    sample: Option<NonZeroUsize>,
    /// The folder in which the policies are written; by default $TMPDIR, a tmpfs, or cargo's own.
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Runs one step in a process of its own.
    #[arg(long, hide = true, num_args = 1..)]
    worker: Option<Vec<String>>,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    measure::end("policies", run(&Args::parse()).map(|()| ExitCode::SUCCESS))
}

fn run(args: &Args) -> Result<()> {
    if let Some(step) = &args.worker {
        return work(step);
    }
    if !args.bench {
        // `cargo test --all-targets` runs benchmarks as well, without optimization: no figure of that
        // build means anything.
        return Ok(writeln!(io::stdout(), "not measured: run `cargo bench`")?);
    }
    measure_all(args)
}

/// Runs a step and writes what it found as JSON.
fn work(step: &[String]) -> Result<()> {
    let step: Vec<&str> = step.iter().map(String::as_str).collect();
    let found = match step[..] {
        ["write", folder] => serde_json::to_value(Corpus::write(Path::new(folder), None)?)?,
        ["write", folder, sample] => serde_json::to_value(Corpus::write(Path::new(folder), Some(sample.parse()?))?)?,
        [step] => engine::run(step)?.into(),
        _ => return Err(format!("no such step: {}", step.join(" ")).into()),
    };
    Ok(writeln!(io::stdout(), "{found}")?)
}

fn measure_all(args: &Args) -> Result<()> {
    let rounds = args.runs.max(1);
    let (cargo, built) = (env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_bailiwick"));
    let scratch = Scratch::new("policies", args.scratch.as_deref(), cargo, built)?;
    let mut report = Report::new(&scratch, rounds)?;

    let folder = scratch.join("policies");
    let sample = args.sample.map(|sample| sample.to_string().into());
    let corpus = spawn("write", [folder.clone().into_os_string()].into_iter().chain(sample))?;
    let corpus: Corpus = serde_json::from_slice(&corpus)?;
    corpus.tell(&report)?;

    let bailiwick = Linter::bailiwick(&scratch).ok_or("bailiwick does not run")?;
    let mut linters = Vec::new();
    let mut subjects = engine::subjects()?;
    subjects.push(bailiwick.subject(&folder, BAILIWICK));
    let mut measurements = Measurements::default();
    in_turns(&subjects, rounds, &mut measurements)?;
    linters.push(bailiwick);
    if args.peers {
        let peers = linters::peers(&report)?;
        if !peers.is_empty() {
            let mut subjects = vec![linters[0].subject(&folder, "check with peers")];
            subjects.extend(peers.iter().map(|peer| peer.subject(&folder, peer.tool.name)));
            in_turns(&subjects, rounds.min(SLOW_ROUNDS), &mut measurements)?;
            linters.extend(peers);
        }
    }
    report.measurements(&measurements)?;

    let mut lines = engine::lines(&measurements, corpus.all);
    lines.extend(check_lines(&measurements, &corpus, &linters));
    report.lines(&lines)?;
    comparison::tell(&corpus, &folder, &linters, &measurements, &mut report)?;
    report.end()
}

/// What `check` takes, and what it takes beside each peer.
fn check_lines(measurements: &Measurements, corpus: &Corpus, linters: &[Linter]) -> Vec<Line> {
    let of = |name: &str| Named::new(measurements, name);
    let what = format!("check {} of them, every rule on", corpus.names.len());
    let alone = of(BAILIWICK).cpu(&what, corpus.is_whole().then_some(1.0), None);
    let beside = linters.iter().filter_map(|linter| {
        let name = linter.tool.name;
        of("check with peers").over(&of(name), &format!("check / {name}"), None, None)
    });
    alone.into_iter().chain(beside).collect()
}
