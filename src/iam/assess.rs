//! How far a permission set reaches: all its policies together, less its permissions boundary.
//!
//! Three classes say how much is granted outright, the others name ways to more. What mitigates a way is taken off
//! before it is reported: a boundary that stops it, a grant that hands on no more than a boundary of its own allows,
//! roles and policies that have been judged harmless. A Deny is no mitigation by itself where it is conditional: it makes
//! a proven finding a possible one.
//!
//! Service control policies count as far as the model has them: an action needs an Allow at every level above the account,
//! and a Deny at any level wins. Not considered: resource policies, key policies, role trust policies, resource control
//! policies.

mod granted;
mod mitigation;
mod paths;
mod sentence;
mod sinks;
#[cfg(test)]
mod tests;
mod width;

pub use granted::Granted;
#[cfg(test)]
pub(super) use sinks::RECEIVERS;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::catalogue::{ActionId, Catalogue, EscalationPath, Gains, ManagedPolicy, PathClass};
use super::effective::{Denied, Effective};
use super::evaluate::Request;
use super::facts::{Facts, Session, is_time};
use super::policy::{Policy, Statement};
use super::reach::{Certainty, Grant, Layers, Level, Origin};
use super::resource::KnownFormats;
use crate::source::Span;

/// What a permission set consists of, as far as permissions go.
#[derive(Clone, Debug, Default)]
pub struct PermissionSetPolicies {
    /// The AWS-managed, customer-managed and inline policies, in the model's order.
    pub policies: Vec<Attached>,
    /// The permissions boundary.
    pub boundary: Option<Attached>,
    /// The service control policies above the account, from the root down; none in the management account, which they do
    /// not restrict. Levels without policies, or with `FullAWSAccess` alone, may be left out.
    pub service_controls: Vec<ServiceControls>,
    /// Who asks, as far as that is known.
    pub session: Option<Arc<Session>>,
}

/// The service control policies of one level: of the root, of a unit or of an account.
#[derive(Clone, Debug, Default)]
pub struct ServiceControls {
    /// Whether `FullAWSAccess` is among them, so that the level lets through all that none of the others denies.
    pub full_aws_access: bool,
    /// The others.
    pub policies: Vec<Attached>,
}

/// A policy of a permission set.
#[derive(Clone, Debug)]
pub struct Attached {
    /// How findings call it.
    pub name: PolicyName,
    /// What it says; `None` if its body is not in the model.
    pub policy: Option<Arc<Policy>>,
}

/// How findings call a policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PolicyName {
    /// A policy of AWS, in its default version.
    AwsManaged(ManagedPolicy),
    /// A customer-managed policy, by its name.
    CustomerManaged(String),
    /// The inline policy.
    Inline,
    /// A service control policy, by its name.
    ServiceControl(String),
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AwsManaged(policy) => write!(f, "AWS-managed policy `{}` {}", policy.name, policy.version),
            Self::CustomerManaged(name) => write!(f, "customer-managed policy `{name}`"),
            Self::Inline => f.write_str("inline policy"),
            Self::ServiceControl(name) => write!(f, "service control policy `{name}`"),
        }
    }
}

/// What kind of reach a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// Every action on everything.
    FullAdmin,
    /// Everything but a few services, as `NotAction` grants it.
    NearAdmin,
    /// The whole administration of IAM: `iam:*`.
    IamWildcard,
    /// Changing or replacing another principal.
    Direct,
    /// Handing a role to a service that acts as that role.
    Pass,
    /// Handing a role to a service in a way of which no more is known; what that gives depends on the service.
    RoleSink,
    /// Changing or entering what already runs with a role; what that gives depends on the account.
    ExistingRole,
    /// Changing Identity Center; inert but in the account that administers it.
    IdentityCenter,
    /// Changing the organization; inert but in the account that administers it.
    Organizations,
}

/// What an account administers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccountKind {
    /// Nothing but itself.
    Member,
    /// The organization or Identity Center: the management account and delegated administrators.
    Administrative,
}

/// One way in which a permission set reaches far.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The kind.
    pub class: Class,
    /// How sure it is.
    pub certainty: Certainty,
    /// The id of the escalation path, where it is one.
    pub path: Option<&'static str>,
    /// Completes "this allows …"; empty for a class that is about all actions.
    pub says: &'static str,
    /// The statements that give it, one for each action of the path.
    pub steps: Vec<Step>,
    /// What it depends on, as "when …" or "unless …"; empty for a proven finding.
    pub caveats: Vec<String>,
    /// The Deny statements that the caveats speak of.
    pub denies: Vec<Denied>,
    /// For each action of which a request shows what the bounds leave open: the request.
    pub proofs: Vec<Request>,
}

