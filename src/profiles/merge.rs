//! Sections in a file that belongs to somebody else.
//!
//! What bailiwick wrote stands between two lines that say so; the second has a digest of what is between them, so that
//! changes of somebody else are seen. Everything outside stays as it is, byte for byte.

use ini_roundtrip::{Item, Parser};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ops::Range;

use super::{Profile, SsoSession, sections};

/// A file with the sections in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The whole text.
    pub text: String,
    /// How many profiles are new.
    pub added: usize,
    /// How many profiles that bailiwick had written are gone.
    pub removed: usize,
    /// Whether somebody else wrote the session, which is then used as it is.
    pub session_is_theirs: bool,
}

/// Why sections are not put into a file. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Somebody else wrote a section of this name.
    Taken {
        /// The section, without brackets.
        section: String,
        /// The line.
        line: usize,
    },
    /// Somebody changed what bailiwick had written.
    Changed {
        /// The line where that begins.
        line: usize,
    },
    /// The lines around what bailiwick wrote are not a pair any more.
    Broken {
        /// The line.
        line: usize,
    },
}

/// A line of the file, and where it stands.
struct Line<'t> {
    item: Item<'t>,
    bytes: Range<usize>,
}

/// What bailiwick wrote for one session: the lines of the block, and the text between its marks.
struct Block {
    lines: Range<usize>,
    bytes: Range<usize>,
    names: BTreeSet<String>,
}

/// Puts a session and its profiles into the text of a file, in the place of what an earlier run put there; without
/// profiles, only takes that away. The sections of other sessions are somebody else's.
///
/// # Errors
///
/// When that would change or shadow what somebody else wrote.
pub fn merge(text: &str, session: &SsoSession, profiles: &[Profile], region: Option<&str>) -> Result<Merged, Refused> {
    let lines = lines(text);
    let block = block(&lines, text, &session.name)?;
    let inside = |number: usize| block.as_ref().is_some_and(|block| block.lines.contains(&number));
    let mut session_is_theirs = false;
    for (number, line) in lines.iter().enumerate().filter(|(number, _)| !inside(*number)) {
        let Some(section) = section(&line.item) else { continue };
        let taken = Refused::Taken { section: section.clone(), line: number + 1 };
        match section.split_once(' ') {
            Some(("sso-session", name)) if name == session.name => {
                if !is_same_session(&lines[number + 1..], session) {
                    return Err(taken);
                }
                session_is_theirs = true;
            }
            Some(("profile", name)) if profiles.iter().any(|profile| profile.name == name) => return Err(taken),
            None if section == "default" && profiles.iter().any(|profile| profile.name == section) => {
                return Err(taken);
            }
            _ => {}
        }
    }
    let example = block.as_ref().map_or(text, |block| &text[block.bytes.clone()]);
    let newline = if example.contains("\r\n") { "\r\n" } else { "\n" };
    let before = block.as_ref().map_or(text.len(), |block| block.bytes.start);
    let behind = block.as_ref().map_or(text.len(), |block| block.bytes.end);
    let mut merged = text[..before].to_owned();
    if !profiles.is_empty() {
        if block.is_none() && !merged.is_empty() {
            // A section begins behind an empty line.
            let ends = |count: usize| merged.replace('\r', "").ends_with(&"\n".repeat(count));
            let missing = if ends(2) { 0 } else { 2 - usize::from(ends(1)) };
            merged.push_str(&newline.repeat(missing));
        }
        let body = sections(session, !session_is_theirs, profiles, region);
        let written = format!("{}\n{body}{}{}\n", begin(&session.name), end(&session.name), digest(&body));
        merged.push_str(&written.replace('\n', newline));
    }
    merged.push_str(&text[behind..]);
    let known = block.map(|block| block.names).unwrap_or_default();
    let names: BTreeSet<String> = profiles.iter().map(|profile| profile.name.clone()).collect();
    Ok(Merged {
        text: merged,
        added: names.difference(&known).count(),
        removed: known.difference(&names).count(),
        session_is_theirs,
    })
}

/// The line above what bailiwick writes.
fn begin(session: &str) -> String {
    format!("# bailiwick writes what follows for sso-session {session}, up to its end: put changes elsewhere")
}

/// The line below, without the digest.
fn end(session: &str) -> String {
    format!("# end of what bailiwick writes for sso-session {session}: ")
}

