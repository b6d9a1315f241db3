//! Every rule finds what its page and its fixtures say, at the place they say, and nothing else.
//!
//! A fixture is a model file, or a folder with the files of a model. On the guilty line stands what is expected there:
//! `# error: [rule-id] "underlined text"`, or `warning`, or `note`; several of them may stand behind each other, and the
//! text may be left out. `help: "…"` behind the text is the whole help of the finding. A line without an expectation has no finding. JSON has no comments: a policy document of a folder
//! is a `.jsonc` file with its expectations behind `//`, and becomes a `.json` file without them. What a fixture leaves out
//! (the organization, permission sets, policy documents) is added to it, unless its first line says `# the whole model`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bailiwick::lint::{Kind, RULES};
use walkdir::WalkDir;

use crate::program::{Finding, Folder, ORGANIZATION};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}"#;

/// The permission sets that fixtures may use without declaring them.
const SETS: [&str; 5] = ["AppDeveloper", "ReadOnlyAuditor", "Admin", "SecOps", "BillingViewer"];

/// The files of a fixture or of an example, by their paths in the model.
pub(crate) type Files = Vec<(String, String)>;

/// A model of one file.
pub(crate) fn one_file(text: &str) -> Files {
    vec![("model.yaml".to_owned(), text.to_owned())]
}

/// Writes a model: its files, without what is expected of them, and what they leave out.
pub(crate) fn complete(files: &Files) -> Folder {
    let folder = Folder::new(files.iter().map(|(path, text)| (path, without_expectations(path, text))));
    if files.iter().any(|(_, text)| text.starts_with("# the whole model")) {
        return folder;
    }
    let text: String =
        files.iter().filter(|(path, _)| path.ends_with(".yaml")).map(|(_, text)| text.as_str()).collect();
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
        let named = word.starts_with("policies/") && word.ends_with(".json") && !word.contains("..");
        if named && !folder.join(word).exists() {
            folder.write(word, POLICY);
        }
    }
    folder
}

/// The text without its expectations, so that a comment to bailiwick ends where it seems to.
fn without_expectations(path: &str, text: &str) -> String {
    let bare = |line: &str| {
        let at = LEVELS.iter().filter_map(|level| line.find(&format!("{} {level}: [", comment(path)))).min();
        format!("{}\n", line[..at.unwrap_or(line.len())].trim_end())
    };
    text.lines().map(bare).collect()
}

/// What a comment begins with.
fn comment(path: &str) -> &'static str {
    if path.ends_with(".json") { "//" } else { "#" }
}

const LEVELS: [&str; 3] = ["error", "warning", "note"];

/// What a line is expected to have: file, line, level, rule, underlined text, help.
type Expectation = (String, usize, String, String, Option<String>, Option<String>);

fn expectations(files: &Files) -> Vec<Expectation> {
    let mut expected = Vec::new();
    for (path, text) in files {
        let comment = comment(path);
        for (index, line) in text.lines().enumerate() {
            let marks = LEVELS.iter().flat_map(|level| {
                line.match_indices(&format!("{comment} {level}: [")).map(move |(at, _)| (at, level)).collect::<Vec<_>>()
            });
            let mut marks: Vec<_> = marks.collect();
            marks.sort_unstable();
            for (number, (at, level)) in marks.iter().enumerate() {
                let end = marks.get(number + 1).map_or(line.len(), |(next, _)| *next);
                let rest = line[*at..end].split_once('[').and_then(|(_, rest)| rest.split_once(']'));
                let (rule, quoted) = rest.expect("a rule in brackets");
                // The text may hold quotes itself: only the outer ones belong to the note.
                let text = |quoted: &str| {
                    quoted.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"')).map(str::to_owned)
                };
                let (quoted, help) = quoted.split_once("help: \"").unwrap_or((quoted, ""));
                let help = text(&format!("\"{help}"));
                expected.push((path.clone(), index + 1, level.to_string(), rule.to_owned(), text(quoted), help));
            }
        }
    }
    expected.sort();
    expected
}

/// Rules about statements together, permission sets or the model as a whole: a fixture of another rule may leave out what
/// they ask for.
const ABOUT_THE_WHOLE: [&str; 18] = [
    "administrator-access",
    "allow-outside-boundary",
    "boundary-ineffective",
    "confusable-names",
    "dead-allow",
    "group-in-management",
    "guardrail-tamper",
    "mfa-condition",
    "pass-role-wildcard",
    "redundant-statement",
    "redundant-target",
    "shadowed-row",
    "unassigned-permission-set",
    "unmapped-attribute",
    "unreachable-deny",
    "unsupported-condition-key",
    "unused-attribute",
    "unused-policy",
];

