//! Input that no honest user writes, and slips that honest users make: always an answer, never a panic, a hang or an
//! escape sequence.

use std::fs;
use std::time::{Duration, Instant};

use crate::program::{AS_OF, Folder, ORGANIZATION, Report, Run};

/// A model of the standard organization and `rows`.
fn rows(rows: &str) -> Folder {
    Folder::new([
        ("organization.yaml", ORGANIZATION),
        // The rows of these tests need not make sense together.
        (
            "sets.yaml",
            "permission_sets: { P: {} }\nlint: { levels: { shadowed-row: allow, redundant-target: allow } }\n",
        ),
        ("rows.yaml", &format!("assignments:\n{rows}")),
    ])
}

/// Checks that no report steers a terminal and that the exit status is one of the three.
#[track_caller]
fn answered(run: &Run) {
    assert!((0..=2).contains(&run.status), "{run:?}");
    let steers = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    for text in [&run.out, &run.err] {
        assert!(!text.contains(steers), "{text:?}");
        assert!(!text.contains("panicked"), "{text}");
    }
    assert!(run.status == 0 || !run.out.is_empty() || !run.err.is_empty());
}

/// Runs every command that reads a model.
#[track_caller]
fn every_command(folder: &Folder) -> Vec<Run> {
    let runs: Vec<_> = [
        &["check", "--as-of", AS_OF][..],
        &["check", "--as-of", AS_OF, "--format", "json"],
        &["grants", "--as-of", AS_OF],
        &["grants", "--as-of", AS_OF, "--format", "csv"],
        &["grants", "--as-of", AS_OF, "--format", "json"],
        &["build", "--as-of", AS_OF, "--out", "target-of-the-build", "--check"],
    ]
    .into_iter()
    .map(|arguments| folder.run(arguments))
    .collect();
    runs.iter().for_each(answered);
    runs
}

/// Rule, line, column of the findings.
fn places(report: &Report) -> Vec<(&str, usize, usize)> {
    report.findings.iter().map(|finding| (finding.rule.as_str(), finding.line, finding.column)).collect()
}

#[test]
fn every_error_is_found_in_one_run_with_a_place_and_a_remedy() {
    let folder = rows(
        r#"  - { group: g, permission_set: P, accounts: [012345678901] }
  - { group: g, permission_set: P, accounts: [0o17, 1e3, 0x1F, 1_000, 0777] }
  - { group: ~, permission_set: P, ous: [Security] }
  - { group: [g], permission_set: P, ous: [Security] }
  - { group: g, permission_set: P, ous: Security }
  - { group: g, permission_set: P, ous: [Security], exlude: { ous: [Security] } }
  - { group: g, permission_set: P, ous: [Security], ous: [Security] }
  - { group: g, groups: [h], permission_set: P, ous: [Security] }
  - { group: g, user: u, permission_set: P, ous: [Security] }
  - { group: g, permission_set: P, ous: [security, NonProd] }
  - { group: g, permission_set: P, accounts: [Audit] }
  - { group: g, permission_set: P, account_tags: { env: dev } }
  - { group: g, permission_set: P, ous: [Security], exclude: { ous: [Security] } }
  - { group: g, permission_set: Q, ous: [Security] }
  - { user: u, permission_set: P, ous: [Security] }
  - { group: g, permission_set: P, ous: [Security], expires: soon }
  -
  - P
"#,
    );
    let report = folder.check();
    let expected = [
        ("unquoted-account-id", 2, 47),
        ("unquoted-account-id", 3, 47),
        ("unquoted-account-id", 3, 53),
        ("unquoted-account-id", 3, 58),
        ("unquoted-account-id", 3, 64),
        ("unquoted-account-id", 3, 71),
        ("wrong-type", 4, 14),
        ("wrong-type", 5, 14),
        ("wrong-type", 6, 41),
        ("unknown-key", 7, 53),
        ("duplicate-key", 8, 53),
        ("conflicting-keys", 9, 25),
        ("conflicting-keys", 10, 23),
        ("unknown-ou", 11, 42),
        ("unknown-ou", 11, 52),
        ("unknown-account", 12, 47),
        ("empty-selection", 13, 5),
        ("empty-selection", 14, 5),
        ("unknown-permission-set", 15, 33),
        ("user-without-expiry", 16, 13),
        ("invalid-expiry", 17, 62),
        ("wrong-type", 18, 4),
        ("wrong-type", 19, 5),
    ];
    assert_eq!(places(&report), expected, "{:#?}", report.findings);
    for finding in &report.findings {
        assert!(finding.help.is_some(), "{finding:?}");
        assert_eq!(finding.file, "rows.yaml");
        let first = finding.message.chars().next().unwrap();
        assert!(!first.is_uppercase() && !finding.message.ends_with('.'), "{finding:?}");
    }
    assert_eq!(report.one("unknown-key").help.as_deref(), Some("did you mean `exclude`?"));
    assert_eq!(report.one("unknown-account").help.as_deref(), Some("did you mean `audit`?"));
}

