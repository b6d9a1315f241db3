//! What a permission set may do in an account, action by action.
//!
//! [`Effective`] is the permission set with everything that has a say: its policies, its boundary, the service control
//! policies above the account. [`Decisions`] are its answers for every action of the catalogue, made once and asked in
//! nanoseconds; an [`Answer`] says which statements give it; a [`Request`] proves it.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::assess::{Assessor, Attached, PermissionSetPolicies};
use super::catalogue::{ActionId, Catalogue};
use super::condition::{Atom, Known};
use super::evaluate::{Evaluator, Reading, Request, Truth};
use super::glob::Glob;
use super::policy::Statement;
use super::reach::{Certainty, Grant, Layers, Origin, Stop, Verdict};
use super::witness::{Search, Supposition, is_identity_key, is_undecidable};
use crate::source::Span;

/// A permission set in an account.
#[derive(Debug)]
pub struct Effective<'a> {
    pub(super) layers: Layers<'a>,
    pub(super) set: &'a PermissionSetPolicies,
    /// How certain anything can be, as long as policies are not known.
    ceiling: Certainty,
    evaluator: OnceCell<Option<Evaluator>>,
    /// What has been looked for: actions that are granted and denied alike have one proof.
    proofs: RefCell<FxHashMap<Alike, Option<Request>>>,
}

/// What a request is to be like.
#[derive(Clone, Copy, Debug, Default)]
struct Wish<'s> {
    /// On this resource; on any without one.
    resource: Option<&'s str>,
    /// Whether only resources that the grant's own pattern suggests are tried.
    own_resources: bool,
    /// Refused by these policies; without any, it is one that a person can make today.
    refusing: Option<&'s Effective<'s>>,
    /// With these values.
    supposed: &'s [Supposition],
}

/// Why one proof may do for another grant: the statements that bear on it, the kind of resources, the service if that
/// matters, and what is supposed.
#[derive(Debug, Eq, Hash, PartialEq)]
struct Alike {
    statements: Vec<*const Statement>,
    pattern: *const Glob,
    kind: u32,
    service: &'static str,
    in_one_region: bool,
    supposed: Vec<Supposition>,
}

/// The answers of a permission set for every action of the catalogue.
///
/// 64 KB and less: one set in one account is asked about any action in the time of an array access.
#[derive(Clone, Debug)]
pub struct Decisions {
    verdicts: Box<[Verdict]>,
    may: FixedBitSet,
    must: FixedBitSet,
}

impl Decisions {
    /// The verdict on an action.
    pub fn verdict(&self, action: ActionId) -> Verdict {
        self.verdicts.get(action.0 as usize).copied().unwrap_or(Verdict::None)
    }

    /// The actions that may be allowed, those to come included, each with its verdict.
    pub fn granted(&self) -> impl Iterator<Item = (ActionId, Verdict)> {
        let ids = self.may.ones().filter_map(|id| u32::try_from(id).ok()).map(ActionId);
        ids.map(|action| (action, self.verdict(action)))
    }

    /// The actions that may be allowed, by number: no request for any other is.
    pub fn may(&self) -> &FixedBitSet {
        &self.may
    }

    /// The actions that are allowed on some resource whatever else the request carries, by number.
    pub fn must(&self) -> &FixedBitSet {
        &self.must
    }
}

/// The answer on one action, on any resource or on one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// How far it is granted.
    pub verdict: Verdict,
    /// The statements that grant it, the surest first.
    pub grants: Vec<Granted>,
}

/// A statement that grants an action.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Granted {
    /// The index of the policy in [`PermissionSetPolicies::policies`].
    pub policy: usize,
    /// The number of the statement in it, from 1.
    pub statement: usize,
    /// Where the statement is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The resources, as the statement names them; `*` where it leaves some out by `NotResource`.
    pub resource: String,
    /// Whether it is not limited to resources of certain names.
    pub unlimited: bool,
    /// What it depends on, the conditions of boundary and service control policies included, each as
    /// "StringEquals `aws:requestedregion` `eu-west-1`".
    pub conditions: Vec<String>,
    /// The Deny statements that may stand in the way.
    pub unless: Vec<Denied>,
}

