//! A revision of a model, from the version control that holds it.
//!
//! The `git` program is asked, as everybody who has a repository has it: `gix`, the library that reads repositories, is 117
//! packages, more than all of bailiwick. It runs only for commands that name a revision. Nothing of the repository is changed: the files of the
//! revision are put into a temporary folder by way of an index of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

use crate::error::Error;

/// A model as it was: a folder with the files below its root. The folder is removed when this is dropped.
#[derive(Debug)]
pub struct Revision {
    folder: TempDir,
    /// By the names of files, those that they had then, where they had others.
    earlier: BTreeMap<String, String>,
}

impl Revision {
    /// The folder of the model at `root`, as it was at `revision`. It is empty where the model did not exist then.
    ///
    /// # Errors
    ///
    /// When there is no git, no repository around the root, or no such revision in it.
    pub fn at(revision: &str, root: &Path) -> Result<Self, Error> {
        let repository = Repository::around(root)?;
        let commit = repository.commit(revision)?;
        repository.files_of(&commit)
    }

    /// The same as it was where the work that is checked out left `revision`: at their merge base, or at the revision
    /// itself where they have none.
    ///
    /// # Errors
    ///
    /// As for [`Revision::at`].
    pub fn since(revision: &str, root: &Path) -> Result<Self, Error> {
        let mut repository = Repository::around(root)?;
        let base = repository.fork(revision, "HEAD")?;
        let now = repository.below.clone();
        let was_there = repository.object(&format!("{base}:{now}")).is_some();
        let renamed = repository.renamed_since(&base, if was_there { &now } else { "" });
        // The folder of the model may have another name itself.
        if let Some(then) = moved_folder(&renamed, &now).filter(|_| !was_there) {
            repository.below = then;
        }
        let earlier = renamed.iter().filter_map(|(old, new)| {
            let within = |path: &str, folder: &str| match folder {
                "" => Some(path.to_owned()),
                _ => path.strip_prefix(folder)?.strip_prefix('/').map(str::to_owned),
            };
            Some((within(new, &now)?, within(old, &repository.below)?))
        });
        Ok(Self { earlier: earlier.collect(), ..repository.files_of(&base)? })
    }

    /// The same as it was where `branch` left `revision`.
    ///
    /// # Errors
    ///
    /// As for [`Revision::at`].
    pub fn fork(revision: &str, branch: &str, root: &Path) -> Result<Self, Error> {
        let repository = Repository::around(root)?;
        let base = repository.fork(revision, branch)?;
        repository.files_of(&base)
    }

    /// The files of the model that git takes for renamed: what they are called now, by what they were called then. Asked
    /// for by [`Revision::since`] only.
    pub fn renamed(&self) -> BTreeMap<String, String> {
        self.earlier.iter().map(|(now, then)| (then.clone(), now.clone())).collect()
    }

    /// What a file of the model was called, where it had another name.
    pub fn earlier(&self, path: &str) -> Option<&str> {
        self.earlier.get(path).map(String::as_str)
    }

    /// Where the files are; it may not exist.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("files")
    }
}

/// The repository around the root of a model.
struct Repository {
    top: PathBuf,
    /// The path from its top to the root of the model; empty where they are the same.
    below: String,
}

impl Repository {
    fn around(root: &Path) -> Result<Self, Error> {
        let lines = ask(root, ["rev-parse", "--show-toplevel", "--show-prefix"], None)?;
        let (top, below) = lines.split_once('\n').unwrap_or((&lines, ""));
        Ok(Self { top: PathBuf::from(top), below: below.trim_end_matches('/').to_owned() })
    }

    /// The id of an object, where there is one.
    fn object(&self, name: &str) -> Option<String> {
        let found = ask(&self.top, ["rev-parse", "--verify", "--quiet", "--end-of-options", name], None);
        found.ok().filter(|found| !found.is_empty())
    }

    fn commit(&self, revision: &str) -> Result<String, Error> {
        let unknown = || Error::UnknownRevision { revision: revision.to_owned() };
        if revision.starts_with('-') {
            return Err(unknown());
        }
        self.object(&format!("{revision}^{{commit}}")).ok_or_else(unknown)
    }

    /// Where `branch` left `revision`; the revision itself where they have nothing in common.
    fn fork(&self, revision: &str, branch: &str) -> Result<String, Error> {
        let commit = self.commit(revision)?;
        // A repository without a commit of its own has no branch yet.
        let branch = if branch == "HEAD" { branch.to_owned() } else { self.commit(branch)? };
        Ok(ask(&self.top, ["merge-base", &commit, &branch], None).unwrap_or(commit))
    }

    /// The files below a folder that have another name since `commit`, as git sees it: what they were called, and what they
    /// are called. Where git cannot tell, they are new.
    fn renamed_since(&self, commit: &str, folder: &str) -> Vec<(String, String)> {
        let options = ["diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", commit, "--"];
        let below = (!folder.is_empty()).then(|| format!(":(top,literal){folder}"));
        let text = ask(&self.top, options.into_iter().chain(below.as_deref()), None).unwrap_or_default();
        let mut fields = text.split('\0');
        let mut renamed = Vec::new();
        while let (Some(_), Some(old), Some(new)) = (fields.next(), fields.next(), fields.next()) {
            renamed.push((old.to_owned(), new.to_owned()));
        }
        renamed
    }

    fn files_of(&self, commit: &str) -> Result<Revision, Error> {
        let folder = tempfile::tempdir().map_err(Error::io("create a folder in", std::env::temp_dir()))?;
        let tree = match self.below.as_str() {
            "" => format!("{commit}^{{tree}}"),
            below => format!("{commit}:{below}"),
        };
        if let Some(tree) = self.object(&tree) {
            let index = folder.path().join("index");
            let mut files = folder.path().join("files").into_os_string();
            files.push("/");
            let mut prefix = std::ffi::OsString::from("--prefix=");
            prefix.push(&files);
            ask(&self.top, ["read-tree", tree.as_str()], Some(&index))?;
            let checkout: [&OsStr; 4] = ["checkout-index".as_ref(), "--all".as_ref(), "--quiet".as_ref(), &prefix];
            ask(&self.top, checkout, Some(&index))?;
        }
        Ok(Revision { folder, earlier: BTreeMap::new() })
    }
}

/// What a folder was called, where a file in it moved along.
fn moved_folder(renamed: &[(String, String)], now: &str) -> Option<String> {
    renamed.iter().find_map(|(old, new)| {
        let rest = new.strip_prefix(now).filter(|rest| rest.starts_with('/'))?;
        match old.strip_suffix(rest) {
            Some(folder) => Some(folder.to_owned()),
            // It was the top of the repository.
            None => (*old == rest[1..]).then(String::new),
        }
    })
}

/// Runs git in a folder and gives what it prints, without the line feed at its end.
fn ask<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
    index: Option<&Path>,
) -> Result<String, Error> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null());
    // Within a hook, this names the index of the commit that is being made.
    command.env_remove("GIT_INDEX_FILE").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let Output { status, stdout, stderr } =
        command.output().map_err(|cause| Error::Git { message: cause.to_string() })?;
    if !status.success() {
        let message = String::from_utf8_lossy(&stderr);
        let message = message.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
        return Err(Error::Git { message: message.to_owned() });
    }
    let text = String::from_utf8(stdout)
        .map_err(|_| Error::Git { message: "it names a path that is not UTF-8".to_owned() })?;
    Ok(text.strip_suffix('\n').map(str::to_owned).unwrap_or(text))
}