#[test]
fn strings_are_taken_as_written() {
    let folder = rows(
        "  - { group: yes, permission_set: P, ous: [Security] }\n  - { groups: [012, 1e3, 2027-01-31, off, 0x1F], permission_set: P, ous: [Security] }\n",
    );
    let run = folder.run(&["grants", "--format", "csv"]);
    let groups: Vec<_> = run.out.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert_eq!(groups, ["012", "0x1F", "1e3", "2027-01-31", "off", "yes"]);
}

#[test]
fn a_name_in_two_files_points_at_both() {
    let folder = rows("  - { group: g, permission_set: P, ous: [Security] }\n");
    folder.write("more/sets.yaml", "# another\npermission_sets: { P: {} }\norganization: { id: o-abcdef1234 }\n");
    let report = folder.check();
    let twice = report.of("declared-twice");
    assert_eq!(twice.len(), 2, "{report:#?}");
    let related: Vec<_> =
        twice.iter().map(|finding| (finding.file.as_str(), finding.line, finding.related[0].clone())).collect();
    assert!(related.contains(&("sets.yaml", 1, ("more/sets.yaml".to_owned(), 2))), "{related:?}");
    assert!(related.contains(&("organization.yaml", 2, ("more/sets.yaml".to_owned(), 3))), "{related:?}");
}

#[test]
fn one_mistake_in_the_snapshot_is_one_finding() {
    let folder = rows(
        "  - { group: g, permission_set: P, accounts: [shop-dev] }\n  - { group: g, permission_set: P, ous: [Workloads/NonProd] }\n",
    );
    folder.write("organization.yaml", ORGANIZATION.replace("\"012345678901\"", "012345678901"));
    let report = folder.check();
    assert_eq!(report.one("unquoted-account-id").file, "organization.yaml");
    folder.write("organization.yaml", ORGANIZATION.replace("\"012345678901\"", "12345678901"));
    let report = folder.check();
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.level == "error").collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0].rule, "unquoted-account-id");
}

