//! What a permission set allows more or less, action by action.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fixedbitset::FixedBitSet;

use super::accounts::{AccountNo, Accounts};
use super::bodies::{Between, Bodies, Key, Numbered};
use super::{Cause, Side};
use crate::access::{Access, AccountId, SetId};
use crate::iam::assess::{AccountKind, Assessment, Assessor, Class, Finding, PermissionSetPolicies};
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::iam::{Because, Certainty, Effective, Gain, Request, gained};
use crate::lint::reach::{assessor, policies_in};
use crate::source::Span;

/// What a permission set allows more and less in some accounts.
#[derive(Clone, Debug)]
pub struct ActionsChange {
    /// Where; empty for a set that nobody has in an account of both models, which is compared by its policies alone.
    pub accounts: Vec<AccountNo>,
    /// What brought it about.
    pub cause: Cause,
    /// What it allows that it did not.
    pub gained: Vec<ActionGain>,
    /// What it allowed and does no more.
    pub lost: Vec<ActionGain>,
    /// Ways to more permissions that it opens.
    pub opened: Vec<Escalation>,
    /// Ways to more permissions that it closes.
    pub closed: Vec<Escalation>,
    /// The policies whose documents are not in the models: what they allow and deny is not compared.
    pub undecided: Vec<String>,
}

impl ActionsChange {
    /// Whether no action is allowed anywhere that was not, or the other way round.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// Actions that one side allows and the other does not, for one reason.
#[derive(Clone, Debug)]
pub struct ActionGain {
    /// The actions, in the order of their names.
    pub actions: Vec<ActionId>,
    /// A request for one of them that the one side certainly allows and the other certainly refuses. Without one, the gain
    /// is possible and no more. The same statements decide about all the actions, so that it proves them all.
    pub proof: Option<Request>,
    /// Whether a proof was looked for. In a change of nearly everything it is for the gravest actions only.
    pub sought: bool,
    /// The policy that allows them, and the number of the statement.
    pub granted_by: (String, usize),
    /// Where the statement is written, in the model of this side; `None` in a policy of AWS.
    pub written: Option<(Side, Span)>,
    /// The resources, as the statement names them.
    pub resource: String,
    /// What it depends on.
    pub conditions: Vec<String>,
    /// Why the other side does not allow them.
    pub because: String,
}

/// A way from a permission set to more permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Whether it needs a permissions boundary, or a tighter one, by the rule `iam-without-boundary`.
    pub privileged: bool,
    /// Whether it is there for certain.
    pub certain: bool,
    /// What is granted, as a sentence about the set: "grants `iam:*` …".
    pub says: String,
}

/// How a permission set reaches beyond itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privilege {
    /// Whether it certainly does.
    pub certain: bool,
    /// How, as a sentence about the set.
    pub says: String,
}

/// The actions that the known ways to more permissions take, by number.
pub fn escalating_actions() -> &'static FixedBitSet {
    static ACTIONS: LazyLock<FixedBitSet> = LazyLock::new(|| {
        let catalogue = Catalogue::embedded();
        let mut actions = FixedBitSet::with_capacity(catalogue.universe() as usize);
        let paths = catalogue.escalation_paths().flat_map(|path| path.actions);
        actions.extend(paths.map(|action| action.0 as usize));
        actions
    });
    &ACTIONS
}

/// A permission set in an account of one of the models.
pub(super) type Place = (SetId, Option<AccountId>);

/// For how many gains of one comparison, and of all, proofs are looked for: each takes about a millisecond, as the slow
/// evaluator has to agree.
const PROOFS: usize = 256;
const ALL_PROOFS: usize = 512;

/// What is compared, and what has been.
pub(super) struct Comparison<'a, 'c> {
    pub(super) accounts: &'c Accounts<'a>,
    pub(super) old: Numbered<'a>,
    pub(super) new: Numbered<'a>,
    pub(super) between: Between,
    assessors: (Assessor, Assessor),
    privileges: BTreeMap<(Side, SetId, Key, bool), Option<Privilege>>,
    /// For how many gains more proofs are looked for.
    proofs: usize,
}

