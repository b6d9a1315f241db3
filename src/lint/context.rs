//! What a rule may see.

use crate::access::{Access, AccountId, Document, Organization, SetId};
use crate::source::Spanned;

/// What an id of the organization belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKind {
    /// The organization itself.
    Organization,
    /// Its root.
    Root,
    /// A unit.
    Unit,
}

/// The resolved model, and what several rules want to know about it.
#[derive(Debug)]
pub struct Context<'a> {
    /// The model.
    pub access: &'a Access,
}

impl<'a> Context<'a> {
    /// Prepares to judge `access`.
    pub fn new(access: &'a Access) -> Self {
        Self { access }
    }

    /// The organization, where the model has one.
    pub fn organization(&self) -> Option<&'a Organization> {
        self.access.organization.as_ref()
    }

    /// The ids of the organization, its root and its units, where the snapshot has them.
    pub(crate) fn organization_ids(&self) -> Vec<(IdKind, &'a Spanned<String>)> {
        let Some(organization) = self.organization() else { return Vec::new() };
        let units = organization.units.iter().enumerate().filter_map(|(index, unit)| {
            let kind = if index == 0 { IdKind::Root } else { IdKind::Unit };
            unit.id.as_ref().map(|id| (kind, id))
        });
        organization.id.iter().map(|id| (IdKind::Organization, id)).chain(units).collect()
    }

    /// Every policy document of the model.
    pub fn documents(&self) -> impl Iterator<Item = &'a Document> {
        let inline = self.access.permission_sets.iter().filter_map(|set| set.inline_policy.as_ref());
        inline.chain(self.access.policies.iter().flat_map(|policy| policy.documents()))
    }

    /// Whether a permission set reaches `iam:*`.
    pub fn reaches_iam(&self, _set: SetId) -> bool {
        false
    }

    /// A few accounts by name, and how many more there are.
    pub fn name_accounts(&self, accounts: &[AccountId]) -> String {
        let Some(organization) = self.organization() else { return String::new() };
        let name = |&account: &AccountId| format!("`{}`", organization.account(account).name);
        let shown: Vec<_> = accounts.iter().take(3).map(name).collect();
        match accounts.len().saturating_sub(3) {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }
}
