//! The accounts of two organizations, and what rows of the one mean in the other.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use crate::access::{Access, Account, AccountId, NamedAccount, Organization, OuId, Selection};
use crate::source::Spanned;

/// An account of either organization, by its place in [`Accounts`], which is the order of the ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(u32);

/// An account of either organization. Its id makes it the same; its name may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedAccount<'a> {
    /// 12 digits.
    pub id: &'a str,
    /// Its place in the old organization.
    pub old: Option<AccountId>,
    /// Its place in the new one.
    pub new: Option<AccountId>,
}

/// What newer data says about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountEvent<'a> {
    /// It was not in the old snapshot; it stands in the unit of this path.
    Joined(&'a str),
    /// It is not in the new snapshot; it stood in the unit of this path.
    Left(&'a str),
    /// It stands in another unit.
    Moved {
        /// The path of the old one.
        from: &'a str,
        /// The path of the new one.
        to: &'a str,
    },
    /// It has another status.
    Status {
        /// The old one.
        from: &'static str,
        /// The new one.
        to: &'static str,
    },
    /// It has other tags.
    Tags,
}

/// The accounts of both organizations, by id.
#[derive(Debug)]
pub struct Accounts<'a> {
    old: Option<&'a Organization>,
    new: Option<&'a Organization>,
    all: Vec<ComparedAccount<'a>>,
    of_old: Vec<AccountNo>,
    of_new: Vec<AccountNo>,
    /// Whether every selection means the same accounts in both.
    alike: bool,
}

impl<'a> Accounts<'a> {
    pub(super) fn of(old: &'a Access, new: &'a Access) -> Self {
        let (old, new) = (old.organization.as_ref(), new.organization.as_ref());
        let list = |organization: Option<&'a Organization>| organization.map_or(&[][..], |known| &known.accounts);
        let (before, after) = (list(old), list(new));
        let mut accounts =
            Self { old, new, all: Vec::new(), of_old: Vec::new(), of_new: Vec::new(), alike: alike(old, new) };
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        while let (a, b) = (before.get(accounts.of_old.len()), after.get(accounts.of_new.len()))
            && (a.is_some() || b.is_some())
        {
            let first = match (a, b) {
                (Some(a), Some(b)) => a.id.as_str().min(b.id.as_str()),
                (Some(one), None) | (None, Some(one)) => one.id.as_str(),
                (None, None) => break,
            };
            let no = AccountNo(number(accounts.all.len()));
            let take = |account: Option<&Account>, places: &mut Vec<AccountNo>| {
                account.filter(|account| account.id == first).map(|_| {
                    places.push(no);
                    AccountId(number(places.len() - 1))
                })
            };
            let old = take(a, &mut accounts.of_old);
            let new = take(b, &mut accounts.of_new);
            accounts.all.push(ComparedAccount { id: first, old, new });
        }
        accounts
    }

    /// The accounts, in the order of their ids.
    pub fn numbers(&self) -> impl Iterator<Item = AccountNo> + use<> {
        (0..self.all.len()).map(|index| AccountNo(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// An account.
    pub fn get(&self, no: AccountNo) -> ComparedAccount<'a> {
        self.all[no.0 as usize]
    }

    /// How it is called, in the new organization if it is still there.
    pub fn name(&self, no: AccountNo) -> &'a str {
        let account = self.get(no);
        let named = |organization: Option<&'a Organization>, id: Option<AccountId>| {
            Some(organization?.account(id?).name.as_str())
        };
        named(self.new, account.new).or(named(self.old, account.old)).unwrap_or(account.id)
    }

    pub(super) fn of_old(&self, account: AccountId) -> AccountNo {
        self.of_old[account.index()]
    }

    pub(super) fn of_new(&self, account: AccountId) -> AccountNo {
        self.of_new[account.index()]
    }

    /// Whether a selection means the same accounts in both organizations, whatever it is.
    pub(super) fn alike(&self) -> bool {
        self.alike
    }

