//! What a principal may do, between two bounds.
//!
//! *May* is never too small: every condition could hold, and a Deny takes something away only where it certainly
//! applies. *Must* is never too large: a concrete resource is made up that the Allow matches, the boundary lets through
//! and no Deny can touch. The truth lies between, and a [`Grant`] says how near to which bound it is.

mod stop;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use fixedbitset::FixedBitSet;

use super::action::ActionSet;

use super::catalogue::{Action, ActionId, Catalogue};
use super::condition::{Atom, Known, Residue};
use super::evaluate::Request;
use super::facts::{Circumstances, IN_US_EAST_1, REQUESTED_REGION};
use super::glob::Glob;
use super::policy::{Policy, Statement};
use super::resource::{Formats, KnownFormats, Resources, Witness, has_variables, may_match};

pub(crate) use stop::Stop;

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
    facts: Circumstances<'a>,
    /// Whether a statement asks to which Region a request is made, which is known for some services.
    minds_region: bool,
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
    /// The pattern of a gate, or of the `NotResource` of a Deny, on whose resources alone that certainty was shown.
    pub(crate) within: Option<&'a Glob>,
    /// A request that shows it, where the bounds do not.
    pub(crate) proof: Option<Request>,
    /// What the Allow still depends on.
    pub(crate) conditions: Vec<&'a Atom>,
    /// For each gate, its Allow statements that let the grant through, and what each depends on.
    pub(crate) gates: Vec<Vec<(&'a Statement, Vec<&'a Atom>)>>,
    /// The Deny statements that may stand in the way.
    pub(crate) denies: Vec<(Origin, &'a Statement)>,
    /// Concrete resources for which that certainty was shown, each with the number of its resource type.
    pub(crate) witnesses: Vec<Witness>,
}

