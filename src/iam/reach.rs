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
    pub(crate) origin: Origin,
    pub(crate) statement: &'a Statement,
    pub(crate) residue: Residue<'a>,
}

/// Which of the policies that decide together a statement belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Origin {
    /// A policy of the permission set, by its place among them.
    Policy(usize),
    /// The permissions boundary.
    Boundary,
    /// A service control policy: the level, and the place among the policies of the level.
    ServiceControl(usize, usize),
}

/// The policies that decide together: an action needs an Allow of the identity and of every gate; a Deny of any wins.
#[derive(Debug)]
pub(crate) struct Layers<'a> {
    pub(crate) identity: Vec<Placed<'a>>,
    /// The boundary, if there is one, and each level of service control policies that does not let everything through:
    /// each must allow what the identity allows. The Deny statements of levels that do are in `guards`.
    pub(crate) gates: Vec<Vec<Placed<'a>>>,
    /// Statements that only deny.
    guards: Vec<Placed<'a>>,
    /// Whether the first gate is the boundary.
    pub(crate) bounded: bool,
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
    /// For each gate, for each of its Allow statements that lets the grant through, what that depends on.
    pub(crate) gate_conditions: Vec<Vec<Vec<&'a Atom>>>,
    /// The Deny statements that may stand in the way.
    pub(crate) denies: Vec<(Origin, &'a Statement)>,
    /// Concrete resources for which that certainty was shown, each with the number of its resource type.
    pub(crate) witnesses: Vec<Witness>,
}

/// `*`, which stands for the resources of a `NotResource`.
static ANY: LazyLock<Glob> = LazyLock::new(|| Glob::new("*", false));

/// A key whose value is supposed, as `iam:PassedToService` for one partner of `iam:PassRole`; in lower case.
pub(crate) type Supposed = Option<(&'static str, &'static str)>;

/// A level of service control policies, as [`Layers`] take it: whether it lets everything through that it does not deny,
/// and the bodies, each with its place in the level.
pub(crate) struct Level<'a> {
    pub(crate) open: bool,
    pub(crate) bodies: Vec<(usize, &'a Policy)>,
}

impl<'a> Layers<'a> {
    /// The layers of a permission set; policies without a body are left out.
    pub(crate) fn new(
        identity: impl IntoIterator<Item = (usize, &'a Policy)>,
        boundary: Option<&'a Policy>,
        levels: impl IntoIterator<Item = Level<'a>>,
        facts: &'a Facts,
        formats: &'a KnownFormats,
    ) -> Self {
        let place = |origin: Origin, body: &'a Policy| {
            body.statements.iter().map(move |statement| Placed {
                origin,
                statement,
                residue: Residue::of(&statement.conditions, |key| facts.known(key)),
            })
        };
        let mut gates: Vec<Vec<Placed<'a>>> = Vec::new();
        let mut guards: Vec<Placed<'a>> = Vec::new();
        gates.extend(boundary.map(|body| place(Origin::Boundary, body).collect()));
        for (number, level) in levels.into_iter().enumerate() {
            let bodies = level.bodies.into_iter();
            let statements = bodies.flat_map(|(at, body)| place(Origin::ServiceControl(number, at), body));
            if level.open {
                guards.extend(statements.filter(|placed| !placed.statement.allows));
            } else {
                gates.push(statements.collect());
            }
        }
        Self {
            identity: identity.into_iter().flat_map(|(index, body)| place(Origin::Policy(index), body)).collect(),
            gates,
            guards,
            bounded: boundary.is_some(),
            facts,
            formats,
            catalogue: Catalogue::embedded(),
        }
    }

