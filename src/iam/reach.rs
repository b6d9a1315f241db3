//! What a principal may do, between two bounds.
//!
//! *May* is never too small: every condition could hold, and a Deny takes something away only where it certainly
//! applies. *Must* is never too large: a concrete resource is made up that the Allow matches, the boundary lets through
//! and no Deny can touch. The truth lies between, and a [`Grant`] says how near to which bound it is.

use std::sync::LazyLock;

use fixedbitset::FixedBitSet;

use super::catalogue::{Action, ActionId, Catalogue};
use super::condition::{Atom, Known, Residue};
use super::facts::Facts;
use super::glob::Glob;
use super::policy::{Policy, Statement};
use super::resource::{Formats, KnownFormats, Resources, Witness};

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Certainty {
    /// It depends on request data, on a Deny, or on what is not in the model.
    Possible,
    /// It holds for requests that meet the conditions of the Allow.
    Conditional,
    /// It holds whatever the request.
    Proven,
}

/// A statement in force: where it stands, and what the facts leave of its conditions.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    /// The index of its policy among those of the permission set.
    pub(crate) policy: usize,
    pub(crate) statement: &'a Statement,
    pub(crate) residue: Residue<'a>,
}

/// The policies that decide together: an action needs an Allow of the identity and, if there is one, of the boundary;
/// a Deny of either wins. Service control policies would be further layers of the boundary's kind.
#[derive(Debug)]
pub(crate) struct Layers<'a> {
    pub(crate) identity: Vec<Placed<'a>>,
    pub(crate) boundary: Option<Vec<Placed<'a>>>,
    facts: &'a Facts,
    formats: &'a KnownFormats,
    catalogue: &'static Catalogue,
}

/// One way in which an action is granted.
#[derive(Clone, Debug)]
pub(crate) struct Grant<'a> {
    /// The index of the policy, and the Allow.
    pub(crate) policy: usize,
    pub(crate) statement: &'a Statement,
    pub(crate) certainty: Certainty,
    /// It is not limited to resources of certain names.
    pub(crate) unlimited: bool,
    /// The resources it is limited to, where it is.
    pub(crate) pattern: &'a Glob,
    /// What the Allow still depends on.
    pub(crate) conditions: Vec<&'a Atom>,
    /// For each Allow of the boundary that lets it through, what that depends on.
    pub(crate) boundary_conditions: Vec<Vec<&'a Atom>>,
    /// The Deny statements that may stand in the way: index of the policy ([`BOUNDARY`] for the boundary's), statement.
    pub(crate) denies: Vec<(usize, &'a Statement)>,
    /// Concrete resources for which that certainty was shown, each with the number of its resource type.
    pub(crate) witnesses: Vec<Witness>,
}

/// Stands for the index of a policy where a statement is the boundary's.
pub(crate) const BOUNDARY: usize = usize::MAX;

/// `*`, which stands for the resources of a `NotResource`.
static ANY: LazyLock<Glob> = LazyLock::new(|| Glob::new("*", false));

/// A key whose value is supposed, as `iam:PassedToService` for one partner of `iam:PassRole`; in lower case.
pub(crate) type Supposed = Option<(&'static str, &'static str)>;

impl<'a> Layers<'a> {
    /// The layers of a permission set; policies without a body are left out.
    pub(crate) fn new(
        identity: impl IntoIterator<Item = (usize, &'a Policy)>,
        boundary: Option<&'a Policy>,
        facts: &'a Facts,
        formats: &'a KnownFormats,
    ) -> Self {
        let place = |policy: usize, body: &'a Policy| {
            body.statements.iter().map(move |statement| Placed {
                policy,
                statement,
                residue: Residue::of(&statement.conditions, |key| facts.known(key)),
            })
        };
        Self {
            identity: identity.into_iter().flat_map(|(index, body)| place(index, body)).collect(),
            boundary: boundary.map(|body| place(BOUNDARY, body).collect()),
            facts,
            formats,
            catalogue: Catalogue::embedded(),
        }
    }

    /// Every action that some Allow of the identity names under conditions that can hold.
    pub(crate) fn allowed(&self) -> FixedBitSet {
        let mut actions = FixedBitSet::with_capacity(self.catalogue.universe() as usize);
        for placed in self.identity.iter().filter(|placed| placed.statement.allows && !placed.residue.is_never()) {
            placed.statement.actions.add_to(&mut actions);
        }
        actions
    }

