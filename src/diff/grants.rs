//! Grants that only one model has, told together as far as they are alike.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::accounts::AccountNo;
use super::actions::{ActionsChange, Comparison, Privilege};
use super::permission_sets::{Names, SetChange, SetKind};
use super::{Cause, Side};
use crate::access::{Access, Expiry, Pair, Principal, PrincipalId, PrincipalKind, RowId, SetId};

/// Grants that one model has and the other has not: each of the principals has each of the permission sets in each of the
/// accounts.
#[derive(Clone, Debug)]
pub struct GrantChange<'a> {
    /// By name.
    pub principals: Vec<&'a Principal>,
    /// By name; a set that reaches beyond itself stands alone.
    pub permission_sets: Vec<&'a str>,
    /// By id.
    pub accounts: Vec<AccountNo>,
    /// What brought it about.
    pub cause: Cause,
    /// When they end.
    pub expires: Option<&'a Expiry>,
    /// The rows of the model that has them, in order.
    pub rows: Vec<RowId>,
    /// How the permission set reaches beyond itself, if it does: in all of the accounts.
    pub privilege: Option<Privilege>,
}

/// Grants of one permission set in place of those of another: the same principals in the same accounts.
#[derive(Clone, Debug)]
pub struct Replacement<'a> {
    /// By name.
    pub principals: Vec<&'a Principal>,
    /// The set that they had.
    pub from: &'a str,
    /// The set that they have.
    pub to: &'a str,
    /// By id.
    pub accounts: Vec<AccountNo>,
    /// What brought it about.
    pub cause: Cause,
    /// When the new grants end.
    pub expires: Option<&'a Expiry>,
    /// The rows of the new model, in order.
    pub rows: Vec<RowId>,
    /// How the new set reaches beyond itself, if it does: in all of the accounts.
    pub privilege: Option<Privilege>,
    /// What the new set allows more and less than the other; nothing where it allows the same.
    pub actions: Vec<ActionsChange>,
}

/// Grants that both models have, and that end at another moment.
#[derive(Clone, Debug)]
pub struct EndChange<'a> {
    /// By name.
    pub principals: Vec<&'a Principal>,
    /// By name.
    pub permission_sets: Vec<&'a str>,
    /// By id.
    pub accounts: Vec<AccountNo>,
    /// When they ended; never, if there is none.
    pub old: Option<&'a Expiry>,
    /// When they end; never, if there is none.
    pub new: Option<&'a Expiry>,
    /// The rows of the new model, in order.
    pub rows: Vec<RowId>,
}

impl EndChange<'_> {
    /// Whether the grants last longer than they did.
    pub fn is_longer(&self) -> bool {
        match (self.old, self.new) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(old), Some(new)) => new.at > old.at,
        }
    }
}

/// All that is found about grants.
#[derive(Debug, Default)]
pub(super) struct Grants<'a> {
    pub(super) gained: Vec<GrantChange<'a>>,
    pub(super) lost: Vec<GrantChange<'a>>,
    pub(super) replaced: Vec<Replacement<'a>>,
    pub(super) ends: Vec<EndChange<'a>>,
}

/// What the old model has, and what the new one has.
type Both<T> = (Option<T>, Option<T>);
/// A principal, by its place among those of both models.
type PrincipalNo = usize;
/// A permission set, by its place in [`Names`].
type SetNo = usize;

/// Grants of one principal and one permission set that are alike otherwise.
#[derive(Clone, Debug)]
struct Part<'a> {
    principal: PrincipalNo,
    set: SetNo,
    cause: Cause,
    expires: Option<&'a Expiry>,
    accounts: Vec<AccountNo>,
    rows: BTreeSet<RowId>,
    privilege: Option<Privilege>,
}

/// When grants end: a moment that is never is later than any.
fn end(expires: Option<&Expiry>) -> (bool, Option<Timestamp>) {
    (expires.is_none(), expires.map(|expires| expires.at))
}

type End = (bool, Option<Timestamp>);

/// Grants that end at another moment, of one principal and set.
struct Moved<'a> {
    principal: PrincipalNo,
    set: SetNo,
    old: Option<&'a Expiry>,
    new: Option<&'a Expiry>,
    accounts: Vec<AccountNo>,
    rows: BTreeSet<RowId>,
}

/// The grants of both models, one principal and permission set after the other.
struct Walk<'a, 'c, 'w> {
    comparison: &'w mut Comparison<'a, 'c>,
    gained: Vec<Part<'a>>,
    lost: Vec<Part<'a>>,
    moved: Vec<Moved<'a>>,
    /// By row of the old model, what it reaches in the new organization.
    reached: FxHashMap<RowId, Vec<AccountNo>>,
}

