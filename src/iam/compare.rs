//! What one permission set may do that another may not: no new access, or which.
//!
//! The new set is taken apart into regions: an Allow, what lets it through each gate, and their conditions together. A
//! region brings nothing new if every layer of the old set allows all of it, and no Deny of the old set takes any of it
//! away that the new set does not take away as well. Inclusion is read strictly and overlap widely, so silence is a
//! proof; for what is left, [`Gain::prove`] looks for a request that the new set allows and the old one refuses.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::catalogue::{ActionId, Catalogue};
use super::condition::{Atom, Residue};
use super::effective::{Class, Denied, Effective, Granted};
use super::evaluate::Request;
use super::facts::Circumstances;
use super::glob::Glob;
use super::policy::Statement;
use super::reach::{Grant, Live};
use super::resource::{Formats, Resources};

/// Access that one permission set gives and another does not.
#[derive(Clone, Debug)]
pub struct Gain {
    /// The actions, in the catalogue's order. The same statements of both sets decide all of them, on the same kinds of
    /// resources.
    pub actions: Vec<ActionId>,
    /// The statement that grants them.
    pub granted: Granted,
    /// Why the other set does not.
    pub because: Because,
}

impl Gain {
    /// A request for one of the actions that `new` certainly allows and `old` certainly refuses. Without one, the gain is
    /// possible, and no more.
    pub fn prove(&self, action: ActionId, old: &Effective<'_>, new: &Effective<'_>) -> Option<Request> {
        let comparison = Comparison::of(old, new, action);
        let lacking = new.layers.grants(action, None).into_iter().filter(|grant| comparison.lack(grant).is_some());
        lacking.into_iter().find_map(|grant| new.witness_of(action, &grant, None, Some(old)))
    }
}

/// Why a permission set does not give access.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Because {
    /// None of its policies allows it, or none on all these resources, or not under these conditions.
    NotAllowed,
    /// Its boundary, or a level of service control policies, does not let it through.
    NotLetThrough,
    /// A statement of it denies it.
    Denied(Denied),
}

/// What decides alike in the one set, and the statements of the other that speak of it.
type TwoClasses = (Class, Option<Rc<[u32]>>);

/// What `new` may do that `old` may not, in the order of the actions; nothing if it certainly grants no new access.
///
/// Policies of either that are not known are left out: with one, nothing is proven, and more may be gained.
pub fn gained(old: &Effective<'_>, new: &Effective<'_>) -> Vec<Gain> {
    let catalogue = Catalogue::embedded();
    let everywhere = old.layers.certainly_everywhere();
    let before = old.layers.intervals();
    let mut gains: Vec<Gain> = Vec::new();
    // What decides alike, with the statements of the other set, and the gain it was.
    let mut known: FxHashMap<TwoClasses, Option<usize>> = FxHashMap::default();
    let mut at = 0;
    for interval in new.layers.intervals() {
        for id in interval.actions.clone() {
            let action = ActionId(id);
            if everywhere.contains(action) {
                continue;
            }
            while before.get(at).is_some_and(|other| other.actions.end <= id) {
                at += 1;
            }
            let theirs = before.get(at).filter(|other| other.actions.contains(&id));
            let class = Class {
                statements: interval.statements.clone(),
                kind: catalogue.kind_of_resources(action),
                facts: new.layers.settled_for(action),
            };
            let key = (class, theirs.map(|other| other.statements.clone()));
            match known.get(&key) {
                Some(None) => {}
                Some(Some(number)) => gains[*number].actions.push(action),
                None => {
                    let gain = gained_action(old, new, action);
                    known.insert(key, gain.is_some().then_some(gains.len()));
                    gains.extend(gain);
                }
            }
        }
    }
    gains
}

/// Whether `new` may do one action where `old` may not: the gain, with this action alone; `None` if there certainly is none.
pub fn gained_action(old: &Effective<'_>, new: &Effective<'_>, action: ActionId) -> Option<Gain> {
    let comparison = Comparison::of(old, new, action);
    new.layers.grants(action, None).into_iter().find_map(|grant| {
        let because = comparison.lack(&grant)?;
        Some(Gain { actions: vec![action], granted: new.granted(&grant), because })
    })
}