impl<'a> Grant<'a> {
    /// Whether it reaches resources of any name, and that was shown on them.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.unlimited && self.within.is_none()
    }

    /// The conditions of the Allow, and of one Allow of each gate, which speaks for the others.
    pub(crate) fn demanded(&self) -> impl Iterator<Item = &'a Atom> {
        let gates = self.gates.iter().filter_map(|gate| gate.first()).flat_map(|(_, atoms)| atoms);
        self.conditions.iter().chain(gates).copied()
    }
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
        facts: Circumstances<'a>,
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
        let mut layers = Self {
            identity: identity.into_iter().flat_map(|(index, body)| place(Origin::Policy(index), body)).collect(),
            gates,
            guards,
            bounded: boundary.is_some(),
            facts,
            minds_region: false,
            formats,
            catalogue: Catalogue::embedded(),
        };
        layers.minds_region = layers.mention(REQUESTED_REGION);
        layers
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

    /// The statements of a layer that speak of an action and can hold.
    fn live<'l>(
        &'l self,
        layer: impl IntoIterator<Item = &'l Placed<'a>>,
        action: ActionId,
        allows: bool,
        supposed: Supposed,
    ) -> Vec<Live<'a>>
    where
        'a: 'l,
    {
        let facts = self.facts_for(action);
        let residue = |placed: &Placed<'a>| -> Residue<'a> {
            let minds = |key: &str| placed.statement.conditions.iter().any(|atom| &*atom.key == key);
            match (supposed, facts) {
                (Some((key, value)), _) if minds(key) => {
                    let facts = facts.unwrap_or(self.facts);
                    let known = |other: &str| if other == key { Known::Is(value) } else { facts.known(other) };
                    Residue::of(&placed.statement.conditions, known)
                }
                (_, Some(facts)) if minds(REQUESTED_REGION) => {
                    Residue::of(&placed.statement.conditions, |key| facts.known(key))
                }
                _ => placed.residue.clone(),
            }
        };
        let speaking = layer.into_iter().filter(|placed| {
            placed.statement.allows == allows && !placed.residue.is_never() && placed.statement.actions.contains(action)
        });
        let live = speaking.map(|placed| (placed.origin, placed.statement, residue(placed)));
        live.filter(|(_, _, residue)| !residue.is_never()).collect()
    }

    /// The Allow statements of the identity that speak of an action.
    pub(crate) fn allows_of(&self, action: ActionId) -> Vec<Live<'a>> {
        self.live(&self.identity, action, true, None)
    }

    /// The Allow statements of each gate that speak of an action.
    pub(crate) fn gates_of(&self, action: ActionId) -> Vec<Vec<Live<'a>>> {
        self.gates.iter().map(|gate| self.live(gate, action, true, None)).collect()
    }

    /// The Deny statements that speak of an action.
    pub(crate) fn denies_of(&self, action: ActionId) -> Vec<Live<'a>> {
        self.live(self.all(), action, false, None)
    }

    /// The ARN formats of an action.
    pub(crate) fn formats_of(&self, action: ActionId) -> Rc<Formats> {
        self.formats.of(self.catalogue, action)
    }

    /// What is known before any request.
    pub(crate) fn facts(&self) -> Circumstances<'a> {
        self.facts
    }

    /// The facts of requests for an action, where more is known of them than of others.
    fn facts_for(&self, action: ActionId) -> Option<Circumstances<'a>> {
        if !self.minds_region {
            return None;
        }
        let action = self.catalogue.action(action);
        self.facts.is_in_one_region(&action).then(|| self.facts.asking(&action))
    }

    /// The condition keys of all statements, in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let atoms = self.all().flat_map(|placed| &placed.statement.conditions);
        let variables = self.all().flat_map(|placed| {
            let in_values = placed.statement.conditions.iter().flat_map(|atom| atom.variable_names());
            placed.statement.resources.written().iter().flat_map(Glob::variables).chain(in_values)
        });
        atoms.map(|atom| &*atom.key).chain(variables)
    }

    /// The action itself where something is settled about it that its statements do not say.
    pub(crate) fn settled_for(&self, action: ActionId) -> Option<ActionId> {
        let settled = matches!(self.catalogue.action(action).service, "iam" | "sts");
        (settled || self.facts_for(action).is_some()).then_some(action)
    }

    /// The actions that are allowed on everything whatever the request.
    pub(crate) fn certainly_everywhere(&self) -> ActionSet {
        let open = |layer: &[Placed<'a>]| {
            let statements = layer.iter().filter(|placed| {
                placed.statement.allows && placed.residue.is_always() && placed.statement.resources.is_any()
            });
            ActionSet::union(statements.map(|placed| &placed.statement.actions))
        };
        let allowed = self.gates.iter().fold(open(&self.identity), |left, gate| left.intersection(&open(gate)));
        let denied = ActionSet::union(self.denies().map(|deny| &deny.statement.actions));
        allowed.difference(&denied, self.catalogue)
    }

    /// The actions that some Allow of the identity names, in order, by the statements that speak of them.
    pub(crate) fn intervals(&self) -> Vec<Interval> {
        let statements: Vec<&Placed<'a>> = self.all().filter(|placed| !placed.residue.is_never()).collect();
        let mut edges: Vec<(u32, bool, u32)> = Vec::new();
        for (number, placed) in statements.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            for (start, end) in placed.statement.actions.ranges() {
                edges.extend([(start, true, number), (end, false, number)]);
            }
        }
        edges.sort_unstable();
        let allows = |number: &u32| {
            let placed = statements[*number as usize];
            placed.statement.allows && matches!(placed.origin, Origin::Policy(_))
        };
        let mut speaking: BTreeSet<u32> = BTreeSet::new();
        let mut intervals = Vec::new();
        let mut at = 0;
        for (place, begins, number) in edges {
            if place > at && speaking.iter().any(allows) {
                intervals.push(Interval { actions: at..place, statements: speaking.iter().copied().collect() });
            }
            at = place;
            if begins {
                speaking.insert(number);
            } else {
                speaking.remove(&number);
            }
        }
        intervals
    }

    /// Of actions of which the same statements speak, one for all that are decided alike as far as conditions go.
    pub(crate) fn speaking_for(&self, actions: Range<u32>, counts: &dyn Fn(ActionId) -> bool) -> Vec<ActionId> {
        let first = |range: Range<u32>, settled: bool| {
            let mut counting = range.map(ActionId).filter(|&action| counts(action));
            counting.find(|&action| self.facts_for(action).is_some() == settled)
        };
        let mut chosen: Vec<ActionId> = first(actions.clone(), false).into_iter().collect();
        if self.minds_region {
            let services = IN_US_EAST_1.iter().filter_map(|service| self.catalogue.service(service));
            let within = services.map(|service| {
                let range = service.range();
                range.start.max(actions.start)..range.end.min(actions.end)
            });
            chosen.extend(within.filter_map(|range| first(range, true)));
        }
        chosen
    }

    /// Every atom of a statement that speaks of an action.
    pub(crate) fn atoms_about(&self, action: ActionId) -> Vec<&'a Atom> {
        let speaking = self.all().filter(|placed| placed.statement.actions.contains(action));
        speaking.flat_map(|placed| &placed.statement.conditions).collect()
    }

    /// Every pattern of resources of a statement that speaks of an action.
    pub(crate) fn patterns_about(&self, action: ActionId) -> Vec<&'a Glob> {
        let speaking = self.all().filter(|placed| placed.statement.actions.contains(action));
        speaking.flat_map(|placed| placed.statement.resources.written()).collect()
    }

    /// Resources on which an action might be granted by a pattern, each with what else the action needs.
    pub(crate) fn resources_to_try(
        &self,
        action: ActionId,
        pattern: &Glob,
        others: &[&Glob],
        resource: Option<&str>,
    ) -> Vec<Vec<String>> {
        const MOST: usize = 8;
        let formats = self.formats_of(action);
        let mut all: Vec<Witness> = formats.witnesses(pattern).to_vec();
        for other in others.iter().take(MOST) {
            all.extend(formats.witnesses(other).iter().cloned());
        }
        let of_type = |number: usize| all.iter().find(|(kind, _)| *kind == number).map(|(_, arn)| arn.clone());
        let mut tried: Vec<Vec<String>> = Vec::new();
        let mut add = |first: &str| {
            let mut resources = vec![first.to_owned()];
            for number in formats.required().filter(|&number| !formats.is_of_type(number, first)) {
                match of_type(number) {
                    Some(arn) => resources.push(arn),
                    None => return,
                }
            }
            if tried.len() < MOST && !tried.contains(&resources) {
                tried.push(resources);
            }
        };
        let Action { service, name, .. } = self.catalogue.action(action);
        let settled = matches!(service, "iam" | "sts");
        let real = |arn: &str| {
            pattern.matches_arn(arn) && !(settled && self.facts.is_harmless(service, name, &Glob::new(arn, false)))
        };
        match resource {
            Some(resource) => add(resource),
            None => all.iter().filter(|(_, arn)| real(arn)).for_each(|(_, arn)| add(arn)),
        }
        tried
    }

    /// Every way in which an action is granted; none if the upper bound is empty.
    pub(crate) fn grants(&self, action: ActionId, supposed: Supposed) -> Vec<Grant<'a>> {
        let allows = self.live(&self.identity, action, true, supposed);
        if allows.is_empty() {
            return Vec::new();
        }
        let denies = self.live(self.all(), action, false, supposed);
        let gates: Vec<Vec<Live<'a>>> = self.gates.iter().map(|gate| self.live(gate, action, true, supposed)).collect();

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

    /// Every way in which an action is granted on one concrete resource.
    pub(crate) fn grants_on(&self, action: ActionId, arn: &str) -> Vec<Grant<'a>> {
        let allows = self.allows_of(action);
        if allows.is_empty() {
            return Vec::new();
        }
        let (denies, gates) = (self.denies_of(action), self.gates_of(action));
        let Action { service, name, .. } = self.catalogue.action(action);
        let harmless = || self.facts.is_harmless(service, name, &Glob::new(arn, false));
        let of_allow = |(origin, statement, residue): &Live<'a>| {
            let Origin::Policy(policy) = *origin else { return None };
            let pattern = match &statement.resources {
                Resources::Only(patterns) => patterns.iter().find(|pattern| may_match(pattern, arn))?,
                Resources::Except(_) => &*ANY,
            };
            let (certainty, gates, denies) = on(statement, residue, &gates, &denies, arn)?;
            Some(Grant {
                policy,
                statement,
                certainty,
                unlimited: false,
                pattern,
                within: None,
                proof: None,
                conditions: residue.atoms().to_vec(),
                gates: gates
                    .iter()
                    .map(|gate| gate.iter().map(|allow| (allow.1, allow.2.atoms().to_vec())).collect())
                    .collect(),
                denies: denies.iter().map(|(origin, deny, _)| (*origin, *deny)).collect(),
                witnesses: vec![(0, arn.to_owned())],
            })
        };
        let grants: Vec<Grant<'a>> = allows.iter().filter_map(of_allow).collect();
        if grants.is_empty() || harmless() { Vec::new() } else { grants }
    }

    /// How surely an action is granted on one concrete resource; `None` if it is not.
    pub(crate) fn certainty_on(&self, action: ActionId, arn: &str) -> Option<Certainty> {
        let allows = self.allows_of(action);
        let (denies, gates) = if allows.is_empty() {
            return None;
        } else {
            (self.denies_of(action), self.gates_of(action))
        };
        let of_allow = |(_, statement, residue): &Live<'a>| on(statement, residue, &gates, &denies, arn);
        let best = allows.iter().filter_map(of_allow).map(|(certainty, ..)| certainty).max()?;
        let Action { service, name, .. } = self.catalogue.action(action);
        let settled = matches!(service, "iam" | "sts");
        (!settled || !self.facts.is_harmless(service, name, &Glob::new(arn, false))).then_some(best)
    }
}