impl<'a> Grants<'a> {
    pub(super) fn of(names: &Names<'a>, sets: &[SetChange<'a>], comparison: &mut Comparison<'a, '_>) -> Self {
        let (old, new) = (comparison.old.access, comparison.new.access);
        let principals = Principals::of(old, new);
        let mut pairs: BTreeMap<(SetNo, PrincipalNo), Both<&'a Pair>> = BTreeMap::new();
        let place = |access: &'a Access, side: Side, pair: &Pair| {
            let set = &access.permission_set(pair.permission_set).name.value;
            (names.find(set).unwrap_or_default(), principals.no(side, pair.principal))
        };
        for pair in &old.pairs {
            pairs.entry(place(old, Side::Old, pair)).or_default().0 = Some(pair);
        }
        for pair in &new.pairs {
            pairs.entry(place(new, Side::New, pair)).or_default().1 = Some(pair);
        }
        let renamed = renamed(names, sets);
        let was: BTreeMap<SetNo, SetNo> = renamed.iter().map(|(&from, &to)| (to, from)).collect();
        let mut walk =
            Walk { comparison, gained: Vec::new(), lost: Vec::new(), moved: Vec::new(), reached: FxHashMap::default() };
        for (&(set, principal), &(old, new)) in &pairs {
            let former = was.get(&set).and_then(|&was| pairs.get(&(was, principal))?.0);
            walk.pair(set, principal, (old, new), former);
        }
        let Walk { mut gained, mut lost, moved, .. } = walk;
        let replaced = replacements(&renamed, &mut gained, &mut lost);
        Self {
            gained: together(gained, names, &principals),
            lost: together(lost, names, &principals),
            replaced: replaced_together(replaced, names, &principals, comparison),
            ends: moved_together(moved, names, &principals),
        }
    }
}

impl<'a> Walk<'a, '_, '_> {
    /// Compares a principal's grants of one set. `former` are the old ones of the set, under the name that it had.
    fn pair(&mut self, set: SetNo, principal: PrincipalNo, (old, new): Both<&'a Pair>, former: Option<&'a Pair>) {
        let accounts = self.comparison.accounts;
        let (one, other) = (self.comparison.old.access, self.comparison.new.access);
        let before: Vec<AccountNo> = old
            .map(|pair| one.accounts_of(pair).iter().map(|&account| accounts.of_old(account)).collect())
            .unwrap_or_default();
        let after: Vec<AccountNo> = new
            .map(|pair| other.accounts_of(pair).iter().map(|&account| accounts.of_new(account)).collect())
            .unwrap_or_default();
        if before != after {
            let between = match accounts.alike() {
                true => before.clone(),
                false => {
                    let mut between = self.between(old);
                    // Where the rows would have brought the set under its former name, newer data brings it.
                    if let Some(former) = former {
                        let had: Vec<AccountNo> =
                            one.accounts_of(former).iter().map(|&account| accounts.of_old(account)).collect();
                        between.extend(difference(&self.between(Some(former)), &had));
                        between.sort_unstable();
                    }
                    between
                }
            };
            let unchanged = |account: &AccountNo| between.binary_search(account).is_ok();
            let gained = difference(&after, &before);
            let lost = difference(&before, &after);
            let gained = gained
                .into_iter()
                .map(|account| (account, if unchanged(&account) { Cause::Data } else { Cause::Change }));
            let lost = lost
                .into_iter()
                .map(|account| (account, if unchanged(&account) { Cause::Change } else { Cause::Data }));
            let (gained, lost) = (gained.collect::<Vec<_>>(), lost.collect::<Vec<_>>());
            if let Some(pair) = new {
                let parts = self.parts(Side::New, set, principal, pair, &gained);
                self.gained.extend(parts);
            }
            if let Some(pair) = old {
                let parts = self.parts(Side::Old, set, principal, pair, &lost);
                self.lost.extend(parts);
            }
        }
        if let (Some(old), Some(new)) = (old, new) {
            self.ends(set, principal, old, new);
        }
    }

