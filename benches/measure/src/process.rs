//! CPU time and peak memory of whole processes, from start to exit.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::Result;

/// One run of one process, the descendants it waited for included.
pub struct Run {
    /// User and system time.
    pub cpu: Duration,
    /// From start to exit.
    pub wall: Duration,
    /// Peak resident memory of the largest process among them, in bytes.
    pub peak: u64,
    status: ExitStatus,
    /// The last line that it wrote to standard error.
    last_words: String,
}

impl Run {
    /// What went wrong, if the process did not exit with success.
    pub fn failure(&self) -> Option<String> {
        self.failure_unless(&[0])
    }

    /// What went wrong, if the process exited with none of these codes.
    pub fn failure_unless(&self, done: &[i32]) -> Option<String> {
        let is_done = self.status.code().is_some_and(|code| done.contains(&code));
        (!is_done).then(|| format!("{}: {}", self.status, self.last_words))
    }

    /// This run and a later one as one; whichever has failed stands for both.
    pub(crate) fn and(self, later: Self) -> Self {
        Self {
            cpu: self.cpu + later.cpu,
            wall: self.wall + later.wall,
            peak: self.peak.max(later.peak),
            ..if self.status.success() { later } else { self }
        }
    }
}

/// Runs a command to its end. Its standard output is discarded unless the command says where it goes.
///
/// # Errors
///
/// When the program cannot be started.
pub fn once(command: &mut Command) -> Result<Run> {
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

/// The program and arguments of a command, to be made again for every run.
pub struct Recipe(Vec<OsString>);

impl Recipe {
    /// Of a command that sets nothing else.
    pub fn of(command: Command) -> Self {
        let program = [command.get_program().to_owned()].into_iter();
        Self(program.chain(command.get_args().map(Into::into)).collect())
    }

    /// The command again; its output is discarded.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdout(Stdio::null());
        command
    }
}

/// The version that a program tells when asked for it with `--version`; nothing where there is no such program.
pub fn version(program: &OsStr) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    // `tool 1.2`, `tool, version 1.2` and `1.2` all end with it.
    text.lines().last()?.split_whitespace().last().map(str::to_owned)
}