    /// What newer data says about an account.
    pub fn events(&self, no: AccountNo) -> Vec<AccountEvent<'a>> {
        let account = self.get(no);
        let find = |organization: Option<&'a Organization>, id: Option<AccountId>| {
            let organization = organization?;
            let account = organization.account(id?);
            Some((account, organization.unit(account.ou).written_path()))
        };
        match (find(self.old, account.old), find(self.new, account.new)) {
            (None, Some((_, path))) => vec![AccountEvent::Joined(path)],
            (Some((_, path)), None) => vec![AccountEvent::Left(path)],
            (None, None) => Vec::new(),
            (Some((old, from)), Some((new, to))) => {
                let mut events = Vec::new();
                if from != to {
                    events.push(AccountEvent::Moved { from, to });
                }
                if old.status != new.status {
                    events.push(AccountEvent::Status { from: old.status.as_str(), to: new.status.as_str() });
                }
                if old.tags != new.tags {
                    events.push(AccountEvent::Tags);
                }
                events
            }
        }
    }

    /// The accounts that a selection of the old model gives in the new organization, active or not.
    pub(super) fn reinterpret(&self, selection: &Selection) -> FixedBitSet {
        let mut selected = FixedBitSet::new();
        if let (Some(old), Some(new)) = (self.old, self.new) {
            let unit = |ou: OuId| unit_in(new, old, ou);
            let account = |named: &NamedAccount| {
                let value = self.account_in(new, old, *named)?;
                Some(NamedAccount { value, ..*named })
            };
            let translated = Selection {
                ous: selection.ous.iter().filter_map(|ou| Some(Spanned::new(unit(ou.value)?, ou.span))).collect(),
                accounts: selection.accounts.iter().filter_map(account).collect(),
                account_tags: selection.account_tags.clone(),
                excluded_ous: selection.excluded_ous.iter().filter_map(|&ou| unit(ou)).collect(),
                excluded_accounts: selection.excluded_accounts.iter().filter_map(account).collect(),
            };
            new.select(&translated, &mut selected);
        }
        selected
    }

    /// The same, but only accounts that receive access.
    pub(super) fn reached(&self, selection: &Selection) -> Vec<AccountNo> {
        let Some(new) = self.new else { return Vec::new() };
        let selected = self.reinterpret(selection);
        let ids = new.account_ids().filter(|id| selected.contains(id.index()));
        ids.filter(|&id| new.is_active(id)).map(|id| self.of_new(id)).collect()
    }

    /// What a row that names an account means in another organization: by its id, the account of that id; by its name, the
    /// one of that name; the one of that id, if the name is gone, because it was renamed.
    fn account_in(&self, new: &Organization, old: &Organization, named: NamedAccount) -> Option<AccountId> {
        let same = self.get(self.of_old(named.value)).new;
        match new.account_named(&old.account(named.value).name) {
            Ok(account) if named.by_name => Some(account),
            _ => same,
        }
    }
}

/// What a row that names a unit means in another organization: the unit of that path, as rows go by paths; the one with
/// that id, if the path is gone, because it was renamed.
fn unit_in(new: &Organization, old: &Organization, ou: OuId) -> Option<OuId> {
    if let Ok(same) = new.unit_at(old.unit(ou).written_path()) {
        return Some(same);
    }
    let id = &old.unit(ou).id.as_ref()?.value;
    new.unit_ids().find(|&other| new.unit(other).id.as_ref().is_some_and(|other| other.value == *id))
}

/// Whether every selection means the same accounts in both organizations.
fn alike(old: Option<&Organization>, new: Option<&Organization>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    let mut units: FxHashMap<(OuId, OuId), bool> = FxHashMap::default();
    let mut same_place = |a: OuId, b: OuId| {
        *units.entry((a, b)).or_insert_with(|| {
            let path = |organization: &Organization, ou: OuId| {
                let above = std::iter::successors(Some(ou), |&ou| organization.unit(ou).parent);
                above.map(|ou| organization.unit(ou).path.clone()).collect::<Vec<_>>()
            };
            path(old, a) == path(new, b)
        })
    };
    let management = |organization: &Organization| {
        organization.management_account.map(|account| organization.account(account).id.clone())
    };
    management(old) == management(new)
        && old.accounts.len() == new.accounts.len()
        && old.account_ids().zip(old.accounts.iter().zip(&new.accounts)).all(|(id, (a, b))| {
            a.id == b.id
                && a.name == b.name
                && a.tags == b.tags
                && old.is_active(id) == new.is_active(id)
                && same_place(a.ou, b.ou)
        })
}