    /// What the old rows of a pair reach in the new organization.
    fn between(&mut self, pair: Option<&Pair>) -> Vec<AccountNo> {
        let access = self.comparison.old.access;
        let mut all = Vec::new();
        for &row in pair.map(|pair| pair.rows.as_slice()).unwrap_or_default() {
            let accounts = self.comparison.accounts;
            let reached = self.reached.entry(row).or_insert_with(|| accounts.reached(&access.row(row).selection));
            all.extend_from_slice(reached);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Some grants of a pair, those that are alike together.
    fn parts(
        &mut self,
        side: Side,
        set: SetNo,
        principal: PrincipalNo,
        pair: &'a Pair,
        wanted: &[(AccountNo, Cause)],
    ) -> Vec<Part<'a>> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let accounts = self.comparison.accounts;
        let access = self.access(side);
        let mut parts: BTreeMap<(Cause, End, Option<bool>), Part<'a>> = BTreeMap::new();
        for grant in access.grants_of(pair) {
            let account = match side {
                Side::Old => accounts.of_old(grant.account),
                Side::New => accounts.of_new(grant.account),
            };
            let Ok(at) = wanted.binary_search_by(|known| known.0.cmp(&account)) else { continue };
            let cause = wanted[at].1;
            let expires = access.expiry(&grant.rows);
            let privilege = self.comparison.privilege(side, pair.permission_set, account);
            let key = (cause, end(expires), privilege.as_ref().map(|privilege| privilege.certain));
            let part = parts.entry(key).or_insert_with(|| Part {
                principal,
                set,
                cause,
                expires,
                accounts: Vec::new(),
                rows: BTreeSet::new(),
                privilege,
            });
            part.accounts.push(account);
            part.rows.extend(grant.rows.iter());
        }
        parts.into_values().collect()
    }

    fn access(&self, side: Side) -> &'a Access {
        match side {
            Side::Old => self.comparison.old.access,
            Side::New => self.comparison.new.access,
        }
    }

    /// The grants of both models that end at another moment.
    fn ends(&mut self, set: SetNo, principal: PrincipalNo, old: &'a Pair, new: &'a Pair) {
        let (one, other) = (self.access(Side::Old), self.access(Side::New));
        let endless = |access: &Access, pair: &Pair| pair.rows.iter().all(|&row| access.row(row).expires.is_none());
        if endless(one, old) && endless(other, new) {
            return;
        }
        let accounts = self.comparison.accounts;
        let before: BTreeMap<AccountNo, Option<&'a Expiry>> =
            one.grants_of(old).iter().map(|grant| (accounts.of_old(grant.account), one.expiry(&grant.rows))).collect();
        let mut moved: BTreeMap<(End, End), Moved<'a>> = BTreeMap::new();
        for grant in other.grants_of(new) {
            let account = accounts.of_new(grant.account);
            let Some(&old) = before.get(&account) else { continue };
            let new = other.expiry(&grant.rows);
            if end(old) != end(new) {
                let moved = moved.entry((end(old), end(new))).or_insert_with(|| Moved {
                    principal,
                    set,
                    old,
                    new,
                    accounts: Vec::new(),
                    rows: BTreeSet::new(),
                });
                moved.accounts.push(account);
                moved.rows.extend(grant.rows.iter());
            }
        }
        self.moved.extend(moved.into_values());
    }
}

/// The elements of a sorted list that are not in another.
fn difference(all: &[AccountNo], without: &[AccountNo]) -> Vec<AccountNo> {
    all.iter().copied().filter(|account| without.binary_search(account).is_err()).collect()
}

/// The principals of both models.
struct Principals<'a> {
    all: Vec<&'a Principal>,
    of_old: Vec<PrincipalNo>,
    of_new: Vec<PrincipalNo>,
}

impl<'a> Principals<'a> {
    /// The same name is the same principal. A name that only the old model has is the one of the new model that is pinned to
    /// the same id: it is called otherwise now.
    fn of(old: &'a Access, new: &'a Access) -> Self {
        let mut names: BTreeMap<(&'a str, PrincipalKind), Both<usize>> = BTreeMap::new();
        for (index, principal) in old.principals.iter().enumerate() {
            names.entry((&principal.name, principal.kind)).or_default().0 = Some(index);
        }
        for (index, principal) in new.principals.iter().enumerate() {
            names.entry((&principal.name, principal.kind)).or_default().1 = Some(index);
        }
        let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
        for places in names.values() {
            if let (None, Some(index)) = *places
                && let Some(id) = &new.principals[index].id
            {
                by_id.insert(id, index);
            }
        }
        let mut found =
            Self { all: Vec::new(), of_old: vec![0; old.principals.len()], of_new: vec![0; new.principals.len()] };
        let mut renamed = Vec::new();
        for (before, now) in names.into_values() {
            if let (Some(index), None) = (before, now) {
                let id = old.principals[index].id.as_deref();
                if let Some(now) = id.and_then(|id| by_id.remove(id)) {
                    renamed.push((index, now));
                    continue;
                }
            }
            if let Some(index) = before {
                found.of_old[index] = found.all.len();
            }
            if let Some(index) = now {
                found.of_new[index] = found.all.len();
            }
            found.all.extend(now.map(|index| &new.principals[index]).or(before.map(|index| &old.principals[index])));
        }
        for (before, now) in renamed {
            found.of_old[before] = found.of_new[now];
        }
        found
    }

    fn no(&self, side: Side, id: PrincipalId) -> PrincipalNo {
        let places = match side {
            Side::Old => &self.of_old,
            Side::New => &self.of_new,
        };
        places[id.0 as usize]
    }

    fn names(&self, numbers: impl IntoIterator<Item = PrincipalNo>) -> Vec<&'a Principal> {
        numbers.into_iter().map(|number| self.all[number]).collect()
    }
}