/// One action of a finding, and the statement that grants it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The action; `None` for a class that is about all of them.
    pub action: Option<ActionId>,
    /// The index of the policy in [`PermissionSetPolicies::policies`].
    pub policy: usize,
    /// The number of the statement in it, from 1.
    pub statement: usize,
    /// Where the statement is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
    /// The resources the grant is limited to by name, where it is.
    pub limited_to: Option<String>,
}

/// What a permissions boundary does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BoundaryEffect {
    /// There is none.
    None,
    /// It allows everything.
    Unrestricting,
    /// It takes something away; the findings are what it leaves.
    Restricting,
    /// Its body is not in the model.
    Undecided,
}

/// How far a permission set reaches.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The findings, the widest class first, the paths in the catalogue's order. A class that is proven leaves out the
    /// ways that lead no further than it is.
    pub findings: Vec<Finding>,
    /// The policies whose body is not in the model or could not be understood: they may grant or deny more.
    pub undecided: Vec<PolicyName>,
    /// What the boundary does.
    pub boundary: BoundaryEffect,
    /// What policies that are not known leave open of every finding and grant, as "unless …".
    pub caveat: Option<String>,
    /// The grants of the actions that the assessor watches.
    watched: Vec<Granted>,
}

impl Assessment {
    /// The finding that says that the set reaches `iam:*`, within its boundary.
    pub fn reaches_iam_wildcard(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| matches!(finding.class, Class::FullAdmin | Class::IamWildcard))
    }

    /// The findings for which a permissions boundary is needed on an account, or a tighter one than there is.
    ///
    /// [`Class::NearAdmin`] alone is none of them: what makes it dangerous is found as a path of its own.
    pub fn needs_boundary(&self, account: AccountKind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.needs_boundary(account))
    }

    /// The gravest of them.
    pub fn worst(&self, account: AccountKind) -> Option<&Finding> {
        self.needs_boundary(account).min_by_key(|finding| (!finding.is_certain(account), finding.class))
    }
}

impl Finding {
    /// Whether a permissions boundary is needed for it on an account.
    pub fn needs_boundary(&self, account: AccountKind) -> bool {
        match self.class {
            Class::FullAdmin | Class::IamWildcard | Class::Direct | Class::Pass => true,
            Class::IdentityCenter | Class::Organizations => account == AccountKind::Administrative,
            Class::NearAdmin | Class::RoleSink | Class::ExistingRole => false,
        }
    }

    /// What a way depends on beside the policies of the set, where that is not in the model.
    pub fn dependence(&self, account: AccountKind) -> Option<&'static str> {
        match self.path {
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html
            Some("assume-role") => Some("as far as the trust policies of roles let it"),
            // The management account and the delegated administrator for IAM, once root sessions are enabled; neither the
            // delegation, which is not that of Identity Center, nor the setting is in the model.
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
            Some("assume-root") => Some(match account {
                AccountKind::Member => "from an account that manages root access",
                AccountKind::Administrative => "if the account manages root access and root sessions are enabled",
            }),
            _ => None,
        }
    }

    /// Whether it is there for certain: it is more than possible, and depends on nothing that is not in the model.
    pub fn is_certain(&self, account: AccountKind) -> bool {
        self.certainty != Certainty::Possible && self.dependence(account).is_none()
    }
}

/// Assesses permission sets; what they share is prepared once.
#[derive(Debug)]
pub struct Assessor {
    catalogue: &'static Catalogue,
    facts: Facts,
    paths: Vec<EscalationPath>,
    administration: Vec<ActionId>,
    formats: KnownFormats,
    managed: FxHashMap<&'static str, Arc<Policy>>,
    /// Whether an AWS-managed policy by itself escalates no further.
    harmless: FxHashMap<&'static str, bool>,
    /// The actions whose grants every assessment lists.
    watched: Vec<ActionId>,
}

impl Assessor {
    /// An assessor under these facts.
    pub fn new(facts: Facts) -> Self {
        let catalogue = Catalogue::embedded();
        Self {
            catalogue,
            facts,
            paths: catalogue.escalation_paths().collect(),
            administration: catalogue.administration_of_iam().collect(),
            formats: KnownFormats::default(),
            managed: FxHashMap::default(),
            harmless: FxHashMap::default(),
            watched: Vec::new(),
        }
    }

