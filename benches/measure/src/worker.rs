//! Steps that run in a process of their own.
//!
//! The peak memory that the system reports for a program is never below that of the process that
//! started it, since a child begins as its image. The process that measures therefore stays small,
//! and whatever needs memory is done by another one of the same executable.

use std::env;
use std::ffi::OsString;
use std::io;
use std::process::{Command, Stdio};

use crate::Result;

/// A step of this executable, which is given its name and arguments behind `--worker`.
///
/// # Errors
///
/// When the system does not say where the executable is.
pub fn command(step: &str) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--worker", step]);
    Ok(command)
}

/// Runs a step in another process and returns what it wrote.
///
/// # Errors
///
/// When it fails, with what it wrote to standard error.
pub fn spawn(step: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<Vec<u8>> {
    spawn_reading(step, arguments, Stdio::null())
}

/// The same, with something to read.
///
/// # Errors
///
/// When it fails, with what it wrote to standard error.
pub fn spawn_reading(step: &str, arguments: impl IntoIterator<Item = OsString>, input: Stdio) -> Result<Vec<u8>> {
    let output = command(step)?.args(arguments).stdin(input).output()?;
    if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8_lossy(&output.stderr).trim().into()) }
}
