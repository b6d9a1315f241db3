//! Who can do something.

use fixedbitset::FixedBitSet;

use super::cases::{Case, Cases};
use super::holding::{Holding, holdings};
use super::sum::wider;
use crate::access::{Access, SetId};
use crate::iam::assess::{Attached, PermissionSetPolicies, PolicyName};
use crate::iam::catalogue::ActionId;
use crate::iam::policy::Statement;
use crate::iam::{Answer, Certainty, Denied, Effective, Granted, Origin, Stopped, Verdict};
use crate::source::Span;

/// A question: who may do one of these.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The actions, in the order of the catalogue; who may do one of them is an answer.
    pub actions: &'a [ActionId],
    /// The resource, an ARN or `*`; any, without one.
    pub resource: Option<&'a str>,
    /// The accounts, by number; all, without any.
    pub accounts: Option<&'a FixedBitSet>,
}

/// The answer.
#[derive(Debug)]
pub struct WhoCan<'a> {
    /// The permission sets that allow it, the surest first, then by name.
    pub able: Vec<Ability<'a>>,
    /// The permission sets that would, if nothing stood in the way, by name.
    pub obstructed: Vec<Obstructed<'a>>,
}

/// A permission set that allows it, in accounts where it does so in the same way.
#[derive(Debug)]
pub struct Ability<'a> {
    /// The permission set.
    pub set: SetId,
    /// The widest verdict on one of the actions.
    pub verdict: Verdict,
    /// Through what, by action.
    pub ways: Vec<Way>,
    /// The permissions boundary within which that holds.
    pub boundary: Option<PolicyName>,
    /// The service control policies that speak of one of the actions.
    pub controls: Vec<PolicyName>,
    /// Who has it, by principal.
    pub holders: Vec<Holding<'a>>,
}

/// Through which statements actions are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The actions: the same statements decide all of them.
    pub actions: Vec<ActionId>,
    /// The verdict on each.
    pub verdict: Verdict,
    /// The statements, the surest first.
    pub sources: Vec<Source>,
}

/// A statement, found in its policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The policy.
    pub policy: PolicyName,
    /// The number of the statement in it, from 1.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Where it is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
    /// How sure it is; for a Deny, that it may apply.
    pub certainty: Certainty,
    /// The resources it allows it on, as written; empty for a Deny.
    pub resource: String,
    /// Whether those are all.
    pub unlimited: bool,
    /// What it depends on.
    pub conditions: Vec<String>,
    /// The statements that may deny it.
    pub unless: Vec<Self>,
}

/// A permission set with a policy that allows it, which is of no effect.
#[derive(Debug)]
pub struct Obstructed<'a> {
    /// The permission set.
    pub set: SetId,
    /// What stands in the way, each once.
    pub obstacles: Vec<Obstacle>,
    /// Who has it, by principal.
    pub holders: Vec<Holding<'a>>,
}

/// What keeps a policy from having effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A statement denies it.
    Denied(Source),
    /// The permissions boundary does not allow it.
    Boundary(PolicyName),
    /// None of these service control policies, of one level, allows it.
    ServiceControls(Vec<PolicyName>),
}

/// Finds who can. The cases are those of the permission sets that are asked about.
pub fn who_can<'a>(access: &'a Access, cases: &Cases, asked: Asked<'_>) -> WhoCan<'a> {
    let mut able: Vec<Ability<'a>> = Vec::new();
    let mut obstructed: Vec<Obstructed<'a>> = Vec::new();
    for case in &cases.all {
        let mut accounts = case.accounts.clone();
        if let Some(wanted) = asked.accounts {
            accounts.intersect_with(wanted);
        }
        if accounts.is_clear() {
            continue;
        }
        let effective = cases.effective(case);
        let ways = ways(&effective, case, asked);
        if ways.is_empty() {
            let obstacles = obstacles(&effective, case, asked);
            if obstacles.is_empty() {
                continue;
            }
            let holders = holdings(access, access.pairs_of(case.set), Some(&accounts));
            match obstructed.iter_mut().find(|known| known.set == case.set && known.obstacles == obstacles) {
                Some(known) => merge(&mut known.holders, holders),
                None => obstructed.push(Obstructed { set: case.set, obstacles, holders }),
            }
            continue;
        }
        let verdict = ways.iter().map(|way| way.verdict).fold(Verdict::None, wider);
        let boundary = case.policies.boundary.as_ref().map(|boundary| boundary.name.clone());
        let controls = controls(case, asked.actions);
        let holders = holdings(access, access.pairs_of(case.set), Some(&accounts));
        let alike = |known: &&mut Ability<'a>| {
            known.set == case.set && known.ways == ways && known.boundary == boundary && known.controls == controls
        };
        match able.iter_mut().find(alike) {
            Some(known) => merge(&mut known.holders, holders),
            None => able.push(Ability { set: case.set, verdict, ways, boundary, controls, holders }),
        }
    }
    able.sort_by_key(|ability| std::cmp::Reverse(ability.verdict.certainty()));
    WhoCan { able, obstructed }
}

