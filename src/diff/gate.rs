//! Gates: what a change may not do.

use super::AccessDiff;
use super::actions::ActionsChange;
use super::permission_sets::{Attribute, SetKind};

/// Something that a change may not do without somebody's having looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Somebody gains a permission set that certainly can change its own permissions, or a permission set that somebody has
    /// comes to that.
    GainedPrivileged,
    /// The same, where it only possibly can.
    GainedPossiblyPrivileged,
    /// Somebody gains a permission set in an account.
    Gained,
    /// Somebody loses one.
    Lost,
    /// A permission set allows actions that it did not.
    Widened,
    /// A permission set allows actions no more that it did.
    Narrowed,
    /// A permissions boundary is taken away or exchanged.
    Boundary,
    /// Sessions last longer.
    LongerSession,
    /// Grants end later, or never.
    LaterEnd,
    /// Anything differs.
    Any,
}

impl AccessDiff<'_> {
    /// Whether the change does what a gate is about.
    ///
    /// A permission set in the place of another counts as gained only where it allows more than that.
    pub fn meets(&self, gate: Gate) -> bool {
        let wider = |change: &ActionsChange| !change.gained.is_empty();
        let narrower = |change: &ActionsChange| !change.lost.is_empty();
        let opens = |change: &ActionsChange, certain: bool| {
            change.opened.iter().any(|way| way.privileged && (way.certain || !certain))
        };
        let all_actions = || {
            let own = self.permission_sets.iter().flat_map(|set| &set.actions);
            own.chain(self.replaced.iter().flat_map(|replaced| &replaced.actions))
        };
        let privileged = |certain: bool| {
            let gained = self.gained.iter().filter_map(|gained| gained.privilege.as_ref());
            gained.into_iter().any(|privilege| privilege.certain || !certain)
                || all_actions().any(|change| opens(change, certain))
        };
        match gate {
            Gate::GainedPrivileged => privileged(true),
            Gate::GainedPossiblyPrivileged => privileged(false),
            Gate::Gained => {
                !self.gained.is_empty() || self.replaced.iter().any(|replaced| replaced.actions.iter().any(wider))
            }
            Gate::Lost => {
                !self.lost.is_empty() || self.replaced.iter().any(|replaced| replaced.actions.iter().any(narrower))
            }
            Gate::Widened => all_actions().any(wider),
            Gate::Narrowed => all_actions().any(narrower),
            Gate::Boundary => self.attributes(Attribute::PermissionsBoundary).any(|change| change.0.is_some()),
            Gate::LongerSession => self.attributes(Attribute::SessionDuration).any(|change| {
                let seconds = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
                seconds(change.1) > seconds(change.0)
            }),
            Gate::LaterEnd => self.ends.iter().any(super::EndChange::is_longer),
            Gate::Any => !self.is_empty(),
        }
    }

    /// What an attribute was and is, in the sets of both models.
    fn attributes(&self, attribute: Attribute) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
        let lasting = self.permission_sets.iter().filter(|set| set.kind == SetKind::Changed);
        let changes = lasting.flat_map(|set| &set.attributes).filter(move |change| change.attribute == attribute);
        changes.map(|change| (change.old.as_deref(), change.new.as_deref()))
    }
}
