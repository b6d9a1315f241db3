//! Fixes put right what they say and change nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its model or read a report has failed")]

use std::fs;

use jiff::Timestamp;
use proptest::prelude::*;

use bailiwick::fix;
use bailiwick::lint::Levels;
use bailiwick::load::Overlay;
use bailiwick::session::Session;

use crate::program::{AS_OF, Folder, ORGANIZATION, Run};

fn check(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&["check", "m", "--as-of", AS_OF], arguments].concat())
}

const BEFORE: &str = "# who may do what\n\
permision_sets: # a slip of the hand\n  \
  Short: { session_duration: 1h }\n\
\n  \
  # bailiwick: allow[session-too-long] it was long once\n  \
  Other: { session_duration: 2h } # bailiwick: allow[session-too-long] and this\n\
assignments:\n  \
  - user: auditor@example.com   # the auditor\n    \
    permission_set: Short\n    \
    accounts: [222222222222, audit, 'shop-dev']\n  \
  - user: other@example.com\n    \
    owner: me\n    \
    permission_set: Short\n    \
    accounts: [\"222222222222\"]";

const AFTER: &str = "# who may do what\n\
permission_sets: # a slip of the hand\n  \
  Short: { session_duration: 1h }\n\
\n  \
  Other: { session_duration: 2h }\n\
assignments:\n  \
  - user: auditor@example.com   # the auditor\n    \
    # owner: who answers for this access\n    \
    # expires: 2027-02-28, or earlier\n    \
    # reason: why a group will not do, and the ticket\n    \
    permission_set: Short\n    \
    accounts: [\"222222222222\", audit, 'shop-dev']\n  \
  - user: other@example.com\n    \
    # expires: 2027-02-28, or earlier\n    \
    # reason: why a group will not do, and the ticket\n    \
    owner: me\n    \
    permission_set: Short\n    \
    accounts: [\"222222222222\"]";

#[test]
fn what_is_safe_is_put_right_and_the_rest_stays() {
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION), ("m/access.yaml", BEFORE)]);
    let read = || fs::read_to_string(folder.join("m/access.yaml")).unwrap();
    let run = check(&folder, &["--diff"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.starts_with("--- a/m/access.yaml\n+++ b/m/access.yaml\n@@ -1,"), "{run:?}");
    assert!(run.out.contains("\n-    accounts: [222222222222, audit, 'shop-dev']\n"), "{run:?}");
    assert!(run.err.contains("`--fix` has 6 fixes in 1 file"), "{run:?}");
    assert_eq!(read(), BEFORE, "`--diff` changes nothing");
    let run = check(&folder, &["--fix"]);
    assert_eq!(run.status, 1, "who answers for the users is still to be said: {run:?}");
    assert_eq!(run.out.matches("error[user-without-expiry]").count(), 2, "{run:?}");
    assert_eq!(run.out.matches("error[").count(), 2, "{run:?}");
    assert!(run.err.starts_with("6 fixes in 1 file\n"), "{run:?}");
    assert_eq!(read(), AFTER);
    let run = check(&folder, &["--fix"]);
    assert!(!run.err.contains("fix"), "{run:?}");
    assert_eq!(read(), AFTER, "a second time changes nothing");
    assert!(check(&folder, &["--diff"]).out.is_empty());
    assert_eq!(fs::read_to_string(folder.join("m/organization.yaml")).unwrap(), ORGANIZATION);
}

#[test]
fn a_mark_and_the_ends_of_lines_stay() {
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION)]);
    let text = "\u{feff}permission_sets: { S: {} }\r\nassignments:\r\n  - { group: g, permission_set: S, accounts: [222222222222] }\r\n";
    folder.write("m/access.yaml", text);
    assert_eq!(check(&folder, &["--fix"]).status, 0);
    let fixed = fs::read_to_string(folder.join("m/access.yaml")).unwrap();
    assert_eq!(fixed, text.replace("222222222222", "\"222222222222\""));
}