#[test]
fn names_of_the_organization_are_used_as_the_language_says() {
    let folder = Folder::new([(
        "model.yaml",
        r#"organization:
  management_account: management
  root:
    accounts: { management: "111111111111" }
    ous:
      A/B: { accounts: { x1: "222222222222" } }
      A: { ous: { B: { accounts: { x2: "333333333333" } } } }
      D/E: { accounts: { dup: "444444444444" } }
      F: { accounts: { dup: "555555555555" } }
permission_sets: { P: {} }
assignments:
  - { group: slash, permission_set: P, ous: [D/E] }
  - { group: by-id, permission_set: P, accounts: ["555555555555"] }
  - { group: all, permission_set: P, ous: [_root_], accounts: [management] }
  - { group: narrowed, permission_set: P, ous: [_root_], exclude: { ous: [A], accounts: ["444444444444", management] } }
"#,
    )]);
    let report = folder.check();
    assert!(report.findings.is_empty(), "{report:#?}");
    let run = folder.run(&["grants", "--format", "csv"]);
    let accounts = |group: &str| -> Vec<_> {
        let lines = run.out.lines().map(|line| line.split(',').collect::<Vec<_>>());
        lines.filter(|line| line[2] == group).map(|line| line[3].to_owned()).collect()
    };
    assert_eq!(accounts("slash"), ["444444444444"]);
    assert_eq!(accounts("by-id"), ["555555555555"]);
    assert_eq!(accounts("all").len(), 5);
    assert_eq!(accounts("narrowed"), ["222222222222", "555555555555"]);
    let bad = fs::read_to_string(folder.join("model.yaml"))
        .unwrap()
        .replace("[D/E]", "[A/B]")
        .replace("[\"555555555555\"]", "[dup]")
        .replace("x1:", "\"333333333333\":")
        .replace("      F:", "      _root_:");
    folder.write("model.yaml", bad);
    let report = folder.check();
    assert_eq!(report.one("ambiguous-ou").line, 12);
    let invalid: Vec<_> = report.of("invalid-name").iter().map(|finding| finding.line).collect();
    assert_eq!(invalid, [6, 9], "{report:#?}");
}

#[test]
fn skipped_accounts_are_reported_once() {
    let folder = rows(&"  - { group: g, permission_set: P, ous: [Workloads] }\n".repeat(3));
    let report = folder.check();
    assert_eq!(report.findings.len(), 1, "{report:#?}");
    assert_eq!(report.one("skipped-accounts").level, "note");
    let folder = rows(&"  - { group: g, permission_set: P, ous: [Workloads], accounts: [shop-old] }\n".repeat(3));
    let report = folder.check();
    assert_eq!(report.findings.len(), 1, "{report:#?}");
    assert_eq!((report.one("inactive-account").level.as_str(), report.one("inactive-account").line), ("warning", 2));
}

#[test]
fn yaml_that_is_not_of_the_language() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let bomb = {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", [below.as_str(); 10].join(", ")));
        }
        text
    };
    for (what, text, message) in [
        ("second document", "assignments: []\n---\nassignments: []\n".to_owned(), "a second YAML document"),
        ("merge key", "assignments: [{ <<: { group: g } }]\n".to_owned(), "merge keys"),
        ("tag", "assignments: !!set {}\n".to_owned(), "the tag `!!set`"),
        ("self", "assignments: &a [*a]\n".to_owned(), "an alias inside the very value it names"),
        ("unresolved", "assignments: *nope\n".to_owned(), "the alias `*nope` has no anchor"),
        ("bomb", bomb, "aliases of this file add more than"),
        ("lists", deep("[", "]"), "nested too deep"),
        ("open lists", deep("[", ""), "nested too deep"),
        ("mappings", deep("{a: ", "}"), "nested too deep"),
        ("open mappings", deep("{", ""), "nested too deep"),
        ("dashes", deep("- ", ""), "nested too deep"),
        ("questions", deep("? ", ""), "this is not YAML"),
        ("tab", "assignments:\n\t- group: g\n".to_owned(), "tabs"),
        ("nul", "assignments:\n  - group: a\0b\n".to_owned(), "this is not YAML"),
        ("unclosed", "assignments: [\n".to_owned(), "this is not YAML"),
        ("key", "? [a]\n: b\n".to_owned(), "a key is a string, not a list"),
    ] {
        let folder = Folder::new([("model.yaml", text)]);
        let begin = Instant::now();
        let report = folder.check();
        assert!(begin.elapsed() < Duration::from_secs(10), "{what} took {:?}", begin.elapsed());
        assert_eq!(report.status, 1, "{what}");
        let syntax = report.of("syntax");
        let found = syntax.iter().find(|finding| finding.message.contains(message));
        let finding =
            found.unwrap_or_else(|| panic!("{what}: {:#?}", &report.findings[..report.findings.len().min(5)]));
        assert!(finding.help.is_some() && finding.line > 0 && finding.column > 0);
        assert!(what != "bomb" || syntax.len() == 1, "one limit is one finding: {syntax:#?}");
        let runs = every_command(&folder);
        assert!(runs[0].out.len() < 40_000, "{what}: a report that fills screens");
    }
}