    /// An AWS-managed policy, understood once for all permission sets that name it.
    pub fn aws_managed(&mut self, policy: &ManagedPolicy) -> Arc<Policy> {
        let understood = self.managed.entry(policy.name);
        Arc::clone(understood.or_insert_with(|| Arc::new(Policy::aws_managed(policy))))
    }

    /// An AWS-managed policy as one that is attached.
    pub fn attach_aws_managed(&mut self, policy: &ManagedPolicy) -> Attached {
        Attached { name: PolicyName::AwsManaged(*policy), policy: Some(self.aws_managed(policy)) }
    }

    pub(super) fn layers<'a>(&'a self, set: &'a PermissionSetPolicies) -> Layers<'a> {
        let bodies = set.policies.iter().enumerate();
        let identity = bodies.filter_map(|(index, attached)| Some((index, attached.policy.as_deref()?)));
        let boundary = set.boundary.as_ref().and_then(|boundary| boundary.policy.as_deref());
        let levels = set.service_controls.iter().map(|level| Level {
            open: level.is_open(),
            bodies: level
                .policies
                .iter()
                .enumerate()
                .filter_map(|(at, attached)| Some((at, attached.policy.as_deref()?)))
                .collect(),
        });
        let facts = self.facts.of(set.session.as_deref());
        Layers::new(identity, boundary, levels, facts, &self.formats)
    }

    /// How far a permission set reaches.
    pub fn assess(&mut self, set: &PermissionSetPolicies) -> Assessment {
        self.judge_referenced_policies(set);
        let undecided: Vec<PolicyName> = set.all().filter(|a| !a.is_known()).map(|a| a.name.clone()).collect();

        let effective = self.effective(set);
        let layers = &effective.layers;

        let question = Question {
            assessor: self,
            set,
            effective: &effective,
            layers,
            allowed: layers.allowed(),
            minds_receiver: layers.mention(PASSED_TO_SERVICE),
            answers: FxHashMap::default(),
        };
        let allowed = question.allowed.clone();
        let mut findings = question.findings();
        // Who may do everything is asked for nothing else.
        let wide = findings.iter().any(|finding| finding.class == Class::FullAdmin);
        let watched = self.watched(&effective, &allowed, !wide);
        let caveat = undecided_caveat(set);
        for finding in &mut findings {
            if let Some((ceiling, caveat)) = &caveat {
                finding.certainty = finding.certainty.min(*ceiling);
                finding.caveats.push(caveat.clone());
            }
        }
        let effect = match &set.boundary {
            None => BoundaryEffect::None,
            Some(attached) if !attached.is_known() => BoundaryEffect::Undecided,
            Some(_) if lets_everything_through(layers) => BoundaryEffect::Unrestricting,
            Some(_) => BoundaryEffect::Restricting,
        };
        let caveat = caveat.map(|(_, caveat)| caveat);
        Assessment { findings, undecided, boundary: effect, caveat, watched }
    }
}

impl ServiceControls {
    /// Whether the level may let through all that it does not deny: a policy that is not known may allow everything, and
    /// what it denies is said as a caveat.
    pub(super) fn is_open(&self) -> bool {
        self.full_aws_access || self.policies.iter().any(|attached| !attached.is_known())
    }
}

impl Attached {
    /// Whether its body is in the model and was understood.
    pub fn is_known(&self) -> bool {
        self.policy.as_ref().is_some_and(|policy| !policy.incomplete)
    }
}

impl PermissionSetPolicies {
    /// Every policy that has a say: those of the set, the boundary, and the service control policies.
    pub fn all(&self) -> impl Iterator<Item = &Attached> {
        let controls = self.service_controls.iter().flat_map(|level| &level.policies);
        self.policies.iter().chain(&self.boundary).chain(controls)
    }

    /// How findings call the policy of a statement.
    pub fn name_of(&self, origin: Origin) -> String {
        let control =
            |level: usize, at: usize| self.service_controls.get(level).and_then(|level| level.policies.get(at));
        let attached = match origin {
            Origin::Policy(index) => self.policies.get(index),
            Origin::Boundary => None,
            Origin::ServiceControl(level, at) => control(level, at),
        };
        attached.map_or_else(|| "permissions boundary".to_owned(), |attached| attached.name.to_string())
    }
}

