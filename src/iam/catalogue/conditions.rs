//! Condition keys: their types, and the actions whose requests carry them.

use std::ops::Range;

use memchr::memmem;

use super::Catalogue;
use super::actions::{ACTION_ROW, ActionId, compare};
use super::pack::{partition_point, search};
use crate::syntax::decode::{did_you_mean, near_names};

/// A condition key that AWS documents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ConditionKey {
    /// Its name in AWS's capitals, with `${…}` for a part of the user's own, as `aws:ResourceTag/${TagKey}`.
    pub name: &'static str,
    /// Its type in AWS's words (`String`, `ArrayOfString`, `ARN`, …).
    pub documented_type: &'static str,
    /// What its values are.
    pub kind: KeyType,
    /// Whether a request may carry several values of it.
    pub is_multivalued: bool,
    /// Whether requests of every service may carry it.
    pub is_global: bool,
    /// Whether AWS documents it for any action: of a key that it describes and lists nowhere, nothing is known.
    pub is_listed: bool,
    number: usize,
}

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyType {
    /// Text.
    String,
    /// ARNs.
    Arn,
    /// `true` or `false`.
    Bool,
    /// Numbers.
    Numeric,
    /// Dates.
    Date,
    /// Addresses and networks.
    IpAddress,
}

const KEY_ROW: usize = 20;
const GLOBAL: u8 = 0x01;
const MENTIONED: u8 = 0x02;

impl ConditionKey {
    /// Whether it is a tag of the resource of a request, of all services or of one.
    pub fn is_resource_tag(&self) -> bool {
        let name = self.name.split_once(':').map_or("", |(_, name)| name);
        name.get(..12).is_some_and(|head| head.eq_ignore_ascii_case("ResourceTag/"))
    }
}