#[test]
fn files_that_break_off_are_reported_without_what_only_seems_missing() {
    let folder = rows("  - group: g\n    ous: [Security\n");
    let report = folder.check();
    assert_eq!(report.findings.len(), 1, "{report:#?}");
    folder.write("unknown.yaml", "asignments: []\n");
    assert_eq!(folder.check().findings.len(), 2, "other files are still read");
}

#[test]
fn byte_order_marks_and_carriage_returns_change_nothing() {
    let text = "assignments:\n  - { group: g, permission_set: P, ous: [Nowhere] }\n";
    let folder = rows("");
    let mut seen = Vec::new();
    for text in [text.to_owned(), format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
        folder.write("rows.yaml", text);
        seen.push(
            places(&folder.check())
                .into_iter()
                .map(|(rule, line, column)| (rule.to_owned(), line, column))
                .collect::<Vec<_>>(),
        );
        every_command(&folder);
    }
    assert_eq!(seen[0], [("unknown-ou".to_owned(), 2, 42)]);
    assert!(seen.iter().all(|places| *places == seen[0]), "{seen:?}");
}

#[test]
fn empty_models_are_answered() {
    for text in ["", "# nothing\n", "---\n", "~\n", "hello\n", "[]\n", "assignments:\n"] {
        let folder = Folder::new([("model.yaml", text)]);
        let runs = every_command(&folder);
        assert_eq!(runs[5].status, 1, "there is nothing to build: {text:?}");
    }
}

#[test]
fn nothing_steers_the_terminal() {
    let raw = rows("  - { group: \"\u{202e}\u{9b}2J\u{1b}[31m\", permission_set: P, ous: [Security] }\n");
    every_command(&raw);
    let folder = rows(
        r#"  - { group: "g\e[31m\u202e\a", permission_set: P, ous: ["S\u009b2J\u2066"] }
  - { group: "\u202e\u009b2J", permission_set: "\u202e", accounts: ["\e]0;x\a"] }
"#,
    );
    folder.write("bad\u{9b}2J\u{202e}.yaml", "x\u{202e}: 1\n");
    every_command(&folder);
    let report = folder.check();
    assert!(report.of("invalid-name").len() >= 2, "{report:#?}");
    let folder = rows("  - { group: g, permission_set: P, ous: [Security] }\n");
    folder.write("organization.yaml", ORGANIZATION.replace("shop-dev:", "\"shop\\e[2J\":"));
    every_command(&folder);
    assert_eq!(folder.check().one("invalid-name").file, "organization.yaml");
    for arguments in [
        &["explain", "x\u{1b}[31m"][..],
        &["check", "no\u{1b}[31m"],
        &["check", "--format", "\u{1b}[31m"],
        &["\u{1b}[31m"],
    ] {
        let run = folder.run(arguments);
        answered(&run);
        assert_eq!(run.status, 2);
    }
}

