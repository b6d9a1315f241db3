//! Where things live in the stacks of a CloudFormation deployment, and stay.
//!
//! A resource cannot move between stacks: the one that drops it deletes it, and the other fails on what still exists. So
//! the place of everything is decided once and recorded, and growth only takes what is free. The place of an assignment
//! hangs on the assignment and on the shards that were open when it was first seen; what is removed keeps its place, so
//! that it comes back to it.

use serde::de::{Error as _, MapAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

use super::{Plan, PlannedSet, pair_id};
use crate::access::{AccountId, PrincipalId};

/// How many slots a shard has at most: CloudFormation's 500 resources in a stack.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub(super) const SLOTS: u32 = 500;

/// In which template each thing of one kind lives, by name: 0 is the root template.
pub(super) type Templates = BTreeMap<String, u32>;

/// How much of one kind of thing a template takes in; what it holds may outgrow that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The bytes of the root template; 0 where the root takes none.
    pub root: usize,
    /// The bytes of any other.
    pub other: usize,
    /// The number in any template.
    pub count: usize,
}

/// Gives every thing that has none a template: the first with room. `size` is in bytes.
pub(super) fn settle<'n>(
    templates: &mut Templates,
    names: impl Iterator<Item = &'n str> + Clone,
    room: Room,
    size: impl Fn(&str) -> usize,
) {
    let mut taken: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (name, template) in templates.iter() {
        let (count, bytes) = taken.entry(*template).or_default();
        *count += 1;
        *bytes += size(name);
    }
    for name in names {
        if templates.contains_key(name) {
            continue;
        }
        let size = size(name);
        let fits = |template: &u32| {
            let (count, bytes) = taken.get(template).copied().unwrap_or_default();
            let room_in_bytes = if *template == 0 { room.root } else { room.other };
            // Whatever is larger than a template takes one for itself.
            count < room.count && (bytes + size <= room_in_bytes || (count == 0 && *template > 0))
        };
        let template = (0..).find(fits).unwrap_or_default();
        let (count, bytes) = taken.entry(template).or_default();
        *count += 1;
        *bytes += size;
        templates.insert(name.to_owned(), template);
    }
}

/// The place of an assignment: a shard and a slot in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u32);

impl Place {
    /// Shard and slot in one number that people can read: 3 digits of slot behind the shard.
    const STRIDE: u32 = 1_000;

    fn new(shard: u32, slot: u32) -> Self {
        Self(shard * Self::STRIDE + slot)
    }

    /// The shard; 0 is the root template.
    pub fn shard(self) -> u32 {
        self.0 / Self::STRIDE
    }

    /// The slot.
    pub fn slot(self) -> u32 {
        self.0 % Self::STRIDE
    }
}

/// The id of an account as a key of the record: 12 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct AccountKey([u8; 12]);

