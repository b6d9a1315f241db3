//! Where the benchmark works, and what it runs there.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use workload::Size;

/// The instant at which every model is read.
const AS_OF: &str = "2026-01-01";

/// A folder that is removed in the end, and the bailiwick that is measured.
pub(crate) struct Scratch {
    folder: TempDir,
    bailiwick: OsString,
}

impl Scratch {
    /// In the given folder, or else in `$TMPDIR`, a tmpfs, or cargo's own folder, whichever there is
    /// first: where writes go to memory, no disk blurs the figures.
    pub(crate) fn new(parent: Option<&Path>) -> io::Result<Self> {
        let parent = parent
            .map(Path::to_owned)
            .or_else(|| env::var_os("TMPDIR").map(PathBuf::from))
            .or_else(tmpfs)
            .unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
        Ok(Self {
            folder: tempfile::Builder::new().prefix("organizations-").tempdir_in(parent)?,
            bailiwick: env::var_os("BAILIWICK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_bailiwick").into()),
        })
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The model of a size.
    pub(crate) fn model(&self, size: Size) -> PathBuf {
        self.join(&format!("model-{size}"))
    }

    /// The Terraform that bailiwick emits for a size.
    pub(crate) fn terraform(&self, size: Size) -> PathBuf {
        self.join(&format!("terraform-{size}"))
    }

    /// The program that is measured.
    pub(crate) fn bailiwick(&self) -> &OsString {
        &self.bailiwick
    }

    /// `bailiwick check`
    pub(crate) fn check(&self, size: Size) -> Command {
        self.command("check", size)
    }

    /// `bailiwick build --target terraform`
    pub(crate) fn build(&self, size: Size) -> Command {
        let mut command = self.command("build", size);
        command.arg("--out").arg(self.terraform(size));
        command.args(["--target", "terraform"]);
        command
    }

    /// `bailiwick grants --format csv`
    pub(crate) fn grants(&self, size: Size) -> Command {
        let mut command = self.command("grants", size);
        command.args(["--format", "csv"]);
        command
    }

    fn command(&self, name: &str, size: Size) -> Command {
        let mut command = Command::new(&self.bailiwick);
        command.arg(name).arg(self.model(size));
        command.args(["--as-of", AS_OF]);
        command
    }
}

/// The tmpfs that Linux has, where it has room for XL and its output; in a container it often has not.
#[cfg(target_os = "linux")]
fn tmpfs() -> Option<PathBuf> {
    const NEEDED: u64 = 1 << 30;
    let folder = PathBuf::from("/dev/shm");
    let room = rustix::fs::statvfs(&folder).ok()?;
    (room.f_bavail * room.f_frsize >= NEEDED).then_some(folder)
}

#[cfg(not(target_os = "linux"))]
fn tmpfs() -> Option<PathBuf> {
    None
}