impl<'a, 'c> Comparison<'a, 'c> {
    pub(super) fn of(old: &'a Access, new: &'a Access, accounts: &'c Accounts<'a>) -> Self {
        let mut bodies = Bodies::default();
        let tags = |access: &'a Access| {
            let mut tags: Vec<&str> = access.attributes.iter().map(|(key, _)| key.value.as_str()).collect();
            tags.sort_unstable();
            tags
        };
        let facts = u32::from(tags(old) != tags(new));
        Self {
            accounts,
            old: Numbered::of(old, 0, &mut bodies),
            new: Numbered::of(new, facts, &mut bodies),
            between: Between::of(old, accounts),
            assessors: (assessor(old), assessor(new)),
            privileges: BTreeMap::new(),
            proofs: ALL_PROOFS,
        }
    }

    /// The place of an account in both models.
    pub(super) fn ids(&self, account: AccountNo) -> (Option<AccountId>, Option<AccountId>) {
        let account = self.accounts.get(account);
        (account.old, account.new)
    }

    /// Compares two sets in one account: what is gained and lost, and which ways are opened and closed.
    pub(super) fn compare(&mut self, old: Place, new: Place) -> ActionsChange {
        let kind = match (kind_of(self.old.access, old.1), kind_of(self.new.access, new.1)) {
            (AccountKind::Member, AccountKind::Member) => AccountKind::Member,
            _ => AccountKind::Administrative,
        };
        let (one, other) = (&mut self.assessors.0, &mut self.assessors.1);
        let before = policies_in(self.old.access, old.0, old.1, one);
        let after = policies_in(self.new.access, new.0, new.1, other);
        let (assessed_before, assessed_after) = (one.assess(&before), other.assess(&after));
        let (effective_before, effective_after) = (one.effective(&before), other.effective(&after));
        let (less, more) = (
            Judged { policies: &before, effective: &effective_before, assessment: &assessed_before, side: Side::Old },
            Judged { policies: &after, effective: &effective_after, assessment: &assessed_after, side: Side::New },
        );
        let mut undecided: Vec<String> = [&assessed_before, &assessed_after]
            .into_iter()
            .flat_map(|assessment| &assessment.undecided)
            .map(ToString::to_string)
            .collect();
        undecided.sort_unstable();
        undecided.dedup();
        let (gained, opened) = more.beyond(&less, kind, &mut self.proofs);
        let (lost, closed) = less.beyond(&more, kind, &mut self.proofs);
        ActionsChange { accounts: Vec::new(), cause: Cause::Change, gained, lost, opened, closed, undecided }
    }

    /// Compares two sets, which may be one, in every account of some; accounts in which the same decides are told together.
    pub(super) fn compare_in(
        &mut self,
        accounts: impl IntoIterator<Item = AccountNo>,
        (old, new): (SetId, SetId),
    ) -> Vec<ActionsChange> {
        let mut groups: BTreeMap<(Key, Key, Cause, bool), Vec<AccountNo>> = BTreeMap::new();
        // Without variants and with one chain everywhere, what decides is found out once.
        let mut known: BTreeMap<_, Option<(Key, Key, Cause)>> = BTreeMap::new();
        let varies = self.old.varies(old) || self.new.varies(new);
        for account in accounts {
            let (Some(before), Some(now)) = self.ids(account) else { continue };
            let decide = || {
                let keys = (self.old.key(old, Some(before)), self.new.key(new, Some(now)));
                if keys.0 == keys.1 {
                    return None;
                }
                let between = self.between.key(&self.old, &self.new, old, (before, now));
                let cause = match (between == keys.0, between == keys.1) {
                    (true, _) => Cause::Change,
                    (false, true) => Cause::Data,
                    (false, false) => Cause::Both,
                };
                Some((keys.0, keys.1, cause))
            };
            let found = if varies {
                decide()
            } else {
                let chains = (self.old.chain(Some(before)), self.new.chain(Some(now)));
                known.entry(chains).or_insert_with(decide).clone()
            };
            if let Some((one, other, cause)) = found {
                let kinds = [kind_of(self.old.access, Some(before)), kind_of(self.new.access, Some(now))];
                let administrative = kinds.contains(&AccountKind::Administrative);
                groups.entry((one, other, cause, administrative)).or_default().push(account);
            }
        }
        let mut changes: Vec<ActionsChange> = Vec::new();
        for ((_, _, cause, _), accounts) in groups {
            let (before, now) = accounts.first().map_or((None, None), |&account| self.ids(account));
            let change = self.compare((old, before), (new, now));
            changes.push(ActionsChange { accounts, cause, ..change });
        }
        changes.sort_by(|a, b| a.accounts.cmp(&b.accounts));
        changes
    }

    /// Whether a set reaches beyond itself in an account.
    pub(super) fn privilege(&mut self, side: Side, set: SetId, account: AccountNo) -> Option<Privilege> {
        let ids = self.ids(account);
        let (model, account, assessor) = match side {
            Side::Old => (&self.old, ids.0, &mut self.assessors.0),
            Side::New => (&self.new, ids.1, &mut self.assessors.1),
        };
        let kind = kind_of(model.access, account);
        let key = (side, set, model.key(set, account), kind == AccountKind::Administrative);
        if let Some(known) = self.privileges.get(&key) {
            return known.clone();
        }
        let policies = policies_in(model.access, set, account, assessor);
        let assessment = assessor.assess(&policies);
        let privilege = assessment
            .worst(kind)
            .map(|finding| Privilege { certain: finding.is_certain(kind), says: sentence(finding, kind, &policies) });
        self.privileges.insert(key, privilege.clone());
        privilege
    }
}