/// What policies that are not known do to the certainty of every finding: one more policy could deny, and a boundary
/// or a service control policy could stop anything.
pub(super) fn undecided_caveat(set: &PermissionSetPolicies) -> Option<(Certainty, String)> {
    if let Some(boundary) = set.boundary.as_ref().filter(|boundary| !boundary.is_known()) {
        let caveat = format!("unless the permissions boundary, {}, stops it, whose body is not known", boundary.name);
        return Some((Certainty::Possible, caveat));
    }
    let mut controls = set.service_controls.iter().flat_map(|level| &level.policies);
    if let Some(control) = controls.find(|control| !control.is_known()) {
        return Some((Certainty::Possible, format!("unless {} stops it, whose body is not known", control.name)));
    }
    let missing = set.policies.iter().find(|attached| !attached.is_known())?;
    Some((Certainty::Conditional, format!("unless {} denies it, whose body is not known", missing.name)))
}

/// Whether the boundary lets everything through.
fn lets_everything_through(layers: &Layers<'_>) -> bool {
    layers.gates.first().filter(|_| layers.bounded).is_some_and(|boundary| {
        let allows_all = |placed: &super::reach::Placed<'_>| {
            placed.statement.allows
                && placed.residue.is_always()
                && placed.statement.resources.is_any()
                && placed.statement.actions.is_all(Catalogue::embedded())
        };
        boundary.iter().any(allows_all) && boundary.iter().all(|placed| placed.statement.allows)
    })
}

/// The best grant of one action, with the caveats of its certainty.
#[derive(Debug)]
struct Best<'a> {
    grant: Grant<'a>,
    certainty: Certainty,
    caveats: Vec<String>,
    denies: Vec<Denied>,
}

impl Best<'_> {
    /// Whether it reaches resources of any name.
    fn is_unlimited(&self) -> bool {
        self.grant.is_unlimited()
    }

    /// Whether both are the grant of one statement on one resource, with nothing else to say about them.
    fn is_like(&self, other: &Self) -> bool {
        let place = |best: &Self| (best.grant.policy, best.grant.statement.number, best.grant.pattern.to_string());
        self.certainty == other.certainty && self.caveats == other.caveats && place(self) == place(other)
    }
}

/// The condition key of `iam:PassRole` that names who receives the role.
const PASSED_TO_SERVICE: &str = "iam:passedtoservice";

