//! Tasks of the repository that need more than cargo: `cargo xtask <task>`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod iam_data;

/// Why a task could not be done, in words.
type Failure = Box<dyn std::error::Error>;

/// Tasks of the repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The IAM data in `data/`: what AWS's actions, resource types and managed policies are.
    IamData {
        #[command(subcommand)]
        step: iam_data::Step,
    },
}

fn main() -> ExitCode {
    let Task::IamData { step } = Args::parse().task;
    match iam_data::run(&step, &repository(), &mut anstream::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do when standard error is closed as well.
            let _ = writeln!(anstream::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository: the folder above this crate.
fn repository() -> PathBuf {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_root.parent().unwrap_or(crate_root).to_path_buf()
}