/// A part of what a set grants: resources that all the patterns match, less the holes, under all the conditions.
#[derive(Debug)]
pub(super) struct Region<'a> {
    patterns: Vec<&'a Glob>,
    holes: &'a [Glob],
    /// The Allow statements whose resources it is part of: that of the set, and one of each gate.
    through: Vec<&'a Statement>,
    conditions: Vec<&'a Atom>,
}

impl<'a> Grant<'a> {
    /// What is granted, taken apart by what lets it through each gate; the grant as it stands where that would be too much.
    fn regions(&self) -> Vec<Region<'a>> {
        const MOST: usize = 512;
        let whole = || Region {
            patterns: vec![self.pattern],
            holes: self.statement.resources.holes(),
            through: vec![self.statement],
            conditions: self.conditions.clone(),
        };
        let mut regions = vec![whole()];
        for gate in &self.gates {
            let mut next = Vec::new();
            for (statement, conditions) in gate {
                for region in &regions {
                    for pattern in statement.resources.patterns() {
                        let mut patterns = region.patterns.clone();
                        patterns.extend(pattern);
                        let conditions = region.conditions.iter().chain(conditions).copied().collect();
                        let through = region.through.iter().copied().chain([*statement]).collect();
                        next.push(Region { patterns, holes: region.holes, through, conditions });
                    }
                }
            }
            if next.len() > MOST {
                return vec![whole()];
            }
            regions = next;
        }
        regions
    }
}

/// What decides about one action.
struct Comparison<'o, 'n> {
    formats: Rc<Formats>,
    facts: Circumstances<'o>,
    /// The statements of the old set: what allows, by layer, and what denies.
    identity: Vec<Live<'o>>,
    gates: Vec<Vec<Live<'o>>>,
    denies: Vec<Live<'o>>,
    /// What the new set denies.
    mine: Vec<Live<'n>>,
}

impl<'o, 'n> Comparison<'o, 'n> {
    fn of(old: &Effective<'o>, new: &Effective<'n>, action: ActionId) -> Self {
        Self {
            formats: new.layers.formats_of(action),
            facts: old.layers.facts(),
            identity: old.layers.allows_of(action),
            gates: old.layers.gates_of(action),
            denies: old.layers.denies_of(action),
            mine: new.layers.denies_of(action),
        }
    }

    /// Why the old set may not give all of a grant; `None` if it certainly does.
    fn lack(&self, grant: &Grant<'_>) -> Option<Because> {
        grant.regions().iter().find_map(|region| self.lack_in(region))
    }

    fn lack_in(&self, region: &Region<'_>) -> Option<Because> {
        let absent = |variable: &str| self.facts.is_absent(variable);
        let formats = &*self.formats;
        let when = Residue::When(region.conditions.clone());
        let within = |resources: &Resources| {
            region.through.iter().any(|allow| allow.resources == *resources)
                || region.patterns.iter().any(|pattern| resources.include(pattern, region.holes, &absent, formats))
        };
        let covers = |allow: &Live<'_>| when.implies(&allow.2) && within(&allow.1.resources);
        if !self.identity.iter().any(covers) {
            return Some(Because::NotAllowed);
        }
        if !self.gates.iter().all(|gate| gate.iter().any(covers)) {
            return Some(Because::NotLetThrough);
        }
        let bites = |deny: &&Live<'_>| {
            if when.contradicts(&deny.2) {
                return false;
            }
            let apart = region
                .patterns
                .iter()
                .any(|pattern| !deny.1.resources.overlap(pattern, region.holes, &absent, formats));
            // The new set denies what the old one denied.
            let both: Vec<&Atom> = region.conditions.iter().copied().chain(deny.2.atoms().iter().copied()).collect();
            let both = Residue::When(both);
            let kept = || {
                self.mine.iter().any(|own| {
                    let includes = own.1.resources.include_all(&deny.1.resources, &absent, formats);
                    both.implies(&own.2) && (includes || within(&own.1.resources))
                })
            };
            !apart && !kept()
        };
        let deny = self.denies.iter().find(bites)?;
        Some(Because::Denied(Denied { origin: deny.0, statement: deny.1.number, span: deny.1.span }))
    }
}