/// What is known about a condition key that AWS does not document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UnknownKey {
    /// AWS documents it with a part of the user's own behind it, which is missing.
    Open(&'static str),
    /// Its service existed once.
    Removed(&'static str),
    /// Nothing; the nearest that is documented, if one is near.
    Unknown(Option<String>),
}

impl Catalogue {
    /// What is known about a key that is no [condition key](Self::condition_key), with the nearest that is one.
    pub fn look_up_unknown_key(&self, key: &str) -> UnknownKey {
        let stem = key.trim_end_matches(['/', ':']);
        let is_stem = |known: &ConditionKey| {
            let head = known.name.split_once("${").map(|(head, _)| head.trim_end_matches(['/', ':']));
            head.is_some_and(|head| head.eq_ignore_ascii_case(stem))
        };
        if let Some(open) = self.condition_keys().find(is_stem) {
            return UnknownKey::Open(open.name);
        }
        let (prefix, name) = key.split_once(':').unwrap_or(("", key));
        if let Some(tombstone) = self.tombstone(prefix) {
            return UnknownKey::Removed(tombstone.name);
        }
        let of_prefix = |prefix: &str| {
            let names = self.condition_keys().map(|known| known.name);
            let mine: Vec<&str> = names
                .filter(|name| name.split_once(':').is_some_and(|(head, _)| head.eq_ignore_ascii_case(prefix)))
                .collect();
            mine
        };
        // The user's own part is left out of the comparison and put back behind it.
        let (head, own) =
            name.split_once('/').map_or((key, None), |(head, own)| (&key[..prefix.len() + 1 + head.len()], Some(own)));
        let fixed = |name: &'static str| name.split_once("/${").map_or(name, |(fixed, _)| fixed);
        let of_service = of_prefix(prefix);
        if !of_service.is_empty() {
            let near = near_names(head, of_service.iter().map(|name| fixed(name)), (1 + head.len() / 8).max(2))
                .into_iter()
                .next();
            return UnknownKey::Unknown(near.map(|near| own.map_or(near.to_owned(), |own| format!("{near}/{own}"))));
        }
        let mut prefixes: Vec<&str> =
            self.condition_keys().filter_map(|known| Some(known.name.split_once(':')?.0)).collect();
        prefixes.dedup();
        let near = did_you_mean(prefix, prefixes).map(|near| format!("{near}:{name}"));
        UnknownKey::Unknown(near.filter(|near| self.condition_key(near).is_some()))
    }

    /// A condition key, whatever its capitals.
    ///
    /// Keys with a part of the user's own, as `aws:ResourceTag/team`, are found under their documented form.
    pub fn condition_key(&self, key: &str) -> Option<ConditionKey> {
        let rows = self.condition_keys.rows(KEY_ROW);
        let row = search(0..rows, |row| compare(self.raw_key(row), key)).or_else(|behind| {
            // `$` comes before what the names of tags begin with: the documented form is one of the next before, as a rule.
            let key = key.as_bytes();
            let initial = |row: &usize| self.raw_key(*row).first().map(u8::to_ascii_lowercase);
            let mine = key.first().map(u8::to_ascii_lowercase);
            let before = (0..behind).rev().take_while(|row| initial(row) == mine);
            let after = (behind..rows).take_while(|row| initial(row) == mine);
            before.chain(after).find(|&row| fills(self.raw_key(row), key)).ok_or(())
        });
        row.ok().map(|row| self.key_at(row))
    }

    /// A condition key as AWS writes it, whatever its capitals; the part of the user's own, and a key that AWS does not have,
    /// stay as they are.
    pub(crate) fn spelled(&self, key: &str) -> String {
        let known = self.condition_key(key).map_or(key, |known| known.name);
        match known.split_once("${") {
            Some((head, _)) => format!("{head}{}", &key[head.len()..]),
            None => known.to_owned(),
        }
    }

    /// Every condition key, in the order of the names.
    pub fn condition_keys(&self) -> impl Iterator<Item = ConditionKey> {
        (0..self.condition_keys.rows(KEY_ROW)).map(|row| self.key_at(row))
    }

    fn raw_key(&self, row: usize) -> &'static [u8] {
        self.condition_keys.raw_string(row * KEY_ROW)
    }

    fn key_at(&self, row: usize) -> ConditionKey {
        let at = row * KEY_ROW;
        let documented = self.condition_keys.string(at + 8);
        let single = documented.strip_prefix("ArrayOf");
        let flags = self.condition_keys.byte(at + 16);
        ConditionKey {
            name: self.condition_keys.string(at),
            documented_type: documented,
            kind: match single.unwrap_or(documented) {
                "ARN" => KeyType::Arn,
                "Bool" => KeyType::Bool,
                "Numeric" => KeyType::Numeric,
                "Date" => KeyType::Date,
                "IPAddress" => KeyType::IpAddress,
                _ => KeyType::String,
            },
            is_multivalued: single.is_some(),
            is_global: flags & GLOBAL != 0,
            is_listed: flags & MENTIONED != 0,
            number: row,
        }
    }

    /// Whether AWS documents that requests of an action may carry a key: one of its own, or one of a resource it works on.
    pub fn lists_key(&self, action: ActionId, key: &ConditionKey) -> bool {
        let list = self.key_list(action);
        let found = partition_point(list.clone(), |item| self.key_list_items.short(item * 2) < key.number);
        found < list.end && self.key_list_items.short(found * 2) == key.number
    }

    /// The keys that AWS documents for requests of an action, its own and those of the resources it works on, in the order
    /// of the names.
    pub fn condition_keys_of(&self, action: ActionId) -> impl Iterator<Item = ConditionKey> {
        self.key_list(action).map(|item| self.key_at(self.key_list_items.short(item * 2)))
    }

    /// Where the keys of an action are in the list of all; nowhere, for an action that a service does not have yet.
    fn key_list(&self, action: ActionId) -> Range<usize> {
        let list = self.actions.short(action.0 as usize * ACTION_ROW + 8);
        if list == 0xffff {
            return 0..0;
        }
        self.key_list_starts.number(list * 4)..self.key_list_starts.number(list * 4 + 4)
    }
}

/// Whether a key is a documented one with its `${…}` filled in.
fn fills(documented: &[u8], key: &[u8]) -> bool {
    let Some(hole) = memmem::find(documented, b"${") else {
        return documented.eq_ignore_ascii_case(key);
    };
    let Some(length) = documented[hole..].iter().position(|&byte| byte == b'}') else { return false };
    let (head, tail) = (&documented[..hole], &documented[hole + length + 1..]);
    let Some(filled) = key.get(hole..).filter(|_| key[..hole].eq_ignore_ascii_case(head)) else { return false };
    // What fills a hole has at least one character; the last hole takes all that is left.
    (1..=filled.len()).any(|taken| fills(tail, &filled[taken..]))
}
