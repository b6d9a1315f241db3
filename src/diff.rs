//! What a change does to access: who gains or loses what and where, and which permission sets allow more or less.
//!
//! [`AccessDiff::of`] compares two [`Access`]es, and reports spell what it finds. What is compared is what AWS ends up with:
//! grants, what permission sets consist of, and what their policies allow together in each account. How the model is split
//! over files and rows, how rows and documents are written and what accounts are called plays no part.
//!
//! A model holds rows, which somebody writes, and a snapshot of the organization, which is refreshed. Both change access, and
//! a reviewer has to know which did: between the two models stands a third one, the **old rows over the new organization**.
//! What is different there already has come with newer data ([`Cause::Data`]); the rest is the change itself
//! ([`Cause::Change`]). Time is no cause: both models are resolved as of one moment.

mod accounts;
mod actions;
mod bodies;
mod gate;
mod grants;
mod permission_sets;
mod settings;

pub use accounts::{AccountEvent, AccountNo, Accounts, ComparedAccount};
pub use actions::{ActionGain, ActionsChange, Escalation, Privilege, escalating_actions, gravity};
pub use gate::Gate;
pub use grants::{EndChange, GrantChange, Replacement};
pub use permission_sets::{Attribute, AttributeChange, PolicyChange, SetChange, SetKind};
pub use settings::{ControlChange, Repinned, SettingChange};

use std::collections::BTreeSet;

use crate::access::{Access, Organization};

/// What brought a difference about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The rows, permission sets or policies of the model.
    Change,
    /// Both together.
    Both,
    /// The snapshot of the organization: accounts that are new, gone, moved, tagged or suspended, service control policies.
    Data,
}

/// One of the two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The model before.
    Old,
    /// The model after.
    New,
}

/// What differs between two models. Every list is empty where nothing does, and in an order that depends on names alone.
#[derive(Debug)]
pub struct AccessDiff<'a> {
    /// The model before.
    pub old: &'a Access,
    /// The model after.
    pub new: &'a Access,
    /// The accounts of both.
    pub accounts: Accounts<'a>,
    /// Grants that only the new model has.
    pub gained: Vec<GrantChange<'a>>,
    /// Grants that only the old model has.
    pub lost: Vec<GrantChange<'a>>,
    /// Grants of one permission set that take the place of grants of another.
    pub replaced: Vec<Replacement<'a>>,
    /// Grants of both that end at another moment.
    pub ends: Vec<EndChange<'a>>,
    /// Permission sets that are new, gone, made of something else, or allow something else.
    pub permission_sets: Vec<SetChange<'a>>,
    /// Customer-managed policies with another body.
    pub policies: Vec<PolicyChange<'a>>,
    /// Service control policies that are new, gone, changed, attached or detached.
    pub controls: Vec<ControlChange<'a>>,
    /// Principals whose name stands for another group or user.
    pub repinned: Vec<Repinned<'a>>,
    /// The instance, and attributes for access control.
    pub settings: Vec<SettingChange<'a>>,
    /// Whether one of the models has rows and no organization, so that grants cannot be compared.
    pub without_grants: bool,
}

impl<'a> AccessDiff<'a> {
    /// Compares two models, which are resolved as of the same moment.
    pub fn of(old: &'a Access, new: &'a Access) -> Self {
        let accounts = Accounts::of(old, new);
        let incomparable = |access: &Access| access.organization.is_none() && !access.rows.is_empty();
        let without_grants = incomparable(old) || incomparable(new);
        let mut comparison = actions::Comparison::of(old, new, &accounts);
        let sets = permission_sets::Names::of(old, new);
        let permission_sets = permission_sets::changes(&sets, &mut comparison);
        let policies = permission_sets::policies(&mut comparison);
        let grants = match without_grants {
            true => grants::Grants::default(),
            false => grants::Grants::of(&sets, &permission_sets, &mut comparison),
        };
        Self {
            old,
            new,
            gained: grants.gained,
            lost: grants.lost,
            replaced: grants.replaced,
            ends: grants.ends,
            permission_sets,
            policies,
            controls: settings::controls(old, new),
            repinned: settings::repinned(old, new),
            settings: settings::settings(old, new),
            without_grants,
            accounts,
        }
    }

    /// Whether nobody's access differs, and nothing that access is made of.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty()
            && self.lost.is_empty()
            && self.replaced.is_empty()
            && self.ends.is_empty()
            && self.permission_sets.is_empty()
            && self.policies.is_empty()
            && self.controls.is_empty()
            && self.repinned.is_empty()
            && self.settings.is_empty()
    }

    /// The accounts in which newer data changes grants, by id.
    pub fn affected_by_data(&self) -> BTreeSet<AccountNo> {
        let grants = self.gained.iter().chain(&self.lost).map(|change| (change.cause, &change.accounts));
        let replaced = self.replaced.iter().map(|change| (change.cause, &change.accounts));
        let by_data = grants.chain(replaced).filter(|(cause, _)| *cause == Cause::Data);
        by_data.flat_map(|(_, accounts)| accounts.iter().copied()).collect()
    }

    /// The model of a side.
    pub fn access(&self, side: Side) -> &'a Access {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }

    /// The organization of a side.
    pub fn organization(&self, side: Side) -> Option<&'a Organization> {
        self.access(side).organization.as_ref()
    }
}