impl AccountKey {
    fn new(id: &str) -> Option<Self> {
        let digits: [u8; 12] = id.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    fn as_str(&self) -> &str {
        // Digits are UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for AccountKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = AccountKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an account id of 12 digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AccountKey, E> {
                AccountKey::new(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

/// The places of one pair's assignments, by account.
#[derive(Clone, Debug, Default)]
struct PairPlaces(Vec<(AccountKey, Place)>);

/// The places of assignments, those that are gone included: by [`pair_id`], then by account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places {
    pairs: BTreeMap<String, PairPlaces>,
}

impl Serialize for PairPlaces {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (account, place) in &self.0 {
            map.serialize_entry(account.as_str(), &place.0)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PairPlaces {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = PairPlaces;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("places by account id")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PairPlaces, A::Error> {
                let mut places = Vec::new();
                while let Some((account, place)) = map.next_entry::<AccountKey, u32>()? {
                    if place % Place::STRIDE >= SLOTS {
                        return Err(A::Error::custom(format_args!("a shard has {SLOTS} slots")));
                    }
                    places.push((account, Place(place)));
                }
                places.sort_unstable();
                places.dedup_by_key(|(account, _)| *account);
                Ok(PairPlaces(places))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// How many assignments the shards take in; the rest of the slots is left to branches that are merged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shards {
    /// Those of the root template; 0 where it takes none.
    pub root: u32,
    /// Those of any other.
    pub other: u32,
}

impl Shards {
    fn room(self, shard: usize) -> u32 {
        if shard == 0 { self.root } else { self.other }
    }
}

/// A permission set and a principal that have assignments.
#[derive(Clone, Debug)]
pub struct PlacedPair {
    /// The [`pair_id`].
    pub id: String,
    /// The permission set, by its place in [`Plan::permission_sets`].
    pub set: u32,
    /// Who.
    pub principal: PrincipalId,
}

/// An assignment in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// Shard and slot.
    pub place: Place,
    /// What is assigned to whom, by its place in [`PlacedAssignments::pairs`].
    pub pair: u32,
    /// Where.
    pub account: AccountId,
}

/// Assignments in their places.
#[derive(Clone, Debug, Default)]
pub struct PlacedAssignments {
    /// What is assigned to whom.
    pub pairs: Vec<PlacedPair>,
    /// The assignments, in order of their places.
    pub placed: Vec<Placed>,
}

/// How full the shards are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Headroom {
    /// The number of shards.
    pub shards: u32,
    /// The slots that are taken, those of removed assignments included.
    pub taken: u32,
    /// The slots that are taken in before another shard is opened.
    pub of: u32,
}

impl Places {
    /// Places the assignments of some permission sets, and remembers where; in order of their places.
    pub(super) fn place<'p>(
        &mut self,
        plan: &Plan<'_>,
        sets: impl Iterator<Item = (u32, &'p PlannedSet)>,
        shards: Shards,
    ) -> (PlacedAssignments, Headroom) {
        let mut taken = self.taken();
        let mut pairs: Vec<PlacedPair> = Vec::new();
        let mut placed = Vec::new();
        // By pair, then by account.
        let mut fresh: Vec<(u32, AccountId)> = Vec::new();
        let key_of = |account: AccountId| {
            let organization = plan.access.organization.as_ref()?;
            AccountKey::new(&organization.account(account).id)
        };
        for (index, set) in sets {
            for pair in plan.access.pairs_of(set.set) {
                let accounts = plan.accounts(set, pair);
                if accounts.is_empty() {
                    continue;
                }
                let principal = plan.access.principal(pair.principal);
                let id = pair_id(&set.name, principal.kind.as_str(), &principal.name);
                let number = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
                let known = self.pairs.get(&id);
                for account in accounts {
                    match known.and_then(|known| known.get(key_of(account)?)) {
                        Some(place) => placed.push(Placed { place, pair: number, account }),
                        None => fresh.push((number, account)),
                    }
                }
                pairs.push(PlacedPair { id, set: index, principal: pair.principal });
            }
        }
        open(&mut taken, shards, u32::try_from(fresh.len()).unwrap_or(u32::MAX));
        let mut open: Vec<usize> = (0..taken.len()).filter(|&shard| taken[shard] < shards.room(shard)).collect();
        placed.reserve_exact(fresh.len());
        for fresh in fresh.chunk_by(|a, b| a.0 == b.0) {
            let id = &pairs[fresh[0].0 as usize].id;
            let hash_of_pair = u64::from_str_radix(&id[id.len() - 16..], 16).unwrap_or_default();
            let places = self.pairs.entry(id.clone()).or_default();
            places.0.reserve_exact(fresh.len());
            for &(pair, account) in fresh {
                let hash = mix(hash_of_pair, plan.account_hashes[account.index()]);
                let at = usize::try_from((u128::from(hash) * open.len() as u128) >> 64).unwrap_or_default();
                let shard = open[at];
                let place = Place::new(u32::try_from(shard).unwrap_or(u32::MAX), taken[shard]);
                taken[shard] += 1;
                if taken[shard] >= shards.room(shard) {
                    open.remove(at);
                }
                placed.push(Placed { place, pair, account });
                places.0.extend(key_of(account).map(|key| (key, place)));
            }
            places.0.sort_unstable();
        }
        placed.sort_unstable();
        let used = taken.iter().enumerate().filter(|(_, taken)| **taken > 0);
        let headroom = used.fold(Headroom::default(), |sum, (shard, taken)| Headroom {
            shards: sum.shards + 1,
            taken: sum.taken + taken,
            of: sum.of + shards.room(shard).max(*taken),
        });
        (PlacedAssignments { pairs, placed }, headroom)
    }

    /// How many slots of each shard are taken.
    fn taken(&self) -> Vec<u32> {
        let mut taken = vec![0];
        for (_, place) in self.pairs.values().flat_map(|places| &places.0) {
            let shard = place.shard() as usize;
            if taken.len() <= shard {
                taken.resize(shard + 1, 0);
            }
            taken[shard] = taken[shard].max(place.slot() + 1);
        }
        taken
    }
}

impl PairPlaces {
    fn get(&self, account: AccountKey) -> Option<Place> {
        self.0.binary_search_by_key(&account, |(key, _)| *key).ok().map(|at| self.0[at].1)
    }
}

/// Opens as many shards as `fresh` assignments need, with a third to spare, because hashes do not fill them evenly.
fn open(taken: &mut Vec<u32>, shards: Shards, fresh: u32) {
    let mut free: u32 = taken.iter().enumerate().map(|(shard, taken)| shards.room(shard).saturating_sub(*taken)).sum();
    if free >= fresh {
        return;
    }
    let wanted = fresh.saturating_add(fresh / 3);
    while free < wanted {
        taken.push(0);
        free = free.saturating_add(shards.other);
    }
}

/// The finalizer of SplitMix64 over both halves of an assignment: every bit of the outcome hangs on every bit of both.
fn mix(pair: u64, account: u32) -> u64 {
    let mut z = pair ^ u64::from(account).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { root: 100, other: 1_000, count: 3 };

    fn settled(templates: &mut Templates, names: &[&str], size: usize) {
        settle(templates, names.iter().copied(), ROOM, |_| size);
    }

    #[test]
    fn what_has_a_template_keeps_it_and_the_rest_takes_what_is_free() {
        let mut templates = Templates::new();
        settled(&mut templates, &["a", "b", "c", "d"], 60);
        assert_eq!(templates["a"], 0, "the root is filled first");
        assert_eq!((templates["b"], templates["c"], templates["d"]), (1, 1, 1));
        settled(&mut templates, &["0", "e", "a"], 60);
        assert_eq!((templates["a"], templates["b"], templates["0"], templates["e"]), (0, 1, 2, 2));
        templates.remove("a");
        settled(&mut templates, &["f"], 60);
        assert_eq!(templates["f"], 0);
    }

    #[test]
    fn what_is_larger_than_a_template_has_one_for_itself() {
        let mut templates = Templates::new();
        settled(&mut templates, &["a", "b"], 5_000);
        assert_eq!((templates["a"], templates["b"]), (1, 2));
    }

    #[test]
    fn a_record_is_read_back_and_a_wrong_one_is_not() {
        let text = r#"{"AppTeam0123456789abcdef":{"012345678901":7,"111111111111":3042}}"#;
        let places: Places = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&places).unwrap(), text);
        assert_eq!(places.taken(), [8, 0, 0, 43]);
        for wrong in
            [r#"{"p":{"1":1}}"#, r#"{"p":{"012345678901":500}}"#, r#"{"p":{"012345678901":-1}}"#, r#"{"p":[]}"#]
        {
            assert!(serde_json::from_str::<Places>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shards_are_opened_when_the_open_ones_are_too_few() {
        let shards = Shards { root: 0, other: 90 };
        let mut taken = vec![0];
        open(&mut taken, shards, 50);
        assert_eq!(taken.len(), 2);
        taken[1] = 50;
        open(&mut taken, shards, 40);
        assert_eq!(taken.len(), 2, "there is room");
        open(&mut taken, shards, 41);
        assert_eq!(taken.len(), 3);
    }
}