/// Adds holdings of other accounts, by principal.
fn merge<'a>(known: &mut Vec<Holding<'a>>, more: Vec<Holding<'a>>) {
    for holding in more {
        match known.binary_search_by_key(&holding.pair.principal, |known| known.pair.principal) {
            Ok(place) => {
                known[place].grants.extend(holding.grants);
                known[place].grants.sort_by_key(|grant| grant.account);
            }
            Err(place) => known.insert(place, holding),
        }
    }
}

fn ways(effective: &Effective<'_>, case: &Case, asked: Asked<'_>) -> Vec<Way> {
    let way = |(actions, answer): (Vec<ActionId>, Answer)| Way {
        actions,
        verdict: answer.verdict,
        sources: answer.grants.iter().map(|granted| source(&case.policies, granted)).collect(),
    };
    let answers = match asked.resource {
        None => effective.answers(asked.actions),
        Some(resource) => {
            let on = |&action: &ActionId| (vec![action], effective.answer_on(action, resource));
            asked.actions.iter().map(on).filter(|(_, answer)| answer.verdict != Verdict::None).collect()
        }
    };
    let mut ways: Vec<Way> = Vec::new();
    for next in answers.into_iter().map(way) {
        match ways.iter_mut().find(|way| way.verdict == next.verdict && way.sources == next.sources) {
            Some(known) => known.actions.extend(next.actions),
            None => ways.push(next),
        }
    }
    for way in &mut ways {
        way.actions.sort_unstable();
    }
    ways.sort_by_key(|way| (std::cmp::Reverse(way.verdict.certainty()), way.actions.first().copied()));
    ways
}

fn source(policies: &PermissionSetPolicies, granted: &Granted) -> Source {
    let attached = attached(policies, Origin::Policy(granted.policy));
    Source {
        policy: attached.map_or(PolicyName::Inline, |attached| attached.name.clone()),
        statement: granted.statement,
        sid: sid(attached, granted.statement),
        span: granted.span,
        certainty: granted.certainty,
        resource: granted.resource.clone(),
        unlimited: granted.unlimited,
        conditions: granted.conditions.clone(),
        unless: granted.unless.iter().map(|denied| denial(policies, denied)).collect(),
    }
}

fn denial(policies: &PermissionSetPolicies, denied: &Denied) -> Source {
    let attached = attached(policies, denied.origin);
    Source {
        policy: attached.map_or(PolicyName::Inline, |attached| attached.name.clone()),
        statement: denied.statement,
        sid: sid(attached, denied.statement),
        span: denied.span,
        certainty: Certainty::Possible,
        resource: String::new(),
        unlimited: false,
        conditions: Vec::new(),
        unless: Vec::new(),
    }
}

/// The policy that a statement belongs to.
fn attached(policies: &PermissionSetPolicies, origin: Origin) -> Option<&Attached> {
    match origin {
        Origin::Policy(index) => policies.policies.get(index),
        Origin::Boundary => policies.boundary.as_ref(),
        Origin::ServiceControl(level, at) => policies.service_controls.get(level)?.policies.get(at),
    }
}

fn sid(attached: Option<&Attached>, number: usize) -> Option<String> {
    let statement = attached?.policy.as_ref()?.statements().iter().find(|statement| statement.number == number)?;
    statement.sid.as_deref().map(str::to_owned)
}

fn obstacles(effective: &Effective<'_>, case: &Case, asked: Asked<'_>) -> Vec<Obstacle> {
    let mut obstacles: Vec<Obstacle> = Vec::new();
    for stopped in asked.actions.iter().flat_map(|&action| effective.stopped(action, asked.resource)) {
        let obstacle = match stopped {
            Stopped::Denied(denied) => Obstacle::Denied(denial(&case.policies, &denied)),
            Stopped::Boundary => match &case.policies.boundary {
                Some(boundary) => Obstacle::Boundary(boundary.name.clone()),
                None => continue,
            },
            Stopped::ServiceControls(level) => {
                let policies = case.policies.service_controls.get(level).into_iter().flat_map(|level| &level.policies);
                Obstacle::ServiceControls(policies.map(|attached| attached.name.clone()).collect())
            }
        };
        if !obstacles.contains(&obstacle) {
            obstacles.push(obstacle);
        }
    }
    obstacles
}

/// The service control policies that speak of one of the actions, those that are not known among them.
fn controls(case: &Case, actions: &[ActionId]) -> Vec<PolicyName> {
    let mut controls: Vec<PolicyName> = Vec::new();
    for level in &case.policies.service_controls {
        for attached in &level.policies {
            let speaks = |statement: &Statement| {
                (!statement.allows || !level.full_aws_access)
                    && actions.iter().any(|&action| statement.actions.contains(action))
            };
            let matters = match &attached.policy {
                None => true,
                Some(policy) => !attached.is_known() || policy.statements().iter().any(speaks),
            };
            if matters && !controls.contains(&attached.name) {
                controls.push(attached.name.clone());
            }
        }
    }
    controls
}
