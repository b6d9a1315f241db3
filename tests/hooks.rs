//! Where bailiwick runs by itself: hooks of pre-commit, and an action of GitHub.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its model or read a report has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::known::git;
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

/// A folder of programs that take the place of those of a runner: each writes down how it was called, and answers.
fn stand_in(folder: &Folder, name: &str, script: &str) {
    let path = folder.join("stand-ins").join(name);
    folder.write(Path::new("stand-ins").join(name), format!("#!/usr/bin/env bash\nset -eu\n{script}"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A repository whose first commit is the base of a change.
fn pull_request() -> Folder {
    let folder = model();
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "access"]);
    git(&folder, &["commit", "-q", "-m", "base"]);
    folder.write("access/rows.yaml", "assignments: [{ group: a, permission_set: A, ous: [Workloads] }]\n");
    folder
}

/// Runs a script of this repository as a job does.
fn job(folder: &Folder, script: &[&str], variables: &[(&str, &str)]) -> Output {
    let stand_ins = folder.join("stand-ins");
    let path = path();
    let path = std::env::join_paths(std::iter::once(stand_ins).chain(std::env::split_paths(&path))).unwrap();
    let mut command = Command::new(root().join("integrations").join(script[0]));
    command.args(&script[1..]).current_dir(folder.path()).env_clear().env("PATH", path).env("FOLDER", folder.path());
    command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")]);
    command.envs(variables.iter().copied()).output().unwrap()
}

fn read(folder: &Folder, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap_or_default()
}

#[test]
fn a_pull_request_has_one_comment_that_is_kept_up_to_date() {
    // Comments are kept in a file; a token that may not write them fails as the API does.
    let gh = r#"
printf '%s\n' "$*" | head -n 1 >>"$FOLDER/calls"
case "$*" in
*graphql*) cat "$FOLDER/ids" 2>/dev/null || true ;;
*PATCH*|*POST*)
    if [ -e "$FOLDER/forbidden" ]; then echo "HTTP 403" >&2; exit 1; fi
    for argument; do case "$argument" in body=@*) cp "${argument#body=@}" "$FOLDER/comment" ;; esac; done ;;
esac
"#;
    let run = |folder: &Folder, fail_on: &str| {
        let _ = fs::remove_file(folder.join("calls"));
        let _ = fs::remove_file(folder.join("comment"));
        let variables = [
            ("MODEL", "access"),
            ("BASE", "main"),
            ("FAIL_ON", fail_on),
            ("COMMENT", "true"),
            ("REPOSITORY", "acme/infra"),
            ("NUMBER", "7"),
            ("GH_TOKEN", "secret"),
            ("GITHUB_STEP_SUMMARY", folder.join("summary").to_str().unwrap()),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        job(folder, &["github-diff"], &variables)
    };
    let folder = pull_request();
    stand_in(&folder, "gh", gh);
    let first = run(&folder, "");
    assert!(first.status.success(), "{}", streams(&first));
    let comment = read(&folder, "comment");
    assert!(comment.starts_with("<!-- bailiwick diff access -->\n### Access: 2 grants gained"), "{comment}");
    assert_eq!(read(&folder, "summary"), comment);
    assert!(read(&folder, "calls").contains("--method POST repos/acme/infra/issues/7/comments"));

    // A comment that is there is changed, and a gate fails the job behind it.
    folder.write("ids", "41\n42\n");
    let second = run(&folder, "gained");
    assert_eq!(second.status.code(), Some(1), "{}", streams(&second));
    assert!(streams(&second).contains("fails on `gained`"), "{}", streams(&second));
    assert!(read(&folder, "calls").contains("--method PATCH repos/acme/infra/issues/comments/41 --field body=@"));

    // Where nothing may be written, the summary says it.
    folder.write("forbidden", "");
    fs::remove_file(folder.join("summary")).unwrap();
    let third = run(&folder, "");
    assert!(third.status.success(), "{}", streams(&third));
    assert!(streams(&third).contains("::notice title=bailiwick::no comment could be written"), "{}", streams(&third));
    assert!(read(&folder, "summary").contains("2 grants gained"));

    // A model with errors is told as that, and a change of nothing is not told unless there is a comment.
    fs::remove_file(folder.join("forbidden")).unwrap();
    folder.write("access/rows.yaml", "assignments: [{ group: a, permission_set: Nope, ous: [Workloads] }]\n");
    let fourth = run(&folder, "");
    assert_eq!(fourth.status.code(), Some(1), "{}", streams(&fourth));
    assert!(
        read(&folder, "comment").contains("### Access: not compared\n\n    the model after, `access`, has errors:")
    );
    fs::remove_file(folder.join("access/rows.yaml")).unwrap();
    assert!(run(&folder, "").status.success());
    assert!(read(&folder, "comment").contains("### Access: access is the same\n"));
    fs::remove_file(folder.join("ids")).unwrap();
    assert!(run(&folder, "any").status.success());
    assert_eq!(read(&folder, "comment"), "");
}