    /// The Deny statements of all layers that can hold.
    pub(crate) fn denies(&self) -> impl Iterator<Item = &Placed<'a>> {
        let all = self.identity.iter().chain(self.boundary.iter().flatten());
        all.filter(|placed| !placed.statement.allows && !placed.residue.is_never())
    }

    /// Whether any statement has a condition on a key, given in lower case.
    pub(crate) fn mention(&self, key: &str) -> bool {
        let mut all = self.identity.iter().chain(self.boundary.iter().flatten()).map(|placed| placed.statement);
        all.any(|statement| statement.conditions.iter().any(|atom| &*atom.key == key))
    }

    /// Every way in which an action is granted; none if the upper bound is empty.
    pub(crate) fn grants(&self, action: ActionId, supposed: Supposed) -> Vec<Grant<'a>> {
        let residue = |placed: &Placed<'a>| -> Residue<'a> {
            match supposed {
                Some((key, value)) if placed.statement.conditions.iter().any(|atom| &*atom.key == key) => {
                    let known = |other: &str| if other == key { Known::Is(value) } else { self.facts.known(other) };
                    Residue::of(&placed.statement.conditions, known)
                }
                _ => placed.residue.clone(),
            }
        };
        let of_action = |placed: &&Placed<'a>| placed.statement.actions.contains(action);
        let applicable = |placed: &Placed<'a>| {
            let residue = residue(placed);
            (!residue.is_never()).then_some((placed.policy, placed.statement, residue))
        };
        let allows: Vec<_> = self.identity.iter().filter(|p| p.statement.allows).filter(of_action).collect();
        let allows: Vec<_> = allows.into_iter().filter_map(applicable).collect();
        if allows.is_empty() {
            return Vec::new();
        }
        let denies: Vec<_> = self.denies().filter(of_action).filter_map(applicable).collect();
        let gates: Option<Vec<_>> = self.boundary.as_ref().map(|boundary| {
            boundary.iter().filter(|p| p.statement.allows).filter(of_action).filter_map(applicable).collect()
        });

        let Action { service, name: action_name, .. } = self.catalogue.action(action);
        let asked = Asked {
            layers: self,
            formats: &self.formats.of(self.catalogue, action),
            action: action_name,
            service,
            denies: &denies,
            gates: gates.as_deref(),
        };
        let mut grants = Vec::new();
        for (policy, statement, residue) in &allows {
            match &statement.resources {
                Resources::Only(patterns) => {
                    for pattern in patterns {
                        grants.extend(asked.grant(*policy, statement, residue, pattern, &[]));
                    }
                }
                Resources::Except(holes) => {
                    grants.extend(asked.grant(*policy, statement, residue, &ANY, holes));
                }
            }
        }
        asked.require_all_types(&mut grants);
        grants
    }
}

/// A statement with what is left of its conditions for one question.
type Live<'a> = (usize, &'a Statement, Residue<'a>);

/// One action, and the statements that speak of it.
struct Asked<'q, 'a> {
    layers: &'q Layers<'a>,
    formats: &'q Formats,
    service: &'static str,
    action: &'static str,
    denies: &'q [Live<'a>],
    /// The Allow statements of the boundary, if there is one.
    gates: Option<&'q [Live<'a>]>,
}

