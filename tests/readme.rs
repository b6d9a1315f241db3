//! The README tells the truth: its commands run, its output is what they print, its language is the schema's.
//!
//! The info string of a fenced block says what happens to it:
//!
//! - `console`: each `$ command` is run, and what it prints must be what stands below it;
//! - `sh`: run as it stands, and must succeed;
//! - `sh install`: puts the program on the path; here that is the one under test;
//! - `sh tests`: what runs this test; it must be an executable file, and what CI runs;
//! - `yaml`, `json`, `toml`, `lua`: what a reader writes into a file;
//! - `sh deploy`: needs AWS; its lines must stand in the README of the committed output.
//!
//! Blocks share one folder and run in their order.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

/// With this variable set, the test writes what the commands print into the README.
const UPDATE: &str = "BAILIWICK_UPDATE_README";

const README: &str = "README.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join(README)).expect("the README can be read")
}

/// A folder to run the blocks in: the example is there, as it is in a clone.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        copy(&root().join("examples"), &scratch.path().join("examples")).expect("the example can be copied");
        Self(scratch)
    }

    /// Runs a command as a reader would, with the program under test on the path, both streams in one.
    fn run(&self, command: &str) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_bailiwick"));
        // Building once more, and with optimization, would prove nothing about the command.
        let command = command.replace("cargo run --release -- ", "bailiwick ");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = program.parent().map(PathBuf::from).into_iter().chain(std::env::split_paths(&path));
        Command::new("sh")
            .args(["-euc", &format!("exec 2>&1\n{command}")])
            .current_dir(self.0.path())
            .env("PATH", std::env::join_paths(folders).expect("folders of the path"))
            .env("LC_ALL", "C")
            .env_remove("CLICOLOR_FORCE")
            .output()
            .expect("there is a shell")
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Runs the commands of a `console` block and writes it down as it should be.
fn session(scratch: &Scratch, block: &[&str]) -> String {
    let mut told = String::new();
    for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
        let output = scratch.run(command);
        let printed = String::from_utf8(output.stdout).expect("output is UTF-8");
        assert!(output.status.success(), "`{command}` fails, so it cannot stand in the README:\n{printed}");
        // Trailing spaces are lost in many editors, so the README has none.
        let lines: String = printed.trim_end().lines().fold(String::new(), |mut lines, line| {
            let _ = writeln!(lines, "{}", line.trim_end());
            lines
        });
        let _ = write!(told, "$ {command}\n{lines}");
    }
    told
}

fn executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[test]
fn every_command_runs_and_prints_what_is_shown() {
    let scratch = Scratch::new();
    let readme = readme();
    let committed = fs::read_to_string(root().join("snapshots/terraform/acme/README.md")).unwrap();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let mut rewritten = String::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(rewritten, "{line}");
        if !line.starts_with("```") {
            continue;
        }
        // What is shown may hold fences of its own; a longer one stands around it.
        let info = line.trim_start_matches('`');
        let fence = &line[..line.len() - info.len()];
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        let text = block.iter().fold(String::new(), |text, line| text + line + "\n");
        match info {
            "console" => {
                let told = session(&scratch, &block);
                assert!(!told.contains(fence), "write a longer fence around what prints one:\n{told}");
                rewritten += &told;
            }
            "sh" => {
                let output = scratch.run(&text);
                assert!(output.status.success(), "fails:\n{text}{}", String::from_utf8_lossy(&output.stdout));
                rewritten += &text;
            }
            "sh tests" => {
                assert!(executable(&root().join(text.trim())), "`{}` is no program", text.trim());
                assert!(ci.contains(&format!("step {}\n", text.trim())), "CI does not run `{}`", text.trim());
                rewritten += &text;
            }
            "sh deploy" => {
                for command in &block {
                    assert!(committed.contains(command), "`{command}` is not what the generated README says");
                }
                rewritten += &text;
            }
            "sh install" | "yaml" | "json" | "toml" | "lua" => rewritten += &text,
            other => panic!("a block of a kind that no test looks at: `{other}`"),
        }
        let _ = writeln!(rewritten, "{fence}");
    }
    if readme == rewritten {
        return;
    }
    if std::env::var_os(UPDATE).is_some() {
        fs::File::create(root().join(README)).unwrap().write_all(rewritten.as_bytes()).unwrap();
        return;
    }
    let differs = readme.lines().zip(rewritten.lines()).position(|(told, printed)| told != printed);
    let at = differs.unwrap_or(readme.lines().count().min(rewritten.lines().count()));
    panic!(
        "{README}:{}: not what the command prints\n  the README: {:?}\n  the command: {:?}\n\
         to take over what the commands print: {UPDATE}=1 cargo test --test main readme",
        at + 1,
        readme.lines().nth(at),
        rewritten.lines().nth(at),
    );
}

/// Collects the names of all keys that the schema knows.
fn keys<'s>(schema: &'s Json, found: &mut Vec<&'s str>) {
    match schema {
        Json::Object(object) => {
            if let Some(Json::Object(properties)) = object.get("properties") {
                found.extend(properties.keys().map(String::as_str));
            }
            object.values().for_each(|value| keys(value, found));
        }
        Json::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_language_is_told() {
    let schema = bailiwick::model::schema();
    let mut known = Vec::new();
    keys(&schema, &mut known);
    known.sort_unstable();
    known.dedup();
    assert!(known.contains(&"permission_sets") && known.contains(&"break_glass"), "the schema is read: {known:?}");
    let readme = readme();
    let told = |key: &&str| readme.contains(&format!("`{key}`")) || readme.contains(&format!("{key}: "));
    let missing: Vec<_> = known.iter().filter(|key| !told(key)).collect();
    assert!(missing.is_empty(), "the README does not tell of {missing:?}");
}

#[test]
fn every_file_it_points_to_exists() {
    let readme = readme();
    let targets = readme.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let local: Vec<_> = targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect();
    assert!(!local.is_empty(), "the README points to files");
    for target in local {
        assert!(root().join(target).exists(), "README.md points to `{target}`, which does not exist");
    }
}
