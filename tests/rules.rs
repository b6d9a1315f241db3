//! Every rule finds what its page and its fixtures say, at the place they say, and nothing else.
//!
//! A fixture is a model file. On the guilty line stands what is expected there: `# error: [rule-id] "underlined text"`,
//! or `warning`, or `note`; several of them may stand behind each other, and the text may be left out. A line without an
//! expectation has no finding. What a fixture leaves out (the organization, permission sets, policy documents) is
//! added to it, unless its first line says `# the whole model`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bailiwick::lint::{Kind, RULES};

use crate::program::{Finding, Folder, ORGANIZATION};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}"#;

/// The permission sets that fixtures may use without declaring them.
const SETS: [&str; 5] = ["AppDeveloper", "ReadOnlyAuditor", "Admin", "SecOps", "BillingViewer"];

/// A fixture as a model: the file itself, and what it leaves out.
fn complete(text: &str) -> Folder {
    let folder = Folder::new([("model.yaml", text)]);
    if text.starts_with("# the whole model") {
        return folder;
    }
    let mut rest = String::new();
    if !text.lines().any(|line| line.starts_with("organization:")) {
        rest.push_str(ORGANIZATION);
    }
    rest.push_str("permission_sets:\n");
    for set in SETS.into_iter().filter(|set| !text.contains(&format!("\n  {set}:"))) {
        rest.push_str(&format!("  {set}: {{}}\n"));
    }
    folder.write("rest.yaml", rest);
    for word in text.split(|c: char| c.is_whitespace() || ",\"{}[]".contains(c)) {
        if word.starts_with("policies/") && word.ends_with(".json") && !word.contains("..") {
            folder.write(word, POLICY);
        }
    }
    folder
}

/// What a line is expected to have: level, rule, underlined text.
type Expectation = (usize, String, String, Option<String>);

fn expectations(text: &str) -> Vec<Expectation> {
    let mut expected = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for level in ["error", "warning", "note"] {
            for (at, _) in line.match_indices(&format!("# {level}: [")) {
                let rest = &line[at..];
                let (rule, rest) =
                    rest.split_once('[').and_then(|(_, rest)| rest.split_once(']')).expect("a rule in brackets");
                let quoted = rest.trim_start().strip_prefix('"').map(|rest| {
                    // The text may hold quotes itself: it ends before the next expectation or at the end of the line.
                    let end = rest.find("\" # ").unwrap_or_else(|| rest.trim_end().len() - 1);
                    rest[..end].to_owned()
                });
                expected.push((index + 1, level.to_owned(), rule.to_owned(), quoted));
            }
        }
    }
    expected.sort();
    expected
}

/// What is wrong with the findings of a fixture, in words.
fn compare(text: &str, findings: &[&Finding]) -> Vec<String> {
    let mut expected = expectations(text);
    let mut wrong = Vec::new();
    for finding in findings {
        let underlined = finding.underlined(text);
        let place = expected.iter().position(|(line, level, rule, quoted)| {
            (*line, level, rule) == (finding.line, &finding.level, &finding.rule)
                && quoted.as_ref().is_none_or(|quoted| *quoted == underlined)
        });
        match place {
            Some(at) => drop(expected.remove(at)),
            None => wrong.push(format!("unexpected: {finding:?} at `{underlined}`")),
        }
    }
    wrong.extend(expected.into_iter().map(|missing| format!("missing: {missing:?}")));
    wrong
}

fn of_the_fixture(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.file == "model.yaml").collect()
}

/// A YAML block of a page: the first behind a heading.
fn example(page: &str, heading: &str) -> Option<String> {
    let section = page.split(heading).nth(1)?;
    let section = section.split("\n## ").next()?;
    let block = section.split("```yaml\n").nth(1)?.split("```").next()?;
    Some(block.to_owned())
}