#[test]
fn a_merge_request_has_one_note_that_is_kept_up_to_date() {
    if Command::new("jq").arg("--version").output().is_err() {
        say("skipped: a_merge_request_has_one_note_that_is_kept_up_to_date: there is no jq");
        return;
    }
    let curl = r#"
printf '%s\n' "$*" >>"$FOLDER/calls"
case "$*" in
*/user) echo '{"id": 5}' ;;
*page=1) cat "$FOLDER/notes" ;;
*page=*) echo '[]' ;;
*PUT*|*POST*) for argument; do case "$argument" in @*) cp "${argument#@}" "$FOLDER/note" ;; esac; done ;;
esac
"#;
    let folder = pull_request();
    stand_in(&folder, "curl", curl);
    let variables = |token: &'static str| {
        [
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "main"),
            ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "3"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("BAILIWICK_GITLAB_TOKEN", token),
        ]
    };
    let without = job(&folder, &["gitlab-diff", "access"], &variables(""));
    assert!(without.status.success() && streams(&without).contains("2 grants gained"), "{}", streams(&without));
    assert_eq!(read(&folder, "calls"), "");

    folder.write("notes", r#"[{"id": 1, "author": {"id": 9}, "body": "<!-- bailiwick diff access -->\nnot ours"}]"#);
    let first = job(&folder, &["gitlab-diff", "access", "gained"], &variables("secret"));
    assert_eq!(first.status.code(), Some(1), "{}", streams(&first));
    let note: Value = serde_json::from_str(&read(&folder, "note")).unwrap();
    assert!(note["body"].as_str().unwrap().starts_with("<!-- bailiwick diff access -->\n### Access: 2 grants gained"));
    let calls = read(&folder, "calls");
    assert!(calls.contains("--request POST") && !calls.contains("secret"), "{calls}");

    folder.write("notes", r#"[{"id": 8, "author": {"id": 5}, "body": "<!-- bailiwick diff access -->\nolder"}]"#);
    let second = job(&folder, &["gitlab-diff", "access"], &variables("secret"));
    assert!(second.status.success(), "{}", streams(&second));
    assert!(read(&folder, "calls").contains("--request PUT"), "{}", read(&folder, "calls"));
    assert!(read(&folder, "calls").contains("merge_requests/7/notes/8"), "{}", read(&folder, "calls"));
}

#[test]
fn the_example_for_gitlab_is_what_gitlab_takes() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("tests/schemas/gitlab-ci.json")).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = schema.iter_errors(&yaml("docs/gitlab-ci.yml")).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn shellcheck_finds_nothing_in_the_scripts() {
    let program = root().join(".venv/bin/shellcheck");
    if !program.exists() {
        say("skipped: shellcheck_finds_nothing_in_the_scripts: tests/setup has not been run");
        return;
    }
    let scripts = fs::read_dir(root().join("integrations")).unwrap().map(|entry| entry.unwrap().path());
    succeed(Command::new(program).args(scripts));
}

#[test]
fn the_action_compares_the_committed_output_and_access() {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = |id: &str| steps.iter().find(|step| step["id"] == id).unwrap();
    let folder = pull_request();
    folder.write("access/center.yaml", "identity_center: { region: eu-west-1 }\n");
    let run = |step: &Value, variables: &[(&str, &str)]| {
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()]);
        command.current_dir(folder.path()).env_clear().env("PATH", path()).env("ROOT", "/nonexistent");
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let variables = [("MODEL", "access"), ("OUT", "infra"), ("TARGET", "terraform")];
    let stale = run(step("output"), &variables);
    assert_eq!(stale.status.code(), Some(1), "{}", streams(&stale));
    assert!(folder.run(&["build", "access", "--out", "infra"]).status == 0);
    let fresh = run(step("output"), &variables);
    assert!(fresh.status.success() && streams(&fresh).contains("infra is up to date"), "{}", streams(&fresh));
    let variables = [
        ("GITHUB_ACTION_PATH", root().to_str().unwrap()),
        ("MODEL", "access"),
        ("BASE", "main"),
        ("FAIL_ON", ""),
        ("COMMENT", "false"),
        ("REPOSITORY", "acme/infra"),
        ("NUMBER", "7"),
        ("GH_TOKEN", ""),
    ];
    let given: BTreeMap<&str, &str> = variables.into_iter().collect();
    for name in step("diff")["env"].as_object().unwrap().keys() {
        assert!(name == "ROOT" || given.contains_key(name.as_str()), "{name} is not given");
    }
    let summary = folder.join("summary");
    let variables = [&variables[..], &[("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())]].concat();
    let told = run(step("diff"), &variables);
    assert!(told.status.success(), "{}", streams(&told));
    assert!(read(&folder, "summary").contains("2 grants gained"));
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