/// A statement that may deny.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Denied {
    /// Its policy.
    pub origin: Origin,
    /// Its number in the policy, from 1.
    pub statement: usize,
    /// Where it is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
}

/// What takes an action away that a policy of the set allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stopped {
    /// A statement denies it.
    Denied(Denied),
    /// The permissions boundary does not allow it.
    Boundary,
    /// No service control policy of this level allows it.
    ServiceControls(usize),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "not allowed",
            Self::Full => "allowed",
            Self::Scoped => "allowed on some resources",
            Self::Conditional => "allowed under conditions",
            Self::Possible => "possibly allowed",
        })
    }
}

impl Assessor {
    /// A permission set with everything that has a say in an account.
    pub fn effective<'a>(&'a self, set: &'a PermissionSetPolicies) -> Effective<'a> {
        Effective {
            layers: self.layers(set),
            set,
            ceiling: super::assess::undecided_caveat(set).map_or(Certainty::Proven, |(ceiling, _)| ceiling),
            evaluator: OnceCell::new(),
            proofs: RefCell::default(),
        }
    }
}

impl<'a> Effective<'a> {
    /// The answers for every action. Actions that the same statements name, and that work on the same kinds of resources,
    /// are decided together.
    pub fn decisions(&self) -> Decisions {
        let catalogue = Catalogue::embedded();
        let universe = catalogue.universe() as usize;
        let mut verdicts = vec![Verdict::None; universe].into_boxed_slice();
        let (mut may, mut must) = (FixedBitSet::with_capacity(universe), FixedBitSet::with_capacity(universe));
        let full = self.layers.certainly_everywhere();
        let mut known: FxHashMap<Class, Verdict> = FxHashMap::default();
        for interval in self.layers.intervals() {
            for id in interval.actions.clone() {
                let action = ActionId(id);
                let verdict = if full.contains(action) {
                    self.capped(Verdict::Full)
                } else {
                    let class = Class {
                        statements: interval.statements.clone(),
                        kind: catalogue.kind_of_resources(action),
                        facts: self.layers.settled_for(action),
                    };
                    *known.entry(class).or_insert_with(|| self.verdict(action))
                };
                verdicts[id as usize] = verdict;
                may.set(id as usize, verdict != Verdict::None);
                must.set(id as usize, matches!(verdict, Verdict::Full | Verdict::Scoped));
            }
        }
        Decisions { verdicts, may, must }
    }

    /// What policies that are not known leave of a verdict.
    fn capped(&self, verdict: Verdict) -> Verdict {
        match (verdict, self.ceiling) {
            (Verdict::None, _) | (_, Certainty::Proven) => verdict,
            (Verdict::Possible, _) | (_, Certainty::Possible) => Verdict::Possible,
            _ => Verdict::Conditional,
        }
    }

    /// The verdict on an action, on any resource.
    pub fn verdict(&self, action: ActionId) -> Verdict {
        self.capped(self.layers.verdict(action))
    }

    /// The verdict on an action on one concrete resource: an ARN, or `*` for an action that knows no resources.
    pub fn verdict_on(&self, action: ActionId, resource: &str) -> Verdict {
        let best = self.layers.certainty_on(action, resource);
        self.capped(best.map_or(Verdict::None, |certainty| match certainty {
            Certainty::Proven => Verdict::Full,
            Certainty::Conditional => Verdict::Conditional,
            Certainty::Possible => Verdict::Possible,
        }))
    }

    /// The verdict on an action, with the statements that give it.
    pub fn answer(&self, action: ActionId) -> Answer {
        let grants = match self.layers.full_grant(action) {
            Some(full) => vec![full],
            None => self.layers.grants(action, None),
        };
        self.answer_of(self.verdict(action), &grants)
    }

    /// The verdict on an action on one concrete resource, with the statements that give it.
    pub fn answer_on(&self, action: ActionId, resource: &str) -> Answer {
        self.answer_of(self.verdict_on(action, resource), &self.layers.grants_on(action, resource))
    }

