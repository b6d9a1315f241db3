//! CloudFormation output while an organization grows: step by step to 20,000 assignments, nothing that is there moves, is
//! renamed or changes, no limit is exceeded, and only the lines change that must.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_yaml::Value as Yaml;

use crate::support::command::{bailiwick, put, succeed};
use crate::support::deploy::say;

const AS_OF: &str = "2026-06-15";

/// How large an organization is.
#[derive(Clone, Copy)]
struct Size {
    accounts: usize,
    sets: usize,
    groups: usize,
}

const STEPS: [Size; 7] = [
    Size { accounts: 3, sets: 2, groups: 1 },
    Size { accounts: 4, sets: 2, groups: 1 },
    Size { accounts: 8, sets: 3, groups: 2 },
    Size { accounts: 20, sets: 5, groups: 2 },
    Size { accounts: 60, sets: 8, groups: 3 },
    Size { accounts: 120, sets: 20, groups: 3 },
    Size { accounts: 250, sets: 30, groups: 4 },
];

/// A model in which every step is contained in the next. Odd permission sets have a policy of their own and reach one of
/// two units, so that policies come by several StackSets; every seventh reaches the management account too.
fn model(size: Size, delegated: bool) -> String {
    let mut text = String::from(
        "identity_center:\n  instance_arn: arn:aws:sso:::instance/ssoins-1234567890abcdef\n  region: eu-west-1\n",
    );
    if delegated {
        text += "  delegated_admin: \"222222222222\"\n";
    }
    text += "organization:\n  management_account: management\n  root:\n    id: r-ab12\n    accounts: { management: \"111111111111\", identity: \"222222222222\" }\n    ous:\n";
    for (unit, id) in [("Even", "ou-ab12-00000000"), ("Odd", "ou-ab12-11111111")] {
        let _ = writeln!(text, "      {unit}:\n        id: {id}\n        accounts:");
        for account in (0..size.accounts).filter(|account| (account % 2 == 0) == (unit == "Even")) {
            let _ = writeln!(text, "          a{account}: \"5{account:011}\"");
        }
    }
    text += "directory:\n  groups:\n";
    for group in 0..size.groups {
        let _ = writeln!(text, "    team-{group}: 906713a2-0011-2233-4455-{group:012}");
    }
    let (mut policies, mut sets, mut rows) = (String::new(), String::new(), String::new());
    for set in 0..size.sets {
        let _ = writeln!(
            sets,
            "  Set{set}:\n    description: The work of function {set}\n    inline_policy: {{ Version: 2012-10-17, Statement: {{ Effect: Allow, Action: s3:GetObject, Resource: \"arn:aws:s3:::b{set}/*\" }} }}"
        );
        if set % 2 == 1 {
            let _ = writeln!(sets, "    customer_managed_policies: [Policy{set}]");
            let _ = writeln!(
                policies,
                "  Policy{set}:\n    document: {{ Version: 2012-10-17, Statement: {{ Effect: Allow, Action: s3:ListBucket, Resource: \"arn:aws:s3:::b{set}\" }} }}"
            );
        }
        for group in 0..size.groups {
            let unit = if set % 4 == 1 { "Odd" } else { "Even" };
            let management = if set % 7 == 0 { "\n    accounts: [management]" } else { "" };
            let _ =
                writeln!(rows, "  - group: team-{group}\n    permission_set: Set{set}\n    ous: [{unit}]{management}");
            if group > 1 {
                let other = if set % 4 == 1 { "Even" } else { "Odd" };
                let _ = writeln!(rows, "  - group: team-{group}\n    permission_set: Set{set}\n    ous: [{other}]");
            }
        }
    }
    let policies = if policies.is_empty() { "  {}\n".to_owned() } else { policies };
    format!("{text}policies:\n{policies}permission_sets:\n{sets}assignments:\n{rows}")
}

/// The resources of every template, those inside StackSets included: by template and logical id.
type Resources = BTreeMap<(String, String), Yaml>;

/// Reads an output and checks every limit on the way.
fn read(out: &Path) -> Resources {
    let mut resources = Resources::new();
    for entry in fs::read_dir(out).expect("a folder") {
        let path = entry.expect("readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        if name.ends_with(".yaml") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            assert!(text.len() <= 1_000_000, "{name} has {} bytes", text.len());
            read_template(&name, &text, &mut resources);
        }
    }
    resources
}

fn read_template(name: &str, text: &str, resources: &mut Resources) {
    let template: Yaml = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let section = |section: &str| template[section].as_mapping().cloned().unwrap_or_default();
    assert!(section("Resources").len() <= 500, "{name} has {} resources", section("Resources").len());
    assert!(section("Parameters").len() <= 200 && section("Outputs").len() <= 200, "{name}");
    for (id, mut resource) in section("Resources") {
        let id = id.as_str().expect("text").to_owned();
        let properties = resource.as_mapping_mut().expect("a mapping");
        // What is waited for is no part of what is deployed.
        properties.remove("DependsOn");
        if let Some(Yaml::String(body)) = properties.get_mut("Properties").and_then(|properties| {
            let properties = properties.as_mapping_mut()?;
            // What a template inside takes as parameters changes with what is in it.
            properties.remove("Parameters");
            properties.remove("TemplateBody")
        }) {
            assert!(body.len() <= 51_200, "{name}: {id} has {} bytes", body.len());
            read_template(&format!("{name}/{id}"), &body, resources);
        }
        let known = resources.insert((name.to_owned(), id.clone()), resource);
        assert!(known.is_none(), "{name}: {id} stands there twice");
    }
}