/// What the model finds, and what of it is not as its lines say, in words. `rule` is the rule that it is about.
fn judge(rule: &str, files: &Files) -> (Vec<Finding>, Vec<String>) {
    let mut findings = complete(files).judge();
    // What was added to the model is not judged.
    findings.retain(|finding| files.iter().any(|(path, _)| *path == finding.file));
    let mut expected = expectations(files);
    findings.retain(|finding| {
        let mentioned = || expected.iter().any(|(_, _, _, expected, ..)| *expected == finding.rule);
        finding.rule == rule || !ABOUT_THE_WHOLE.contains(&finding.rule.as_str()) || mentioned()
    });
    let mut wrong = Vec::new();
    for finding in &findings {
        let text = files.iter().find(|(path, _)| *path == finding.file);
        let underlined =
            finding.underlined(&text.map_or(String::new(), |(path, text)| without_expectations(path, text)));
        let place = expected.iter().position(|(path, line, level, rule, quoted, help)| {
            (path, *line, level, rule) == (&finding.file, finding.line, &finding.level, &finding.rule)
                && quoted.as_ref().is_none_or(|quoted| *quoted == underlined)
                && (help.is_none() || *help == finding.help)
        });
        match place {
            Some(at) => drop(expected.remove(at)),
            None => wrong.push(format!("unexpected: {finding:?} at `{underlined}`")),
        }
    }
    wrong.extend(expected.into_iter().map(|missing| format!("missing: {missing:?}")));
    (findings, wrong)
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
        let whole = |block: String| {
            one_file(&if rule.id == "partial-model" { format!("# the whole model\n{block}") } else { block })
        };
        let Some(bad) = example(&page, "## Example").map(whole) else { continue };
        if rule.id == "guard" {
            // It takes a build; `guard` runs the example.
            continue;
        }
        let (findings, differences) = judge(rule.id, &bad);
        if !expectations(&bad).is_empty() {
            wrong.extend(differences.into_iter().map(|what| format!("{}: {what}", rule.id)));
        }
        if findings.iter().all(|finding| finding.rule != rule.id) {
            wrong.push(format!("{}: its example does not fire: {findings:?}", rule.id));
        }
        let Some(good) = example(&page, "## Put right").map(whole) else {
            wrong.push(format!("{}: an example that is not put right", rule.id));
            continue;
        };
        wrong.extend(judge(rule.id, &good).1.into_iter().map(|what| format!("{} put right: {what}", rule.id)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_fixtures_and_they_have_what_their_lines_say() {
    let mut wrong = Vec::new();
    let mut folders = BTreeSet::new();
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")).unwrap() {
        let folder = folder.unwrap();
        let id = folder.file_name().into_string().unwrap();
        let (mut fires, mut spares) = (false, false);
        for fixture in fs::read_dir(folder.path()).unwrap() {
            let fixture = fixture.unwrap().path();
            let files = if fixture.is_dir() {
                let files =
                    WalkDir::new(&fixture).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
                let name = |file: &Path| {
                    let path = file.strip_prefix(&fixture).unwrap().to_str().unwrap().replace('\\', "/");
                    path.strip_suffix(".jsonc").map_or(path.clone(), |stem| format!("{stem}.json"))
                };
                files
                    .filter(|file| file.is_file())
                    .map(|file| (name(&file), fs::read_to_string(&file).unwrap()))
                    .collect()
            } else {
                one_file(&fs::read_to_string(&fixture).unwrap())
            };
            let (findings, differences) = judge(&id, &files);
            let found = findings.iter().any(|finding| finding.rule == id);
            fires |= found;
            spares |= !found;
            wrong.extend(differences.into_iter().map(|what| format!("{}: {what}", fixture.display())));
        }
        if !fires {
            wrong.push(format!("no fixture of {id} has a finding of it"));
        }
        if !spares {
            wrong.push(format!("no fixture of {id} is free of it"));
        }
        folders.insert(id);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What `guard` finds takes a build, and has tests of its own.
    let fixtures = RULES.iter().map(|rule| rule.id).filter(|&id| id != "guard");
    assert_eq!(folders, fixtures.map(str::to_owned).collect());
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
fn an_optional_rule_is_off_until_a_level_is_set() {
    for rule in RULES.iter().filter(|rule| rule.kind == Kind::Optional) {
        let page = rule.page();
        let bad = example(&page, "## Example").expect("an example");
        let setting = format!("lint: {{ levels: {{ {}: warn }} }}\n", rule.id);
        assert!(bad.contains(&setting), "{}: its example turns it on by `{setting}`", rule.id);
        let off = bad.replace(&setting, "");
        let findings = complete(&one_file(&off)).judge();
        assert!(findings.iter().all(|finding| finding.rule != rule.id), "{}: {findings:#?}", rule.id);
        // A suppression of a rule that is off is not called unused.
        let suppressed = format!("# bailiwick: allow[{}] judged\n{off}", rule.id);
        let findings = complete(&one_file(&suppressed)).judge();
        assert!(findings.iter().all(|finding| finding.rule != "unused-suppression"), "{}: {findings:#?}", rule.id);
    }
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
        let findings = complete(&one_file(&silenced)).judge();
        let found = |id: &str| findings.iter().filter(|finding| finding.rule == id).count();
        assert_eq!(found(rule.id) > 0, rule.kind == Kind::Fixed, "{}: {findings:#?}", rule.id);
        assert_eq!(found("unknown-rule"), usize::from(rule.kind == Kind::Fixed), "{}", rule.id);
    }
}