/// An action, the service that receives the role if it is `iam:PassRole`, and whether a proof is looked for.
type Asked = (ActionId, Option<&'static str>, bool);

/// One permission set while it is assessed.
struct Question<'q, 'a> {
    assessor: &'q Assessor,
    set: &'q PermissionSetPolicies,
    effective: &'q Effective<'a>,
    layers: &'q Layers<'a>,
    /// What some Allow of the identity names: a first sieve.
    allowed: FixedBitSet,
    /// Whether any statement minds who receives a role that is passed.
    minds_receiver: bool,
    /// The best grant of each action that was asked for.
    answers: FxHashMap<Asked, Option<Rc<Best<'a>>>>,
}

impl<'a> Question<'_, 'a> {
    fn findings(mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.width());
        let proven = |findings: &[Finding], class: Class| {
            let shown = |finding: &Finding| finding.certainty == Certainty::Proven || !finding.proofs.is_empty();
            findings.iter().any(|finding| finding.class == class && shown(finding))
        };
        // Who certainly can do everything needs no way to it.
        if proven(&findings, Class::FullAdmin) {
            return findings;
        }
        findings.extend(self.iam_wildcard());
        let administers_iam = proven(&findings, Class::IamWildcard);
        for path in &self.assessor.paths {
            let leads_to_iam = matches!(path.class, PathClass::Direct | PathClass::Pass | PathClass::ExistingRole);
            if !(administers_iam && leads_to_iam) {
                findings.extend(self.path(path));
            }
        }
        if !administers_iam {
            findings.extend(self.role_sink());
        }
        findings.sort_by_key(|finding| finding.class);
        findings
    }

    /// The Deny that may stand in the way, as a caveat.
    fn deny_caveat(&self, origin: Origin, number: usize) -> String {
        format!("unless statement {number} of the {} denies it", self.set.name_of(origin))
    }

    /// A Deny that does not stand in the way of a request, as a caveat.
    fn passes_caveat(&self, origin: Origin, deny: &Statement, request: &Request) -> String {
        let mut keys: Vec<&str> = deny.conditions.iter().map(|atom| &*atom.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let value = |key: &str| match request.context.get(key) {
            // The time of the check is no news, and another one every time.
            Some(_) if is_time(key) => "now".to_owned(),
            Some(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                format!("where `{}` is {}", Catalogue::embedded().spelled(key), values.join(", "))
            }
            None => format!("where `{}` is absent", Catalogue::embedded().spelled(key)),
        };
        let mut circumstances: Vec<String> = keys.into_iter().map(value).collect();
        if circumstances.is_empty() {
            circumstances.extend(request.resources.first().map(|resource| format!("on `{resource}`")));
        }
        let name = self.set.name_of(origin);
        format!("statement {} of the {name} does not deny it {}", deny.number, circumstances.join(" and "))
    }

    /// The best grant of an action that nothing mitigates; where the bounds leave it open, a request may prove it.
    fn best(&mut self, action: ActionId, passed_to: Option<&'static str>) -> Option<Rc<Best<'a>>> {
        self.best_of(action, passed_to, true)
    }

    /// The same for a way that is possible whatever is proven of its actions.
    fn best_by_bounds(&mut self, action: ActionId, passed_to: Option<&'static str>) -> Option<Rc<Best<'a>>> {
        self.best_of(action, passed_to, false)
    }

    fn best_of(&mut self, action: ActionId, passed_to: Option<&'static str>, prove: bool) -> Option<Rc<Best<'a>>> {
        if !self.allowed.contains(action.0 as usize) {
            return None;
        }
        if let Some(answer) = self.answers.get(&(action, passed_to, prove)) {
            return answer.clone();
        }
        // Which service receives the role matters only where a statement asks.
        if passed_to.is_some() && !self.minds_receiver {
            return self.best_of(action, None, prove);
        }
        let supposed = passed_to.map(|service| (PASSED_TO_SERVICE, service));
        let name = self.assessor.catalogue.action(action).name;
        let grants = match self.layers.full_grant(action) {
            Some(full) => vec![full],
            None => self.layers.grants(action, supposed),
        };
        let mut open: Vec<Best<'a>> =
            grants.into_iter().filter_map(|grant| self.unmitigated(name, action, grant)).collect();
        // Where nothing is certain by the bounds, a request may show it.
        if prove && open.iter().all(|best| best.certainty == Certainty::Possible) {
            open.sort_by_key(|best| !best.is_unlimited());
            for number in 0..open.len().min(MOST_PROOFS) {
                let proven = self.proven(name, action, passed_to, &open[number].grant);
                if let Some(proven) = proven {
                    open.insert(0, proven);
                    break;
                }
            }
        }
        // Of two grants alike the first statement is the one to point at.
        let rank = |best: &Best<'a>| (best.certainty, best.is_unlimited());
        let best = open.into_iter().fold(None, |known: Option<Best<'a>>, next| match known {
            Some(known) if rank(&known) >= rank(&next) => Some(known),
            _ => Some(next),
        });
        let best = best.map(Rc::new);
        self.answers.insert((action, passed_to, prove), best.clone());
        best
    }
}

/// Of how many grants of one action a proof is looked for.
const MOST_PROOFS: usize = 4;

/// A Deny as findings point at it.
fn denied(origin: Origin, deny: &Statement) -> Denied {
    Denied { origin, statement: deny.number, span: deny.span }
}

/// The statement that grants an action, as a step of a finding.
fn step(action: Option<ActionId>, grant: &Grant<'_>) -> Step {
    Step {
        action,
        policy: grant.policy,
        statement: grant.statement.number,
        span: grant.statement.span,
        limited_to: match grant.within {
            Some(within) => Some(within.to_string()),
            None => (!grant.unlimited).then(|| grant.pattern.to_string()),
        },
    }
}

impl From<PathClass> for Class {
    fn from(class: PathClass) -> Self {
        match class {
            PathClass::Direct => Self::Direct,
            PathClass::Pass => Self::Pass,
            PathClass::ExistingRole => Self::ExistingRole,
            PathClass::IdentityCenter => Self::IdentityCenter,
            PathClass::Organizations => Self::Organizations,
        }
    }
}

/// Whether aiming a path at named targets gives no more than those have.
fn depends_on_target(path: &EscalationPath) -> bool {
    path.gains == Gains::Target
}