#[test]
fn documents_that_cannot_be_read() {
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION)]);
    folder.write("outside.json", "{\"secret\": 1}");
    folder.write("m/policies/latin.json", b"{\"a\":\"\xff\"}");
    folder.write("m/policies/empty.json", "");
    folder.write("m/policies/huge.json", "x".repeat(2 << 20));
    folder.write("m/policies/deep.json", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    folder.write("m/policies/deeper.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    folder.write("m/policies/open.json", "[".repeat(100_000));
    folder.write("m/policies/comma.json", "{\"Version\": \"2012-10-17\",}");
    folder.write("m/policies/control.json", "{\"Version\": \"2012\u{1}\"}");
    folder.write("m/policies/twice.json", "{\n \"Version\": \"2012-10-17\",\n \"V\\u0065rsion\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}]\n}");
    for (path, rule, message) in [
        ("policies/none.json", "unreadable-document", "there is no file"),
        ("policies", "unreadable-document", "is not a file"),
        ("policies/latin.json", "unreadable-document", "is not UTF-8"),
        ("policies/huge.json", "unreadable-document", "larger than any policy"),
        ("../outside.json", "unreadable-document", "leads out of the model"),
        ("policies/../../outside.json", "unreadable-document", "leads out of the model"),
        ("/etc/hostname", "unreadable-document", "leads out of the model"),
        ("'C:\\policies\\x.json'", "unreadable-document", "there is no file"),
        ("organization.yaml", "unreadable-document", "is a YAML file"),
        ("\"\"", "unreadable-document", "is empty"),
        ("\"policies/\\0x.json\"", "unreadable-document", "there is no file"),
        ("policies/empty.json", "syntax", "the file is empty"),
        ("policies/deep.json", "syntax", "this is not JSON"),
        ("policies/deeper.json", "syntax", "this is not JSON"),
        ("policies/open.json", "syntax", "the file ends inside a list"),
        ("policies/comma.json", "syntax", "this is not JSON"),
        ("policies/control.json", "syntax", "this is not JSON"),
        ("policies/twice.json", "duplicate-key", "stands twice"),
    ] {
        folder.write("m/sets.yaml", format!("permission_sets: {{ P: {{ customer_managed_policies: [Data] }} }}\npolicies: {{ Data: {{ document: {path} }} }}\nassignments: [{{ group: g, permission_set: P, ous: [Security] }}]\n"));
        let run = folder.run(&["check", "m", "--format", "json", "--as-of", AS_OF]);
        answered(&run);
        assert_eq!(run.status, 1, "{path}: {run:?}");
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let errors: Vec<_> = findings.iter().filter(|finding| finding["level"] == "error").collect();
        assert_eq!(errors.len(), 1, "one mistake is one finding: {path}: {errors:#?}");
        assert_eq!(errors[0]["rule"], rule, "{path}");
        assert!(errors[0]["message"].as_str().unwrap().contains(message), "{path}: {}", errors[0]);
        assert!(!run.out.contains("secret"), "{path}");
        let file = errors[0]["file"].as_str().unwrap();
        assert_eq!(file == "sets.yaml", rule == "unreadable-document", "{path}: {file}");
        answered(&folder.run(&["check", "m"]));
    }
}

#[cfg(unix)]
#[test]
fn links_pipes_and_devices() {
    use std::os::unix::fs::symlink;
    let model = "permission_sets: { P: {} }\npolicies: { Data: { document: policy.json } }\n";
    let status = |folder: &Folder, words: &str| {
        let run = folder.run(&["check", "m"]);
        answered(&run);
        assert!(format!("{}{}", run.out, run.err).contains(words), "{words}: {run:?}");
        run.status
    };
    let fresh = || {
        Folder::new([
            ("m/organization.yaml", ORGANIZATION),
            ("m/model.yaml", model),
            ("outside/x.yaml", "secret: 1\n"),
            ("outside.json", "{\"secret\": 1}"),
        ])
    };
    for (target, words) in [
        ("../outside.json", "leads out of the model through a link"),
        ("policy.json", "there is no file"),
        ("/dev/zero", "through a link"),
    ] {
        let folder = fresh();
        symlink(target, folder.join("m/policy.json")).unwrap();
        assert_eq!(status(&folder, words), 1);
    }
    let pipe = |folder: &Folder, path: &str| {
        assert!(std::process::Command::new("mkfifo").arg(folder.join(path)).status().unwrap().success());
    };
    let folder = fresh();
    pipe(&folder, "m/policy.json");
    assert_eq!(status(&folder, "is not a file"), 1);
    let folder = fresh();
    pipe(&folder, "m/pipe.yaml");
    assert_eq!(status(&folder, "it is not a file"), 2);
    for (target, name, words) in [
        (".", "m/loop", "which holds it"),
        ("../outside/x.yaml", "m/x.yaml", "leads out of the model"),
        ("../outside", "m/folder", "leads out of the model"),
        ("nowhere", "m/dangling.yaml", "cannot read"),
    ] {
        let folder = fresh();
        symlink(target, folder.join(name)).unwrap();
        assert_eq!(status(&folder, words), 2, "{target}");
    }
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION), ("m/model.yaml", "permission_sets: {}\n")]);
    symlink("nowhere", folder.join("m/.#model.yaml")).unwrap();
    symlink("nowhere", folder.join("m/notes")).unwrap();
    symlink("model.yaml", folder.join("m/same.yml")).unwrap();
    folder.write("m/.git/config.yaml", "x: 1\n");
    fs::create_dir(folder.join("m/folder.yaml")).unwrap();
    assert_eq!(status(&folder, "no findings"), 0);
    let run = folder.run(&["check", "/dev/null"]);
    assert_eq!(run.status, 2, "{run:?}");
}