impl<'a> Asked<'_, 'a> {
    /// What one pattern of one Allow grants, less the holes of a `NotResource`.
    fn grant(
        &self,
        policy: usize,
        statement: &'a Statement,
        residue: &Residue<'a>,
        pattern: &'a Glob,
        holes: &'a [Glob],
    ) -> Option<Grant<'a>> {
        let absent = |variable: &str| self.layers.facts.is_absent(variable);
        if pattern.variables().any(absent)
            || !self.formats.apply_to(pattern)
            || self.layers.facts.is_harmless(self.service, self.action, pattern)
        {
            return None;
        }
        let swallowed = self.denies.iter().any(|(_, deny, when)| {
            residue.implies(when) && deny.resources.include(pattern, holes, &absent, self.formats)
        });
        if swallowed {
            return None;
        }
        let gates: Option<Vec<&Live<'a>>> = self.gates.map(|gates| {
            let open = |gate: &&Live<'a>| {
                !residue.contradicts(&gate.2) && gate.1.resources.overlap(pattern, holes, &absent, self.formats)
            };
            gates.iter().filter(open).collect()
        });
        if gates.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let denies: Vec<&Live<'a>> = self
            .denies
            .iter()
            .filter(|(_, deny, when)| {
                !residue.contradicts(when) && deny.resources.overlap(pattern, holes, &absent, self.formats)
            })
            .collect();

        // A resource that the Allow and one Allow of the boundary certainly match, and no Deny possibly does.
        let mut best: Option<(Certainty, Vec<Witness>)> = None;
        for witness in self.formats.witnesses(pattern).iter() {
            let arn = &witness.1;
            let in_a_hole = Resources::Only(holes.into()).possibly_match(arn);
            if in_a_hole || denies.iter().any(|(_, deny, _)| deny.resources.possibly_match(arn)) {
                continue;
            }
            let own = if residue.is_always() { Certainty::Proven } else { Certainty::Conditional };
            let certainty = match &gates {
                None => Some(own),
                Some(gates) => {
                    let matching = gates.iter().filter(|gate| gate.1.resources.certainly_match(arn));
                    let of_gate =
                        |gate: &&&Live<'a>| if residue.implies(&gate.2) { own } else { Certainty::Conditional };
                    matching.map(|gate| of_gate(&gate)).max()
                }
            };
            let Some(certainty) = certainty else { continue };
            match &mut best {
                Some((known, witnesses)) if *known == certainty => witnesses.push(witness.clone()),
                Some((known, _)) if *known > certainty => {}
                _ => best = Some((certainty, vec![witness.clone()])),
            }
        }
        let unlimited = self.formats.is_unlimited(pattern)
            && gates.as_ref().is_none_or(|gates| {
                gates.iter().any(|gate| match &gate.1.resources {
                    Resources::Only(patterns) => patterns.iter().any(|gate| self.formats.is_unlimited(gate)),
                    Resources::Except(_) => true,
                })
            });
        let (certainty, witnesses) = best.unwrap_or((Certainty::Possible, Vec::new()));
        Some(Grant {
            policy,
            statement,
            certainty,
            unlimited,
            pattern,
            conditions: residue.atoms().to_vec(),
            boundary_conditions: gates.iter().flatten().map(|gate| gate.2.atoms().to_vec()).collect(),
            denies: denies.iter().map(|(policy, deny, _)| (*policy, *deny)).collect(),
            witnesses,
        })
    }

    /// An action on several resources at once needs a grant on each: without one, nothing is certain.
    fn require_all_types(&self, grants: &mut [Grant<'a>]) {
        for level in [Certainty::Proven, Certainty::Conditional] {
            let at_least = grants.iter().filter(|grant| grant.certainty >= level);
            let types: Vec<usize> =
                at_least.flat_map(|grant| grant.witnesses.iter().map(|(number, _)| *number)).collect();
            if self.formats.are_all_there(&types) {
                continue;
            }
            let lower = if level == Certainty::Proven { Certainty::Conditional } else { Certainty::Possible };
            for grant in grants.iter_mut().filter(|grant| grant.certainty == level) {
                grant.certainty = lower;
            }
        }
    }
}

/// The answer for one action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// No request is allowed.
    None,
    /// Every request is.
    Full,
    /// Requests on some resources certainly are.
    Scoped,
    /// Requests that meet conditions are.
    Conditional,
    /// Some may be.
    Possible,
}

impl<'a> Layers<'a> {
    /// The first Allow that grants an action whatever the request, if nothing at all stands in its way.
    pub(crate) fn full_grant(&self, action: ActionId) -> Option<Grant<'a>> {
        let unconditional = |placed: &&Placed<'a>| {
            let statement = placed.statement;
            statement.allows
                && placed.residue.is_always()
                && statement.actions.contains(action)
                && statement.resources.is_any()
        };
        let allow = self.identity.iter().find(unconditional)?;
        let let_through =
            self.boundary.as_ref().is_none_or(|boundary| boundary.iter().any(|gate| unconditional(&gate)));
        let denied = || self.denies().any(|deny| deny.statement.actions.contains(action));
        (let_through && !denied()).then(|| Grant {
            policy: allow.policy,
            statement: allow.statement,
            certainty: Certainty::Proven,
            unlimited: true,
            pattern: &ANY,
            conditions: Vec::new(),
            boundary_conditions: Vec::new(),
            denies: Vec::new(),
            witnesses: Vec::new(),
        })
    }

    /// The answer for one action.
    pub(crate) fn verdict(&self, action: ActionId) -> Verdict {
        if self.full_grant(action).is_some() {
            return Verdict::Full;
        }
        match self.grants(action, None).iter().map(|grant| grant.certainty).max() {
            None => Verdict::None,
            Some(Certainty::Proven) => Verdict::Scoped,
            Some(Certainty::Conditional) => Verdict::Conditional,
            Some(Certainty::Possible) => Verdict::Possible,
        }
    }
}