#[test]
fn what_has_more_than_one_reading_is_left_to_a_person() {
    let unsafe_ones = "permission_sets:\n  S: { tag: { a: b }, tagss: { c: d } }\n  Sett: {}\nassignments:\n  \
        - { group: g, permission_set: Set, accounts: [audit] }\n  \
        - { group: g, permission_set: S, ous: [Workload] }\n  \
        - { user: u, permission_set: S, accounts: [audit] }\n  \
        - { group: g, permission_set: S, accounts: [22222222222] }\n  \
        # bailiwick: allow[sesion-too-long] a slip\n  \
        - { group: g, permission_set: S, acounts: [audit], accounts: [audit] }\n  \
        - { group: g, permission_set: S, acounts: [audit], accountss: [audit] }\n";
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION), ("m/access.yaml", unsafe_ones)]);
    let run = check(&folder, &["--diff"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
}

#[test]
fn a_suppression_is_not_stale_while_something_is_left_out() {
    let text = "permission_sets:\n  S: { session_duration: 1h } # bailiwick: allow[session-too-long] once\n";
    let folder = Folder::new([("m/access.yaml", text)]);
    let run = check(&folder, &["--fix"]);
    assert!(run.out.contains("unused-suppression"), "{run:?}");
    assert_eq!(fs::read_to_string(folder.join("m/access.yaml")).unwrap(), text, "the model has no organization");
    folder.write("m/organization.yaml", ORGANIZATION);
    folder.write("m/bad.yaml", "assignments: [{ group: g, permission_set: Nope, accounts: [audit] }]\n");
    check(&folder, &["--fix"]);
    assert_eq!(fs::read_to_string(folder.join("m/access.yaml")).unwrap(), text, "a row was not understood");
    fs::remove_file(folder.join("m/bad.yaml")).unwrap();
    assert_eq!(check(&folder, &["--fix"]).status, 0);
    assert!(!fs::read_to_string(folder.join("m/access.yaml")).unwrap().contains("allow["));
}

/// A line of a model, and the same put right.
#[derive(Clone, Debug)]
struct Line {
    before: String,
    after: Vec<String>,
}

/// Lines with and without mistakes, in layouts that people have.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (0..9_u8, prop::sample::select(vec!["", "  # a comment", " # \u{1f512} é"]), 0..2_usize);
    prop::collection::vec(line, 1..25).prop_map(|kinds| {
        let same = |text: String| Line { after: vec![text.clone()], before: text };
        let mut all = Vec::new();
        for (index, (kind, comment, indent)) in kinds.into_iter().enumerate() {
            let pad = " ".repeat(indent * 2);
            match kind {
                0 => all.push(same(String::new())),
                1 => all.push(same(format!("{pad}# free {index}"))),
                2 => all.push(Line {
                    before: format!("  # bailiwick: allow[session-too-long] stale {index}"),
                    after: Vec::new(),
                }),
                3 => {
                    all.push(same(format!("  - {{ group: g{index}, permission_set: S, accounts: [audit] }}{comment}")))
                }
                4 => all.push(Line {
                    before: format!(
                        "  - {{ group: g{index}, permission_set: S, accounts: [ 222222222222 ] }}{comment}"
                    ),
                    after: vec![format!(
                        "  - {{ group: g{index}, permission_set: S, accounts: [ \"222222222222\" ] }}{comment}"
                    )],
                }),
                5 => all.push(Line {
                    before: format!(
                        "  - {{ group: g{index}, permission_set: S, acounts: [ 012345678901,audit ] }}{comment}"
                    ),
                    after: vec![format!(
                        "  - {{ group: g{index}, permission_set: S, accounts: [ \"012345678901\",audit ] }}{comment}"
                    )],
                }),
                6 => {
                    all.push(same(format!("  - group: g{index}{comment}")));
                    all.push(same("    permission_set: S".into()));
                    all.push(Line {
                        before: "    acounts:   # here".into(),
                        after: vec!["    accounts:   # here".into()],
                    });
                    all.push(Line {
                        before: format!("      -  333333333333{comment}"),
                        after: vec![format!("      -  \"333333333333\"{comment}")],
                    });
                }
                _ => {
                    all.push(Line {
                        before: format!("  -   user: u{index}{comment}"),
                        after: vec![
                            format!("  -   user: u{index}{comment}"),
                            "      # owner: who answers for this access".into(),
                            "      # expires: 2027-02-28, or earlier".into(),
                            "      # reason: why a group will not do, and the ticket".into(),
                        ],
                    });
                    all.push(same("      permission_set: S".into()));
                    all.push(same("      accounts: [audit]".into()));
                }
            }
        }
        all
    })
}

/// The text with its safe fixes applied, round for round, and the rules of what is left.
fn fixed(text: &str) -> (String, Vec<&'static str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.yaml");
    let as_of: Timestamp = format!("{AS_OF}T00:00:00Z").parse().unwrap();
    let mut overlay = Overlay::new();
    overlay.set(&path, text.to_owned());
    let mut text = text.to_owned();
    for _ in 0..10 {
        let mut session = Session::read(&path, &overlay, as_of).unwrap();
        session.judge(&Levels::new());
        let Some(new) = fix::apply(&session.diagnostics, &session.sources).0.into_values().next() else {
            return (text, session.diagnostics.iter().map(|finding| finding.rule).collect());
        };
        overlay.set(&path, new.clone());
        text = new;
    }
    panic!("fixes without an end:\n{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixed_lines_are_right_and_other_lines_are_what_they_were(
        lines in lines(),
        crlf in any::<bool>(),
        ended in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let head = format!("{ORGANIZATION}permission_sets: {{ S: {{}} }}\nassignments:\n").replace('\n', end);
        let text = |lines: Vec<&str>| head.clone() + &lines.join(end) + if ended { end } else { "" };
        let before = text(lines.iter().map(|line| line.before.as_str()).collect());
        let after = text(lines.iter().flat_map(|line| line.after.iter().map(String::as_str)).collect());
        let (result, left) = fixed(&before);
        // Without a line feed at its end, removing the last line leaves the one before it with its own.
        prop_assert_eq!(result.trim_end(), after.trim_end());
        for rule in ["unquoted-account-id", "unknown-key", "unused-suppression", "syntax"] {
            prop_assert!(!left.contains(&rule), "{rule} is left in\n{result}");
        }
        let (again, _) = fixed(&result);
        prop_assert_eq!(again, result);
    }
}
