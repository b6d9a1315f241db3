//! The organization as a tree of units over a list of accounts.

use std::ops::Range;

use fixedbitset::FixedBitSet;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{AttachedControls, Selection, ServiceControlPolicy};
use crate::model::AccountStatus;
use crate::source::{Span, Spanned};

/// An account, by its place in [`Organization::accounts`], which is the order of the ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub(crate) u32);

/// An organizational unit, by its place in [`Organization::units`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OuId(pub(crate) u32);

impl AccountId {
    /// The account at a place in [`Organization::accounts`].
    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The place in [`Organization::accounts`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl OuId {
    /// The place in [`Organization::units`].
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The root of the organization.
    pub const ROOT: Self = Self(0);
}

/// An account of the snapshot.
#[derive(Clone, Debug)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// The name.
    pub name: String,
    /// Only active accounts receive access.
    pub status: AccountStatus,
    /// The tags, by key.
    pub tags: Box<[(String, String)]>,
    /// The unit it stands in.
    pub ou: OuId,
    /// The service control policies that are attached to the account itself, where the model says.
    pub service_controls: Option<Box<AttachedControls>>,
    /// Where its name is declared.
    pub span: Span,
}

/// An organizational unit, or the root.
#[derive(Clone, Debug)]
pub struct OrganizationalUnit {
    /// The path from the root, names joined by `/`; empty for the root.
    pub path: String,
    /// The id, where the snapshot has it.
    pub id: Option<Spanned<String>>,
    /// The unit above; `None` for the root.
    pub parent: Option<OuId>,
    /// The units right below, by name.
    pub children: Vec<OuId>,
    /// The accounts right in it, by id.
    pub accounts: Vec<AccountId>,
    /// The service control policies that are attached to it, where the model says.
    pub service_controls: Option<AttachedControls>,
    /// Where its name is declared.
    pub span: Span,
    /// The accounts at or below it, as a range of the organization's tree order.
    pub(crate) subtree: Range<u32>,
}

/// The snapshot of AWS Organizations.
#[derive(Debug, Default)]
pub struct Organization {
    /// The id, where the snapshot has it.
    pub id: Option<Spanned<String>>,
    /// The management account.
    pub management_account: Option<AccountId>,
    /// The accounts, by id.
    pub accounts: Vec<Account>,
    /// The units, parents before children, siblings by name; the first is the root.
    pub units: Vec<OrganizationalUnit>,
    /// The service control policies that the model declares, by name.
    pub service_control_policies: Vec<ServiceControlPolicy>,
    /// The accounts in the order of the tree, into which `subtree` points.
    pub(crate) tree_order: Vec<AccountId>,
    pub(crate) by_path: FxHashMap<String, Vec<OuId>>,
    /// The accounts in the order of their names.
    pub(crate) by_name: Box<[AccountId]>,
    /// The names of accounts that were left out because something is wrong with them, which was reported.
    pub(crate) dropped: FxHashSet<String>,
}

/// Why a name points at nothing, or at too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing has it.
    Unknown,
    /// More than one has it.
    Ambiguous,
}

impl OrganizationalUnit {
    /// What rows write for the root.
    pub const ROOT_PATH: &str = "_root_";

    /// The path as rows write it.
    pub fn written_path(&self) -> &str {
        if self.path.is_empty() { Self::ROOT_PATH } else { &self.path }
    }
}

