//! What a refresh changes, in lines that fit a release note.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::text::Text;
use crate::Failure;

/// Compares the text of two git revisions, or of one with the working tree.
pub(crate) fn diff(root: &Path, old: &str, new: Option<&str>, out: &mut dyn Write) -> Result<(), Failure> {
    let old = at_revision(root, old)?;
    let new = match new {
        Some(revision) => at_revision(root, revision)?,
        None => Text::read(&root.join("data"))?,
    };

    let (before, after) = (actions(&old), actions(&new));
    for (name, level) in &after {
        match before.get(name) {
            None => writeln!(out, "+ {name} ({level})")?,
            Some(was) if was != level => writeln!(out, "~ {name} ({was} -> {level})")?,
            Some(_) => {}
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        writeln!(out, "- {name}")?;
    }

    for (arn, policy) in &new.managed {
        match old.managed.get(arn) {
            None => writeln!(out, "+ {arn} {}", policy.version)?,
            Some(was) if was.document != policy.document => {
                let (before, after) = (patterns(&was.document)?, patterns(&policy.document)?);
                let added = after.difference(&before).count();
                let removed = before.difference(&after).count();
                writeln!(
                    out,
                    "~ {arn} {} -> {}: {added} action patterns added, {removed} removed",
                    was.version, policy.version
                )?;
            }
            Some(_) => {}
        }
    }
    for arn in old.managed.keys().filter(|arn| !new.managed.contains_key(*arn)) {
        writeln!(out, "- {arn}")?;
    }
    Ok(())
}

/// The text of `data` as a git revision has it.
fn at_revision(root: &Path, revision: &str) -> Result<Text, Failure> {
    Text::parse(|name| {
        let shown = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(["show", &format!("{revision}:data/{name}")])
            .output()
            .map_err(|e| format!("cannot run git: {e}"))?;
        if !shown.status.success() {
            return Err(format!("revision {revision} has no data/{name}").into());
        }
        Ok(String::from_utf8(shown.stdout)?)
    })
}

/// The access level of every action.
fn actions(text: &Text) -> BTreeMap<String, &'static str> {
    text.actions
        .iter()
        .flat_map(|(service, actions)| {
            actions.values().map(move |action| (format!("{service}:{}", action.name), action.level.name()))
        })
        .collect()
}

/// Every action pattern of a policy, with its effect and element.
fn patterns(document: &str) -> Result<BTreeSet<String>, Failure> {
    let document: serde_json::Value = serde_json::from_str(document)?;
    let statement = &document["Statement"];
    let statements = statement.as_array().cloned().unwrap_or_else(|| vec![statement.clone()]);
    let mut patterns = BTreeSet::new();
    for statement in statements {
        let effect = statement["Effect"].as_str().unwrap_or_default();
        for element in ["Action", "NotAction"] {
            let value = &statement[element];
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            patterns.extend(values.iter().filter_map(|v| v.as_str()).map(|v| format!("{effect} {element} {v}")));
        }
    }
    Ok(patterns)
}
