//! What a reviewer reads: a change of the example changes the lines of its output that it must, and they are counted.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::command::{build, put};

const AS_OF: &str = "2026-12-01";

/// A change of one file of the model: `insert` behind `after`, which stands there once.
struct Edit {
    file: &'static str,
    after: &'static str,
    insert: &'static str,
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        if entry.file_type().is_file() {
            let target = to.join(entry.path().strip_prefix(from).expect("below it"));
            put(&target, fs::read(entry.path()).expect("readable"));
        }
    }
}

/// Builds a model, changes it, builds again into a copy of the output, and returns what `git diff --numstat` says: lines
/// added, lines removed, file.
fn changed_lines(model: &Path, edits: &[Edit]) -> String {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (edited, old, new) = (place.path().join("model"), place.path().join("old"), place.path().join("new"));
    copy(model, &edited);
    build(&edited, &old, AS_OF);
    copy(&old, &new);
    for edit in edits {
        let path = edited.join(edit.file);
        let text = fs::read_to_string(&path).expect("a file of the model");
        assert_eq!(text.matches(edit.after).count(), 1, "{:?}", edit.after);
        put(&path, text.replace(edit.after, &format!("{}{}", edit.after, edit.insert)));
    }
    build(&edited, &new, AS_OF);
    let diff = Command::new("git")
        .args(["diff", "--no-index", "--numstat", "--no-renames", "old", "new"])
        .current_dir(place.path())
        .output()
        .expect("git runs");
    let numbers = String::from_utf8(diff.stdout).expect("UTF-8");
    let file = |line: &str| line.replace('\t', " ").replace("{old => new}/", "").replace("/dev/null => new/", "");
    let mut lines: Vec<_> = numbers.lines().map(file).collect();
    lines.sort();
    lines.join("\n")
}

#[track_caller]
fn assert_changes(edits: &[Edit], expected: &[&str]) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let found = changed_lines(&example, edits);
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_account_adds_a_line_where_it_gets_access() {
    let edit = Edit {
        file: "organization.yaml",
        after: "shop-test: { id: \"154470982236\", tags: { env: test, team: a } }\n",
        insert: "                  shop-demo: { id: \"154470982237\", tags: { env: dev, team: a } }\n",
    };
    let expected = [
        "1 0 permission_set_Admin.tf",
        "1 0 permission_set_AppDeveloper.tf",
        "1 0 permission_set_BillingViewer.tf",
        "1 0 permission_set_BreakGlassAdmin.tf",
        "1 0 permission_set_PowerUser.tf",
        "1 0 permission_set_SecOpsResponder.tf",
        // Two groups have this one.
        "2 0 permission_set_ReadOnlyAuditor.tf",
    ];
    assert_changes(&[edit], &expected);
}

#[test]
fn a_row_adds_a_block() {
    let edit = Edit {
        file: "assignments/teams.yaml",
        after: "assignments:\n",
        insert: "  - group: aws-team-b-leads\n    permission_set: ReadOnlyAuditor\n    accounts: [payments-test]\n",
    };
    assert_changes(&[edit], &["18 0 permission_set_ReadOnlyAuditor.tf"]);
}

#[test]
fn a_permission_set_adds_a_file() {
    let edit = Edit {
        file: "permission_sets/engineering.yaml",
        after: "permission_sets:\n",
        insert: "  Observer:\n    description: Looks at what runs\n    session_duration: 2h\n    aws_managed_policies: [job-function/ViewOnlyAccess]\n",
    };
    let expected = ["1 0 .bailiwick.json", "1 0 outputs.tf", "16 0 permission_set_Observer.tf", "2 1 README.md"];
    assert_changes(&[edit], &expected);
}

#[test]
fn an_attribute_of_a_permission_set_changes_its_line() {
    let edit = Edit {
        file: "permission_sets/engineering.yaml",
        after: "description: Application developers",
        insert: " of all teams",
    };
    assert_changes(&[edit], &["1 1 permission_set_AppDeveloper.tf"]);
}

#[test]
fn rows_that_say_the_same_change_nothing() {
    let edit = Edit {
        file: "assignments/teams.yaml",
        after: "assignments:\n",
        insert: "  - group: aws-nordwind-engineers\n    permission_set: AppDeveloper\n    ous: [Acquired]\n    account_tags: { env: [dev] }\n",
    };
    assert_changes(&[edit], &[]);
}
