//! Single actions that rules ask for: which statements grant them.

use smol_str::SmolStr;

use super::{Assessment, Assessor, PermissionSetPolicies};
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::effective::{Denied, Effective};
use crate::iam::reach::{Certainty, Grant};
use crate::source::Span;

/// One way in which a permission set is granted an action, within its boundary and the service control policies.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The action.
    pub action: ActionId,
    /// How sure it is.
    pub certainty: Certainty,
    /// How sure it would be if policies that are not known neither denied nor withheld anything.
    pub as_far_as_known: Certainty,
    /// It is not limited to resources of certain names.
    pub unlimited: bool,
    /// The condition keys that the Allow still depends on, and one Allow of each gate, in lower case.
    pub keys: Vec<SmolStr>,
    /// The Deny statements that may stand in the way.
    pub unless: Vec<Denied>,
    /// The condition keys of these, in lower case.
    pub denying_keys: Vec<SmolStr>,
    /// The index of the policy in [`PermissionSetPolicies::policies`].
    pub policy: usize,
    /// The number of the statement in it, from 1.
    pub statement: usize,
    /// Where the statement is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
}

impl Granted {
    fn new(action: ActionId, grant: &Grant<'_>, ceiling: Certainty) -> Self {
        let denying = grant.denies.iter().flat_map(|(_, deny)| &deny.conditions);
        Self {
            action,
            certainty: grant.certainty.min(ceiling),
            as_far_as_known: grant.certainty,
            unlimited: grant.is_unlimited(),
            keys: grant.demanded().map(|atom| atom.key.clone()).collect(),
            unless: grant.denies.iter().map(|&(origin, deny)| super::denied(origin, deny)).collect(),
            denying_keys: denying.map(|atom| atom.key.clone()).collect(),
            policy: grant.policy,
            statement: grant.statement.number,
            span: grant.statement.span,
        }
    }

    /// Whether, as far as policies are known, requests are allowed on every resource to whoever makes them in the right
    /// way: what stands in the way, if anything, is no condition of the Allow and nothing about the resource.
    pub fn is_open(&self) -> bool {
        let about_request =
            |key: &SmolStr| key.starts_with("aws:") && !key.starts_with("aws:resource") || &**key == "ec2:roledelivery";
        let shown = self.as_far_as_known == Certainty::Conditional && self.keys.is_empty() && !self.unless.is_empty();
        self.unlimited
            && (self.as_far_as_known == Certainty::Proven || shown && self.denying_keys.iter().all(about_request))
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

    /// The grants of the watched actions, proven by requests if that is wanted.
    pub(super) fn watched(
        &self,
        effective: &Effective<'_>,
        allowed: &fixedbitset::FixedBitSet,
        prove: bool,
    ) -> Vec<Granted> {
        let mut found = Vec::new();
        let ceiling = effective.ceiling();
        for &action in self.watched.iter().filter(|action| allowed.contains(action.0 as usize)) {
            match effective.layers.full_grant(action) {
                Some(grant) => found.push(Granted::new(action, &grant, ceiling)),
                None => found.extend(effective.layers.grants(action, None).into_iter().map(|mut grant| {
                    if prove {
                        effective.prove(action, &mut grant, &[]);
                    }
                    Granted::new(action, &grant, ceiling)
                })),
            }
        }
        found
    }

    /// The surest grant of one of some actions on one resource, a concrete ARN.
    pub fn granted_on(&self, set: &PermissionSetPolicies, actions: &[&str], arn: &str) -> Option<Granted> {
        let effective = self.effective(set);
        let mut best: Option<Granted> = None;
        for action in actions.iter().filter_map(|action| self.catalogue.action_named(action)) {
            for mut grant in effective.layers.grants_on(action, arn) {
                effective.prove_on(action, &mut grant, arn);
                if best.as_ref().is_none_or(|best| best.as_far_as_known < grant.certainty) {
                    best = Some(Granted::new(action, &grant, effective.ceiling()));
                }
            }
        }
        best
    }
}
