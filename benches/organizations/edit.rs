//! What a build writes when nothing changed, and when one row did.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use measure::worker::spawn;
use measure::{Line, Recipe, Result, Spread, Unit, clear, files, line};
use sha2::{Digest, Sha256};
use workload::Size;

use crate::scratch::Scratch;
use crate::worker::Found;

/// What changes as well where a row is the only one that needs a policy in some place.
const DELIVERY: [&str; 2] = ["stack_sets.tf", "deployment.json"];

/// Builds, builds again, and builds with one row edited.
pub(crate) fn lines(scratch: &Scratch, size: Size) -> Result<Vec<Line>> {
    let folder = scratch.terraform(size);
    clear(&folder)?;
    let build = Recipe::of(scratch.build(size));
    let rebuild = || match measure::once(&mut build.command())?.failure() {
        Some(failure) => Err(failure.into()),
        None => Snapshot::of(&folder),
    };

    let first = rebuild()?;
    let again = rebuild()?;
    let untouched = first.rewritten(&again).len();

    let assignments = scratch.model(size).join("assignments.yaml");
    let text = fs::read_to_string(&assignments)?;
    let edited = Edit::of(&text).ok_or("no row of the workload can be edited")?;
    let mut holding = edited.held_in(size, &folder)?;
    holding.extend(DELIVERY.map(PathBuf::from));
    put(&assignments, &edited.text)?;
    let after = rebuild();
    holding.extend(edited.held_in(size, &folder)?);
    put(&assignments, &text)?;
    let after = after?;

    let changed = again.changed(&after);
    let rewritten = again.rewritten(&after).len();
    let elsewhere = changed.difference(&holding).count();
    let count = |what: &str, count: usize, target: Option<usize>| {
        let figure = Spread::of([count as f64]).ok_or_else(String::new);
        let what = format!("{what} ({size})");
        line(&what, Unit::Count, figure, target.map(|target| target as f64), None)
    };
    Ok(vec![
        count("built again: files written", untouched, Some(0)),
        count("one row edited: files that hold it or deliver its policies", holding.len(), None),
        count("one row edited: files changed", changed.len(), Some(holding.len())),
        count("one row edited: changed without holding it", elsewhere, Some(0)),
        count("one row edited: files written", rewritten, Some(changed.len())),
    ])
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    File::create(path)?.write_all(text.as_bytes())
}

/// A row in the middle that gets the OUs of a later one.
struct Edit {
    group: String,
    permission_set: String,
    /// All assignments, with the row edited.
    text: String,
}

impl Edit {
    /// Of the assignments as the workload writes them, three lines a row.
    fn of(text: &str) -> Option<Self> {
        let mut lines: Vec<&str> = text.lines().collect();
        let row = 1 + (lines.len() - 1) / 3 / 2 * 3;
        let group = lines.get(row)?.strip_prefix("  - group: ")?.to_owned();
        let permission_set = lines.get(row + 1)?.strip_prefix("    permission_set: ")?;
        let permission_set = permission_set.to_owned();
        let own = lines[row + 2];
        let mut others = lines[row + 2..].iter().step_by(3);
        let other = *others.find(|other| **other != own)?;
        lines[row + 2] = other;
        Some(Self { group, permission_set, text: lines.join("\n") + "\n" })
    }

    /// The files of an output folder that hold grants of the row.
    fn held_in(&self, size: Size, folder: &Path) -> Result<BTreeSet<PathBuf>> {
        let found = spawn(
            "read-terraform",
            [size.to_string().into(), folder.into(), (&self.group).into(), (&self.permission_set).into()],
        )?;
        let found: Found = serde_json::from_slice(&found)?;
        Ok(found.holding.into_iter().collect())
    }
}

/// The files of a folder: what they hold, and when and as what they were written.
struct Snapshot(BTreeMap<PathBuf, Written>);

#[derive(Eq, PartialEq)]
struct Written {
    sha256: [u8; 32],
    modified: SystemTime,
    inode: u64,
}

impl Snapshot {
    fn of(folder: &Path) -> Result<Self> {
        let mut written = BTreeMap::new();
        for path in files(folder)? {
            let mut digest = Sha256::new();
            io::copy(&mut File::open(&path)?, &mut digest)?;
            let metadata = fs::metadata(&path)?;
            let file =
                Written { sha256: digest.finalize().into(), modified: metadata.modified()?, inode: inode(&metadata) };
            written.insert(path.strip_prefix(folder)?.to_owned(), file);
        }
        Ok(Self(written))
    }

    /// Files whose bytes differ, or that are only in one of the two.
    fn changed(&self, other: &Self) -> BTreeSet<PathBuf> {
        self.differing(other, |a, b| a.sha256 != b.sha256)
    }

    /// Files that were written again, whether their bytes differ or not.
    fn rewritten(&self, other: &Self) -> BTreeSet<PathBuf> {
        self.differing(other, |a, b| a != b)
    }

    fn differing(&self, other: &Self, differ: fn(&Written, &Written) -> bool) -> BTreeSet<PathBuf> {
        let paths: BTreeSet<&PathBuf> = self.0.keys().chain(other.0.keys()).collect();
        paths
            .into_iter()
            .filter(|path| match (self.0.get(*path), other.0.get(*path)) {
                (Some(a), Some(b)) => differ(a, b),
                _ => true,
            })
            .cloned()
            .collect()
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Elsewhere the time of the last write alone has to tell.
#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}
