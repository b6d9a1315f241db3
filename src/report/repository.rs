//! Where the files of a model stand in the repository that holds it, as reports for a whole repository name them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::Path;

use crate::load::relative_name;
use crate::source::{FileId, Sources};

/// What stands for itself in the path of a URI: the unreserved characters of RFC 3986, and the slash between the parts.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The repository around a model.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// The path from its root to that of the model, with a `/` at its end; empty where they are the same.
    prefix: String,
}

impl Repository {
    /// The repository around the root of a model. Without one, paths start from the working directory if the model is
    /// below it, and from the model if it is not.
    pub fn around(root: &Path) -> Self {
        let Ok(real) = root.canonicalize() else { return Self::default() };
        // In a linked work tree or a submodule, `.git` is a file.
        let holder = real.ancestors().find(|folder| folder.join(".git").exists());
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
        let holder = holder.or(here.as_deref().filter(|here| real.starts_with(here)));
        let below = holder.map(|holder| relative_name(&real, holder)).filter(|below| !below.is_empty());
        Self { prefix: below.map(|below| below + "/").unwrap_or_default() }
    }

    /// The path of a file from the root of the repository, with `/` between its parts.
    pub(super) fn path(&self, file: FileId, sources: &Sources) -> String {
        self.path_of(sources.get(file).path())
    }

    /// The same for a path from the root of the model.
    pub fn path_of(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The same as a relative URI.
    pub(super) fn uri(&self, file: FileId, sources: &Sources) -> String {
        utf8_percent_encode(&self.path(file, sources), ESCAPED).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri_whatever_it_holds() {
        let mut sources = Sources::new();
        let file = sources.add("a b/c:d#é%.yaml".to_owned(), String::new());
        let repository = Repository { prefix: "m/".to_owned() };
        assert_eq!(repository.uri(file, &sources), "m/a%20b/c%3Ad%23%C3%A9%25.yaml");
    }

    #[test]
    fn the_nearest_repository_counts() {
        let outer = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(outer.path().join(".git")).unwrap();
        std::fs::create_dir_all(outer.path().join("infra/access")).unwrap();
        assert_eq!(Repository::around(&outer.path().join("infra/access")).prefix, "infra/access/");
        assert_eq!(Repository::around(outer.path()).prefix, "");
    }
}
