//! What AWS has: services, actions, resource types, AWS-managed policies, and the known ways to escalate.
//!
//! The text is in the repository's `data/` folder, with its sources and licences, and is refreshed by `cargo xtask
//! iam-data`; the program embeds its packed form. Looking something up is a binary search over static tables, so a
//! process that asks for nothing pays nothing.

mod actions;
mod conditions;
mod escalation;
mod managed;
mod meant;
mod pack;
#[cfg(test)]
mod tests;

use std::sync::{LazyLock, OnceLock};

use rustc_hash::FxHashMap;

pub use actions::{AccessLevel, Action, ActionId, ActionLookup, ResourceType, Service, Tombstone};
pub use conditions::{ConditionKey, KeyType, UnknownKey};
pub(crate) use escalation::receiver_in;
pub use escalation::{EscalationPath, Gains, PathClass};
pub use managed::{ManagedLookup, ManagedPolicy};
pub use meant::Meant;
use pack::{Pack, Section};

/// The action reference and the AWS-managed policies of one day.
#[derive(Debug)]
pub struct Catalogue {
    services: Section,
    actions: Section,
    type_list_starts: Section,
    type_list_items: Section,
    resource_types: Section,
    condition_keys: Section,
    tombstones: Section,
    paths: Section,
    path_actions: Section,
    administration: Section,
    actions_snapshot: Section,
    key_list_starts: Section,
    key_list_items: Section,
    policies: Section,
    documents: Section,
    managed_snapshot: Section,
    /// The services, once one has been asked for.
    services_by_prefix: OnceLock<FxHashMap<&'static str, Service>>,
}

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    let actions = Pack::new(include_bytes!("../../data/actions.bin"));
    let managed = Pack::new(include_bytes!("../../data/managed.bin"));
    // The numbers are the order in which the xtask writes the sections.
    Catalogue {
        services: actions.section(0),
        actions: actions.section(1),
        type_list_starts: actions.section(2),
        type_list_items: actions.section(3),
        resource_types: actions.section(4),
        condition_keys: actions.section(5),
        tombstones: actions.section(6),
        paths: actions.section(7),
        path_actions: actions.section(8),
        administration: actions.section(9),
        actions_snapshot: actions.section(10),
        key_list_starts: actions.section(11),
        key_list_items: actions.section(12),
        policies: managed.section(0),
        documents: managed.section(1),
        managed_snapshot: managed.section(2),
        services_by_prefix: OnceLock::new(),
    }
});

impl Catalogue {
    /// The data this program was built with.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The day of the action reference, as `2026-10-27`.
    pub fn actions_as_of(&self) -> &'static str {
        self.actions_snapshot.string(0)
    }

    /// The day of the newest AWS-managed policy that is known, as `2026-09-30`.
    pub fn managed_policies_as_of(&self) -> &'static str {
        self.managed_snapshot.string(0)
    }
}
