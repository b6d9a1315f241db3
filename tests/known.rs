//! What is known is not reported: baselines, changes since a revision; and models that are not on disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its model or read a report has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::program::{AS_OF, Folder, ORGANIZATION, Run, bailiwick};

const SETS: &str = "permission_sets:
  Long: { session_duration: 10h }
  Longer: { session_duration: 11h }
";

fn model() -> Folder {
    Folder::new([("m/organization.yaml", ORGANIZATION), ("m/sets.yaml", SETS)])
}

/// Runs a command in a folder with what git needs in its environment.
pub(crate) fn command(folder: &Folder, mut command: Command) -> Command {
    command.current_dir(folder.path()).env("PATH", std::env::var_os("PATH").unwrap());
    command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")]);
    command
}

fn check(folder: &Folder, arguments: &[&str]) -> Run {
    let arguments = [&["check", "m", "--as-of", AS_OF, "--deny", "warnings"], arguments].concat();
    command(folder, bailiwick(arguments)).output().unwrap().into()
}

#[track_caller]
pub(crate) fn git(folder: &Folder, arguments: &[&str]) {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let mut git = command(folder, Command::new("git"));
    let output = git.args(who).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_baseline_lets_only_new_findings_fail() {
    let folder = model();
    assert_eq!(check(&folder, &[]).status, 1);
    let run = check(&folder, &["--baseline", "known.jsonl"]);
    assert_eq!((run.status, run.err.contains("cannot read `known.jsonl`")), (2, true), "{run:?}");
    let run = check(&folder, &["--baseline", "known.jsonl", "--write-baseline"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    let written = fs::read_to_string(folder.join("known.jsonl")).unwrap();
    assert_eq!(
        written,
        "{\"bailiwick_baseline\":1}\n\
         {\"rule\":\"session-too-long\",\"at\":\"permission_sets/Long/session_duration\",\"text\":\"10h\"}\n\
         {\"rule\":\"session-too-long\",\"at\":\"permission_sets/Longer/session_duration\",\"text\":\"11h\"}\n"
    );
    // Other lines, another file, another order.
    folder.write("m/sets.yaml", "# moved\n\npermission_sets:\n  Longer: { session_duration: 11h }\n");
    folder.write("m/other.yaml", "permission_sets:\n  Fresh: {}\n  Long: { session_duration: 10h }\n");
    let run = check(&folder, &["--baseline", "known.jsonl"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    assert!(run.err.contains("no findings; 2 in the baseline"), "{run:?}");
    let run = folder.run(&["build", "m", "--out", "out", "--deny", "warnings", "--baseline", "known.jsonl"]);
    assert_eq!(run.status, 0, "{run:?}");
    // One is worse, and one is new.
    folder.write(
        "m/other.yaml",
        "permission_sets:\n  Fresh: { session_duration: 9h }\n  Long: { session_duration: 12h }\n",
    );
    let run = check(&folder, &["--baseline", "known.jsonl"]);
    assert_eq!((run.status, run.out.matches("session-too-long").count()), (1, 2), "{run:?}");
    assert!(run.err.contains("known.jsonl: 1 entry is not found any more"), "{run:?}");
    assert!(run.err.contains("  session-too-long at permission_sets/Long/session_duration\n"), "{run:?}");
    assert_eq!(fs::read_to_string(folder.join("known.jsonl")).unwrap(), written, "only asked for is it written");
}

#[test]
fn a_baseline_never_excuses_what_always_holds() {
    let folder = model();
    folder.write("m/bad.yaml", "assignments: [{ group: a, permission_set: Nope, ous: [Workloads] }]\n");
    let run = check(&folder, &["--baseline", "known.jsonl", "--write-baseline"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.contains("unknown-permission-set") && run.err.contains("known.jsonl: 2 known findings"), "{run:?}");
}

#[test]
fn a_baseline_that_is_not_understood_is_refused() {
    let folder = model();
    folder.write("known.jsonl", "{\"bailiwick_baseline\":1}\n<<<<<<< ours\n");
    let run = check(&folder, &["--baseline", "known.jsonl"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("`known.jsonl`:2: not a line of a baseline"), "{run:?}");
    let run = check(&folder, &["--baseline", "m/known.yaml", "--write-baseline"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("would become part of the model") && !folder.join("m/known.yaml").exists(), "{run:?}");
    assert_eq!(check(&folder, &["--write-baseline"]).status, 2);
}

#[test]
fn only_what_a_change_brings_is_reported() {
    let folder = model();
    folder.write(
        "m/policies/p.json",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#,
    );
    folder.write("m/doc.yaml", "permission_sets:\n  Doc:\n    inline_policy: policies/p.json\n");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "one"]);
    let since = |revision: &str| check(&folder, &["--changed-since", revision]);
    let run = since("HEAD");
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    assert!(run.err.contains("no findings; 2 from before the change"), "{run:?}");
    // A comment on the line of a finding touches it; a line that moves does not.
    folder.write(
        "m/sets.yaml",
        SETS.replace("10h }", "10h } # on call").replace("permission_sets:\n", "permission_sets:\n  A: {}\n"),
    );
    let run = since("HEAD");
    assert_eq!((run.status, run.out.matches("session-too-long").count()), (1, 1), "{run:?}");
    assert!(run.out.contains("10 hours for `Long`"), "{run:?}");
    folder.write("m/sets.yaml", SETS);
    // What a document grants is found at the set that names it, on a line that has not changed.
    folder.write(
        "m/policies/p.json",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    );
    let run = since("HEAD");
    assert!(run.status == 1 && run.out.contains("iam-without-boundary"), "{run:?}");
    git(&folder, &["commit", "-qam", "two"]);
    assert_eq!(since("HEAD").status, 0);
    assert_eq!(since("HEAD~1").status, 1);
    let run = since("nowhere");
    assert_eq!((run.status, run.err.contains("no revision `nowhere`")), (2, true), "{run:?}");
    assert_eq!(since("--output=x").status, 2);
    assert!(command(&folder, Command::new("git")).args(["status", "--porcelain"]).output().unwrap().stdout.is_empty());
}

#[test]
fn a_file_or_a_folder_with_another_name_brings_nothing() {
    let folder = model();
    folder.write("m/old.json", r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObjects","Resource":"*"}]}"#);
    folder.write("m/doc.yaml", "permission_sets:\n  Doc:\n    inline_policy: old.json\n");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "one"]);
    let since = |model: &str| {
        let arguments = ["check", model, "--as-of", AS_OF, "--deny", "warnings", "--changed-since", "HEAD"];
        Run::from(command(&folder, bailiwick(arguments)).output().unwrap())
    };
    let all = since("m").err;
    assert!(all.contains("; 4 from before the change"), "{all}");
    git(&folder, &["mv", "m/sets.yaml", "m/permission-sets.yaml"]);
    git(&folder, &["mv", "m/old.json", "m/new.json"]);
    folder.write("m/doc.yaml", "permission_sets:\n  Doc:\n    inline_policy: new.json\n");
    assert_eq!((since("m").out.as_str(), since("m").err), ("", all.clone()));
    // What changes on the way is told.
    folder.write("m/permission-sets.yaml", SETS.replace("10h", "11h"));
    let run = since("m");
    assert_eq!((run.status, run.out.matches("session-too-long").count()), (1, 1), "{run:?}");
    folder.write("m/permission-sets.yaml", SETS);
    git(&folder, &["mv", "m", "access"]);
    assert_eq!((since("access").out.as_str(), since("access").err), ("", all));
    let status = command(&folder, Command::new("git")).args(["diff", "--name-only"]).output().unwrap().stdout;
    assert_eq!(String::from_utf8(status).unwrap(), "access/doc.yaml\n");
}

#[test]
fn a_branch_answers_for_its_own_changes_only() {
    let folder = model();
    git(&folder, &["init", "-qb", "main"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "one"]);
    git(&folder, &["checkout", "-qb", "work"]);
    folder.write("m/more.yaml", "permission_sets: { More: {} }\n");
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "work"]);
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("m/sets.yaml", "permission_sets: {}\n");
    git(&folder, &["commit", "-qam", "repaired on main"]);
    git(&folder, &["checkout", "-q", "work"]);
    let run = check(&folder, &["--changed-since", "main"]);
    assert_eq!(run.status, 0, "the branch did not bring what main has repaired: {run:?}");
}

#[test]
fn without_a_repository_there_is_no_revision() {
    let folder = model();
    let mut command = command(&folder, bailiwick(["check", "m", "--changed-since", "HEAD"]));
    let run = Run::from(command.env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap()).output().unwrap());
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("git cannot read the revision") && run.err.contains("not a git repository"), "{run:?}");
}

fn with_input(folder: &Folder, arguments: &[&str], input: &str) -> Run {
    let arguments = [&["check", "--as-of", AS_OF], arguments].concat();
    let mut child = bailiwick(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap().into()
}

#[test]
fn standard_input_is_a_model() {
    let folder = model();
    let run = with_input(&folder, &["-"], SETS);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("┌─ <stdin>:2:29"), "{run:?}");
    let run = with_input(&folder, &["-", "--format", "json"], "permision_sets: {}\n");
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.contains("\"file\": \"<stdin>\""), "{run:?}");
    assert_eq!(with_input(&folder, &["-"], "").status, 0, "nothing is a model without anything in it");
    for refused in ["--fix", "--diff", "--watch"] {
        let run = with_input(&folder, &["-", refused], SETS);
        assert_eq!((run.status, run.err.contains("`--stdin-file FILE`")), (2, true), "{run:?}");
    }
}