impl Organization {
    /// An account.
    pub fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id.0 as usize]
    }

    /// A unit.
    pub fn unit(&self, id: OuId) -> &OrganizationalUnit {
        &self.units[id.0 as usize]
    }

    /// All units, parents before children.
    pub fn unit_ids(&self) -> impl Iterator<Item = OuId> + use<> {
        (0..self.units.len()).map(|index| OuId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// All accounts, in the order of the ids.
    pub fn account_ids(&self) -> impl Iterator<Item = AccountId> + use<> {
        (0..self.accounts.len()).map(|index| AccountId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// All accounts at or below a unit, the management account and inactive ones included, in the order of the tree.
    pub fn accounts_below(&self, ou: OuId) -> &[AccountId] {
        let range = &self.unit(ou).subtree;
        &self.tree_order[range.start as usize..range.end as usize]
    }

    /// Whether `below` is `above` or stands somewhere below it.
    pub fn is_below(&self, below: OuId, above: OuId) -> bool {
        let mut at = Some(below);
        while let Some(ou) = at {
            if ou == above {
                return true;
            }
            at = self.unit(ou).parent;
        }
        false
    }

    /// Whether an account is in use.
    pub fn is_active(&self, id: AccountId) -> bool {
        self.account(id).status == AccountStatus::Active
    }

    /// The accounts a unit's subtree gives to a selection: active or not, never the management account.
    pub fn members_below(&self, ou: OuId) -> impl Iterator<Item = AccountId> + '_ {
        self.accounts_below(ou).iter().copied().filter(|&account| Some(account) != self.management_account)
    }

    /// The unit with a path; `_root_` is the root.
    pub fn unit_at(&self, path: &str) -> Result<OuId, Unresolved> {
        if path == OrganizationalUnit::ROOT_PATH {
            return Ok(OuId::ROOT);
        }
        match self.by_path.get(path).map(Vec::as_slice) {
            None | Some([]) => Err(Unresolved::Unknown),
            Some([one]) => Ok(*one),
            Some(_) => Err(Unresolved::Ambiguous),
        }
    }

    /// The account with a name or id.
    pub fn account_named(&self, name: &str) -> Result<AccountId, Unresolved> {
        if let Some(account) = self.account_with_id(name) {
            return Ok(account);
        }
        match self.accounts_called(name) {
            [] => Err(Unresolved::Unknown),
            [one] => Ok(*one),
            _ => Err(Unresolved::Ambiguous),
        }
    }

    /// The account with an id.
    pub fn account_with_id(&self, id: &str) -> Option<AccountId> {
        let at = self.accounts.binary_search_by(|account| account.id.as_str().cmp(id)).ok()?;
        Some(AccountId::at(at))
    }

    /// The accounts with a name, by id.
    pub fn accounts_called(&self, name: &str) -> &[AccountId] {
        let named = |&account: &AccountId| self.account(account).name.as_str();
        let start = self.by_name.partition_point(|account| named(account) < name);
        let length = self.by_name[start..].partition_point(|account| named(account) == name);
        &self.by_name[start..start + length]
    }

    /// Whether an account has, for every key, one of the values.
    pub fn has_tags(&self, account: AccountId, wanted: &[(String, Vec<String>)]) -> bool {
        let tags = &self.account(account).tags;
        wanted.iter().all(|(key, values)| tags.iter().any(|(name, value)| name == key && values.contains(value)))
    }

    /// The accounts of a selection, active or not, as a set over account numbers:
    /// (accounts below `ous`) ∪ `accounts`, narrowed by `account_tags`, minus the excluded ones, which always win.
    pub fn select(&self, selection: &Selection, selected: &mut FixedBitSet) {
        selected.clear();
        selected.grow(self.accounts.len());
        for ou in &selection.ous {
            for account in self.members_below(ou.value) {
                selected.insert(account.0 as usize);
            }
        }
        for account in &selection.accounts {
            selected.insert(account.value.0 as usize);
        }
        if !selection.account_tags.is_empty() {
            for index in 0..self.accounts.len() {
                if selected.contains(index) && !self.has_tags(AccountId(index as u32), &selection.account_tags) {
                    selected.remove(index);
                }
            }
        }
        for &ou in &selection.excluded_ous {
            for &account in self.accounts_below(ou) {
                selected.remove(account.0 as usize);
            }
        }
        for account in &selection.excluded_accounts {
            selected.remove(account.value.0 as usize);
        }
    }
}
