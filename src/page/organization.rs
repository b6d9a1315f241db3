//! The organization as columns.

use serde::Serialize;

use crate::access::{Access, AccountId, Organization, OrganizationalUnit, OuId};

/// Accounts as `[start, end, start, end, …]` over their numbers, each end behind its last account, in order and apart.
pub type Ranges = Vec<u32>;

/// The numbers of accounts on the page: the order of the tree, in which whatever is below a unit stands together.
#[derive(Debug)]
pub(super) struct Numbering {
    /// By [`AccountId`].
    numbers: Vec<u32>,
    /// The accounts in their order.
    order: Vec<AccountId>,
}

impl Numbering {
    pub(super) fn of(organization: Option<&Organization>) -> Self {
        let order = organization.map_or(&[][..], |organization| organization.accounts_below(OuId::ROOT)).to_vec();
        let mut numbers = vec![0; order.len()];
        for (number, account) in (0..).zip(&order) {
            numbers[account.index()] = number;
        }
        Self { numbers, order }
    }

    pub(super) fn number(&self, account: AccountId) -> u32 {
        self.numbers[account.index()]
    }

    /// Some accounts as ranges.
    pub(super) fn ranges(&self, accounts: impl IntoIterator<Item = AccountId>) -> Ranges {
        self.ranges_of_indices(accounts.into_iter().map(AccountId::index))
    }

    /// Some accounts, by the places of their ids, as ranges.
    pub(super) fn ranges_of_indices(&self, accounts: impl IntoIterator<Item = usize>) -> Ranges {
        let mut numbers: Vec<u32> = accounts.into_iter().filter_map(|index| self.numbers.get(index).copied()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut ranges = Ranges::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(end) if *end == number => *end += 1,
                _ => ranges.extend([number, number + 1]),
            }
        }
        ranges
    }
}

/// The organizational units, as columns.
#[derive(Debug, Default, Serialize)]
pub struct Units {
    /// The paths from the root; empty for the root itself.
    pub path: Vec<String>,
    /// The ids, where the snapshot has them.
    pub id: Vec<Option<String>>,
    /// The units above; none for the root.
    pub parent: Vec<Option<u32>>,
    /// The first account at or below each.
    pub start: Vec<u32>,
    /// The account behind the last.
    pub end: Vec<u32>,
}

impl Units {
    pub(super) fn of(organization: Option<&Organization>) -> Self {
        let mut columns = Self::default();
        for unit in organization.iter().flat_map(|organization| &organization.units) {
            let OrganizationalUnit { path, id, parent, subtree, .. } = unit;
            columns.path.push(path.clone());
            columns.id.push(id.as_ref().map(|id| id.value.clone()));
            columns.parent.push(parent.map(|parent| parent.0));
            columns.start.push(subtree.start);
            columns.end.push(subtree.end);
        }
        columns
    }
}

/// The accounts, as columns.
#[derive(Debug, Default, Serialize)]
pub struct Accounts {
    /// The names.
    pub name: Vec<String>,
    /// The ids: 12 digits.
    pub id: Vec<String>,
    /// The units they stand in.
    pub unit: Vec<u32>,
    /// The tags, each as `key=value`.
    pub tags: Vec<Vec<String>>,
    /// Those that are not active, and their status.
    pub inactive: Vec<(u32, String)>,
    /// The management account.
    pub management: Option<u32>,
    /// Those that the settings call production.
    pub production: Ranges,
}

impl Accounts {
    pub(super) fn of(access: &Access, numbering: &Numbering) -> Self {
        let Some(organization) = &access.organization else { return Self::default() };
        let mut columns = Self {
            management: organization.management_account.map(|account| numbering.number(account)),
            production: access
                .production
                .as_ref()
                .map_or_else(Ranges::new, |(accounts, _)| numbering.ranges_of_indices(accounts.ones())),
            ..Self::default()
        };
        for &id in &numbering.order {
            let account = organization.account(id);
            columns.name.push(account.name.clone());
            columns.id.push(account.id.clone());
            columns.unit.push(account.ou.0);
            columns.tags.push(account.tags.iter().map(|(key, value)| format!("{key}={value}")).collect());
            if !organization.is_active(id) {
                columns.inactive.push((numbering.number(id), account.status.as_str().to_owned()));
            }
        }
        columns
    }
}
