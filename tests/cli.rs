//! The command line: exit status, streams, formats.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{Folder, ORGANIZATION, Run, bailiwick};

const MATRIX: &str = "assignments:
  - group: aws-team-a-engineers
    permission_set: AppDeveloper
    ous: [Workloads/NonProd]
  - group: aws-platform-admins
    permission_set: Admin
    ous: [Workloads, Security, Sandbox]
  - group: aws-finops
    permission_set: BillingViewer
    ous: [_root_]
";

fn model() -> Folder {
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION)]);
    folder.write(
        "m/access.yaml",
        "permission_sets:
  Zeta: {}
  alpha: {}
  Beta: {}
directory: { groups: { b: , B: , a: }, users: { a: } }
assignments:
  - { groups: [b, B, a], permission_sets: [alpha, Zeta], ous: [Security, Workloads/Prod] }
  - { group: a, permission_set: Zeta, accounts: [shop-dev, audit], expires: 2027-01-31 }
  - { user: a, permission_set: Zeta, accounts: [audit], owner: o, reason: r, expires: 2027-01-31 }
",
    );
    // Names that only bytes tell apart, and sets for nobody, are what the tests need.
    folder.write(
        "m/lint.yaml",
        "lint: { levels: { confusable-names: allow, shadowed-row: allow, unassigned-permission-set: allow } }\n",
    );
    folder
}

/// A model with one warning and no error.
fn warned() -> Folder {
    let folder = model();
    folder.write("m/long.yaml", "permission_sets: { Long: { session_duration: 10h } }\n");
    folder
}

fn check(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&["check", "--as-of", "2026-12-01"], arguments].concat())
}