/// Neighbouring actions that the same statements speak of.
#[derive(Clone, Debug)]
pub(crate) struct Interval {
    pub(crate) actions: Range<u32>,
    /// The statements, by number.
    pub(crate) statements: Rc<[u32]>,
}

/// Gates and Deny statements that bear on one resource.
type Bearing<'l, 'a> = (Certainty, Vec<Vec<&'l Live<'a>>>, Vec<&'l Live<'a>>);

/// What one Allow gives on one concrete resource; `None` if it gives nothing.
fn on<'l, 'a>(
    statement: &Statement,
    residue: &Residue<'a>,
    gates: &'l [Vec<Live<'a>>],
    denies: &'l [Live<'a>],
    arn: &str,
) -> Option<Bearing<'l, 'a>> {
    if !statement.resources.possibly_match(arn) {
        return None;
    }
    let bearing = |deny: &&Live<'a>| !residue.contradicts(&deny.2) && deny.1.resources.possibly_match(arn);
    let denies: Vec<&Live<'a>> = denies.iter().filter(bearing).collect();
    if denies.iter().any(|deny| residue.implies(&deny.2) && deny.1.resources.certainly_match(arn)) {
        return None;
    }
    let gates: Vec<Vec<&Live<'a>>> = gates.iter().map(|gate| gate.iter().filter(bearing).collect()).collect();
    if gates.iter().any(Vec::is_empty) {
        return None;
    }
    let own = own_certainty(residue, statement.resources.holes());
    let certain = denies.is_empty() && statement.resources.certainly_match(arn);
    let certainty = certain.then(|| let_through(residue, &gates, arn)).flatten();
    Some((certainty.map_or(Certainty::Possible, |certainty| certainty.min(own)), gates, denies))
}

