use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::iam::Verdict;
use crate::lint::Levels;
use crate::load::Overlay;
use crate::resolve::parse_as_of;
use crate::session::Session;

/// What would steer an HTML document, a script or a terminal, if it got out of its string.
const HOSTILE: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "<!-- <script> -->",
    "a\u{2028}b\u{2029}c",
    "\"'&amp;<img src=x onerror=alert(1)>",
    "{{ data }} {% raw %} \\u003c \\",
    "\u{202e}drow",
];

fn judged(path: &Path, overlay: &Overlay) -> Session {
    let mut session = Session::read(path, overlay, parse_as_of("2026-12-01").unwrap()).unwrap();
    session.judge(&Levels::new());
    session
}

fn example() -> Session {
    judged(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme"), &Overlay::new())
}

fn page(session: &Session) -> Page {
    Page::new(session.access.as_ref().unwrap(), &session.sources, &session.diagnostics)
}

/// What stands between two texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

fn data(html: &str) -> &str {
    between(html, "<script type=\"application/json\" id=\"data\">", "</script>")
}

fn accounts(ranges: &Ranges) -> impl Iterator<Item = usize> {
    ranges.chunks(2).flat_map(|range| range[0] as usize..range[1] as usize)
}

#[test]
fn hostile_strings_arrive_intact_and_inert() {
    let row =
        |name: &str| serde_json::json!({ "group": name, "permission_set": "Set", "ous": ["_root_"], "owner": name });
    let named = |(number, name): (usize, &&str)| {
        (format!("{name} {number}"), format!("{:012}", 222_222_222_222_u64 + number as u64).into())
    };
    let model = serde_json::json!({
        "organization": {
            "management_account": "management",
            "root": {
                "accounts": { "management": "111111111111" },
                "ous": { (HOSTILE[0]): { "accounts": HOSTILE.iter().enumerate().map(named).collect::<serde_json::Map<_, Json>>() } },
            },
        },
        "permission_sets": { "Set": { "description": HOSTILE[1], "tags": { "owner": HOSTILE[3] }, "aws_managed_policies": ["ReadOnlyAccess"] } },
        "assignments": HOSTILE.map(row),
    });
    let folder = tempfile::tempdir().unwrap();
    let mut overlay = Overlay::new();
    overlay.set(&folder.path().join("model.yaml"), model.to_string());
    let session = judged(folder.path(), &overlay);
    let html = page(&session).html().unwrap();

    let inside = data(&html);
    assert!(!inside.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{202e}']), "nothing ends the element");
    assert_eq!(html.matches("<script").count(), 2, "the data and the script");
    assert_eq!(html.matches("</script>").count(), 2);
    let read: Json = serde_json::from_str(inside).unwrap();
    assert_eq!(read, serde_json::to_value(page(&session)).unwrap(), "the escapes are those of JSON");
    let names: BTreeSet<&str> =
        read["principals"]["name"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    assert_eq!(names, HOSTILE.into_iter().collect());
    assert_eq!(read["units"]["path"][1], HOSTILE[0]);
    assert_eq!(read["permission_sets"][0]["description"], HOSTILE[1]);
    assert_eq!(read["rows"]["owner"].as_array().unwrap().len(), HOSTILE.len());
}

#[test]
fn nothing_runs_but_what_the_policy_knows_by_its_hash() {
    let html = page(&example()).html().unwrap();
    let policy = between(&html, "http-equiv=\"Content-Security-Policy\" content=\"", "\"")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/");
    let allowed = |text: &str| {
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Sha256::digest(text));
        policy.contains(&format!("'sha256-{hash}'"))
    };
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(allowed(between(&html, "<script type=\"module\">", "</script>")));
    assert!(allowed(between(&html, "<style>", "</style>")));
    // Attributes that the policy would refuse, or that would load something.
    let frame = html.replace(data(&html), "");
    assert!([" src=", " style=", "http://", "https://", "@import", "url(", "innerHTML"].iter().all(|it| {
        // The name of the namespace of drawings is no address.
        !frame.replace("http://www.w3.org/2000/svg", "").contains(it)
    }));
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    assert_eq!(page(&example()).html().unwrap(), page(&example()).html().unwrap());
}

#[test]
fn the_data_is_the_matrix() {
    let session = example();
    let (page, access) = (page(&session), session.access.as_ref().unwrap());
    let organization = access.organization.as_ref().unwrap();
    let mut told = BTreeSet::new();
    for (pair, rows) in page.pairs.rows.iter().enumerate() {
        let set = &page.permission_sets[page.pairs.permission_set[pair] as usize].name;
        let principal = &page.principals.name[page.pairs.principal[pair] as usize];
        for account in rows.iter().flat_map(|&row| accounts(&page.rows.accounts[row as usize])) {
            told.insert((set.clone(), principal.clone(), page.accounts.id[account].clone()));
        }
    }
    let mut meant = BTreeSet::new();
    for pair in &access.pairs {
        for grant in access.grants_of(pair) {
            meant.insert((
                access.permission_set(pair.permission_set).name.value.clone(),
                access.principal(pair.principal).name.clone(),
                organization.account(grant.account).id.clone(),
            ));
        }
    }
    assert_eq!(told, meant);
    assert_eq!(told.len(), page.about.grants);
    for (number, unit) in organization.units.iter().enumerate() {
        let below = page.units.start[number] as usize..page.units.end[number] as usize;
        let inside = |&unit: &u32| page.units.path[unit as usize].starts_with(&unit_prefix(&page, number));
        assert!(page.accounts.unit[below].iter().all(inside), "{}", unit.path);
    }
    let planned: usize = page.waves.unwrap().permission_sets.iter().map(|set| set.assignments).sum();
    assert_eq!(planned, page.about.grants, "each grant is one assignment");
}

fn unit_prefix(page: &Page, unit: usize) -> String {
    page.units.path[unit].clone()
}

#[test]
fn runs_of_actions_are_the_decisions() {
    let session = example();
    let page = page(&session);
    let context = Context::new(session.access.as_ref().unwrap());
    let names: Vec<String> = (page.actions.service.iter().zip(&page.actions.names))
        .flat_map(|(service, names)| names.split(' ').map(move |name| format!("{service}:{name}")))
        .collect();
    assert_eq!(page.actions.levels.concat().len(), names.len());
    let mut compared = 0;
    for id in context.access.set_ids() {
        let reaches = actions::reaches(&context, id);
        let [(reach, _)] = reaches.as_slice() else { continue };
        let decisions = context.effective(reach).decisions();
        let mut told = vec![0; names.len()];
        let mut at = 0;
        for run in page.permission_sets[id.index()].reached[0].runs.chunks(3) {
            let first = at + run[0] as usize;
            at = first + run[1] as usize;
            told[first..at].fill(run[2]);
        }
        for (name, told) in names.iter().zip(told) {
            let meant = match decisions.verdict(Catalogue::embedded().action_named(name).unwrap()) {
                Verdict::None => 0,
                Verdict::Full => 1,
                Verdict::Scoped => 2,
                Verdict::Conditional => 3,
                Verdict::Possible => 4,
            };
            assert_eq!(told, meant, "{name} of {}", page.permission_sets[id.index()].name);
            compared += usize::from(meant != 0);
        }
    }
    assert!(compared > 10_000, "only {compared} were compared");
}

#[test]
fn the_bodies_of_variants_count_where_they_are() {
    let session = example();
    let page = page(&session);
    let responder = page.permission_sets.iter().find(|set| set.name == "SecOpsResponder").unwrap();
    assert_eq!(responder.reached.len(), 2, "one for Security, one for the rest");
    let (all, parts): (BTreeSet<usize>, Vec<usize>) = (
        responder.reached.iter().flat_map(|part| accounts(&part.accounts)).collect(),
        responder.reached.iter().map(|part| accounts(&part.accounts).count()).collect(),
    );
    assert_eq!(all.len(), parts.iter().sum::<usize>(), "no account is in two parts");
}

#[test]
fn lines_are_those_of_the_files() {
    let session = example();
    let page = page(&session);
    let mut shown = 0;
    for ((_, source), file) in session.sources.iter().zip(&page.files) {
        assert_eq!(source.path(), file.path);
        let lines: Vec<&str> = source.text().lines().collect();
        for (&from, text) in file.from.iter().zip(&file.text) {
            for (at, line) in text.lines().enumerate() {
                assert_eq!(lines[from as usize - 1 + at], line);
                shown += 1;
            }
        }
    }
    assert!(shown > 100);
    let row = page.rows.place.last().unwrap();
    let file = &page.files[row.0 as usize];
    assert_eq!(file.path, "assignments/teams.yaml");
    assert!(file.text.last().unwrap().contains("group: aws-data-engineers"));
}

#[test]
fn a_model_without_an_organization_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut overlay = Overlay::new();
    overlay.set(&folder.path().join("a.yaml"), "assignments: [{ group: a, permission_set: B, ous: [C] }]\n".to_owned());
    let session = judged(folder.path(), &overlay);
    let page = page(&session);
    assert_eq!((page.about.grants, page.permission_sets.len(), page.accounts.id.len()), (0, 1, 0));
    assert!(page.waves.is_none());
    assert!(is_page(page.html().unwrap().as_bytes()));
}