#[cfg(unix)]
#[test]
fn file_names_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new([("model.yaml", "permission_sets: {}\n")]);
    folder.write(OsStr::from_bytes(b"a\xff\x1b[31m\n.yaml"), "x: 1\n");
    every_command(&folder);
    assert_eq!(folder.check().one("unknown-key").line, 1);
}

#[test]
fn model_files_that_are_not_text_or_too_large() {
    let folder = Folder::new([("model.yaml", b"assignments:\n  - group: \xff\n".as_slice())]);
    for run in every_command(&folder) {
        assert_eq!(run.status, 2);
        assert!(run.err.contains("`./model.yaml` is not UTF-8") && run.err.contains("help: "), "{run:?}");
    }
    let file = fs::File::create(folder.join("model.yaml")).unwrap();
    file.set_len(100 << 20).unwrap();
    let run = folder.run(&["check"]);
    answered(&run);
    assert!(run.status == 2 && run.err.contains("larger than"), "{run:?}");
}

#[test]
fn fifty_megabytes_are_read_in_bounded_time() {
    for text in ["a".repeat(50 << 20), "# c\n".repeat(12 << 20)] {
        let folder = Folder::new([("model.yaml", text)]);
        let begin = Instant::now();
        let run = folder.run(&["check"]);
        answered(&run);
        assert!(run.out.len() < 10_000, "{}", run.out.len());
        assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    }
}

#[test]
fn ten_thousand_findings_are_fast_capped_for_a_person_and_complete_for_a_program() {
    let mut organization = "organization:\n  management_account: a-0\n  root:\n    accounts:\n".to_owned();
    let mut text = "permission_sets: { P: {} }\nassignments:\n".to_owned();
    for index in 0..10_000 {
        organization.push_str(&format!("      a-{index}: \"{:012}\"\n", 100_000_000_000_u64 + index));
        text.push_str(&format!("  - {{ group: g, permission_set: Px{index}, accounts: [b-{index}] }} # bailiwick: allow[session-too-long] x\n"));
    }
    let folder = Folder::new([("organization.yaml", organization), ("model.yaml", text)]);
    let begin = Instant::now();
    let report = folder.check();
    let run = folder.run(&["check"]);
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    for rule in ["unknown-account", "unknown-permission-set"] {
        assert_eq!(report.of(rule).len(), 10_000);
        assert_eq!(run.out.matches(&format!("[{rule}]")).count(), 100);
        assert!(run.out.contains(&format!("… and 9900 more findings of `{rule}`")));
    }
    // What is the same everywhere is told by its places.
    assert_eq!(report.of("unused-suppression").len(), 10_000);
    assert_eq!(run.out.matches("[unused-suppression]").count(), 1);
    assert!(run.out.contains("the same in 9999 more places:"));
}