    fn answer_of(&self, verdict: Verdict, grants: &[Grant<'a>]) -> Answer {
        let mut grants: Vec<Granted> = grants.iter().map(|grant| self.granted(grant)).collect();
        grants
            .sort_by(|a, b| b.certainty.cmp(&a.certainty).then((a.policy, a.statement).cmp(&(b.policy, b.statement))));
        Answer { verdict, grants }
    }

    pub(super) fn granted(&self, grant: &Grant<'a>) -> Granted {
        let certainty = grant.certainty.min(self.ceiling);
        let mut conditions: Vec<String> = Vec::new();
        if certainty != Certainty::Proven {
            let gates = grant.gates.iter().filter_map(|gate| gate.first()).flat_map(|(_, atoms)| atoms);
            for atom in grant.conditions.iter().chain(gates) {
                let condition = atom.to_string();
                if !conditions.contains(&condition) {
                    conditions.push(condition);
                }
            }
        }
        Granted {
            policy: grant.policy,
            statement: grant.statement.number,
            span: grant.statement.span,
            certainty,
            resource: grant.pattern.to_string(),
            unlimited: grant.unlimited,
            conditions,
            unless: grant
                .denies
                .iter()
                .map(|(origin, deny)| Denied { origin: *origin, statement: deny.number, span: deny.span })
                .collect(),
        }
    }

    /// Why policies of the set that allow an action, on one concrete resource or on any, do not give it: what takes it away,
    /// each reason once. Where no policy of the set allows the action, there is none.
    pub fn stopped(&self, action: ActionId, resource: Option<&str>) -> Vec<Stopped> {
        let stops = self.layers.stops(action, resource).into_iter();
        stops
            .filter_map(|stop| match stop {
                Stop::Denied(origin, deny) => {
                    Some(Stopped::Denied(Denied { origin, statement: deny.number, span: deny.span }))
                }
                Stop::NotLetThrough(0) if self.layers.bounded => Some(Stopped::Boundary),
                Stop::NotLetThrough(gate) => {
                    let levels = self.set.service_controls.iter().enumerate().filter(|(_, level)| !level.is_open());
                    let mut levels = levels.map(|(number, _)| Stopped::ServiceControls(number));
                    levels.nth(gate - usize::from(self.layers.bounded))
                }
            })
            .collect()
    }

    /// The answers on several actions, those that are decided alike together, in the order of the first of each.
    pub fn answers(&self, actions: &[ActionId]) -> Vec<(Vec<ActionId>, Answer)> {
        let catalogue = Catalogue::embedded();
        let intervals = if actions.len() > 1 { self.layers.intervals() } else { Vec::new() };
        let mut classes: FxHashMap<Class, usize> = FxHashMap::default();
        let mut answers: Vec<(Vec<ActionId>, Answer)> = Vec::new();
        for &action in actions {
            let place = intervals.partition_point(|interval| interval.actions.end <= action.0);
            let interval = intervals.get(place).filter(|interval| interval.actions.contains(&action.0));
            let class = interval.map(|interval| Class {
                statements: interval.statements.clone(),
                kind: catalogue.kind_of_resources(action),
                facts: self.layers.settled_for(action),
            });
            match class {
                Some(class) => match classes.get(&class) {
                    Some(&known) => answers[known].0.push(action),
                    None => {
                        classes.insert(class, answers.len());
                        answers.push((vec![action], self.answer(action)));
                    }
                },
                // No Allow names it.
                None if actions.len() > 1 => {}
                None => answers.push((vec![action], self.answer(action))),
            }
        }
        answers.retain(|(_, answer)| answer.verdict != Verdict::None);
        answers
    }

    /// A request for an action that the policies certainly allow, on `resource` if one is given; `None` if none was found,
    /// which proves nothing. Where a policy is not known, there is none.
    pub fn witness(&self, action: ActionId, resource: Option<&str>) -> Option<Request> {
        let mut grants = match resource {
            Some(resource) => self.layers.grants_on(action, resource),
            None => self.layers.grants(action, None),
        };
        grants.sort_by_key(|grant| std::cmp::Reverse(grant.certainty));
        grants.iter().find_map(|grant| self.witness_of(action, grant, resource, None))
    }

    /// Turns a grant that is possible into one that holds under conditions, where a request that a person can make today
    /// proves it; `supposed` are keys that are to have these values.
    pub(super) fn prove(&self, action: ActionId, grant: &mut Grant<'a>, supposed: &[Supposition]) {
        let bears = !grant.denies.is_empty() || !grant.gates.is_empty();
        if grant.certainty != Certainty::Possible || self.ceiling == Certainty::Possible || !bears {
            return;
        }
        let demanded = |key: &str| {
            let gates = grant.gates.iter().flatten().flat_map(|(_, atoms)| atoms);
            grant.conditions.iter().chain(gates).any(|atom| &*atom.key == key)
        };
        let facts = self.layers.facts().asking(&Catalogue::embedded().action(action));
        if grant.denies.iter().any(|(_, deny)| is_undecidable(facts, deny, &demanded)) {
            return;
        }
        let catalogue = Catalogue::embedded();
        let denies = grant.denies.iter().map(|(_, deny)| *deny);
        let gates = grant.gates.iter().flatten().map(|(allow, _)| *allow);
        let settled = self.layers.settled_for(action).is_some();
        let alike = Alike {
            statements: std::iter::once(grant.statement).chain(denies).chain(gates).map(std::ptr::from_ref).collect(),
            pattern: grant.pattern,
            kind: catalogue.kind_of_resources(action),
            service: if settled { catalogue.action(action).service } else { "" },
            in_one_region: facts.is_in_one_region(&catalogue.action(action)),
            supposed: supposed.to_vec(),
        };
        // Resources that other statements name are tried last.
        let wish = Wish { supposed, ..Wish::default() };
        let search = || {
            let own = self.search(action, grant, Wish { own_resources: true, ..wish });
            own.or_else(|| self.search(action, grant, wish))
        };
        let known = self.proofs.borrow().get(&alike).cloned();
        let proof = match known {
            Some(None) => None,
            Some(Some(request)) => self.confirmed(action, grant, supposed, request).or_else(search),
            None => {
                let proof = search();
                self.proofs.borrow_mut().insert(alike, proof.clone());
                proof
            }
        };
        let Some(proof) = proof else { return };
        // A resource that the pattern itself suggests speaks for all others, one that a statement names for its like.
        let formats = self.layers.formats_of(action);
        let first = proof.resources.first().map_or("", String::as_str);
        let own = formats.witnesses(grant.pattern).iter().any(|(_, arn)| arn == first);
        if !own {
            let named = self.layers.patterns_about(action).into_iter();
            let mut named = named.filter(|pattern| formats.witnesses(pattern).iter().any(|(_, arn)| arn == first));
            grant.within = named.next();
        }
        grant.certainty = Certainty::Conditional;
        grant.proof = Some(proof);
    }

    /// The same for a grant on one resource.
    pub(super) fn prove_on(&self, action: ActionId, grant: &mut Grant<'a>, arn: &str) {
        if grant.certainty == Certainty::Possible
            && let Some(proof) = self.witness_of(action, grant, Some(arn), None)
        {
            grant.certainty = Certainty::Conditional;
            grant.proof = Some(proof);
        }
    }

    /// How certain anything can be, as long as policies are not known.
    pub(super) fn ceiling(&self) -> Certainty {
        self.ceiling
    }

    /// A request that was found for another action, as one for this action, if it is one.
    fn confirmed(
        &self,
        action: ActionId,
        grant: &Grant<'a>,
        supposed: &[Supposition],
        request: Request,
    ) -> Option<Request> {
        let search = self.searching(action, grant, Wish { supposed, own_resources: true, ..Wish::default() })?;
        let request = Request { action: search.action.clone(), ..request };
        let mut gates = combinations(&grant.gates).into_iter();
        let wanted =
            |gates: Vec<&'a Atom>| -> Vec<&'a Atom> { grant.conditions.iter().copied().chain(gates).collect() };
        gates.any(|gates| search.confirms(&wanted(gates), &request)).then_some(request)
    }

    /// A request that one grant allows, and that other policies refuse where they are given.
    pub(super) fn witness_of(
        &self,
        action: ActionId,
        grant: &Grant<'a>,
        resource: Option<&str>,
        refusing: Option<&Effective<'_>>,
    ) -> Option<Request> {
        self.search(action, grant, Wish { resource, refusing, ..Wish::default() })
    }

    fn search(&self, action: ActionId, grant: &Grant<'a>, wish: Wish<'_>) -> Option<Request> {
        let search = self.searching(action, grant, wish)?;
        combinations(&grant.gates).into_iter().find_map(|gates| {
            let wanted: Vec<&Atom> = grant.conditions.iter().copied().chain(gates).collect();
            search.run(&wanted)
        })
    }

    /// The search for a request that a grant allows, and that other policies refuse where they are given.
    fn searching<'s>(&'s self, action: ActionId, grant: &Grant<'a>, wish: Wish<'s>) -> Option<Search<'s>> {
        let evaluator = self.evaluator()?;
        let other = match wish.refusing {
            None => None,
            Some(other) => Some((other, other.evaluator()?)),
        };
        let name = Catalogue::embedded().action(action);
        // An action that does not exist yet cannot be asked for.
        if name.name.is_empty() {
            return None;
        }
        let mut atoms: Vec<&Atom> = self.layers.atoms_about(action);
        let mut patterns = if wish.own_resources { Vec::new() } else { self.layers.patterns_about(action) };
        if let Some((other, _)) = other {
            atoms.extend(other.layers.atoms_about(action));
            patterns.extend(other.layers.patterns_about(action));
        }
        Some(Search {
            facts: self.layers.facts().asking(&name),
            action: format!("{}:{}", name.service, name.name),
            resources: self.layers.resources_to_try(action, grant.pattern, &patterns, wish.resource),
            atoms,
            allowing: evaluator,
            refusing: other.map(|(_, evaluator)| evaluator),
            supposed: wish.supposed,
            by_a_person: wish.refusing.is_none(),
        })
    }

    /// What the slow evaluator says about one request: whether it is certainly allowed, or certainly refused; `None` where it
    /// depends on what nobody knows, such as who asks, or on the reading of a wildcard.
    pub fn decide(&self, request: &Request) -> Option<bool> {
        match self.evaluator()?.about(&request.action).allows(request, Reading::Both) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Open => None,
        }
    }

    /// The policies as text; `None` if one of them is not known or was not understood.
    pub(super) fn evaluator(&self) -> Option<&Evaluator> {
        let make = || {
            let text = |attached: &'a Attached| -> Option<Cow<'a, str>> {
                attached.policy.as_ref().filter(|_| attached.is_known())?.text()
            };
            let texts = |all: &'a [Attached]| all.iter().map(text).collect::<Option<Vec<_>>>();
            let identity = texts(&self.set.policies)?;
            let mut gates = Vec::new();
            let mut guards = Vec::new();
            if let Some(boundary) = &self.set.boundary {
                gates.push(vec![text(boundary)?]);
            }
            for level in &self.set.service_controls {
                let documents = texts(&level.policies)?;
                if level.full_aws_access {
                    guards.extend(documents);
                } else {
                    gates.push(documents);
                }
            }
            let mut evaluator = Evaluator::new(identity, gates, guards)?;
            let facts = self.layers.facts();
            for key in self.layers.keys().map(str::to_ascii_lowercase).filter(|key| is_identity_key(key)) {
                match facts.known(&key) {
                    // What no session carries is absent, and that is known.
                    Known::Absent => {}
                    Known::Is(value) => evaluator.known.push((key, vec![value.to_owned()])),
                    Known::Among(values) => evaluator.known.push((key, values.to_vec())),
                    Known::NotBefore(_) | Known::Unknown => evaluator.unknown.push(key),
                }
            }
            Some(evaluator)
        };
        self.evaluator.get_or_init(make).as_ref()
    }
}

/// What decides alike: the statements that name an action, the resources it works on, and what is settled about it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Class {
    pub(super) statements: Rc<[u32]>,
    pub(super) kind: u32,
    pub(super) facts: Option<ActionId>,
}

/// One Allow of each gate; a few of the ways, if there are many.
fn combinations<'a>(gates: &[Vec<(&'a Statement, Vec<&'a Atom>)>]) -> Vec<Vec<&'a Atom>> {
    const MOST: usize = 4;
    let mut combined: Vec<Vec<&'a Atom>> = vec![Vec::new()];
    for gate in gates.iter().filter(|gate| !gate.is_empty()) {
        let mut next = Vec::new();
        for (_, atoms) in gate {
            for chosen in &combined {
                let mut more = chosen.clone();
                more.extend(atoms);
                next.push(more);
            }
        }
        next.truncate(MOST);
        combined = next;
    }
    combined
}
