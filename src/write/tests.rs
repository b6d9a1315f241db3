use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::tree::Staging;
use super::{Checker, Difference, MANIFEST, Sink, Writer, Written};
use crate::error::Error;

/// A place to build in, with nothing else in it.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Puts a file of somebody else.
    #[expect(clippy::disallowed_methods, reason = "the file of somebody else")]
    fn put(&self, name: &str, contents: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has a parent")).expect("a temporary directory");
        fs::write(path, contents).expect("a temporary file");
    }

    /// Builds into `out`, and proves that `--check` would have said the same and that no trace is left beside it.
    fn build(&self, files: &[(&str, &str)]) -> Written {
        let differences = self.check(files).expect("it can be compared");
        let before = self.tree();
        let written = build(&self.out(), files).expect("it can be built");
        assert_eq!(self.check(files).expect("it can be compared"), []);
        let mut said: Vec<_> = written.created.iter().cloned().map(Difference::Missing).collect();
        said.extend(written.changed.iter().cloned().map(Difference::Different));
        said.extend(written.removed.iter().cloned().map(Difference::Stale));
        if said.is_empty() && !differences.is_empty() {
            assert!(matches!(&differences[..], [Difference::Missing(m) | Difference::Different(m)] if m == MANIFEST));
        } else {
            assert_eq!(differences, said);
        }
        if differences.is_empty() {
            assert_eq!(before, self.tree());
        }
        assert_eq!(self.beside(), Vec::<String>::new());
        written
    }

    fn check(&self, files: &[(&str, &str)]) -> Result<Vec<Difference>, Error> {
        let mut checker = Checker::open(&self.out())?;
        for (path, contents) in files {
            checker.file(path, contents.as_bytes())?;
        }
        Ok(checker.finish())
    }

    /// Fails to build into `out`, and proves that nothing was touched and that `--check` fails with the same words.
    fn refused(&self, files: &[(&str, &str)]) -> Error {
        let before = self.tree();
        let error = build(&self.out(), files).expect_err("it is refused");
        let same = self.check(files).expect_err("it is refused");
        assert_eq!(error.to_string(), same.to_string());
        assert_eq!(before, self.tree());
        error
    }

    /// What a build left beside `out`.
    fn beside(&self) -> Vec<String> {
        let names = fs::read_dir(self.directory.path()).expect("a temporary directory");
        let names = names.map(|entry| entry.expect("a name").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("bailiwick-")).collect()
    }

    /// Everything in `out`, with what makes a file the same file.
    fn tree(&self) -> BTreeMap<String, (u64, i64, i64, String)> {
        tree(&self.out())
    }
}

fn tree(root: &Path) -> BTreeMap<String, (u64, i64, i64, String)> {
    let entries = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok);
    let described = entries.map(|entry| {
        let metadata = entry.metadata().expect("it is there");
        let contents = if metadata.is_file() {
            fs::read_to_string(entry.path()).expect("it is text")
        } else {
            fs::read_link(entry.path()).map_or_else(|_| "/".to_owned(), |target| target.display().to_string())
        };
        let name = entry.path().strip_prefix(root).expect("it is inside").display().to_string();
        (name, (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), contents))
    });
    described.collect()
}