#[test]
fn suppressions_reach_their_line_and_need_a_reason() {
    let folder = Folder::new([("organization.yaml", ORGANIZATION)]);
    folder.write(
        "sets.yaml",
        "permission_sets:
  A: { session_duration: 10h } # bailiwick: allow[session-too-long] the batch runs nine hours
  # bailiwick: allow[session-too-long] the batch runs nine hours

  # a comment between
  B: { session_duration: 10h }
  C: { session_duration: 10h } # bailiwick: allow[session-too-long]
  D: { session_duration: 2h } # bailiwick: allow[session-too-long] nothing
  E: { session_duration: 13h } # bailiwick: allow[session-too-long] a hard limit
  F: { session_duration: 10h } # bailiwick: allow[sesion-too-long] a slip
  G: { session_duration: 10h } # bailiwick: alow[session-too-long] a slip
",
    );
    let report = folder.check();
    let mut places: Vec<_> = report.findings.iter().map(|f| (f.line, f.rule.as_str(), f.level.as_str())).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            (7, "malformed-suppression", "error"),
            (7, "session-too-long", "warning"),
            (8, "unused-suppression", "warning"),
            (9, "session-too-long", "error"),
            (9, "unused-suppression", "warning"),
            (10, "session-too-long", "warning"),
            (10, "unused-suppression", "warning"),
            (11, "malformed-suppression", "error"),
            (11, "session-too-long", "warning"),
        ],
        "{report:#?}"
    );
}

#[test]
fn a_document_is_suppressed_on_the_lines_that_name_it() {
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObjects","Resource":"*"}}"#;
    let model = |first: &str, second: &str| {
        format!("permission_sets:\n  A:\n    inline_policy: p.json{first}\n  B:\n    inline_policy: p.json{second}\n")
    };
    let comment = " # bailiwick: allow[policy-unknown-action] newer than the data";
    for (first, second, missing) in
        [("", "", None), (comment, "", Some(5)), ("", comment, Some(3)), (comment, comment, None)]
    {
        let folder = Folder::new([("organization.yaml", ORGANIZATION)]);
        folder.write("p.json", document);
        folder.write("sets.yaml", model(first, second));
        let report = folder.check();
        assert!(report.of("unused-suppression").is_empty(), "{report:#?}");
        let found = report.of("policy-unknown-action");
        if first == comment && second == comment {
            assert!(found.is_empty(), "{report:#?}");
            continue;
        }
        let [finding] = &found[..] else { panic!("{report:#?}") };
        let named = finding.related.iter().filter(|(file, _)| file == "sets.yaml");
        let open: Vec<usize> = named.map(|&(_, line)| line).collect();
        assert_eq!(open, missing.into_iter().collect::<Vec<_>>(), "{report:#?}");
        let told = finding.help.as_deref().unwrap().contains("on every line that names the document");
        assert_eq!(told, missing.is_some(), "{report:#?}");
    }
}