fn digest(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut parser = Parser::new(text);
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(item) = parser.next() {
        let end = text.len() - parser.remainder().len();
        if item != Item::SectionEnd {
            lines.push(Line { item, bytes: at..end });
        }
        at = end;
    }
    lines
}

/// The name of a section as tools read it, if a line begins one: quotes around a name are none of it.
fn section(item: &Item<'_>) -> Option<String> {
    let header = match item {
        Item::Section { name, .. } => name,
        // Tools take `[a] b` for the beginning of a section.
        Item::Error(raw) => raw.strip_prefix('[')?.rsplit_once(']')?.0,
        _ => return None,
    };
    let mut words = header.trim().splitn(2, char::is_whitespace);
    let kind = words.next().unwrap_or_default();
    let name = words.next().map(|name| name.trim().trim_matches(['"', '\'']));
    Some(name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}")))
}

/// Whether the lines behind the header of a session say of it what is wanted.
fn is_same_session(lines: &[Line<'_>], session: &SsoSession) -> bool {
    let own = lines.iter().take_while(|line| section(&line.item).is_none());
    let value = |wanted: &str| {
        own.clone().find_map(|line| match line.item {
            Item::Property { key, val: Some(value), .. } if key == wanted => Some(value),
            _ => None,
        })
    };
    let url = |url: &str| url.trim_end_matches(['/', '#']).to_owned();
    value("sso_region") == Some(&session.region)
        && value("sso_start_url").is_some_and(|known| url(known) == url(&session.start_url))
}

/// What an earlier run wrote for a session.
fn block(lines: &[Line<'_>], text: &str, session: &str) -> Result<Option<Block>, Refused> {
    let (first, last) = (begin(session), end(session));
    let comment = |line: &Line<'_>| match line.item {
        Item::Comment { raw } => Some(raw.trim_end().to_owned()),
        _ => None,
    };
    let begins: Vec<usize> =
        (0..lines.len()).filter(|&number| comment(&lines[number]).is_some_and(|raw| raw == first)).collect();
    let ends: Vec<usize> =
        (0..lines.len()).filter(|&number| comment(&lines[number]).is_some_and(|raw| raw.starts_with(&last))).collect();
    let (begin, end) = match (begins.as_slice(), ends.as_slice()) {
        ([], []) => return Ok(None),
        (&[begin], &[end]) if begin < end => (begin, end),
        (&[_, number, ..], _) | (_, &[_, number, ..]) | (&[number], _) | (_, &[number]) => {
            return Err(Refused::Broken { line: number + 1 });
        }
    };
    let body = text[lines[begin].bytes.end..lines[end].bytes.start].replace("\r\n", "\n");
    let known = comment(&lines[end]).unwrap_or_default();
    if known.strip_prefix(&last) != Some(&digest(&body)) {
        return Err(Refused::Changed { line: begin + 1 });
    }
    let names = lines[begin..end].iter().filter_map(|line| section(&line.item));
    let names = names.filter_map(|name| name.strip_prefix("profile ").map(str::to_owned)).collect();
    Ok(Some(Block { lines: begin..end + 1, bytes: lines[begin].bytes.start..lines[end].bytes.end, names }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn session() -> SsoSession {
        let text = |text: &str| text.to_owned();
        SsoSession { name: text("acme"), start_url: text("https://acme.awsapps.com/start"), region: text("eu-west-1") }
    }

    fn profiles(names: &[&str]) -> Vec<Profile> {
        let profile = |name: &&str| Profile {
            name: (*name).to_owned(),
            account_id: "012345678901".to_owned(),
            role: "Developer".to_owned(),
            until: None,
        };
        names.iter().map(profile).collect()
    }

    fn merged(text: &str, names: &[&str]) -> Result<Merged, Refused> {
        merge(text, &session(), &profiles(names), None)
    }

    const THEIRS: &str =
        "; mine\n[default]\nregion=us-east-1\n[profile \"old one\"]\ns3 =\n  max_concurrent_requests = 20\n";

    #[test]
    fn what_is_somebody_elses_stays() {
        let first = merged(THEIRS, &["a", "b"]).unwrap();
        assert!(first.text.starts_with(THEIRS));
        assert_eq!((first.added, first.removed), (2, 0));
        assert_eq!(merged(&first.text, &["a", "b"]).unwrap().text, first.text, "a second run changes nothing");
        let more = format!("{}\n[profile later]\nregion = eu-west-1", first.text);
        let second = merged(&more, &["b", "c"]).unwrap();
        assert_eq!((second.added, second.removed), (1, 1));
        assert!(second.text.starts_with(THEIRS) && second.text.ends_with("\n[profile later]\nregion = eu-west-1"));
        assert!(!second.text.contains("[profile a]") && second.text.contains("[profile c]"));
        let third = merged(&second.text, &[]).unwrap();
        assert_eq!(third.text, format!("{THEIRS}\n\n[profile later]\nregion = eu-west-1"));
        assert_eq!(merged("", &["a"]).unwrap().text.lines().nth(1), Some("[sso-session acme]"));
    }

    #[test]
    fn lines_end_as_they_do_in_the_file() {
        let theirs = THEIRS.replace('\n', "\r\n");
        let first = merged(&theirs, &["a"]).unwrap().text;
        assert!(first.starts_with(&theirs) && !first.replace("\r\n", "").contains('\n'));
        assert_eq!(merged(&first, &["a"]).unwrap().text, first);
    }

    #[test]
    fn names_of_others_are_not_taken() {
        let taken = |text: &str, section: &str, line| {
            let refused = Refused::Taken { section: section.to_owned(), line };
            assert_eq!(merged(text, &["a", "default"]), Err(refused), "{text}");
        };
        taken("\n[profile a]\n", "profile a", 2);
        taken("[profile   'a'] # x\n", "profile a", 1);
        taken("[default]", "default", 1);
        taken("[sso-session acme]\nsso_region = eu-west-1\n", "sso-session acme", 1);
        taken(
            "[sso-session acme]\nsso_start_url=https://other.awsapps.com/start\nsso_region=eu-west-1\n",
            "sso-session acme",
            1,
        );
        let same = "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start/#\nsso_region=eu-west-1\n";
        let used = merged(same, &["a"]).unwrap();
        assert!(used.session_is_theirs && used.text.matches("[sso-session").count() == 1);
        assert_eq!(merged(&used.text, &["a"]).unwrap().text, used.text);
        let other = SsoSession { name: "other".to_owned(), ..session() };
        assert!(matches!(merge(&used.text, &other, &profiles(&["a"]), None), Err(Refused::Taken { line: 6, .. })));
        assert!(merge(&used.text, &other, &profiles(&["b"]), None).is_ok());
    }

    #[test]
    fn changes_between_the_marks_are_seen() {
        let text = merged(THEIRS, &["a"]).unwrap().text;
        let changed = text.replace("sso_role_name = Developer", "sso_role_name = Developer\noutput = json");
        assert_eq!(merged(&changed, &["a"]), Err(Refused::Changed { line: 8 }));
        let begin = begin("acme");
        let broken = text.replace(&begin, "");
        assert!(matches!(merged(&broken, &["a"]), Err(Refused::Broken { .. })));
        assert!(matches!(merged(&format!("{text}{begin}\n"), &["a"]), Err(Refused::Broken { line: 19 })));
        assert!(matches!(merged(&format!("{text}\n{text}"), &["a"]), Err(Refused::Broken { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is there before stays, is there once, and is there when bailiwick has gone again.
        #[test]
        fn nothing_of_others_is_lost(
            lines in prop::collection::vec(prop::sample::select(vec![
                "", "[profile x]", "[profile y]", " [profile a]", "[broken", "region = eu-west-1", "# comment", "; comment", "  nested = 1",
                "key", "[sso-session mine]", "\u{feff}[odd]", "\r", "[default]",
            ]), 0..12),
            end in prop::sample::select(vec!["", "\n"]),
        ) {
            let theirs = lines.join("\n") + end;
            let first = merged(&theirs, &["a", "b"]).unwrap().text;
            prop_assert!(first.starts_with(&theirs));
            let again = merged(&first, &["a", "b"]).unwrap();
            prop_assert_eq!(&again.text, &first);
            prop_assert_eq!((again.added, again.removed), (0, 0));
            let gone = merged(&first, &[]).unwrap().text;
            prop_assert!(gone.starts_with(&theirs) && gone[theirs.len()..].trim().is_empty());
        }
    }
}
