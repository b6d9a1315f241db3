//! Where the benchmark works, and what it runs there.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use workload::Size;

/// The instant at which every model is read.
const AS_OF: &str = "2026-01-01";

/// The folder, with what it holds for each size.
pub(crate) struct Scratch {
    /// What it has in common with other benchmarks.
    pub(crate) shared: measure::Scratch,
}

impl Scratch {
    /// Below the given folder, or where the system has room.
    pub(crate) fn new(parent: Option<&Path>) -> io::Result<Self> {
        let (cargo, built) = (env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_bailiwick"));
        Ok(Self { shared: measure::Scratch::new("organizations", parent, cargo, built)? })
    }

    /// A file or folder in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.shared.join(name)
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
    pub(crate) fn bailiwick(&self) -> &OsStr {
        self.shared.bailiwick()
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
        let mut command = Command::new(self.bailiwick());
        command.arg(name).arg(self.model(size));
        command.args(["--as-of", AS_OF]);
        command
    }
}