/// Tells grants together: first the principals that have one set in the same accounts, then the sets that the same
/// principals have in the same accounts.
fn together<'a>(parts: Vec<Part<'a>>, names: &Names<'a>, principals: &Principals<'a>) -> Vec<GrantChange<'a>> {
    type Alike = (Cause, End, Option<bool>, Vec<AccountNo>);
    let alike = |part: &Part<'a>| -> Alike {
        let certain = part.privilege.as_ref().map(|privilege| privilege.certain);
        (part.cause, end(part.expires), certain, part.accounts.clone())
    };
    let mut by_set: BTreeMap<(SetNo, Alike), (BTreeSet<PrincipalNo>, Part<'a>)> = BTreeMap::new();
    for part in parts {
        let (known, first) = by_set.entry((part.set, alike(&part))).or_insert_with(|| (BTreeSet::new(), part.clone()));
        known.insert(part.principal);
        first.rows.extend(&part.rows);
    }
    // A set that reaches beyond itself is told alone.
    type Held = (BTreeSet<PrincipalNo>, Alike, Option<SetNo>);
    let mut by_principals: BTreeMap<Held, (BTreeSet<SetNo>, Part<'a>)> = BTreeMap::new();
    for ((set, alike), (known, part)) in by_set {
        let alone = part.privilege.as_ref().map(|_| set);
        let (sets, first) =
            by_principals.entry((known, alike, alone)).or_insert_with(|| (BTreeSet::new(), part.clone()));
        sets.insert(set);
        first.rows.extend(&part.rows);
    }
    let mut changes: Vec<(_, GrantChange<'a>)> = by_principals
        .into_iter()
        .map(|((known, _, _), (sets, part))| {
            let rank = match &part.privilege {
                Some(privilege) if privilege.certain => 0,
                Some(_) => 1,
                None => 2,
            };
            let order = (part.cause, rank, sets.clone(), known.clone(), part.accounts.clone(), end(part.expires));
            let change = GrantChange {
                principals: principals.names(known),
                permission_sets: sets.iter().map(|&set| names.all[set].0).collect(),
                accounts: part.accounts,
                cause: part.cause,
                expires: part.expires,
                rows: part.rows.into_iter().collect(),
                privilege: part.privilege,
            };
            (order, change)
        })
        .collect();
    changes.sort_by(|a, b| a.0.cmp(&b.0));
    changes.into_iter().map(|(_, change)| change).collect()
}

fn moved_together<'a>(moved: Vec<Moved<'a>>, names: &Names<'a>, principals: &Principals<'a>) -> Vec<EndChange<'a>> {
    type Alike = (SetNo, Vec<AccountNo>, End, End);
    type Held<'a> = (BTreeSet<PrincipalNo>, Moved<'a>);
    let mut alike: BTreeMap<Alike, Held<'a>> = BTreeMap::new();
    for part in moved {
        let key = (part.set, part.accounts.clone(), end(part.old), end(part.new));
        let rows = part.rows.clone();
        let principal = part.principal;
        let (known, first) = alike.entry(key).or_insert_with(|| (BTreeSet::new(), part));
        known.insert(principal);
        first.rows.extend(rows);
    }
    let change = |((set, ..), (known, part)): (Alike, Held<'a>)| EndChange {
        principals: principals.names(known),
        permission_sets: vec![names.all[set].0],
        accounts: part.accounts,
        old: part.old,
        new: part.new,
        rows: part.rows.into_iter().collect(),
    };
    alike.into_iter().map(change).collect()
}

