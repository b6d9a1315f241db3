//! What a rule may see.

use std::cell::OnceCell;

use super::reach::{self, Reach};
use super::{Kind, Level, Rule};
use crate::access::{Access, AccountId, Organization, SetId};
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
    /// Whether CloudFormation is to deploy it.
    pub for_cloudformation: bool,
    /// By permission set; assessed for the first rule that asks.
    reach: OnceCell<Vec<Vec<Reach>>>,
}

impl<'a> Context<'a> {
    /// Prepares to judge `access`.
    pub fn new(access: &'a Access) -> Self {
        Self { access, for_cloudformation: false, reach: OnceCell::new() }
    }

    /// Whether the findings of a rule are wanted: an optional rule is off until a level is set.
    pub(super) fn is_on(&self, rule: &Rule) -> bool {
        let level = || self.access.lint.as_ref().and_then(|lint| Level::of(lint, rule.id));
        rule.kind != Kind::Optional || level().is_some_and(|level| level != Level::Allow)
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

    /// Whether a permission set reaches `iam:*` in some account, within its boundary.
    pub fn reaches_iam(&self, set: SetId) -> bool {
        self.reach(set).iter().any(|reach| reach.assessment.reaches_iam_wildcard().is_some())
    }

    /// How far a permission set reaches: once for its policies' own bodies, and once for each variant of one of them.
    pub fn reach(&self, set: SetId) -> &[Reach] {
        &self.reach.get_or_init(|| reach::assess(self.access))[set.index()]
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