fn build(out: &Path, files: &[(&str, &str)]) -> Result<Written, Error> {
    let mut writer = Writer::stage(out)?;
    for (path, contents) in files {
        writer.file(path, contents.as_bytes())?;
    }
    writer.commit()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_build_says_what_it_did_and_touches_nothing_else() {
    let place = Place::new();
    let written = place.build(&[("b.tf", "1"), ("a/c.tf", "2"), ("a/b/d.tf", "3"), ("same.tf", "4")]);
    assert_eq!(written.created, ["a/b/d.tf", "a/c.tf", "b.tf", "same.tf"]);
    let before = place.tree();

    let written = place.build(&[("same.tf", "4"), ("b.tf", "1"), ("a/c.tf", "2"), ("a/b/d.tf", "3")]);
    let unchanged = strings(&["a/b/d.tf", "a/c.tf", "b.tf", "same.tf"]);
    assert_eq!(written, Written { unchanged, ..Written::default() });
    assert_eq!(place.tree(), before);

    let written = place.build(&[("b.tf", "other"), ("a/c.tf", "2"), ("a/b/d.tf", "3"), ("same.tf", "4")]);
    assert_eq!(written.changed, ["b.tf"]);
    let now = place.tree();
    for path in [MANIFEST, "a/b/d.tf", "a/c.tf", "same.tf"] {
        assert_eq!(now[path], before[path], "{path}");
    }

    let written = place.build(&[("b.tf", "new"), ("same.tf", "4"), ("e.tf", "5"), ("a/c.tf", "2")]);
    let expected = Written {
        created: strings(&["e.tf"]),
        changed: strings(&["b.tf"]),
        unchanged: strings(&["a/c.tf", "same.tf"]),
        removed: strings(&["a/b/d.tf"]),
    };
    assert_eq!(written, expected);
    let after = place.tree();
    assert_eq!(
        after.keys().map(String::as_str).collect::<Vec<_>>(),
        ["", MANIFEST, "a", "a/c.tf", "b.tf", "e.tf", "same.tf"]
    );
    assert_eq!((&after["same.tf"], &after["a/c.tf"]), (&before["same.tf"], &before["a/c.tf"]));
    assert_eq!((after["b.tf"].3.as_str(), after["e.tf"].3.as_str()), ("new", "5"));
}

#[test]
fn the_record_says_what_it_is() {
    let place = Place::new();
    place.build(&[("b.tf", "x"), ("a.tf", "")]);
    let record = fs::read_to_string(place.path("out/.bailiwick.json")).expect("it is there");
    let expected = r#"{
  "about": "The files in this directory that bailiwick generated. A build replaces and removes these files and no others. Do not edit.",
  "version": 1,
  "files": [
    "a.tf",
    "b.tf"
  ]
}
"#;
    assert_eq!(record, expected);
}

