//! Findings for collectors of findings: SARIF and annotations of GitHub.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its model or read a report has failed")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::program::{AS_OF, Folder, ORGANIZATION, Run};

const ACCESS: &str = "permission_sets:
  Admin: { aws_managed_policies: [AdministratorAccess], session_duration: 12h }
  Long: { session_duration: 10h } # bailiwick: allow[session-too-long] the night shift
  Other: { session_duration: 10h }
assignments:
  - { group: aws-admins, permission_set: Admin, ous: [Workload] }
  - { group: aws-night, permission_sets: [Long, Other], ous: [Security] }
";

/// A model below the root of a repository, with findings of several shapes.
fn model() -> Folder {
    let folder = Folder::new([("in fra/m/organization.yaml", ORGANIZATION), ("in fra/m/access.yaml", ACCESS)]);
    fs::create_dir(folder.join(".git")).unwrap();
    folder
}

fn check(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&["check", "in fra/m", "--as-of", AS_OF], arguments].concat())
}

fn sarif(folder: &Folder, arguments: &[&str]) -> Value {
    let run = check(folder, &[&["--format", "sarif"], arguments].concat());
    assert_eq!((run.status, run.err.as_str()), (1, ""), "{run:?}");
    serde_json::from_str(&run.out).unwrap()
}

fn results(log: &Value) -> &[Value] {
    log["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn sarif_is_valid_and_relative_to_the_repository() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/sarif-2.1.0.json");
    // A pattern of the published schema has a bracket too many, which not every engine takes for itself.
    let schema = fs::read_to_string(schema).unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let folder = model();
    for arguments in [&[][..], &["--show-suppressed"]] {
        let log = sarif(&folder, arguments);
        let errors: Vec<_> = schema.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        for result in results(&log) {
            let at = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            assert_eq!(at["uri"], "in%20fra/m/access.yaml", "{result:#}");
        }
    }
    let broken = serde_json::json!({ "version": "2.1.0", "runs": [{ "results": [] }] });
    assert!(!schema.is_valid(&broken), "the schema says something");
}

#[test]
fn sarif_knows_every_rule_and_says_what_github_shows() {
    let folder = model();
    let log = sarif(&folder, &[]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, bailiwick::lint::RULES.iter().map(|rule| rule.id).collect::<Vec<_>>());
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule:#}");
        }
        assert!(rule["fullDescription"]["text"].as_str().unwrap().chars().count() <= 1024, "{rule:#}");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why it matters"), "{rule:#}");
    }
    let levels: BTreeSet<_> =
        rules.iter().map(|rule| rule["defaultConfiguration"]["level"].as_str().unwrap()).collect();
    assert_eq!(levels, BTreeSet::from(["error", "note", "warning"]));
    let found: Vec<_> = results(&log)
        .iter()
        .map(|result| (result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("iam-without-boundary", "error"),
            ("session-too-long", "warning"),
            ("session-too-long", "warning"),
            ("unknown-ou", "error")
        ]
    );
    let first = &results(&log)[0];
    assert_eq!(ids[usize::try_from(first["ruleIndex"].as_u64().unwrap()).unwrap()], "iam-without-boundary");
    let text = first["message"]["text"].as_str().unwrap();
    assert!(text.contains("\n\nsee [granted here](1)\n\nhelp: attach"), "{text}");
    assert_eq!(first["relatedLocations"][0]["id"], 1);
    let region = &first["locations"][0]["physicalLocation"]["region"];
    assert_eq!(*region, serde_json::json!({ "startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 8 }));
}

#[test]
fn suppressed_findings_are_only_in_sarif_when_they_are_wanted() {
    let folder = model();
    assert!(results(&sarif(&folder, &[])).iter().all(|result| result["suppressions"] == serde_json::json!([])));
    let log = sarif(&folder, &["--show-suppressed"]);
    let suppressed: Vec<_> =
        results(&log).iter().filter(|result| result["suppressions"] != serde_json::json!([])).collect();
    assert_eq!(suppressed.len(), 1);
    let suppression = &suppressed[0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["justification"]), (&"inSource".into(), &"the night shift".into()));
    assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 3);
    let run = check(&folder, &["--show-suppressed"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("--format sarif"), "{run:?}");
}

#[test]
fn fingerprints_survive_what_moves_lines() {
    let folder = model();
    let fingerprints = |log: &Value| -> BTreeSet<String> {
        let of = |result: &Value| result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned();
        results(log).iter().map(of).collect()
    };
    let before = fingerprints(&sarif(&folder, &[]));
    assert_eq!(before.len(), 4, "all different");
    let moved = ACCESS.replace("permission_sets:\n", "# moved\n\npermission_sets:\n  Another: {}\n");
    let moved =
        moved.replace("assignments:\n", "assignments:\n  - { group: a, permission_set: Another, ous: [Security] }\n");
    folder.write("in fra/m/access.yaml", moved);
    assert_eq!(fingerprints(&sarif(&folder, &[])), before);
}

#[test]
fn github_gets_commands_and_no_more_of_them_than_it_shows() {
    let folder = model();
    let run = check(&folder, &["--format", "github"]);
    assert_eq!(run.status, 1);
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(lines.len(), 4, "{run:?}");
    assert!(
        lines[0].starts_with(
            "::error file=in fra/m/access.yaml,line=2,col=3,endLine=2,endColumn=8,title=iam-without-boundary::`Admin` reaches"
        ),
        "{run:?}"
    );
    assert!(lines[0].contains("%0Ahelp: attach") && lines[1].starts_with("::warning file="), "{run:?}");
    assert!(run.err.contains("2 errors, 2 warnings"), "{run:?}");
    let many: String = (0..15).map(|index| format!("  S{index}: {{ session_duration: 10h }}\n")).collect();
    folder.write(
        "in fra/m/many.yaml",
        format!("lint: {{ levels: {{ unassigned-permission-set: allow }} }}\npermission_sets:\n{many}"),
    );
    let run = check(&folder, &["--format", "github"]);
    assert_eq!(run.out.lines().filter(|line| line.starts_with("::warning")).count(), 10);
    assert_eq!(run.out.lines().filter(|line| line.starts_with("warning: in fra/m/many.yaml:")).count(), 7, "{run:?}");
}