fn kind_of(access: &Access, account: Option<AccountId>) -> AccountKind {
    let administrative = access.administrative_accounts().any(|known| Some(known) == account);
    if administrative { AccountKind::Administrative } else { AccountKind::Member }
}

fn sentence(finding: &Finding, kind: AccountKind, policies: &PermissionSetPolicies) -> String {
    let dependence = finding.dependence(kind).map(|depends| format!(", {depends}")).unwrap_or_default();
    format!("{}{dependence}", finding.sentence(policies))
}

/// A permission set of one side, in an account.
struct Judged<'e, 'p> {
    policies: &'p PermissionSetPolicies,
    effective: &'e Effective<'p>,
    assessment: &'e Assessment,
    side: Side,
}

impl Judged<'_, '_> {
    /// What it allows beyond another, and the ways that it has beyond it.
    fn beyond(
        &self,
        other: &Judged<'_, '_>,
        kind: AccountKind,
        proofs: &mut usize,
    ) -> (Vec<ActionGain>, Vec<Escalation>) {
        let gains = gained(other.effective, self.effective);
        let mut actions = FixedBitSet::with_capacity(Catalogue::embedded().universe() as usize);
        actions.extend(gains.iter().flat_map(|gain| &gain.actions).map(|action| action.0 as usize));
        let escalations = self
            .assessment
            .findings
            .iter()
            .filter(|finding| !other.has(finding) && is_about(finding, &actions))
            .map(|finding| Escalation {
                privileged: finding.needs_boundary(kind),
                certain: finding.is_certain(kind),
                says: sentence(finding, kind, self.policies),
            })
            .collect();
        let gravest: Vec<Option<ActionId>> = gains.iter().map(|gain| gravest(&gain.actions)).collect();
        let mut order: Vec<usize> = (0..gains.len()).filter(|&index| gravest[index].is_some()).collect();
        order.sort_by_key(|&index| gravest[index].map(gravity));
        order.truncate(PROOFS.min(*proofs));
        *proofs -= order.len();
        let mut told: Vec<ActionGain> = gains.iter().map(|gain| self.gain(gain, other)).collect();
        for index in order {
            told[index].sought = true;
            told[index].proof =
                gravest[index].and_then(|action| gains[index].prove(action, other.effective, self.effective));
        }
        (told, escalations)
    }

    /// Whether it has a way at least as surely.
    fn has(&self, finding: &Finding) -> bool {
        self.assessment.findings.iter().any(|known| {
            known.class == Class::FullAdmin && known.certainty == Certainty::Proven
                || (known.class, known.path) == (finding.class, finding.path) && known.certainty >= finding.certainty
        })
    }

    fn gain(&self, gain: &Gain, other: &Judged<'_, '_>) -> ActionGain {
        let granted = &gain.granted;
        let policy = self.policies.policies.get(granted.policy);
        let because = match gain.because {
            Because::NotAllowed => "none of the policies allows it".to_owned(),
            Because::NotLetThrough => {
                "the permissions boundary or service control policies do not let it through".to_owned()
            }
            Because::Denied(denied) => {
                format!("statement {} of the {} denies it", denied.statement, other.policies.name_of(denied.origin))
            }
        };
        ActionGain {
            actions: gain.actions.clone(),
            proof: None,
            sought: false,
            granted_by: (policy.map(|attached| attached.name.to_string()).unwrap_or_default(), granted.statement),
            written: granted.span.map(|span| (self.side, span)),
            resource: granted.resource.clone(),
            conditions: granted.conditions.clone(),
            because,
        }
    }
}

/// The gravest of some actions that there are.
fn gravest(actions: &[ActionId]) -> Option<ActionId> {
    let catalogue = Catalogue::embedded();
    actions.iter().copied().filter(|&action| !catalogue.is_future(action)).min_by_key(|&action| gravity(action))
}

/// How grave an action is: those that lead to more permissions first, then by access level. The least is the gravest.
pub fn gravity(action: ActionId) -> (bool, usize, ActionId) {
    let level = Catalogue::embedded().action(action).level;
    let rank = AccessLevel::ALL.iter().position(|known| *known == level).unwrap_or_default();
    (!escalating_actions().contains(action.0 as usize), rank, action)
}

/// Whether a finding rests on one of some actions; one about all actions rests on any.
fn is_about(finding: &Finding, actions: &FixedBitSet) -> bool {
    let rests = |action: Option<ActionId>| match action {
        None => !actions.is_clear(),
        Some(action) => actions.contains(action.0 as usize),
    };
    finding.steps.iter().any(|step| rests(step.action))
}
