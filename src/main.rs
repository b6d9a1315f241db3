//! The `bailiwick` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    bailiwick::cli::run(std::env::args_os())
}