#[test]
fn the_smallest_matrix_is_accepted_as_it_stands() {
    let folder = Folder::new([("matrix.yaml", MATRIX)]);
    for arguments in [&["check"][..], &["check", "matrix.yaml"], &["check", "."], &["check", "--deny", "warnings"]] {
        let run = folder.run(arguments);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(run.out.matches("partial-model").count(), 1, "{run:?}");
    }
    let run = folder.run(&["grants", "--format", "json"]);
    assert_eq!((run.status, run.out.as_str()), (0, "[]\n"));
    assert!(run.err.contains("organization"), "{run:?}");
    let run = folder.run(&["build", "--out", "out"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.err.contains("a build needs `organization` and `permission_sets`"), "{run:?}");
    assert!(!folder.join("out").exists());
}

#[test]
fn check_ends_with_0_1_or_2() {
    let folder = model();
    let run = check(&folder, &["m"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    assert!(run.err.contains("no findings"), "{run:?}");
    let folder = warned();
    let run = check(&folder, &["m"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("warning[session-too-long]") && run.err.contains("1 warning"), "{run:?}");
    assert_eq!(check(&folder, &["m", "--deny", "warnings"]).status, 1);
    folder.write("m/bad.yaml", "permision_sets: {}\n");
    let run = check(&folder, &["m"]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("did you mean `permission_sets`?"), "{run:?}");
    for (arguments, message) in [
        (&["nowhere"][..], "cannot read `nowhere`"),
        (&["--format", "xml"], "possible values"),
        (&["--as-of", "soon"], "write a date such as"),
        (&["--as-of", "2026-12-01T00:00:00"], "write a date such as"),
        (&["--frob"], "unexpected argument"),
        (&["--deny", "errors"], "no rule `errors`"),
        (&["--warn", "warnings"], "no rule `warnings`"),
        (&["--allow", "sesion-too-long"], "did you mean `session-too-long`?"),
        (&["--deny", "syntax"], "the rule `syntax` has no level"),
        (&["--deny", "session-too-long", "--allow", "session-too-long"], "is given two levels"),
    ] {
        let run = folder.run(&[&["check"], arguments].concat());
        assert_eq!(run.status, 2, "{run:?}");
        assert_eq!(run.out, "", "messages go to stderr");
        assert!(run.err.contains(message), "{run:?}");
    }
    fs::create_dir(folder.join("empty")).unwrap();
    let run = folder.run(&["check", "empty"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("bailiwick init DIR"), "{run:?}");
}

#[test]
fn levels_of_the_command_line_stand_above_those_of_the_model_and_below_suppressions() {
    let folder = warned();
    let level = |arguments: &[&str]| -> Option<String> {
        let run = check(&folder, &[&["m", "--format", "json"], arguments].concat());
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let found = report["findings"].as_array().unwrap().iter().find(|found| found["rule"] == "session-too-long");
        assert_eq!(run.status, i32::from(found.is_some_and(|found| found["level"] == "error")), "{run:?}");
        found.map(|found| found["level"].as_str().unwrap().to_owned())
    };
    let warning = Some("warning".to_owned());
    let error = Some("error".to_owned());
    assert_eq!(level(&[]), warning);
    assert_eq!(level(&["--deny", "session-too-long"]), error);
    assert_eq!(level(&["--allow", "expired-assignment,session-too-long"]), None);
    folder.write("m/bailiwick.yaml", "lint: { levels: { session-too-long: deny } }\n");
    assert_eq!(level(&[]), error);
    assert_eq!(level(&["--warn", "session-too-long"]), warning);
    assert_eq!(level(&["--allow", "session-too-long"]), None);
    folder.write("m/bailiwick.yaml", "lint: { levels: { session-too-long: allow } }\n");
    assert_eq!(level(&["--deny", "session-too-long", "--warn", "expired-assignment"]), error);
    let silenced = "permission_sets: { Long: { session_duration: 10h } } # bailiwick: allow[session-too-long] nights\n";
    folder.write("m/long.yaml", silenced);
    let run = check(&folder, &["m", "--deny", "session-too-long", "--deny", "warnings"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "the suppression serves, whatever the level: {run:?}");
    let run = folder.run(&["build", "m", "--out", "out", "--deny", "expired-assignment", "--as-of", "2027-02-01"]);
    assert_eq!(run.status, 1, "{run:?}");
}

#[test]
fn a_reader_that_goes_away_hides_no_findings() {
    let folder = warned();
    let mut child = bailiwick(["check", "m", "--as-of", "2026-12-01", "--deny", "warnings"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_makes_no_suppression_stale() {
    let folder = warned();
    folder.write(
        "m/long.yaml",
        "permission_sets: { Long: { session_duration: 10h } } # bailiwick: allow[session-too-long] nights\n",
    );
    folder.write("m/broken.yaml", "assignments: [\n");
    let run = check(&folder, &["m"]);
    assert!(run.out.contains("error[syntax]") && !run.out.contains("unused-suppression"), "{run:?}");
}

#[test]
fn findings_as_json_have_exactly_their_keys() {
    let folder = warned();
    folder.write("m/z.yaml", "permission_sets: { Long: {} }\n");
    let run = check(&folder, &["m", "--format", "json"]);
    assert_eq!(run.status, 1);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["summary"], serde_json::json!({ "errors": 1, "warnings": 1, "notes": 0 }));
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0]["rule"], "session-too-long");
    assert_eq!(findings[0]["level"], "warning");
    let twice = &findings[1];
    for (key, value) in
        [("rule", "declared-twice"), ("level", "error"), ("file", "z.yaml"), ("message", "`Long` is declared twice")]
    {
        assert_eq!(twice[key], value);
    }
    for (key, value) in [("line", 1), ("column", 20), ("end_line", 1), ("end_column", 24)] {
        assert_eq!(twice[key], value);
    }
    assert_eq!(twice["related"][0]["file"], "long.yaml");
    assert_eq!(twice["related"][0]["line"], 1);
    for key in ["help", "message"] {
        assert!(twice[key].is_string());
    }
    // The order of keys is that of the contract.
    let keys = [
        "\"rule\"",
        "\"level\"",
        "\"message\"",
        "\"help\"",
        "\"file\"",
        "\"line\"",
        "\"column\"",
        "\"end_line\"",
        "\"end_column\"",
        "\"related\"",
    ];
    let places: Vec<_> = keys.iter().map(|key| run.out.find(key).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(run.out, check(&folder, &["m", "--format", "json"]).out);
}

fn grants(folder: &Folder, arguments: &[&str]) -> Vec<Value> {
    let run = folder.run(&[&["grants", "m", "--format", "json"], arguments].concat());
    assert_eq!(run.status, 0, "{run:?}");
    serde_json::from_str(&run.out).expect("grants are JSON")
}

#[test]
fn grants_are_ordered_by_bytes_and_remember_their_rows() {
    let folder = model();
    let all = grants(&folder, &["--as-of", "2026-12-01"]);
    let key = |grant: &Value| {
        let text = |key: &str| grant[key].as_str().unwrap().to_owned();
        (text("permission_set"), text("principal"), text("principal_type"), text("account_id"))
    };
    let keys: Vec<_> = all.iter().map(key).collect();
    let mut sorted = keys.clone();
    sorted.sort_by(|a, b| (&a.0, &a.1, &a.3).cmp(&(&b.0, &b.1, &b.3)));
    let plain = |keys: &[(String, String, String, String)]| -> Vec<_> {
        keys.iter().map(|key| (key.0.clone(), key.1.clone())).collect()
    };
    assert_eq!(plain(&keys), plain(&sorted), "permission set, then principal, by bytes");
    assert_eq!(keys[0].0, "Zeta");
    assert_eq!(keys[0].1, "B");
    assert_eq!(all.len(), 6 + 6 + 1 + 1);
    let find = |kind: &str, account: &str| {
        all.iter()
            .find(|grant| {
                (&grant["permission_set"], &grant["principal"], &grant["principal_type"], &grant["account"])
                    == (&"Zeta".into(), &"a".into(), &kind.into(), &account.into())
            })
            .unwrap()
    };
    assert_eq!(
        *find("GROUP", "audit"),
        serde_json::json!({
            "permission_set": "Zeta", "principal_type": "GROUP", "principal": "a", "account_id": "222222222222",
            "account": "audit", "expires": null,
            "origins": [{ "file": "access.yaml", "line": 7, "column": 5 }, { "file": "access.yaml", "line": 8, "column": 5 }],
        }),
        "never, because one of its rows has no end",
    );
    assert_eq!(find("GROUP", "shop-dev")["expires"], "2027-01-31");
    assert_eq!(
        find("USER", "audit")["origins"],
        serde_json::json!([{ "file": "access.yaml", "line": 9, "column": 5 }])
    );
}

#[test]
fn a_row_ends_at_the_midnight_behind_its_date() {
    let folder = model();
    let number = |as_of: &str| grants(&folder, &["--as-of", as_of]).len();
    assert_eq!(number("2027-01-31"), 14);
    assert_eq!(number("2027-01-31T23:59:59Z"), 14);
    assert_eq!(number("2027-02-01T00:59:59+01:00"), 14);
    assert_eq!(number("2027-02-01T01:00:00+01:00"), 12, "midnight UTC");
    assert_eq!(number("2027-02-01"), 12);
    let run = folder.run(&["check", "m", "--as-of", "2027-02-01"]);
    assert_eq!(run.status, 0, "an expired row is a warning: {run:?}");
    assert_eq!(run.out.matches("warning[expired-assignment]").count(), 2, "{run:?}");
    let run = folder.run(&["build", "m", "--out", "out", "--as-of", "2027-02-01"]);
    assert_eq!(run.status, 0, "a build revokes: {run:?}");
}

#[test]
fn grants_have_a_table_and_a_csv() {
    let folder = model();
    folder.write(
        "m/access.yaml",
        fs::read_to_string(folder.join("m/access.yaml"))
            .unwrap()
            .replace("groups: [b, B, a]", "group: \"a,\\\"b\\\"\"")
            .replace("B: ,", "\"a,\\\"b\\\"\": ,"),
    );
    let table = folder.run(&["grants", "m", "--as-of", "2026-12-01"]);
    assert_eq!(table.status, 0, "{table:?}");
    let header = table.out.lines().next().unwrap();
    assert_eq!(
        header.split_whitespace().collect::<Vec<_>>().join(" "),
        "PERMISSION SET PRINCIPAL ACCOUNT ID EXPIRES ORIGIN"
    );
    assert!(table.out.contains("a (user)") && table.out.contains("access.yaml:9:5"), "{}", table.out);
    let csv = folder.run(&["grants", "m", "--format", "csv", "--as-of", "2026-12-01"]);
    assert!(csv.out.starts_with("permission_set,principal_type,principal,account_id,account,expires,origins\n"));
    assert!(csv.out.contains("alpha,GROUP,\"a,\"\"b\"\"\",222222222222,audit,,access.yaml:7:5\n"), "{}", csv.out);
}

#[test]
fn grants_answer_whatever_the_rules_say() {
    let folder = model();
    folder.write("m/user.yaml", "permission_sets: { Long: { session_duration: 13h, customer_managed_policies: [Nowhere] } }\nassignments: [{ user: a, permission_set: Long, accounts: [audit] }]\n");
    assert_eq!(check(&folder, &["m"]).status, 1);
    assert!(grants(&folder, &[]).iter().any(|grant| grant["permission_set"] == "Long"));
    folder.write("m/bad.yaml", "assignments: [{ group: a, permission_set: Nope, accounts: [audit] }]\n");
    let run = folder.run(&["grants", "m", "--format", "json"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("unknown-permission-set") && !run.err.contains("user-without-expiry"), "{run:?}");
}

#[test]
fn build_writes_what_it_should_and_nothing_else() {
    let folder = model();
    let build = |arguments: &[&str]| folder.run(&[&["build", "--as-of", "2026-12-01"], arguments].concat());
    let run = build(&["m", "--out", "new/folder/out", "--check"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.contains("missing: README.md"), "{run:?}");
    assert!(!folder.join("new").exists(), "a check writes nothing");
    let run = build(&["m", "--out", "new/folder/out"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    let run = build(&["m", "--out", "new/folder/out", "--check"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    let readme = folder.join("new/folder/out/README.md");
    folder.write("new/folder/out/README.md", "mine");
    folder.write("new/folder/out/own.txt", "own");
    let run = build(&["m", "--out", "new/folder/out", "--check"]);
    assert_eq!((run.status, run.out.as_str()), (1, "different: README.md\n"), "{run:?}");
    assert_eq!(fs::read_to_string(&readme).unwrap(), "mine");
    assert_eq!(build(&["m", "--out", "new/folder/out"]).status, 0);
    assert_eq!(fs::read_to_string(folder.join("new/folder/out/own.txt")).unwrap(), "own");
    assert_eq!(build(&["m"]).status, 2, "`--out` is required");
    let run = build(&["m", "--out", "m/access.yaml"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("not a directory"), "{run:?}");
    assert_eq!(build(&["m", "--out", "m/access.yaml/below"]).status, 2);
    folder.write("m/bad.yaml", "nonsense: 1\n");
    let run = build(&["m", "--out", "other"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("unknown-key") && run.err.contains("nothing written: 1 error"), "{run:?}");
    assert!(!folder.join("other").exists());
    let folder = warned();
    let run = folder.run(&["build", "m", "--out", "out", "--as-of", "2026-12-01", "--deny", "warnings"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(!folder.join("out").exists());
}

#[test]
fn init_writes_a_model_that_checks_clean_and_builds_and_overwrites_nothing() {
    let folder = Folder::new([("keep", "")]);
    let run = folder.run(&["init", "m"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    let run = folder.run(&["check", "m", "--deny", "warnings"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    assert_eq!(folder.run(&["build", "m", "--out", "out"]).status, 0);
    folder.write("m/access.yaml", "mine");
    let run = folder.run(&["init", "m"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("overwrites nothing"), "{run:?}");
    assert_eq!(fs::read_to_string(folder.join("m/access.yaml")).unwrap(), "mine");
    assert_eq!(folder.run(&["init", "keep"]).status, 2, "a file is no folder");
}

#[test]
fn explain_prints_a_page_or_the_list() {
    let folder = Folder::new([("x", "")]);
    let run = folder.run(&["explain", "session-too-long"]);
    assert_eq!(run.status, 0);
    assert!(run.out.starts_with("# session-too-long\n") && run.out.contains("\n## Why it matters\n"), "{run:?}");
    let run = folder.run(&["explain"]);
    assert_eq!(run.out.lines().count(), bailiwick::lint::RULES.len());
    assert!(
        run.out.lines().any(|line| {
            line.split_whitespace().take(3).collect::<Vec<_>>() == ["session-too-long", "warning", "a"]
        })
    );
    let run = folder.run(&["explain", "sesion-too-long"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(run.err.contains("did you mean `session-too-long`?"), "{run:?}");
    assert!(folder.run(&["explain", "zzzzzzzzzzzz"]).err.contains("`bailiwick explain` lists the rules"));
}

#[test]
fn explain_knows_policies_and_actions() {
    let folder = Folder::new([("x", "")]);
    let explain = |name: &str| folder.run(&["explain", name]);
    for name in
        ["ViewOnlyAccess", "policy/job-function/ViewOnlyAccess", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
    {
        let run = explain(name);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(
            run.out.starts_with("# ViewOnlyAccess\n\nan AWS-managed policy: arn:aws:iam::aws:policy/job-function/"),
            "{run:?}"
        );
        assert!(run.out.contains("`aws_managed_policies: [job-function/ViewOnlyAccess]`"), "{run:?}");
        let s3 = run.out.lines().find(|line| line.starts_with("s3 ")).unwrap().split_whitespace().collect::<Vec<_>>();
        assert!(s3[1].parse::<usize>().unwrap() > 0, "it lists buckets");
        assert_eq!(s3[4..], ["–", "–"], "it writes nothing");
        assert!(run.out.ends_with("## Ways to more\n\nNone that bailiwick knows.\n"), "{run:?}");
    }
    let run = explain("AdministratorAccess");
    assert!(run.out.contains("\n- it grants every action on every resource"), "{run:?}");
    let run = explain("S3:getobject");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.starts_with("# s3:GetObject\n\naccess level: read "), "{run:?}");
    assert!(run.out.contains("`arn:${Partition}:s3:::${BucketName}/${ObjectName}`"), "{run:?}");
    assert!(run.out.contains("\n## Condition keys\n\n- `aws:ResourceTag/${TagKey}`: String\n"), "{run:?}");
    assert!(run.out.contains("\n- `s3:TlsVersion`: Numeric\n"), "{run:?}");
    let run = explain("a2c:GetContainerizationJobDetails");
    assert!(
        run.out
            .ends_with("\nNone but those that requests of every service may carry, as `aws:PrincipalTag/${TagKey}`.\n")
    );
    let run = explain("lambda:CreateFunction");
    assert!(
        run.out.contains("depends on: `iam:PassRole`") && run.out.contains("\n- pass-role-lambda-invoke: "),
        "{run:?}"
    );
    for (name, message) in [
        ("s3:GetObjct", "did you mean `s3:GetObject`?"),
        ("S4:GetObject", "did you mean `s3:GetObject`?"),
        ("foo:Bar", "no action `foo:Bar`"),
        ("ReadOnlyAcess", "did you mean `ReadOnlyAccess`?"),
        ("policy/ReadOnlyAcess", "did you mean `ReadOnlyAccess`?"),
        ("policy/session-too-long", "no AWS-managed policy `session-too-long`"),
    ] {
        let run = explain(name);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains(message), "{run:?}");
    }
}

#[test]
fn manual_pages_are_roff() {
    let folder = Folder::new([("x", "")]);
    let run = folder.run(&["man"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    assert!(run.out.contains(".TH bailiwick 1") && run.out.contains("bailiwick\\-check(1)"), "{run:?}");
    let run = folder.run(&["man", "check"]);
    assert!(run.out.contains(".TH bailiwick-check 1") && run.out.contains("changed\\-since"), "{run:?}");
    let run = folder.run(&["man", "chek"]);
    assert_eq!((run.status, run.err.contains("did you mean `check`?")), (2, true), "{run:?}");
}

/// A YAML text as JSON, as an editor's validator sees it.
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("the text is YAML")
}

#[test]
fn the_schema_accepts_models_and_refuses_unknown_keys() {
    let folder = Folder::new([("x", "")]);
    let run = folder.run(&["schema"]);
    assert_eq!(run.status, 0);
    let schema: Value = serde_json::from_str(&run.out).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert_eq!(folder.run(&["init", "m"]).status, 0);
    for text in [
        MATRIX.to_owned(),
        ORGANIZATION.to_owned(),
        fs::read_to_string(folder.join("m/access.yaml")).unwrap(),
        fs::read_to_string(folder.join("m/bailiwick.yaml")).unwrap(),
        fs::read_to_string(model().join("m/access.yaml")).unwrap(),
    ] {
        let errors: Vec<_> = schema.iter_errors(&yaml(&text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {text}");
    }
    for text in [
        "asignments: []",
        "assignments: [{ grp: a }]",
        "assignments: [{ group: [a] }]",
        "assignments: [{ ous: Security }]",
        "assignments: [{ exclude: { tags: {} } }]",
        "organization: { root: { ous: { A: { account: {} } } } }",
        "organization: { root: { accounts: { a: 12345678901 } } }",
        "organization: { root: { accounts: { a: { id: \"123456789012\", status: active } } } }",
        "permission_sets: { A: { sessions: 1h } }",
        "policies: { A: { docment: x } }",
        "lint: { level: {} }",
    ] {
        assert!(!schema.is_valid(&yaml(text)), "{text}");
    }
}

#[test]
fn completions_help_and_version() {
    let folder = Folder::new([("x", "")]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = folder.run(&["completions", shell]);
        assert_eq!((run.status, run.err.as_str()), (0, ""));
        assert!(run.out.contains("bailiwick") && run.out.contains("grants"), "{shell}");
    }
    assert_eq!(folder.run(&["completions", "tcsh"]).status, 2);
    let run = folder.run(&["--version"]);
    assert_eq!((run.status, run.out.as_str()), (0, concat!("bailiwick ", env!("CARGO_PKG_VERSION"), "\n")));
    for arguments in [&["--help"][..], &["help"], &["check", "--help"], &["build", "-h"]] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
        assert!(run.out.contains("Usage: bailiwick"), "{run:?}");
    }
    for arguments in [&[][..], &["frob"], &["init"], &["grants", "a", "b"]] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(!run.err.is_empty());
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = warned();
    let run = |variables: &[(&str, &str)]| {
        let mut command = bailiwick(["check", "m", "--as-of", "2026-12-01"]);
        command.current_dir(folder.path()).envs(variables.iter().copied());
        Run::from(command.output().unwrap())
    };
    assert!(!run(&[]).out.contains('\u{1b}'), "a pipe");
    assert!(!run(&[("TERM", "xterm-256color")]).out.contains('\u{1b}'));
    let forced = run(&[("CLICOLOR_FORCE", "1")]).out;
    assert!(forced.contains("\u{1b}["));
    assert!(!run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).out.contains('\u{1b}'));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = model();
    let mut rows = "assignments:\n".to_owned();
    for index in 0..2_000 {
        rows.push_str(&format!("  - {{ group: g{index}, permission_set: Beta, ous: [Workloads/Prod] }}\n"));
    }
    folder.write("m/many.yaml", rows);
    folder.write("m/access.yaml", "permission_sets: { Beta: {} }\n");
    for arguments in [&["grants", "m", "--format", "json"][..], &["schema"], &["completions", "bash"]] {
        let mut child = bailiwick(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut messages = String::new();
        child.stderr.take().unwrap().read_to_string(&mut messages).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success(), "{arguments:?}: {status:?} {messages}");
        assert_eq!(messages, "");
    }
}
