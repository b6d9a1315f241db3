//! Where bailiwick runs by itself: hooks of pre-commit, and an action of GitHub.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its model or read a report has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::{Folder, ORGANIZATION};
use crate::support::command::{streams, succeed};
use crate::support::deploy::say;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// The path with the program under test in front.
fn path() -> std::ffi::OsString {
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick")).parent().map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(program.into_iter().chain(std::env::split_paths(&path))).unwrap()
}

fn model() -> Folder {
    Folder::new([("access/organization.yaml", ORGANIZATION), ("access/sets.yaml", "permission_sets: { A: {} }\n")])
}

#[test]
fn the_action_is_what_github_takes() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("tests/schemas/github-action.json")).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let action = yaml("action.yml");
    let errors: Vec<_> = schema.iter_errors(&action).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(
            !step["run"].as_str().unwrap_or_default().contains("${{"),
            "an expression in a script is a hole: {step:#}"
        );
    }
}

/// Runs the script of the action's check as a runner does.
fn act(folder: &Folder, inputs: &[(&str, &str)]) -> (Output, String) {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let check = steps.iter().find(|step| step["id"] == "check").unwrap();
    let mut variables: BTreeMap<&str, &str> =
        check["env"].as_object().unwrap().keys().map(|key| (key.as_str(), "")).collect();
    variables.extend([
        ("FORMAT", "github"),
        ("MODEL", "access"),
        ("SARIF_FILE", "out.sarif"),
        ("ROOT", "/nonexistent"),
    ]);
    variables.extend(inputs.iter().copied());
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", check["run"].as_str().unwrap()])
        .current_dir(folder.path())
        .env_clear()
        .envs(variables)
        .env("PATH", path())
        .env("GITHUB_OUTPUT", folder.join("output"))
        .output()
        .unwrap();
    (output, fs::read_to_string(folder.join("output")).unwrap_or_default())
}

#[test]
fn the_action_annotates_or_writes_a_report() {
    let folder = model();
    let (output, _) = act(&folder, &[]);
    assert!(output.status.success(), "{}", streams(&output));
    folder.write("access/sets.yaml", "permission_sets: { A: { session_duration: 10h } }\n");
    let (output, _) = act(&folder, &[("ARGUMENTS", "--deny warnings --as-of 2026-12-01")]);
    assert_eq!(output.status.code(), Some(1), "{}", streams(&output));
    assert!(streams(&output).contains("::warning file="), "{}", streams(&output));
    let (output, outputs) = act(&folder, &[("FORMAT", "sarif"), ("ARGUMENTS", "--deny session-too-long")]);
    assert_eq!(output.status.code(), Some(1), "{}", streams(&output));
    assert_eq!(outputs, "sarif-file=out.sarif\n");
    assert!(fs::read_to_string(folder.join("out.sarif")).unwrap().contains("session-too-long"));
    let (output, _) = act(&folder, &[("ARGUMENTS", "$(touch hole) *"), ("MODEL", "$(touch hole)")]);
    assert_eq!(output.status.code(), Some(2), "{}", streams(&output));
    assert!(!folder.join("hole").exists());
}

#[test]
fn pre_commit_takes_the_hooks_and_runs_them() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let ids: Vec<_> = hooks.as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["bailiwick-check", "bailiwick-build", "bailiwick-check-system", "bailiwick-build-system"]);
    let program = root().join(".venv/bin/pre-commit");
    if !program.exists() {
        say("skipped: pre_commit_takes_the_hooks_and_runs_them: tests/setup has not been run");
        return;
    }
    let folder = model();
    let home = folder.join("home");
    let run = |program: &Path, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder.path()).env("PATH", path()).env("PRE_COMMIT_HOME", &home);
        command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")]);
        for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            command.env_remove(variable);
        }
        command
    };
    let manifest = root().join(".pre-commit-hooks.yaml");
    succeed(&mut run(&program, &["validate-manifest", manifest.to_str().unwrap()]));
    // The hook for who has the program, as a repository of its own would define it: compiling takes minutes.
    let mut hook = hooks[2].clone();
    hook["args"] = serde_json::json!(["access", "--as-of", "2026-12-01"]);
    let config = serde_json::json!({ "repos": [{ "repo": "local", "hooks": [hook] }] });
    folder.write(".pre-commit-config.yaml", serde_json::to_string(&config).unwrap());
    succeed(&mut run(Path::new("git"), &["init", "-q"]));
    succeed(&mut run(Path::new("git"), &["add", "access", ".pre-commit-config.yaml"]));
    let passed = succeed(&mut run(&program, &["run", "--color=never"]));
    assert!(streams(&passed).contains("Passed"), "{}", streams(&passed));
    folder.write("access/sets.yaml", "permission_sets: { A: { sessions: 1h } }\n");
    succeed(&mut run(Path::new("git"), &["add", "access"]));
    let failed = run(&program, &["run", "--color=never"]).output().unwrap();
    assert_eq!(failed.status.code(), Some(1), "{}", streams(&failed));
    assert!(
        streams(&failed).contains("error[unknown-key]") && streams(&failed).contains("sets.yaml:1:25"),
        "{}",
        streams(&failed)
    );
}
