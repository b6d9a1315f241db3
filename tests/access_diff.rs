//! `diff`: what is told of a change, in every format; revisions of a repository; gates; and what cannot be compared.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its model or read a report has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::known::{command, git};
use crate::program::{AS_OF, Folder, ORGANIZATION, Run, bailiwick};

/// A change of one file of the example: what stands there once, and what takes its place.
type Edit = (&'static str, &'static str, &'static str);

/// What a reviewer has to see through: more and less access, a set called otherwise, a boundary taken away, a policy that
/// opens a way, a longer session and a later end; and a snapshot that was refreshed in the same change.
const EDITS: [Edit; 11] = [
    (
        "assignments/teams.yaml",
        "  - group: aws-data-engineers\n    permission_set: DataEngineer\n",
        "  - group: aws-data-engineers\n    permission_set: PowerUser\n    ous: [Workloads/NonProd]\n  - group: \
         aws-data-engineers\n    permission_set: DataEngineer\n",
    ),
    (
        "assignments/operations.yaml",
        "ous: [Infrastructure, Workloads, Security]\n",
        "ous: [Infrastructure, Security]\n",
    ),
    ("assignments/operations.yaml", "permission_set: BillingViewer", "permission_set: CostViewer"),
    ("permission_sets/operations.yaml", "  BillingViewer:\n", "  CostViewer:\n"),
    ("assignments/security.yaml", "expires: 2027-01-31", "expires: 2027-02-15"),
    (
        "assignments/security.yaml",
        "permission_set: PowerUser\n    accounts: [sandbox-secops]",
        "permission_set: Operator\n    accounts: [sandbox-secops, sandbox-platform]",
    ),
    (
        "permission_sets/operations.yaml",
        "permission_sets:\n",
        "permission_sets:\n  Operator:\n    session_duration: 1h\n    aws_managed_policies: [IAMFullAccess]\n",
    ),
    ("permission_sets/operations.yaml", "    permissions_boundary: BoundaryForAdmins\n", ""),
    (
        "permission_sets/engineering.yaml",
        "    session_duration: 4h\n    customer_managed_policies: [DataEngineerActions]",
        "    session_duration: 8h\n    customer_managed_policies: [DataEngineerActions]",
    ),
    (
        "policies/app-developer.json",
        "\"lambda:InvokeFunction\",",
        "\"lambda:CreateFunction\", \"lambda:DeleteFunction\",",
    ),
    (
        "organization.yaml",
        "shop-test: { id: \"154470982236\", tags: { env: test, team: a } }\n",
        "shop-test: { id: \"154470982236\", tags: { env: test, team: a } }\n                  shop-demo: { id: \
         \"154470982237\", tags: { env: dev, team: a } }\n",
    ),
];

/// Copies the example into a folder of a folder.
fn example(folder: &Folder, to: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    for entry in walkdir::WalkDir::new(&root) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(&root).unwrap();
            folder.write(Path::new(to).join(below), fs::read(entry.path()).unwrap());
        }
    }
}

fn edit(folder: &Folder, model: &str, (file, from, to): Edit) {
    let path = Path::new(model).join(file);
    let text = fs::read_to_string(folder.join(&path)).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {file}");
    folder.write(path, text.replace(from, to));
}

fn edited() -> Folder {
    let folder = Folder::new::<&str, &str>([]);
    example(&folder, "old");
    example(&folder, "new");
    EDITS.into_iter().for_each(|one| edit(&folder, "new", one));
    folder
}

fn diff(folder: &Folder, arguments: &[&str]) -> Run {
    let arguments = [&["diff", "--as-of", AS_OF], arguments].concat();
    command(folder, bailiwick(arguments)).output().unwrap().into()
}

#[test]
fn a_change_is_told_in_every_format() {
    let folder = edited();
    let told = |folder: &Folder, format: &str| {
        let run = diff(folder, &["old", "new", "--format", format]);
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
        insta::assert_snapshot!(format!("example_{format}"), run.out);
    };
    told(&folder, "text");
    told(&folder, "markdown");
    // JSON names everything; fewer of the edits are long enough.
    let folder = Folder::new::<&str, &str>([]);
    example(&folder, "old");
    example(&folder, "new");
    [2, 3, 4, 8, 9, 10].into_iter().for_each(|number| edit(&folder, "new", EDITS[number]));
    told(&folder, "json");
}

