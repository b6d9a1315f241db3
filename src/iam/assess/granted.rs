//! Single actions that rules ask for: which statements grant them.

use smol_str::SmolStr;

use super::{Assessment, Assessor, Layers, PermissionSetPolicies};
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::reach::{Certainty, Grant};
use crate::source::Span;

/// One way in which a permission set is granted an action, within its boundary and the service control policies.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The action.
    pub action: ActionId,
    /// How sure it is.
    pub certainty: Certainty,
    /// It is not limited to resources of certain names.
    pub unlimited: bool,
    /// The condition keys that the Allow still depends on, in lower case.
    pub keys: Vec<SmolStr>,
    /// The index of the policy in [`PermissionSetPolicies::policies`].
    pub policy: usize,
    /// The number of the statement in it, from 1.
    pub statement: usize,
    /// Where the statement is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
}

impl Granted {
    fn new(action: ActionId, grant: &Grant<'_>) -> Self {
        Self {
            action,
            certainty: grant.certainty,
            unlimited: grant.unlimited,
            keys: grant.conditions.iter().map(|atom| atom.key.clone()).collect(),
            policy: grant.policy,
            statement: grant.statement.number,
            span: grant.statement.span,
        }
    }

    /// The action as `service:Action`.
    pub fn name(&self) -> String {
        let action = Catalogue::embedded().action(self.action);
        format!("{}:{}", action.service, action.name)
    }
}

impl Assessment {
    /// The grants of an action that the assessor watches.
    pub fn granted(&self, action: &str) -> impl Iterator<Item = &Granted> {
        // Most sets have none.
        let id = if self.watched.is_empty() { None } else { Catalogue::embedded().action_named(action) };
        self.watched.iter().filter(move |granted| Some(granted.action) == id)
    }
}

impl Assessor {
    /// Has every assessment from now on say who grants these actions.
    pub fn watch<'n>(&mut self, actions: impl IntoIterator<Item = &'n str>) {
        self.watched.extend(actions.into_iter().filter_map(|action| self.catalogue.action_named(action)));
    }

    /// The grants of the watched actions.
    pub(super) fn watched(&self, layers: &Layers<'_>, allowed: &fixedbitset::FixedBitSet) -> Vec<Granted> {
        let mut found = Vec::new();
        for &action in self.watched.iter().filter(|action| allowed.contains(action.0 as usize)) {
            match layers.full_grant(action) {
                Some(grant) => found.push(Granted::new(action, &grant)),
                None => found.extend(layers.grants(action, None).iter().map(|grant| Granted::new(action, grant))),
            }
        }
        found
    }

    /// The surest grant of one of some actions on one resource, a concrete ARN.
    pub fn granted_on(&self, set: &PermissionSetPolicies, actions: &[&str], arn: &str) -> Option<Granted> {
        let layers = self.layers(set);
        let mut best: Option<Granted> = None;
        for action in actions.iter().filter_map(|action| self.catalogue.action_named(action)) {
            for grant in layers.grants_on(action, arn) {
                if best.as_ref().is_none_or(|best| best.certainty < grant.certainty) {
                    best = Some(Granted::new(action, &grant));
                }
            }
        }
        best
    }
}