#[test]
fn files_of_others_stay_the_same_files() {
    let place = Place::new();
    place.build(&[("main.tf", "1"), ("modules/m.tf", "1"), ("gone/old.tf", "1"), ("emptied/old.tf", "1")]);
    place.put("out/terraform.tfstate", "{}");
    place.put("out/modules/override.tf", "# mine");
    place.put("out/.terraform/providers/p/lock", "l");
    place.put("out/gone/notes.txt", "n");
    place.put("elsewhere/provider", "binary");
    symlink(place.path("elsewhere"), place.path("out/.terraform/providers/link")).expect("a link");
    symlink("nowhere", place.path("out/dangling")).expect("a link");
    fs::create_dir(place.path("out/empty")).expect("a directory");
    set_mode(&place.path("out/.terraform/providers/p"), 0o555);
    set_mode(&place.path("out/modules"), 0o2750);
    set_mode(&place.path("out/empty"), 0o711);
    set_mode(&place.out(), 0o710);
    let foreign = [
        "terraform.tfstate",
        "modules/override.tf",
        ".terraform/providers/p/lock",
        "gone/notes.txt",
        ".terraform/providers/link",
        "dangling",
    ];
    let before = place.tree();
    let elsewhere = tree(&place.path("elsewhere"));

    let written = place.build(&[("main.tf", "2"), ("modules/m.tf", "1")]);
    assert_eq!(written.removed, ["emptied/old.tf", "gone/old.tf"]);
    let after = place.tree();
    for name in foreign {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!(tree(&place.path("elsewhere")), elsewhere);
    assert!(!after.contains_key("emptied"));
    assert!(after.contains_key("empty"));
    let modes = ["out", "out/modules", "out/empty", "out/.terraform/providers/p"].map(|name| mode(&place.path(name)));
    assert_eq!(modes, [0o710, 0o2750, 0o711, 0o555]);
}

#[test]
fn a_file_of_somebody_else_is_not_overwritten() {
    let place = Place::new();
    place.put("out/main.tf", "mine");
    let error = place.refused(&[("a.tf", "1"), ("main.tf", "mine")]);
    assert!(matches!(error, Error::Foreign { path } if path.ends_with("out/main.tf")));
    symlink("nowhere", place.path("out/link.tf")).expect("a link");
    let error = place.refused(&[("link.tf", "1")]);
    assert!(matches!(error, Error::Foreign { path } if path.ends_with("out/link.tf")));
    assert_eq!(place.beside(), Vec::<String>::new());
}

#[test]
fn what_we_generated_is_ours() {
    let place = Place::new();
    place.build(&[("a.tf", "1"), ("b.tf", "1"), ("c.tf", "1"), ("d.tf", "1"), ("e.tf", "1")]);
    place.put("out/a.tf", "edited");
    fs::remove_file(place.path("out/b.tf")).expect("it is there");
    fs::remove_file(place.path("out/c.tf")).expect("it is there");
    place.put("target", "of a link");
    symlink(place.path("target"), place.path("out/c.tf")).expect("a link");
    fs::remove_file(place.path("out/d.tf")).expect("it is there");
    place.put("out/d.tf/mine", "a directory now");
    place.put("out/e.tf", "edited, and stale");
    let written = place.build(&[("a.tf", "1"), ("b.tf", "1"), ("c.tf", "1")]);
    let expected = Written {
        created: strings(&["b.tf"]),
        changed: strings(&["a.tf", "c.tf"]),
        unchanged: Vec::new(),
        removed: strings(&["e.tf"]),
    };
    assert_eq!(written, expected);
    assert_eq!(fs::read_to_string(place.path("target")).expect("it is there"), "of a link");
    assert!(fs::symlink_metadata(place.path("out/c.tf")).expect("it is there").is_file());
    assert_eq!(fs::read_to_string(place.path("out/d.tf/mine")).expect("it is there"), "a directory now");
}

#[test]
fn no_path_leaves_the_directory() {
    let place = Place::new();
    let paths = [
        "",
        "/",
        "/etc/x",
        "..",
        "../x",
        "a/../../x",
        "a/..",
        "./a",
        "a//b",
        "a/",
        "a\\b",
        "..\\x",
        "C:x",
        "a\0b",
        "a\nb",
        MANIFEST,
    ];
    for path in paths {
        let error = place.refused(&[("fine.tf", "1"), (path, "x")]);
        assert!(matches!(error, Error::PathLeaves { .. }), "{path:?}: {error}");
    }
    assert!(!place.out().exists());
    assert!(matches!(place.refused(&[("a", "1"), ("a", "1")]), Error::WrittenTwice { .. }));
}

#[test]
fn a_link_inside_leads_nowhere() {
    let place = Place::new();
    place.build(&[("modules/m.tf", "1")]);
    fs::rename(place.path("out/modules"), place.path("elsewhere")).expect("it is there");
    symlink(place.path("elsewhere"), place.path("out/modules")).expect("a link");
    let error = place.refused(&[("modules/m.tf", "2")]);
    assert!(matches!(error, Error::InTheWay { path } if path.ends_with("out/modules")));
    assert_eq!(fs::read_to_string(place.path("elsewhere/m.tf")).expect("it is there"), "1");

    // A build that no longer wants the file leaves the link and what it leads to.
    place.build(&[("a.tf", "1")]);
    assert!(place.path("elsewhere/m.tf").exists());
    assert!(fs::symlink_metadata(place.path("out/modules")).expect("it is there").is_symlink());
}

#[test]
fn files_and_directories_do_not_replace_each_other() {
    let place = Place::new();
    place.put("out/a/mine", "x");
    place.put("out/b", "x");
    assert!(matches!(place.refused(&[("a", "1")]), Error::InTheWay { path } if path.ends_with("out/a")));
    assert!(matches!(place.refused(&[("b/c", "1")]), Error::InTheWay { path } if path.ends_with("out/b")));
    let error = build(&place.path("new"), &[("x", "1"), ("x/y", "1")]).expect_err("one name, two kinds");
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert!(!place.path("new").exists());
}

#[test]
fn the_output_may_be_a_link_and_its_parents_may_be_missing() {
    let place = Place::new();
    place.put("real/mine", "x");
    symlink("real", place.out()).expect("a link");
    build(&place.out(), &[("a.tf", "1")]).expect("it can be built");
    assert!(fs::symlink_metadata(place.out()).expect("it is there").is_symlink());
    assert_eq!(tree(&place.path("real")).into_keys().collect::<Vec<_>>(), ["", MANIFEST, "a.tf", "mine"]);
    assert_eq!(place.beside(), Vec::<String>::new());

    build(&place.path("x/y/z"), &[("a.tf", "1")]).expect("it can be built");
    assert!(place.path("x/y/z/a.tf").exists());
    build(&place.path("x/y/z/"), &[("a.tf", "2")]).expect("a slash at the end changes nothing");
    assert_eq!(fs::read_dir(place.path("x/y")).expect("it is there").count(), 1);
}

#[test]
fn what_is_no_directory_is_refused() {
    let place = Place::new();
    place.put("out", "a file");
    assert!(matches!(place.refused(&[("a.tf", "1")]), Error::NotADirectory { .. }));
    let error = build(&place.path("out/below"), &[("a.tf", "1")]).expect_err("a file has nothing below it");
    assert!(error.to_string().contains("out/below"), "{error}");
    symlink("nowhere", place.path("dangling")).expect("a link");
    let error = build(&place.path("dangling"), &[("a.tf", "1")]).expect_err("it leads nowhere");
    assert!(error.to_string().contains("dangling"), "{error}");
    assert!(matches!(build(Path::new("/"), &[]), Err(Error::NotADirectory { .. })));
}

#[test]
fn new_files_have_ordinary_permissions() {
    let place = Place::new();
    place.put("reference/file", "");
    place.build(&[("a/b.tf", "1"), ("deploy.sh", "1")]);
    assert_eq!(mode(&place.path("out/a/b.tf")), mode(&place.path("reference/file")));
    assert_eq!(mode(&place.out()), mode(&place.path("reference")));
    assert_eq!(mode(&place.path("out/a")), mode(&place.path("reference")));
    set_mode(&place.path("out/deploy.sh"), 0o750);
    place.build(&[("a/b.tf", "1"), ("deploy.sh", "2")]);
    assert_eq!(mode(&place.path("out/deploy.sh")), 0o750);
}

#[test]
fn a_record_that_cannot_be_trusted_is_refused() {
    let place = Place::new();
    place.put("victim", "x");
    let record = |files: &str| format!(r#"{{"about": "", "version": 1, "files": {files}}}"#);
    for (text, reason) in [
        (String::new(), "EOF"),
        ("{}".to_owned(), "missing field"),
        (record(r#"["../victim"]"#), "`../victim` is not a path"),
        (record(r#"["/etc/passwd"]"#), "`/etc/passwd` is not a path"),
        (record(r#"["a\u001b\u0000"]"#), r"`a\u{1b}\0` is not a path"),
        (record("[]").replace('1', "2"), "version 2"),
        (record(r#"[], "more": 1"#), "unknown field"),
    ] {
        place.put("out/.bailiwick.json", &text);
        let error = place.refused(&[("a.tf", "1")]);
        assert!(matches!(error, Error::Manifest { .. }) && error.to_string().contains(reason), "{error}");
        assert!(error.help().is_some());
    }
    assert!(place.path("victim").exists());
    fs::remove_file(place.path("out/.bailiwick.json")).expect("it is there");
    symlink(place.path("victim"), place.path("out/.bailiwick.json")).expect("a link");
    assert!(matches!(place.refused(&[("a.tf", "1")]), Error::InTheWay { .. }));
}

#[test]
fn two_builds_into_one_directory_do_not_meet() {
    let place = Place::new();
    place.build(&[("a.tf", "1")]);
    let mut first = Writer::stage(&place.out()).expect("nobody is there");
    assert!(matches!(Writer::stage(&place.out()), Err(Error::Busy { .. })));
    first.file("a.tf", b"2").expect("it is written");
    assert!(matches!(Writer::stage(&place.out()), Err(Error::Busy { .. })));
    first.commit().expect("it is committed");
    place.build(&[("a.tf", "3")]);

    // Into a directory that does not exist yet.
    let new = place.path("new");
    let (mut first, mut second) = (Writer::stage(&new).expect("free"), Writer::stage(&new).expect("free"));
    first.file("a.tf", b"1").expect("it is written");
    assert!(matches!(Writer::stage(&new), Err(Error::Busy { .. })));
    second.file("a.tf", b"2").expect("it is written");
    first.commit().expect("it is committed");
    assert!(matches!(second.commit(), Err(Error::Busy { .. })));
    assert_eq!(fs::read_to_string(place.path("new/a.tf")).expect("it is there"), "1");
    assert_eq!(place.beside(), Vec::<String>::new());
}

#[test]
fn a_build_that_is_given_up_leaves_nothing() {
    let place = Place::new();
    place.build(&[("a.tf", "1")]);
    let before = place.tree();
    let mut writer = Writer::stage(&place.out()).expect("nobody is there");
    writer.file("a.tf", b"2").expect("it is written");
    assert_eq!(place.beside().len(), 1);
    drop(writer);
    assert_eq!(place.beside(), Vec::<String>::new());
    assert_eq!(place.tree(), before);
}

#[test]
fn what_killed_builds_left_is_cleared() {
    let place = Place::new();
    place.build(&[("a.tf", "1")]);
    place.put(".out.bailiwick-Ab3xY9/new/a.tf", "half");
    place.put(".out.bailiwick-Ab3xY9/new/locked/x", "half");
    set_mode(&place.path(".out.bailiwick-Ab3xY9/new/locked"), 0o555);
    // Somebody else's, whatever the names suggest.
    let others = [".out.bailiwick-notes/x", ".other.bailiwick-Ab3xY9/x", ".out.bailiwick-Ab3-Y9/x"];
    for other in others {
        place.put(other, "mine");
    }
    place.put(".out.bailiwick-abcdef", "a file");
    symlink("out", place.path(".out.bailiwick-ABCDEF")).expect("a link");
    build(&place.out(), &[("a.tf", "1")]).expect("it can be built");
    assert!(!place.path(".out.bailiwick-Ab3xY9").exists());
    for other in others.into_iter().chain([".out.bailiwick-abcdef", ".out.bailiwick-ABCDEF"]) {
        assert!(place.path(other).exists(), "{other}");
    }
}

#[test]
fn an_output_that_was_away_comes_back() {
    let place = Place::new();
    place.build(&[("a.tf", "1")]);
    place.put("out/mine", "x");
    let before = place.tree();
    // Killed between the two steps that replace the exchange where there is none.
    place.put(".out.bailiwick-Ab3xY9/new/a.tf", "2");
    fs::rename(place.out(), place.path(".out.bailiwick-Ab3xY9/old")).expect("it is there");
    build(&place.out(), &[("a.tf", "1")]).expect("it can be built");
    assert_eq!(place.tree(), before);
    assert_eq!(place.beside(), Vec::<String>::new());
}

#[test]
fn what_others_write_while_we_build_is_kept() {
    for in_two_steps in [false, true] {
        let place = Place::new();
        place.build(&[("a.tf", "1")]);
        place.put("out/terraform.tfstate", "old");
        place.put("out/notes", "n");
        let staging = Staging::create(&place.out()).expect("it can be staged");
        staging.write("a.tf", b"2", None).expect("it is written");
        let is_ours = |path: &str| path == "a.tf" || path == MANIFEST;
        staging.keep_foreign(is_ours).expect("it is kept");

        place.put("terraform.tfstate", "new");
        fs::rename(place.path("terraform.tfstate"), place.path("out/terraform.tfstate")).expect("it is replaced");
        place.put("out/.terraform/lock", "l");
        let before = place.tree();

        if in_two_steps {
            staging.exchange_in_two_steps().expect("it moves")
        } else {
            staging.exchange().expect("it moves")
        }
        staging.retire(is_ours).expect("it is removed");
        let after = place.tree();
        for name in ["terraform.tfstate", "notes", ".terraform/lock"] {
            assert_eq!(after[name], before[name], "{name}");
        }
        assert_eq!(after["a.tf"].3, "2");
        assert_eq!(place.beside(), Vec::<String>::new());
    }
}
