//! The benchmark: whole processes on synthetic organizations, judged by ratios of CPU time.
//!
//! `cargo bench` makes the workloads ([`worker`]), proves that what bailiwick says about them and
//! emits for them is the pinned expansion ([`gate`]), measures bailiwick and its yardsticks in turns
//! ([`subjects`]), and prints the verdicts beside their targets ([`verdict`]).
//! The README beside it says how to read them.

mod edit;
mod gate;
mod peers;
mod plan;
mod scratch;
mod subjects;
mod verdict;
mod worker;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use measure::worker::spawn;
use measure::{Measurements, Report, Result, SLOW_ROUNDS};
use workload::Size;

use crate::scratch::Scratch;

/// Measures bailiwick on synthetic organizations.
#[derive(Parser)]
#[command(name = "organizations")]
struct Args {
    /// Sizes to measure, from S, M, L and XL.
    #[arg(long, value_delimiter = ',', default_values_t = Size::ALL)]
    sizes: Vec<Size>,
    /// Rounds; in each of them every subject runs once.
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Also measures `terraform plan` of the output at M against static blocks. Takes minutes.
    #[arg(long)]
    plan: bool,
    /// Also measures what other tools take for L. Takes minutes.
    #[arg(long)]
    peers: bool,
    /// Only writes the workload of a size into a folder.
    #[arg(long, num_args = 2, value_names = ["SIZE", "DIR"])]
    generate: Option<Vec<String>>,
    /// The folder in which workloads and output are made; by default $TMPDIR, a tmpfs, or cargo's own.
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Runs one step in a process of its own, so that its memory never counts as bailiwick's.
    #[arg(long, hide = true, num_args = 1..)]
    worker: Option<Vec<String>>,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    measure::end("organizations", run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode> {
    if let Some(step) = &args.worker {
        worker::run(step)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some([size, folder]) = args.generate.as_deref() {
        worker::run(&["generate".to_owned(), size.clone(), folder.clone()])?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.bench {
        // `cargo test --all-targets` runs benchmarks as well, without optimization: no figure of that
        // build means anything.
        writeln!(io::stdout(), "not measured: run `cargo bench`")?;
        return Ok(ExitCode::SUCCESS);
    }
    measure_all(args)
}

fn measure_all(args: &Args) -> Result<ExitCode> {
    let mut sizes = args.sizes.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let rounds = args.runs.max(1);
    let scratch = Scratch::new(args.scratch.as_deref())?;
    let mut report = Report::new(&scratch.shared, rounds)?;

    let mut passed = Vec::new();
    for &size in &sizes {
        spawn("generate", [size.to_string().into(), scratch.model(size).into()])?;
        let gate = gate::examine(&scratch, size)?;
        gate.tell(size, &mut report)?;
        if gate.grants.is_ok() {
            passed.push((size, gate));
        }
    }

    let mut measurements = Measurements::default();
    let subjects = subjects::all(&scratch, &passed);
    measure::in_turns(&subjects, rounds, &mut measurements)?;
    if args.peers {
        let subjects = peers::subjects(&scratch, &passed, &report)?;
        measure::in_turns(&subjects, rounds.min(SLOW_ROUNDS), &mut measurements)?;
    }
    if args.plan {
        let subjects = plan::subjects(&scratch, &passed, &report)?;
        measure::in_turns(&subjects, rounds.min(SLOW_ROUNDS), &mut measurements)?;
    }
    report.measurements(&measurements)?;

    let mut lines = verdict::lines(&measurements);
    if let Some((size, _)) = passed.iter().rfind(|(_, gate)| gate.terraform.is_ok()) {
        lines.extend(edit::lines(&scratch, *size)?);
    }
    if args.plan {
        lines.extend(plan::sizes_of_output(&scratch, &passed)?);
    }
    report.lines(&lines)?;
    report.end()?;

    let clean = passed.len() == sizes.len() && passed.iter().all(|(_, gate)| gate.is_clean());
    Ok(ExitCode::from(u8::from(!clean)))
}
