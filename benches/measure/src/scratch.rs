//! Where a benchmark works, and the bailiwick that it measures there.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that is removed in the end, and the bailiwick that is measured.
pub struct Scratch {
    folder: TempDir,
    benchmark: &'static str,
    target: PathBuf,
    bailiwick: OsString,
}

impl Scratch {
    /// In the given folder, or else in `$TMPDIR`, a tmpfs, or cargo's own folder, whichever there is
    /// first: where writes go to memory, no disk blurs the figures.
    ///
    /// `cargo` is `CARGO_TARGET_TMPDIR`, and `built` the program that cargo has built for the benchmark;
    /// `$BAILIWICK_BIN` names another.
    ///
    /// # Errors
    ///
    /// When no folder can be made there.
    pub fn new(benchmark: &'static str, parent: Option<&Path>, cargo: &str, built: &str) -> io::Result<Self> {
        let cargo = PathBuf::from(cargo);
        let parent = parent
            .map(Path::to_owned)
            .or_else(|| env::var_os("TMPDIR").map(PathBuf::from))
            .or_else(tmpfs)
            .unwrap_or_else(|| cargo.clone());
        Ok(Self {
            folder: tempfile::Builder::new().prefix(&format!("{benchmark}-")).tempdir_in(parent)?,
            benchmark,
            target: cargo.parent().map(Path::to_owned).unwrap_or(cargo),
            bailiwick: env::var_os("BAILIWICK_BIN").unwrap_or_else(|| built.into()),
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program that is measured.
    pub fn bailiwick(&self) -> &OsStr {
        &self.bailiwick
    }

    /// The name of the benchmark.
    pub(crate) fn benchmark(&self) -> &'static str {
        self.benchmark
    }

    /// Cargo's target folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

/// The tmpfs that Linux has, where it has room for the largest output; in a container it often has not.
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