/// The sets that are called otherwise now.
fn renamed(names: &Names<'_>, sets: &[SetChange<'_>]) -> BTreeMap<SetNo, SetNo> {
    let pair = |change: &SetChange<'_>| match change.kind {
        SetKind::Removed { becomes: Some(becomes) } => Some((names.find(change.name)?, names.find(becomes)?)),
        _ => None,
    };
    sets.iter().filter_map(pair).collect()
}

/// Takes out of what is lost and gained what takes the place of each other: one principal loses one set and gains another
/// in the same accounts, for the same reason.
fn replacements<'a>(
    renamed: &BTreeMap<SetNo, SetNo>,
    gained: &mut Vec<Part<'a>>,
    lost: &mut Vec<Part<'a>>,
) -> Vec<(SetNo, Part<'a>)> {
    let mut pairs = Vec::new();
    // What is called otherwise now, account by account.
    for part in lost.iter_mut() {
        let Some(&becomes) = renamed.get(&part.set) else { continue };
        let alike =
            |other: &&mut Part<'a>| (other.set, other.principal, other.cause) == (becomes, part.principal, part.cause);
        for other in gained.iter_mut().filter(alike) {
            let both: Vec<AccountNo> =
                part.accounts.iter().copied().filter(|account| other.accounts.binary_search(account).is_ok()).collect();
            if !both.is_empty() {
                part.accounts = difference(&part.accounts, &both);
                other.accounts = difference(&other.accounts, &both);
                pairs.push((part.set, Part { accounts: both, ..other.clone() }));
            }
        }
    }
    lost.retain(|part| !part.accounts.is_empty());
    gained.retain(|part| !part.accounts.is_empty());
    // Then what is alike in all accounts, where there is one of each.
    type Place = (PrincipalNo, Cause, Vec<AccountNo>);
    let mut by_place: BTreeMap<Place, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, part) in lost.iter().enumerate() {
        by_place.entry((part.principal, part.cause, part.accounts.clone())).or_default().0.push(index);
    }
    for (index, part) in gained.iter().enumerate() {
        by_place.entry((part.principal, part.cause, part.accounts.clone())).or_default().1.push(index);
    }
    let (mut taken_lost, mut taken_gained) = (BTreeSet::new(), BTreeSet::new());
    for places in by_place.values() {
        if let (&[from], &[to]) = (places.0.as_slice(), places.1.as_slice()) {
            pairs.push((lost[from].set, gained[to].clone()));
            taken_lost.insert(from);
            taken_gained.insert(to);
        }
    }
    leave_out(lost, &taken_lost);
    leave_out(gained, &taken_gained);
    pairs
}

/// Takes the elements at some places out.
fn leave_out<T>(all: &mut Vec<T>, places: &BTreeSet<usize>) {
    let mut index = 0;
    all.retain(|_| {
        index += 1;
        !places.contains(&(index - 1))
    });
}

fn replaced_together<'a>(
    pairs: Vec<(SetNo, Part<'a>)>,
    names: &Names<'a>,
    principals: &Principals<'a>,
    comparison: &mut Comparison<'a, '_>,
) -> Vec<Replacement<'a>> {
    type Alike = (Cause, SetNo, SetNo, End, Option<bool>, Vec<AccountNo>);
    let mut alike: BTreeMap<Alike, (BTreeSet<PrincipalNo>, Part<'a>)> = BTreeMap::new();
    for (from, part) in pairs {
        let certain = part.privilege.as_ref().map(|privilege| privilege.certain);
        let key = (part.cause, from, part.set, end(part.expires), certain, part.accounts.clone());
        let (known, first) = alike.entry(key).or_insert_with(|| (BTreeSet::new(), part.clone()));
        known.insert(part.principal);
        first.rows.extend(&part.rows);
    }
    let mut replaced = Vec::new();
    for ((cause, from, to, ..), (known, part)) in alike {
        let sets: (Option<SetId>, Option<SetId>) = (names.all[from].1, names.all[to].2);
        let mut actions = match sets {
            (Some(old), Some(new)) => comparison.compare_in(part.accounts.iter().copied(), (old, new)),
            _ => Vec::new(),
        };
        actions.retain(|change| !change.is_empty() || !change.undecided.is_empty());
        replaced.push(Replacement {
            principals: principals.names(known),
            from: names.all[from].0,
            to: names.all[to].0,
            accounts: part.accounts,
            cause,
            expires: part.expires,
            rows: part.rows.into_iter().collect(),
            privilege: part.privilege,
            actions,
        });
    }
    replaced
}