#[test]
fn what_is_gained_one_way_is_lost_the_other() {
    let folder = edited();
    let report = |arguments: &[&str]| -> Value {
        serde_json::from_str(&diff(&folder, &[arguments, &["--format", "json"]].concat()).out).unwrap()
    };
    let (forth, back) = (report(&["old", "new"]), report(&["new", "old"]));
    let accounts = |report: &Value, key: &str| -> usize {
        let length = |change: &Value, key: &str| change[key].as_array().unwrap().len();
        let grants = |change: &Value| {
            ["accounts", "principals", "permission_sets"].map(|key| length(change, key)).iter().product::<usize>()
        };
        report[key].as_array().unwrap().iter().map(grants).sum()
    };
    assert!(accounts(&forth, "gained") > 0 && accounts(&forth, "lost") > 0);
    assert_eq!(accounts(&forth, "gained"), accounts(&back, "lost"));
    assert_eq!(accounts(&forth, "lost"), accounts(&back, "gained"));
}

#[test]
fn moving_sorting_and_reformatting_is_no_change() {
    let folder = Folder::new::<&str, &str>([]);
    example(&folder, "old");
    example(&folder, "new");
    let all = fs::read_to_string(folder.join("new/assignments/teams.yaml")).unwrap();
    let (_, rows) = all.split_once("assignments:\n").unwrap();
    let mut rows: Vec<&str> = rows.split("  - ").filter(|row| row.contains(':')).collect();
    rows.reverse();
    let text = rows.iter().fold("assignments:\n".to_owned(), |text, row| format!("{text}  - {}\n", row.trim_end()));
    fs::remove_file(folder.join("new/assignments/teams.yaml")).unwrap();
    folder.write("new/rows.yaml", text);
    let policy = fs::read_to_string(folder.join("new/policies/app-developer.json")).unwrap();
    let policy: Value = serde_json::from_str(&policy).unwrap();
    folder.write("new/policies/app-developer.json", policy.to_string());
    let run = diff(&folder, &["old", "new", "--fail-on", "any"]);
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (0, "", "access is the same\n"), "{run:?}");
    let run = diff(&folder, &["old", "new", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let is_empty = |(key, value): (&String, &Value)| {
        matches!(key.as_str(), "version" | "old" | "new" | "same" | "grants_compared")
            || value.as_array().is_some_and(Vec::is_empty)
    };
    assert!(report["same"] == true && report.as_object().unwrap().iter().all(is_empty), "{report:#}");
    assert!(diff(&folder, &["old", "new", "--format", "markdown"]).out.contains("access is the same"));
}

#[test]
fn revisions_are_read_without_touching_the_files() {
    let folder = Folder::new::<&str, &str>([]);
    example(&folder, "infra/access");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    git(&folder, &["switch", "-q", "-c", "topic"]);
    edit(&folder, "infra/access", EDITS[0]);
    git(&folder, &["commit", "-q", "-a", "-m", "two"]);
    git(&folder, &["switch", "-q", "main"]);
    edit(&folder, "infra/access", EDITS[1]);
    git(&folder, &["commit", "-q", "-a", "-m", "three"]);
    git(&folder, &["switch", "-q", "topic"]);
    edit(&folder, "infra/access", EDITS[8]);
    let told = |arguments: &[&str]| {
        let run = diff(&folder, &[arguments, &["--model", "infra/access"]].concat());
        assert_eq!(run.status, 0, "{run:?}");
        let mut said = Vec::new();
        for (words, what) in [
            ("gains `PowerUser`", "two"),
            ("loses `BreakGlassAdmin`", "three"),
            ("gains `BreakGlassAdmin`", "-three"),
            ("`8h`", "now"),
        ] {
            said.extend(run.out.contains(words).then_some(what));
        }
        said
    };
    assert_eq!(told(&["main~1", "main"]), ["three"]);
    assert_eq!(told(&["main~1", "topic"]), ["two"]);
    assert_eq!(told(&["main", "topic"]), ["two", "-three"]);
    assert_eq!(told(&["main..topic"]), ["two", "-three"]);
    assert_eq!(told(&["main...topic"]), ["two"]);
    assert_eq!(told(&["main..."]), ["two"]);
    assert_eq!(told(&["HEAD"]), ["now"]);
    assert_eq!(told(&["main~1"]), ["two", "now"]);
    // From within the model, and a model of one side that is a folder.
    let within = |arguments: &[&str]| -> Run {
        let arguments = [&["diff", "--as-of", AS_OF], arguments].concat();
        let mut run = command(&folder, bailiwick(arguments));
        run.current_dir(folder.join("infra/access")).output().unwrap().into()
    };
    assert!(within(&["main~1", "main"]).out.contains("loses `BreakGlassAdmin`"));
    assert!(within(&["HEAD", "."]).out.contains("`8h`"));
    let status = command(&folder, Command::new("git")).args(["status", "--porcelain"]).output().unwrap();
    assert_eq!(String::from_utf8(status.stdout).unwrap(), " M infra/access/permission_sets/engineering.yaml\n");
}

#[test]
fn a_model_that_is_new_gains_everything() {
    let folder = Folder::new([("README", "nothing yet\n")]);
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    example(&folder, "access");
    let run = diff(&folder, &["main", "--model", "access"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.err.contains("there is no model in `main`: the model before is taken to be empty"), "{run:?}");
    assert!(run.out.starts_with("216 grants gained"), "{run:?}");
    assert!(run.out.contains("permission set `Admin` is new"), "{run:?}");
    let run = diff(&folder, &["main", "main", "--model", "."]);
    assert_eq!(run.status, 2, "{run:?}");
}

#[test]
fn gates_fail_on_what_they_name_and_nothing_else() {
    let gates = [
        "gained-privileged",
        "gained-possibly-privileged",
        "gained",
        "lost",
        "widened",
        "narrowed",
        "boundary",
        "longer-session",
        "later-end",
        "any",
    ];
    let met = |edits: &[usize]| -> Vec<&str> {
        let folder = Folder::new::<&str, &str>([]);
        example(&folder, "old");
        example(&folder, "new");
        edits.iter().for_each(|&number| edit(&folder, "new", EDITS[number]));
        let met = |gate: &&&str| {
            let run = diff(&folder, &["old", "new", "--fail-on", gate]);
            assert!(run.status == 0 || run.err.contains(&format!("fails on `{gate}`")), "{run:?}");
            run.status == 1
        };
        gates.iter().filter(met).copied().collect()
    };
    assert_eq!(met(&[]), [] as [&str; 0]);
    assert_eq!(met(&[0]), ["gained", "any"]);
    assert_eq!(met(&[1]), ["lost", "any"]);
    // A set under another name gives nothing that was not there.
    assert_eq!(met(&[2, 3]), ["any"]);
    assert_eq!(met(&[4]), ["later-end", "any"]);
    assert_eq!(met(&[6]), ["any"], "a set that nobody has");
    let privileged = ["gained-privileged", "gained-possibly-privileged"];
    assert_eq!(met(&[5, 6])[..2], privileged);
    assert_eq!(met(&[7]), [&privileged[..], &["widened", "boundary", "any"]].concat());
    assert_eq!(met(&[8]), ["longer-session", "any"]);
    assert_eq!(met(&[10]), ["gained", "any"]);
}

#[test]
fn what_cannot_be_compared_is_said_with_its_side() {
    let folder = edited();
    let (missing, unknown) = (diff(&folder, &["old", "nowhere"]), diff(&folder, &["../old", "new"]));
    assert_eq!(missing.status, 2, "{missing:?}");
    assert!(
        missing.err.contains("`nowhere` is not a model on disk, and not a revision: not a git repository"),
        "{missing:?}"
    );
    assert_eq!(unknown.status, 2, "{unknown:?}");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    for (arguments, message) in [
        (&["nowhere", "new"][..], "`nowhere` is not a model on disk, and not a revision\n"),
        (&["nowhere", "--model", "new"], "no revision `nowhere`\n"),
        (&["--model", "new", "--", "--output=x"], "no revision `--output=x`\n"),
        (&["main..nowhere", "--model", "new"], "no revision `nowhere`\n"),
        (&["main", "--model", "nowhere"], "cannot read `nowhere`"),
        (&["", "new"], "a value is required for '<OLD>'"),
    ] {
        let run = diff(&folder, arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains(message), "{message}: {run:?}");
    }
    folder.write("new/bad.yaml", "assignments: [{ group: a, permission_set: Nope, ous: [Workloads] }]\n");
    let run = diff(&folder, &["old", "new"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.starts_with("the model after, `new`, has errors:\n"), "{run:?}");
    assert!(run.err.contains("error[unknown-permission-set]") && run.err.contains("bad.yaml:1:"), "{run:?}");
    let run = diff(&folder, &["new", "old"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.err.starts_with("the model before, `new`, has errors:\n"), "{run:?}");
}

#[test]
fn a_name_that_another_account_has_now_is_newer_data() {
    let rows = "permission_sets: { A: {}, B: {} }\nassignments:\n  - { group: a, permission_set: A, accounts: [shop-dev] }\n  \
                - { group: a, permission_set: B, accounts: [\"012345678901\"] }\n";
    let swapped = ORGANIZATION.replace("shop-dev", "?").replace("shop-prod", "shop-dev").replace('?', "shop-prod");
    let gone = ORGANIZATION.replace("012345678901", "987654321098").replace("333333333333", "012345678901");
    for (organization, to) in [(swapped, "333333333333"), (gone, "987654321098")] {
        let old = [("old/a.yaml", rows), ("old/organization.yaml", ORGANIZATION)];
        let folder =
            Folder::new(old.into_iter().chain([("new/a.yaml", rows), ("new/organization.yaml", &organization)]));
        let run = diff(&folder, &["old", "new", "--format", "json"]);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        for (kind, account) in [("gained", to), ("lost", "012345678901")] {
            let changes = report[kind].as_array().unwrap();
            assert_eq!(changes.len(), 1, "{report:#}");
            assert_eq!(changes[0]["permission_sets"], serde_json::json!(["A"]), "{report:#}");
            assert_eq!(changes[0]["accounts"][0]["id"], account, "{report:#}");
            assert_eq!(changes[0]["cause"], "data", "{report:#}");
        }
    }
}

#[test]
fn a_model_without_an_organization_has_no_grants_to_compare() {
    let rows = "assignments: [{ group: a, permission_set: A, ous: [Workloads] }]\npermission_sets: { A: {} }\n";
    let folder = Folder::new([("old/a.yaml", rows), ("new/a.yaml", rows), ("new/organization.yaml", ORGANIZATION)]);
    let run = diff(&folder, &["old", "new"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    assert!(run.err.contains("grants are not compared"), "{run:?}");
}

#[test]
fn a_comment_fits_whatever_has_changed() {
    let mut organization =
        "organization:\n  management_account: m\n  root:\n    accounts: { m: \"999999999999\" }\n    ous:\n".to_owned();
    for unit in 0..40 {
        organization += &format!("      unit-{unit}:\n        accounts:\n");
        for account in 0..10 {
            organization +=
                &format!("          a-rather-long-name-of-account-{unit}-{account}: \"{unit:06}{account:06}\"\n");
        }
    }
    let sets = (0..60).fold("permission_sets:\n".to_owned(), |sets, set| {
        format!("{sets}  Set{set}: {{ aws_managed_policies: [IAMFullAccess] }}\n")
    });
    let rows = (0..2_000).fold("assignments:\n".to_owned(), |rows, row| {
        let (set, unit, account) = (row % 60, row % 40, row % 7);
        format!(
            "{rows}  - {{ group: \"group <script> `{row}`\", permission_set: Set{set}, ous: [unit-{unit}], accounts: \
             [a-rather-long-name-of-account-{}-{account}] }}\n",
            (unit + 1) % 40
        )
    });
    let folder = Folder::new([
        ("old/organization.yaml", organization.clone()),
        ("new/organization.yaml", organization),
        ("new/sets.yaml", sets),
        ("new/rows.yaml", rows),
    ]);
    let run = diff(&folder, &["old", "new", "--format", "markdown"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let length = run.out.chars().count();
    assert!((1_000..65_536).contains(&length), "{length}");
    assert_eq!(run.out.matches("<details>").count(), run.out.matches("</details>").count());
    // Names are code, never markup.
    let outside: String = run.out.split("``").step_by(2).collect();
    assert!(!outside.contains("<script>"), "{outside}");
}
