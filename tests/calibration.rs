//! The rules about policies, tried on the policies that AWS itself maintains: hardly any of them should be an error.
//!
//! The table in `docs/calibration.md` is what they find there. A change of a rule, or of the data, changes the table, and
//! whoever makes it looks at the difference.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot write its model or its table has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bailiwick::lint::{Kind, RULES};
use serde_json::Value;

use crate::program::{Finding, Folder, ORGANIZATION};

const TABLE: &str = "docs/calibration.md";

/// With this variable set, the test writes the table.
const UPDATE: &str = "BAILIWICK_UPDATE_CALIBRATION";

/// How many policies of AWS may have an error of the rules about documents, in a hundred.
const MOST_WITH_ERRORS: usize = 3;

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every AWS-managed policy as a customer-managed one, each alone in a permission set, every rule on.
fn as_permission_sets() -> (Folder, usize) {
    let folder = Folder::new::<&str, &str>([]);
    let mut model = format!("{ORGANIZATION}lint:\n  levels:\n");
    for rule in RULES.iter().filter(|rule| rule.kind == Kind::Optional) {
        writeln!(model, "    {}: warn", rule.id).unwrap();
    }
    let (mut policies, mut sets) = ("policies:\n".to_owned(), "permission_sets:\n".to_owned());
    let managed = fs::read_to_string(path("data/managed.jsonl")).unwrap();
    for (number, line) in managed.lines().enumerate() {
        let policy: Value = serde_json::from_str(line).unwrap();
        let name = policy["arn"].as_str().unwrap().rsplit('/').next().unwrap();
        folder.write(format!("policies/{name}.json"), policy["document"].to_string());
        writeln!(policies, "  P{number}: {{ document: policies/{name}.json }}").unwrap();
        writeln!(sets, "  S{number}: {{ customer_managed_policies: [P{number}] }}").unwrap();
    }
    model.push_str(&policies);
    model.push_str(&sets);
    folder.write("model.yaml", model);
    (folder, managed.lines().count())
}

/// The rules about documents, by the folder they are in.
fn about_documents() -> BTreeSet<String> {
    let files = fs::read_dir(path("src/lint/rules/policy")).unwrap();
    files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().replace('_', "-")).collect()
}

/// Errors, warnings, notes, and the policies that have them.
#[derive(Default)]
struct Row {
    levels: BTreeMap<String, usize>,
    places: BTreeSet<String>,
}

/// Where a finding is: a finding about a permission set stands in the model itself.
fn place(finding: &Finding) -> String {
    if finding.file == "model.yaml" { finding.line.to_string() } else { finding.file.clone() }
}

#[test]
fn aws_s_own_policies_have_few_errors() {
    let (folder, policies) = as_permission_sets();
    // A managed policy of AWS may be larger than a customer's.
    let all = folder.judge();
    let findings: Vec<&Finding> = all.iter().filter(|finding| finding.rule != "policy-too-large").collect();
    let documents = about_documents();
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for &finding in &findings {
        let row = rows.entry(finding.rule.as_str()).or_default();
        *row.levels.entry(finding.level.clone()).or_default() += 1;
        row.places.insert(place(finding));
    }
    let mut table = format!(
        "{policies} policies:\n\n| rule | errors | warnings | notes | policies |\n| --- | ---: | ---: | ---: | ---: |\n"
    );
    for rule in RULES {
        if !documents.contains(rule.id) && !rows.contains_key(rule.id) {
            continue;
        }
        let row = rows.remove(rule.id).unwrap_or_default();
        let count = |level: &str| row.levels.get(level).copied().unwrap_or_default();
        let off = if rule.kind == Kind::Optional { " (off by default)" } else { "" };
        let (errors, warnings, notes) = (count("error"), count("warning"), count("note"));
        writeln!(table, "| `{}`{off} | {errors} | {warnings} | {notes} | {} |", rule.id, row.places.len()).unwrap();
    }
    assert!(rows.is_empty(), "findings of no rule: {:?}", rows.keys());

    let text = fs::read_to_string(path(TABLE)).unwrap();
    let (before, rest) = text.split_once("<!-- table -->\n").expect("where the table begins");
    let (_, behind) = rest.split_once("<!-- end -->").expect("where the table ends");
    let now = format!("{before}<!-- table -->\n{table}<!-- end -->{behind}");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(path(TABLE), &now).unwrap();
    }
    assert!(now == text || std::env::var_os(UPDATE).is_some(), "{TABLE} is out of date; the table is now\n{table}");

    let wrong: BTreeSet<String> = findings
        .iter()
        .filter(|finding| finding.level == "error" && documents.contains(&finding.rule))
        .map(|finding| place(finding))
        .collect();
    assert!(wrong.len() * 100 <= policies * MOST_WITH_ERRORS, "{} policies have an error", wrong.len());
}