#[test]
fn standard_input_stands_for_a_file_of_the_model() {
    let folder = model();
    let run = with_input(
        &folder,
        &["m", "--stdin-file", "m/sets.yaml"],
        "permission_sets: { Only: { session_duration: 9h } }\n",
    );
    assert_eq!((run.status, run.out.matches("session-too-long").count()), (0, 1), "{run:?}");
    assert!(run.out.contains("sets.yaml:1:46"), "{run:?}");
    // A file that is not saved yet is one more file of the model.
    let run = with_input(&folder, &["m", "--stdin-file", "m/new.yaml"], "permission_sets: { Long: {} }\n");
    assert_eq!((run.status, run.out.contains("`Long` is declared twice")), (1, true), "{run:?}");
    // The path counts from the working directory, not from the model, as those of findings do.
    let run = with_input(&folder, &["m", "--stdin-file", "sets.yaml"], "");
    assert_eq!((run.status, run.err.contains("write `m/sets.yaml`")), (2, true), "{run:?}");
    let run = with_input(&folder, &["m", "--stdin-file", "elsewhere.yaml"], "");
    assert_eq!((run.status, run.err.contains("`elsewhere.yaml` is not a file of the model")), (2, true), "{run:?}");
}

#[test]
fn a_model_is_watched() {
    let folder = model();
    let mut child = bailiwick(["check", "m", "--watch", "--as-of", AS_OF])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut next = |what: &str| messages.find(|line| line.contains(what)).unwrap();
    next("2 warnings");
    next("watching `m`");
    folder.write("m/sets.yaml", "permission_sets: {}\n");
    next("no findings");
    folder.write("m/broken.yaml", "permission_sets: [");
    next("not read to the end");
    fs::remove_file(folder.join("m/broken.yaml")).unwrap();
    next("no findings");
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains('\u{1b}'), "a pipe is not cleared");
}