/// The lines of every file, with how often each stands there.
fn lines(out: &Path) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for entry in fs::read_dir(out).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            for line in fs::read_to_string(&path).expect("UTF-8").lines() {
                *lines.entry(line.to_owned()).or_default() += 1;
            }
        }
    }
    lines
}

fn grow(delegated: bool) -> String {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (root, out) = (place.path().join("model.yaml"), place.path().join("out"));
    let mut table = String::new();
    let (mut before, mut lines_before) = (Resources::new(), BTreeMap::new());
    for size in STEPS {
        put(&root, model(size, delegated));
        let arguments =
            ["build".as_ref(), root.as_os_str(), "--target".as_ref(), "cloudformation".as_ref(), "--out".as_ref()];
        succeed(bailiwick(arguments).arg(&out).args(["--as-of", AS_OF]));
        let after = read(&out);
        for (place, resource) in &before {
            assert_eq!(after.get(place), Some(resource), "{place:?} has moved or changed");
        }
        let assignments: BTreeSet<_> = after
            .iter()
            .filter(|(_, resource)| resource["Type"] == "AWS::SSO::Assignment")
            .map(|((_, id), _)| id)
            .collect();
        let templates: BTreeSet<_> = after.keys().map(|(template, _)| template).collect();
        let lines_after = lines(&out);
        let gone =
            |line: &String, times: &usize| times.saturating_sub(lines_after.get(line).copied().unwrap_or_default());
        let gone: Vec<_> =
            lines_before.iter().filter(|(line, times)| gone(line, times) > 0).map(|(line, _)| line).collect();
        for line in &gone {
            let item = line.strip_prefix("      - ").is_some_and(|id| id.bytes().all(|b| b.is_ascii_alphanumeric()));
            let waits = item || line.contains("DependsOn");
            assert!(waits, "a line that need not change is gone: {line:?}");
        }
        let _ = writeln!(
            table,
            "{:>4} accounts, {:>2} sets: {:>6} assignments in {:>3} templates, {:>7} resources, {:>2} kinds of lines changed",
            size.accounts,
            size.sets,
            assignments.len(),
            templates.len(),
            after.len(),
            gone.len()
        );
        (before, lines_before) = (after, lines_after);
    }
    table
}

#[test]
fn growth_moves_and_changes_nothing_that_is_there() {
    for delegated in [false, true] {
        let table = grow(delegated);
        let last = table.lines().last().expect("steps");
        let assignments: usize =
            last.split(": ").nth(1).and_then(|rest| rest.trim().split(' ').next()?.parse().ok()).expect("a number");
        say(&format!("growth, {}:\n{table}", if delegated { "delegated" } else { "from the management account" }));
        assert!(assignments >= 20_000, "{last}");
    }
}

#[test]
fn a_row_that_is_removed_and_comes_back_has_its_old_place() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (root, out) = (place.path().join("model.yaml"), place.path().join("out"));
    let build = |text: &str| {
        put(&root, text);
        let arguments =
            ["build".as_ref(), root.as_os_str(), "--target".as_ref(), "cloudformation".as_ref(), "--out".as_ref()];
        succeed(bailiwick(arguments).arg(&out).args(["--as-of", AS_OF]));
        read(&out)
    };
    let with = model(Size { accounts: 90, sets: 6, groups: 3 }, true);
    let row = "  - group: team-1\n    permission_set: Set3\n    ous: [Even]\n";
    assert_eq!(with.matches(row).count(), 1);
    let before = build(&with);
    let without = build(&with.replace(row, ""));
    assert!(without.len() < before.len());
    // Something else comes meanwhile, and takes no place of what may come back.
    let other = with.replace(row, "") + "  - group: team-0\n    permission_set: Set2\n    ous: [Odd]\n";
    assert!(build(&other).len() > without.len());
    let after = build(&(other.clone() + row));
    for (place, resource) in &before {
        assert_eq!(after.get(place), Some(resource), "{place:?}");
    }
}

#[test]
fn places_that_a_merge_has_given_away_twice_stop_the_build_and_are_given_again_from_what_is_deployed() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (root, out) = (place.path().join("model.yaml"), place.path().join("out"));
    let run = || {
        let arguments =
            ["build".as_ref(), root.as_os_str(), "--target".as_ref(), "cloudformation".as_ref(), "--out".as_ref()];
        bailiwick(arguments).arg(&out).args(["--as-of", AS_OF]).output().expect("the program runs")
    };
    put(&root, model(Size { accounts: 40, sets: 3, groups: 1 }, true));
    assert!(run().status.success());
    let deployed = read(&out);
    let lock = out.join("assignments.lock.json");
    let recorded = fs::read_to_string(&lock).expect("UTF-8");

    put(&root, model(Size { accounts: 250, sets: 3, groups: 1 }, true));
    assert!(run().status.success());
    // As if the other branch had put everything that it added into the first template.
    let merged = fs::read_to_string(&lock).expect("UTF-8");
    let crowded: String = merged
        .lines()
        .map(|line| match line.rsplit_once(": ") {
            Some((account, place)) if account.trim_start().starts_with("\"5") && !place.starts_with('1') => {
                let comma = if place.ends_with(',') { "," } else { "" };
                format!("{account}: 1079{comma}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    put(&lock, crowded);
    let before = fs::read(out.join("root.yaml")).expect("readable");
    let output = run();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("template `StackSetAssignments1` has") && said.contains("as they are deployed"), "{said}");
    assert_eq!(fs::read(out.join("root.yaml")).expect("readable"), before, "nothing is written");

    put(&lock, recorded);
    assert!(run().status.success());
    let after = read(&out);
    for (place, resource) in &deployed {
        assert_eq!(after.get(place), Some(resource), "{place:?}");
    }
}
