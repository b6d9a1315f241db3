//! The statements of the model's documents, for the rules that judge them word by word.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Reach;
use super::context::{Body, Context};
use crate::access::PermissionsBoundary;
use crate::diagnostic::Diagnostic;
use crate::iam::assess::{Assessment, PolicyName, ServiceControls};
use crate::iam::policy::{Clause, Policy, Statement, Wording};
use crate::source::Span;
use rustc_hash::FxHashSet;

/// A statement that the model holds, as it is written and as it is understood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated<'a> {
    pub body: Body<'a>,
    pub statement: &'a Statement,
    pub wording: &'a Wording,
}

impl<'a> Context<'a> {
    /// Every statement of every document, each document once.
    pub(crate) fn stated(&self) -> impl Iterator<Item = Stated<'a>> {
        self.bodies().iter().flat_map(|&body| stated_in(body))
    }
}

/// The statements of one document.
pub(crate) fn stated_in<'a>(body: Body<'a>) -> impl Iterator<Item = Stated<'a>> {
    let statements = body.document.policy.statements().iter();
    statements
        .filter_map(move |statement| statement.wording.as_deref().map(|wording| Stated { body, statement, wording }))
}

impl<'a> Stated<'a> {
    /// The conditions, each with its number.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = (usize, &'a Clause)> + use<'a> {
        self.wording.clauses.iter().enumerate()
    }

    /// What the statement does to a request it applies to, as a verb.
    pub(crate) fn verb(&self) -> &'static str {
        if self.statement.allows { "allows" } else { "denies" }
    }
}

/// A permission set with one choice of bodies for its policies: what decides together.
#[derive(Debug)]
pub(crate) struct Merged<'c> {
    /// The name of the permission set.
    pub name: &'c str,
    /// How far it reaches.
    pub assessment: &'c Assessment,
    /// Where its boundary is named.
    pub boundary_named_at: Option<Span>,
    /// Whether the bodies of all its policies are known.
    pub is_known: bool,
    /// Whether a policy of AWS is among them, which AWS may widen any day.
    pub has_aws_managed: bool,
    reach: &'c Reach,
    /// The bodies that the model holds, each with the number of its policy.
    own: Vec<(usize, Body<'c>)>,
}

impl<'a> Context<'a> {
    /// Every permission set with every choice of bodies.
    pub(crate) fn merged(&self) -> impl Iterator<Item = Merged<'_>> {
        self.access.set_ids().flat_map(move |id| {
            let set = self.access.permission_set(id);
            let boundary_named_at = set.permissions_boundary.as_ref().map(|boundary| match boundary {
                PermissionsBoundary::Customer(policy) => policy.span,
                PermissionsBoundary::AwsManaged(name) => name.span,
            });
            self.reach(id).iter().map(move |reach| {
                let attached = &reach.policies.policies;
                let bodies = attached.iter().enumerate();
                let bodies = bodies.filter_map(|(at, attached)| Some((at, attached.policy.as_deref()?)));
                Merged {
                    name: &set.name.value,
                    assessment: &reach.assessment,
                    boundary_named_at,
                    is_known: attached.iter().all(|a| a.policy.as_ref().is_some_and(|policy| !policy.incomplete)),
                    has_aws_managed: attached.iter().any(|a| matches!(a.name, PolicyName::AwsManaged(_))),
                    reach,
                    own: bodies.filter_map(|(at, policy)| Some((at, self.body_of(policy)?))).collect(),
                }
            })
        })
    }
}

impl<'c> Merged<'c> {
    /// The statements of all its policies, those of AWS included.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &'c Statement> {
        let bodies = self.reach.policies.policies.iter().filter_map(|attached| attached.policy.as_deref());
        bodies.flat_map(|policy| policy.statements())
    }

    /// The statements that the model holds.
    pub(crate) fn own(&self) -> impl Iterator<Item = Stated<'c>> {
        self.own.iter().flat_map(|&(_, body)| stated_in(body))
    }

    /// A finding about a statement of [`Self::own`] that says something of this permission set alone.
    pub(crate) fn judged(&self, stated: &Stated<'_>, finding: Diagnostic) -> Diagnostic {
        let same = |body: &Body<'_>| Arc::ptr_eq(&body.document.policy, &stated.body.document.policy);
        match self.own.iter().find(|(_, body)| same(body)) {
            Some(&(policy, _)) => self.reach.judged(policy, finding),
            None => finding,
        }
    }

    /// The service control policies of the accounts, level by level; none where nothing is withheld.
    pub(crate) fn service_controls(&self) -> &'c [ServiceControls] {
        &self.reach.policies.service_controls
    }

    /// The body of the boundary, where there is one and it is known whole.
    pub(crate) fn boundary(&self) -> Option<&'c Policy> {
        let boundary = self.reach.policies.boundary.as_ref()?;
        boundary.policy.as_deref().filter(|policy| !policy.incomplete)
    }
}

/// What was found about places of documents, kept for those where it was found in every permission set that has them.
#[derive(Debug)]
pub(crate) struct Everywhere<T> {
    /// What was found wherever a place has been met so far.
    found: BTreeMap<Span, T>,
    /// The places where nothing was found at least once; most are.
    clear: FxHashSet<Span>,
}

impl<T> Default for Everywhere<T> {
    fn default() -> Self {
        Self { found: BTreeMap::new(), clear: FxHashSet::default() }
    }
}

impl<T: Copy> Everywhere<T> {
    /// Notes what one permission set has at a place; `None` takes back what others had.
    pub(crate) fn note(&mut self, place: Span, found: Option<T>) {
        match found {
            Some(_) if self.clear.contains(&place) => {}
            Some(found) => {
                self.found.entry(place).or_insert(found);
            }
            None => {
                self.found.remove(&place);
                self.clear.insert(place);
            }
        }
    }

    /// Whether something was found at a place everywhere.
    pub(crate) fn holds(&self, place: Span) -> bool {
        self.found.contains_key(&place)
    }

    /// What was found everywhere, by place.
    pub(crate) fn found(&self) -> impl Iterator<Item = (Span, T)> {
        self.found.iter().map(|(&place, &found)| (place, found))
    }
}