#[test]
fn the_examples_of_the_pages_do_what_they_say() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let page = rule.page();
        let whole =
            |block: String| if rule.id == "partial-model" { format!("# the whole model\n{block}") } else { block };
        let Some(bad) = example(&page, "## Example").map(whole) else { continue };
        let report = complete(&bad).check();
        let findings = of_the_fixture(&report.findings);
        if !expectations(&bad).is_empty() {
            wrong.extend(compare(&bad, &findings).into_iter().map(|what| format!("{}: {what}", rule.id)));
        }
        if findings.iter().all(|finding| finding.rule != rule.id) {
            wrong.push(format!("{}: its example does not fire: {findings:?}", rule.id));
        }
        let Some(good) = example(&page, "## Put right").map(whole) else {
            wrong.push(format!("{}: an example that is not put right", rule.id));
            continue;
        };
        let report = complete(&good).check();
        let findings = of_the_fixture(&report.findings);
        wrong.extend(compare(&good, &findings).into_iter().map(|what| format!("{} put right: {what}", rule.id)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_fixtures_have_what_their_lines_say() {
    let mut wrong = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")).unwrap() {
        let folder = folder.unwrap();
        let id = folder.file_name().into_string().unwrap();
        let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let mut fires = false;
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let report = complete(&text).check();
            let findings = of_the_fixture(&report.findings);
            fires |= findings.iter().any(|finding| finding.rule == id);
            wrong.extend(compare(&text, &findings).into_iter().map(|what| format!("{}: {what}", file.display())));
        }
        assert!(fires, "no fixture of {id} has a finding of it");
        assert!(RULES.iter().any(|rule| rule.id == id), "fixtures of a rule {id} that does not exist");
        seen.insert(id);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() >= 10, "the fixtures are gone: {seen:?}");
}

#[test]
fn each_rule_is_a_file_and_each_file_a_rule() {
    let groups = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/rules")).unwrap();
    let groups = groups.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut ids = BTreeSet::new();
    for file in groups.flat_map(|group| fs::read_dir(group).unwrap()) {
        let path = file.unwrap().path();
        let id = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("declare_rule! {").count(), 1, "{}", path.display());
        assert!(text.contains(&format!("\n        id: \"{id}\",\n")), "{}", path.display());
        assert!(ids.insert(id), "two files for one rule: {}", path.display());
    }
    assert_eq!(ids, RULES.iter().map(|rule| rule.id.to_owned()).collect());
}

#[test]
fn ids_are_unique_and_kebab_case() {
    let mut ids = BTreeSet::new();
    for rule in RULES {
        assert!(ids.insert(rule.id), "`{}` stands twice", rule.id);
        let parts: Vec<_> = rule.id.split('-').collect();
        let kebab = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        assert!(parts.iter().all(kebab), "`{}` is not kebab-case", rule.id);
    }
}

#[test]
fn pages_have_their_sections_in_order() {
    for rule in RULES {
        let page = rule.page();
        let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        // A policy document that is too large has no place on a page.
        let expected: &[&str] = match rule.id {
            "policy-too-large" => &["What it finds", "Why it matters", "Put right"],
            _ => &["What it finds", "Why it matters", "Example", "Put right"],
        };
        assert!(headings.starts_with(expected), "{}: {headings:?}", rule.id);
        assert!(
            matches!(headings.get(expected.len()..), Some([] | ["Settings" | "What it does not consider"])),
            "{}: {headings:?}",
            rule.id
        );
        assert!(!rule.summary.ends_with('.'), "{}", rule.id);
        assert!(!rule.summary.starts_with(char::is_uppercase) || rule.summary.starts_with("AWS"), "{}", rule.id);
    }
}

#[test]
fn every_finding_belongs_to_a_rule_of_the_registry() {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut used = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for kind in ["error", "warning", "note"] {
            for call in text.split(&format!("Diagnostic::{kind}(")).skip(1) {
                let Some(rule) = call.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                    continue;
                };
                assert!(RULES.iter().any(|known| known.id == rule), "{}: no rule `{rule}`", path.display());
                used += 1;
            }
        }
    }
    assert!(used > 50, "{used}");
}

#[test]
fn an_adjustable_rule_takes_levels_and_suppressions_and_a_fixed_one_does_not() {
    for rule in RULES {
        let page = rule.page();
        let Some(bad) = example(&page, "## Example").filter(|_| rule.id != "partial-model") else { continue };
        if bad.contains("\nlint:") || bad.starts_with("lint:") {
            continue;
        }
        let silenced = format!("{bad}\nlint: {{ levels: {{ {}: allow }} }}\n", rule.id);
        let report = complete(&silenced).check();
        let found = report.findings.iter().any(|finding| finding.rule == rule.id);
        assert_eq!(found, rule.kind == Kind::Fixed, "{}: {report:#?}", rule.id);
        assert_eq!(report.of("unknown-rule").len(), usize::from(rule.kind == Kind::Fixed), "{}", rule.id);
    }
}