/// How surely an Allow grants what it names and leaves out nothing of: a `NotResource` with a variable has to have a value.
fn own_certainty(residue: &Residue<'_>, holes: &[Glob]) -> Certainty {
    let certain = residue.is_always() && !holes.iter().any(has_variables);
    if certain { Certainty::Proven } else { Certainty::Conditional }
}

/// A statement with what is left of its conditions for one question.
pub(crate) type Live<'a> = (Origin, &'a Statement, Residue<'a>);

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
        let own = own_certainty(residue, holes);
        let shown_by = |arn: &str| -> Option<Certainty> {
            let in_a_hole = holes.iter().any(|hole| may_match(hole, arn));
            if in_a_hole || denies.iter().any(|(_, deny, _)| deny.resources.possibly_match(arn)) {
                return None;
            }
            let_through(residue, &gates, arn).map(|certainty| certainty.min(own))
        };
        let mut best: Option<(Certainty, Vec<Witness>)> = None;
        let show = |best: &mut Option<(Certainty, Vec<Witness>)>, witness: &Witness, certainty: Certainty| match best {
            Some((known, witnesses)) if *known == certainty => witnesses.push(witness.clone()),
            Some((known, _)) if *known > certainty => {}
            _ => *best = Some((certainty, vec![witness.clone()])),
        };
        for witness in self.formats.witnesses(pattern).iter() {
            if let Some(certainty) = shown_by(&witness.1) {
                show(&mut best, witness, certainty);
            }
        }
        // What gates let through, and what a Deny leaves out, may be narrower than the Allow: it is tried where nothing
        // else was shown.
        let mut within = None;
        if best.is_none() {
            let of_gates = gates.iter().flatten().flat_map(|gate| gate.1.resources.patterns()).flatten();
            let of_denies = denies.iter().flat_map(|deny| deny.1.resources.holes());
            for other in of_gates.chain(of_denies).filter(|other| !has_variables(other)) {
                let mut shown = None;
                for witness in self.formats.witnesses(other).iter().filter(|(_, arn)| self.is_real(pattern, arn)) {
                    if let Some(certainty) = shown_by(&witness.1) {
                        shown = Some(other);
                        show(&mut best, witness, certainty);
                    }
                }
                within = shown;
                if within.is_some() {
                    break;
                }
            }
        }
        // Whether what is left, by a `NotResource` of a Deny that certainly applies, has certain names.
        let left_open = |deny: &&&Live<'a>| match &deny.1.resources {
            Resources::Except(left) => left.iter().any(|left| self.formats.is_unlimited(left)),
            Resources::Only(_) => true,
        };
        let unlimited = self.formats.is_unlimited(pattern)
            && gates.iter().all(|gate| {
                gate.iter().any(|gate| match &gate.1.resources {
                    Resources::Only(patterns) => patterns.iter().any(|gate| self.formats.is_unlimited(gate)),
                    Resources::Except(_) => true,
                })
            })
            && denies.iter().filter(|deny| residue.implies(&deny.2)).all(|deny| left_open(&deny));
        let (certainty, witnesses) = best.unwrap_or((Certainty::Possible, Vec::new()));
        Some(Grant {
            policy,
            statement,
            certainty,
            unlimited,
            pattern,
            within,
            proof: None,
            conditions: residue.atoms().to_vec(),
            gates: gates
                .iter()
                .map(|gate| gate.iter().map(|allow| (allow.1, allow.2.atoms().to_vec())).collect())
                .collect(),
            denies: denies.iter().map(|(origin, deny, _)| (*origin, *deny)).collect(),
            witnesses,
        })
    }

    /// Whether a pattern certainly matches a resource on which AWS does not refuse the action anyway.
    fn is_real(&self, pattern: &Glob, arn: &str) -> bool {
        let settled = matches!(self.service, "iam" | "sts");
        pattern.matches_arn(arn)
            && !(settled && self.layers.facts.is_harmless(self.service, self.action, &Glob::new(arn, false)))
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

impl Verdict {
    /// How sure it is that some request is allowed; `None` if none is.
    pub fn certainty(self) -> Option<Certainty> {
        match self {
            Self::None => None,
            Self::Full | Self::Scoped => Some(Certainty::Proven),
            Self::Conditional => Some(Certainty::Conditional),
            Self::Possible => Some(Certainty::Possible),
        }
    }
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
            within: None,
            proof: None,
            conditions: Vec::new(),
            gates: Vec::new(),
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