    /// The statements of all layers.
    fn all(&self) -> impl Iterator<Item = &Placed<'a>> {
        self.identity.iter().chain(self.gates.iter().flatten()).chain(&self.guards)
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
        self.all().filter(|placed| !placed.statement.allows && !placed.residue.is_never())
    }

    /// Whether any statement has a condition on a key, given in lower case.
    pub(crate) fn mention(&self, key: &str) -> bool {
        self.all().any(|placed| placed.statement.conditions.iter().any(|atom| &*atom.key == key))
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
            (!residue.is_never()).then_some((placed.origin, placed.statement, residue))
        };
        let allows: Vec<_> = self.identity.iter().filter(|p| p.statement.allows).filter(of_action).collect();
        let allows: Vec<_> = allows.into_iter().filter_map(applicable).collect();
        if allows.is_empty() {
            return Vec::new();
        }
        let denies: Vec<_> = self.denies().filter(of_action).filter_map(applicable).collect();
        let open = |gate: &Vec<Placed<'a>>| -> Vec<Live<'a>> {
            gate.iter().filter(|p| p.statement.allows).filter(of_action).filter_map(applicable).collect()
        };
        let gates: Vec<Vec<Live<'a>>> = self.gates.iter().map(open).collect();

        let Action { service, name: action_name, .. } = self.catalogue.action(action);
        let asked = Asked {
            layers: self,
            formats: &self.formats.of(self.catalogue, action),
            action: action_name,
            service,
            denies: &denies,
            gates: &gates,
        };
        let mut grants = Vec::new();
        for (origin, statement, residue) in &allows {
            let Origin::Policy(policy) = origin else { continue };
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
type Live<'a> = (Origin, &'a Statement, Residue<'a>);

/// One action, and the statements that speak of it.
struct Asked<'q, 'a> {
    layers: &'q Layers<'a>,
    formats: &'q Formats,
    service: &'static str,
    action: &'static str,
    denies: &'q [Live<'a>],
    /// The Allow statements of each gate.
    gates: &'q [Vec<Live<'a>>],
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
        let open = |gate: &&Live<'a>| {
            !residue.contradicts(&gate.2) && gate.1.resources.overlap(pattern, holes, &absent, self.formats)
        };
        let mut gates: Vec<Vec<&Live<'a>>> = Vec::with_capacity(self.gates.len());
        for gate in self.gates {
            gates.push(gate.iter().filter(open).collect());
            if gates.last().is_some_and(Vec::is_empty) {
                return None;
            }
        }
        let denies: Vec<&Live<'a>> = self
            .denies
            .iter()
            .filter(|(_, deny, when)| {
                !residue.contradicts(when) && deny.resources.overlap(pattern, holes, &absent, self.formats)
            })
            .collect();

        // A resource that the Allow and one Allow of each gate certainly match, and no Deny possibly does.
        let mut best: Option<(Certainty, Vec<Witness>)> = None;
        for witness in self.formats.witnesses(pattern).iter() {
            let arn = &witness.1;
            let in_a_hole = Resources::Only(holes.into()).possibly_match(arn);
            if in_a_hole || denies.iter().any(|(_, deny, _)| deny.resources.possibly_match(arn)) {
                continue;
            }
            let own = if residue.is_always() { Certainty::Proven } else { Certainty::Conditional };
            let certainty = let_through(residue, &gates, arn).map(|certainty| certainty.min(own));
            let Some(certainty) = certainty else { continue };
            match &mut best {
                Some((known, witnesses)) if *known == certainty => witnesses.push(witness.clone()),
                Some((known, _)) if *known > certainty => {}
                _ => best = Some((certainty, vec![witness.clone()])),
            }
        }
        let unlimited = self.formats.is_unlimited(pattern)
            && gates.iter().all(|gate| {
                gate.iter().any(|gate| match &gate.1.resources {
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
            gate_conditions: gates
                .iter()
                .map(|gate| gate.iter().map(|allow| allow.2.atoms().to_vec()).collect())
                .collect(),
            denies: denies.iter().map(|(origin, deny, _)| (*origin, *deny)).collect(),
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

/// How surely every gate lets a resource through under the conditions of an Allow; `None` if that is not certain.
///
/// Where several gates have conditions of their own, those that are met together must not contradict each other.
fn let_through<'a>(residue: &Residue<'a>, gates: &[Vec<&Live<'a>>], arn: &str) -> Option<Certainty> {
    let mut certainty = Certainty::Proven;
    let mut open: Vec<Vec<&Residue<'a>>> = Vec::new();
    for gate in gates {
        let matching = || gate.iter().filter(|allow| allow.1.resources.certainly_match(arn));
        if matching().any(|allow| residue.implies(&allow.2)) {
            continue;
        }
        certainty = Certainty::Conditional;
        open.push(matching().map(|allow| &allow.2).collect());
    }
    choose(&mut Vec::new(), &open).then_some(certainty)
}

/// Whether one residue can be chosen of each list so that no two of them contradict each other.
fn choose<'r, 'a>(chosen: &mut Vec<&'r Residue<'a>>, lists: &[Vec<&'r Residue<'a>>]) -> bool {
    let Some((first, rest)) = lists.split_first() else { return true };
    first.iter().any(|next| {
        if chosen.iter().any(|earlier| earlier.contradicts(next)) {
            return false;
        }
        chosen.push(next);
        let found = choose(chosen, rest);
        chosen.pop();
        found
    })
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
        let Origin::Policy(policy) = allow.origin else { return None };
        let let_through = self.gates.iter().all(|gate| gate.iter().any(|allow| unconditional(&allow)));
        let denied = || self.denies().any(|deny| deny.statement.actions.contains(action));
        (let_through && !denied()).then(|| Grant {
            policy,
            statement: allow.statement,
            certainty: Certainty::Proven,
            unlimited: true,
            pattern: &ANY,
            conditions: Vec::new(),
            gate_conditions: Vec::new(),
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
