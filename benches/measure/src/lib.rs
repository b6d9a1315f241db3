//! What the benchmarks have in common: whole processes, measured by their CPU time.
//!
//! A benchmark works in a [`Scratch`] folder, has every [`Subject`] run once a round ([`in_turns`]), and makes [`Line`]s of
//! the [`Measurements`]: a figure beside its target. A [`Report`] prints them and keeps them as JSON.

mod files;
mod line;
mod process;
mod report;
mod scratch;
mod spread;
mod turns;
pub mod worker;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

pub use crate::files::{clear, files};
pub use crate::line::{Line, Named, Unit, line};
pub use crate::process::{Recipe, Run, once, version};
pub use crate::report::Report;
pub use crate::scratch::Scratch;
pub use crate::spread::Spread;
pub use crate::turns::{Measurements, Subject, in_turns};

/// What every step of a benchmark returns; an error ends the run.
pub type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// How a benchmark ends: 2, with the error on standard error, if it could not be run.
pub fn end(benchmark: &str, outcome: Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        // Nothing is left to do when standard error is closed as well.
        let _ = writeln!(io::stderr(), "{benchmark}: {error}");
        ExitCode::from(2)
    })
}

/// The largest number of rounds that subjects of many seconds are measured in.
pub const SLOW_ROUNDS: usize = 3;