#[test]
fn hard_limits_that_terraform_does_not_check() {
    let actions =
        |number: usize| (0..number).map(|index| format!("\"s3:Get{index:030}\"")).collect::<Vec<_>>().join(",");
    let managed = |number: usize| (0..number).map(|index| format!("Policy{index}")).collect::<Vec<_>>().join(", ");
    let inline = |number: usize| {
        format!(
            "{{ inline_policy: {{ Version: 2012-10-17, Statement: [{{ Effect: Allow, Resource: \"*\", Action: [{}] }}] }} }}",
            actions(number)
        )
    };
    for (set, rule) in [
        ("A: { session_duration: PT13H }".to_owned(), "session-too-long"),
        ("A: { session_duration: banana }".to_owned(), "invalid-session-duration"),
        ("A: { session_duration: 30m }".to_owned(), "invalid-session-duration"),
        ("A: { session_duration: P1D }".to_owned(), "invalid-session-duration"),
        ("A: { session_duration: -PT1H }".to_owned(), "invalid-session-duration"),
        (format!("{}: {{}}", "N".repeat(33)), "invalid-name"),
        ("\"a b\": {}".to_owned(), "invalid-name"),
        ("a/b: {}".to_owned(), "invalid-name"),
        (format!("A: {{ description: {} }}", "x".repeat(701)), "invalid-description"),
        ("A: { description: 5 € }".to_owned(), "invalid-description"),
        ("A: { description: \"\" }".to_owned(), "invalid-description"),
        (format!("A: {{ relay_state: \"https://x/{}\" }}", "x".repeat(240)), "invalid-relay-state"),
        ("A: { relay_state: \"https://x/ y\" }".to_owned(), "invalid-relay-state"),
        (format!("A: {}", inline(300)), "policy-too-large"),
        (format!("A: {{ aws_managed_policies: [{}] }}", managed(21)), "too-many-policies"),
        (
            format!("A: {{ aws_managed_policies: [{}], customer_managed_policies: [X, Y] }}", managed(19)),
            "too-many-policies",
        ),
        ("A: { customer_managed_policies: [X, X] }".to_owned(), "too-many-policies"),
        ("A: { customer_managed_policies: [{ name: X, path: x }] }".to_owned(), "invalid-path"),
        ("A: { permissions_boundary: { aws_managed: PowerUserAccess, name: X } }".to_owned(), "conflicting-keys"),
        ("A: { permissions_boundary: {} }".to_owned(), "missing-key"),
        ("A: { tags: { \"a b\": x } }".to_owned(), "invalid-tag"),
        ("A: { tags: { a: \"\" } }".to_owned(), "invalid-tag"),
    ] {
        let folder = Folder::new([
            ("organization.yaml", ORGANIZATION.to_owned()),
            ("sets.yaml", format!("permission_sets:\n  {set}\n")),
        ]);
        let report = folder.check();
        let finding = report.of(rule).into_iter().next().unwrap_or_else(|| panic!("{set}: no {rule} in {report:#?}"));
        assert_eq!((finding.file.as_str(), finding.line, finding.level.as_str()), ("sets.yaml", 2, "error"), "{set}");
        assert!(finding.help.is_some());
    }
    let policies = format!(
        "policies:\n  Big: {{ document: {{ Version: 2012-10-17, Statement: [{{ Effect: Allow, Resource: \"*\", Action: [{}] }}] }} }}\n  x: {{ document: {{ Version: 2012-10-17, Statement: [] }} }}\n  X: {{ path: \"x\", document: {{ Version: 2012-10-17, Statement: [] }} }}\n",
        actions(160)
    );
    let attributes = (0..51).map(|index| format!("  k{index}: \"${{path:a}}\"\n")).collect::<String>();
    let folder = Folder::new([
        ("organization.yaml", ORGANIZATION.to_owned()),
        ("policies.yaml", policies),
        ("attributes.yaml", format!("attributes:\n{attributes}")),
    ]);
    let report = folder.check();
    assert_eq!(report.one("policy-too-large").line, 2);
    assert_eq!(report.one("invalid-path").line, 4);
    assert_eq!(report.one("invalid-attribute").line, 52, "the one too many");
    assert!(report.of("invalid-name").iter().any(|finding| finding.message.contains("in case only")), "{report:#?}");
    for (from, to, rule) in [
        ("o-abcdef1234", "o-1", "invalid-id"),
        ("r-ab12", "root", "invalid-id"),
        ("ou-ab12-11111111", "ou-zz99-11111111", "invalid-id"),
        ("\"222222222222\"", "\"22222222222\"", "invalid-id"),
        ("\"222222222222\"", "\"2222222222222\"", "invalid-id"),
        ("\"222222222222\"", "\"333333333333\"", "declared-twice"),
        ("SUSPENDED", "suspended", "invalid-value"),
    ] {
        let folder = Folder::new([("organization.yaml", ORGANIZATION.replacen(from, to, 1))]);
        assert_eq!(folder.check().one(rule).file, "organization.yaml", "{to}");
    }
}
