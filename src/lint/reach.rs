//! How far permission sets reach, for the rules that ask.

use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use crate::access::{
    Access, AccountId, ControlChain, ControlId, CustomerPolicy, Document, Organization, PermissionSet,
    PermissionsBoundary, PolicyUse, SetId,
};
use crate::diagnostic::Diagnostic;
use crate::iam::assess::{
    Assessment, Assessor, Attached, Finding, Granted, PermissionSetPolicies, PolicyName, ServiceControls,
};
use crate::iam::catalogue::{Catalogue, ManagedLookup};
use crate::iam::{Certainty, Denied, Facts, Origin, Session};
use crate::source::Span;
use crate::syntax::decode::{List, Text};

/// How far a permission set reaches with one choice of bodies, in accounts that are restricted alike.
#[derive(Debug)]
pub struct Reach {
    /// The policies that were judged.
    pub policies: PermissionSetPolicies,
    /// Where the model names each of the set's own.
    pub places: Vec<Span>,
    /// The accounts, by number, in which the set is assigned and the same service control policies hold; with the body of a
    /// variant, those that the variant reaches. Where there are none, the set is judged as if nothing were withheld.
    pub accounts: FixedBitSet,
    /// The judgement.
    pub assessment: Assessment,
    /// How the set may rewrite the policy that is its boundary, where it may.
    pub edits_boundary: Option<Granted>,
}

impl Reach {
    /// Where the Deny statements stand that the caveats of a finding speak of, each with what it may do.
    pub(crate) fn denials(&self, finding: &Finding) -> impl Iterator<Item = (Span, &'static str)> {
        let text = match finding.certainty {
            Certainty::Possible => "may be denied here",
            Certainty::Conditional | Certainty::Proven => "denied here in part",
        };
        let named = |deny: &Denied| match deny.origin {
            Origin::Policy(policy) => self.places.get(policy).copied(),
            Origin::Boundary | Origin::ServiceControl(..) => None,
        };
        let places = finding.denies.iter().filter_map(move |deny| deny.span.or_else(|| named(deny)));
        places.map(move |place| (place, text))
    }

    /// A finding about a statement of a policy that says something of this permission set alone. In a document, where there
    /// are no comments, it is suppressed where the set names the policy, too.
    pub(crate) fn judged(&self, policy: usize, finding: Diagnostic) -> Diagnostic {
        match self.places.get(policy) {
            Some(place) if place.file != finding.span.file => finding.suppressed_at(*place),
            _ => finding,
        }
    }
}

/// The actions that put another body in the place of a policy's.
const EDITING: [&str; 2] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

/// Every permission set, assessed.
#[derive(Debug)]
pub(super) struct Reaches {
    pub(super) assessor: Assessor,
    /// By permission set.
    pub(super) sets: Vec<Vec<Reach>>,
}

/// Assesses every permission set, and notes who grants the `watched` actions.
pub(super) fn assess(access: &Access, watched: &[&str]) -> Reaches {
    let mut assessor = assessor(access);
    assessor.watch(watched.iter().copied());
    let chains = Chains::of(access);
    let sets = access.set_ids().map(|set| assess_set(access, set, &chains, &mut assessor)).collect();
    Reaches { assessor, sets }
}

/// Assesses one permission set: for each choice of bodies, and for the accounts that are restricted alike.
pub fn reach_of(access: &Access, set: SetId) -> Vec<Reach> {
    assess_set(access, set, &Chains::of(access), &mut assessor(access))
}

/// An assessor under what a model says about requests.
pub fn assessor(access: &Access) -> Assessor {
    Assessor::new(Facts {
        partition: access.instance.partition().map_or("aws", |(partition, _)| partition).to_owned(),
        as_of: Some(access.as_of.as_second()),
        // Without attributes in the model, an identity provider may still send session tags.
        session_tags: Some(access.session_tags())
            .filter(|tags| !tags.is_empty())
            .map(|tags| tags.into_iter().map(str::to_owned).collect()),
        organization: access
            .organization
            .as_ref()
            .and_then(|organization| Some(organization.id.as_ref()?.value.clone())),
        passable_roles: roles(access.lint.as_ref().and_then(|lint| lint.passable_roles.as_ref())),
        assumable_roles: roles(access.lint.as_ref().and_then(|lint| lint.assumable_roles.as_ref())),
    })
}

/// The accounts of the organization, grouped by what service control policies withhold there.
struct Chains {
    /// Each kind of restriction, and the accounts under it; none if nothing is withheld anywhere.
    groups: Vec<(Vec<ServiceControls>, FixedBitSet)>,
}

impl Chains {
    fn of(access: &Access) -> Self {
        let mut groups: Vec<(ControlChain, FixedBitSet)> = Vec::new();
        if let Some(organization) = &access.organization
            && organization.attached_controls().next().is_some()
        {
            let mut known: FxHashMap<ControlChain, usize> = FxHashMap::default();
            for (number, account) in organization.account_ids().enumerate() {
                let chain = organization.control_chain(account);
                let group = *known.entry(chain).or_insert_with_key(|chain| {
                    groups.push((chain.clone(), FixedBitSet::with_capacity(organization.accounts.len())));
                    groups.len() - 1
                });
                groups[group].1.insert(number);
            }
        }
        let controls = |chain: &ControlChain| {
            access.organization.as_ref().map_or_else(Vec::new, |organization| service_controls(organization, chain))
        };
        Self { groups: groups.into_iter().map(|(chain, accounts)| (controls(&chain), accounts)).collect() }
    }

    /// The part of some accounts under each restriction; all of them without any, if nothing is withheld or if there are
    /// no accounts.
    fn split(&self, accounts: &FixedBitSet) -> Vec<(&[ServiceControls], FixedBitSet)> {
        let parts = self.groups.iter().map(|(controls, group)| (controls.as_slice(), group & accounts));
        let parts: Vec<_> = parts.filter(|(_, part)| !part.is_clear()).collect();
        if parts.is_empty() { vec![(&[], accounts.clone())] } else { parts }
    }
}

/// A chain as the levels that decide.
fn service_controls(organization: &Organization, chain: &ControlChain) -> Vec<ServiceControls> {
    let attached = |&id: &ControlId| {
        let control = organization.service_control_policy(id);
        Attached {
            name: PolicyName::ServiceControl(control.name.value.clone()),
            policy: control.document.as_ref().map(|document| document.policy.clone()),
        }
    };
    let mut levels: Vec<ServiceControls> = Vec::new();
    if !chain.denying.is_empty() {
        levels.push(ServiceControls { full_aws_access: true, policies: chain.denying.iter().map(attached).collect() });
    }
    let limiting = chain.limiting.iter();
    levels.extend(
        limiting
            .map(|level| ServiceControls { full_aws_access: false, policies: level.iter().map(attached).collect() }),
    );
    if chain.unresolved {
        // The name has been reported; its place is held by a policy that nobody knows.
        let unknown = Attached { name: PolicyName::ServiceControl("(unknown)".to_owned()), policy: None };
        levels.push(ServiceControls { full_aws_access: true, policies: vec![unknown] });
    }
    levels
}

/// A policy and which of its bodies is chosen: a variant, or its own.
type Choice<'a> = Option<(&'a CustomerPolicy, usize)>;

fn assess_set(access: &Access, id: SetId, chains: &Chains, assessor: &mut Assessor) -> Vec<Reach> {
    let set = access.permission_set(id);
    let assigned = access.accounts_with(id);
    let declared = set.policy_uses().filter_map(|policy| policy.policy).map(|id| access.policy(id));
    let variants = declared.flat_map(|policy| (0..policy.variants.len()).map(move |index| Some((policy, index))));
    let mut choices: Vec<Choice<'_>> = vec![None];
    choices.extend(variants);
    let mut reaches = Vec::new();
    for choice in choices {
        let accounts = match choice {
            None => assigned.clone(),
            Some((policy, index)) => &assigned & &policy.variants[index].accounts,
        };
        let body = |policy| chosen_body(policy, choice);
        let (policies, places) = policies(access, set, &body, assessor);
        for (controls, accounts) in chains.split(&accounts) {
            let mut policies = PermissionSetPolicies { service_controls: controls.to_vec(), ..policies.clone() };
            settle_account(access, id, &accounts, &mut policies);
            let assessment = assessor.assess(&policies);
            let may_edit = EDITING.iter().any(|action| assessment.granted(action).next().is_some());
            let arn = boundary_arn(access, set, &accounts).filter(|_| may_edit);
            let edits_boundary = arn.and_then(|arn| assessor.granted_on(&policies, &EDITING, &arn));
            reaches.push(Reach { policies, places: places.clone(), accounts, assessment, edits_boundary });
        }
    }
    reaches
}

/// The only one of some accounts; `None` if there are several, or none.
fn the_only(accounts: &FixedBitSet) -> Option<AccountId> {
    let mut all = accounts.ones();
    let only = all.next().and_then(|index| u32::try_from(index).ok()).map(AccountId);
    only.filter(|_| all.next().is_none())
}

/// Who asks with a permission set, in an account where it is one; `None` if the name is none that a set can have.
fn session(access: &Access, set: &PermissionSet, account: Option<AccountId>) -> Option<Arc<Session>> {
    let name = &set.name.value;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if name.is_empty() || !name.bytes().all(valid) {
        return None;
    }
    let partition = access.instance.partition().map_or("aws", |(partition, _)| partition);
    let region = access.instance.region.as_ref().map(|region| region.value.as_str());
    let account = account.zip(access.organization.as_ref()).map(|(id, organization)| &*organization.account(id).id);
    Some(Arc::new(Session::of(name, partition, region, account)))
}

/// Notes in which account the session is, where it is in one only.
pub(crate) fn settle_account(
    access: &Access,
    set: SetId,
    accounts: &FixedBitSet,
    policies: &mut PermissionSetPolicies,
) {
    if let Some(account) = the_only(accounts) {
        policies.session = session(access, access.permission_set(set), Some(account));
    }
}

/// The ARN of the policy that is the boundary of a set, in the first of some accounts.
fn boundary_arn(access: &Access, set: &PermissionSet, accounts: &FixedBitSet) -> Option<String> {
    let Some(PermissionsBoundary::Customer(boundary)) = &set.permissions_boundary else { return None };
    let partition = access.instance.arn.as_ref().and_then(|arn| arn.value.split(':').nth(1)).unwrap_or("aws");
    let first = accounts.ones().next().zip(access.organization.as_ref());
    let account = first.and_then(|(number, organization)| organization.accounts.get(number));
    let account = account.map_or("111111111111", |account| account.id.as_str());
    Some(format!("arn:{partition}:iam::{account}:policy{}{}", boundary.path, boundary.name))
}

/// ARN patterns of roles that the settings call harmless.
fn roles(listed: Option<&List<Text>>) -> Vec<String> {
    listed.iter().flat_map(|list| &list.value).map(|role| role.value.clone()).collect()
}

/// What a set consists of with the bodies that `body` gives its customer-managed policies, and where each policy is named.
fn policies<'a>(
    access: &'a Access,
    set: &PermissionSet,
    body: &dyn Fn(&'a CustomerPolicy) -> Option<&'a Document>,
    assessor: &mut Assessor,
) -> (PermissionSetPolicies, Vec<Span>) {
    let mut policies = Vec::new();
    let mut places = Vec::new();
    for name in &set.aws_managed_policies {
        // A name that AWS does not know has been reported; it grants nothing.
        if let Some(attached) = aws_managed(&name.value, assessor) {
            policies.push(attached);
            places.push(name.span);
        }
    }
    for policy in &set.customer_managed_policies {
        policies.push(customer_managed(access, policy, body));
        places.push(policy.span);
    }
    if let Some(document) = &set.inline_policy {
        policies.push(Attached { name: PolicyName::Inline, policy: Some(document.policy.clone()) });
        places.push(document.named_at);
    }
    let boundary = set.permissions_boundary.as_ref().and_then(|boundary| match boundary {
        PermissionsBoundary::Customer(policy) => Some(customer_managed(access, policy, body)),
        PermissionsBoundary::AwsManaged(name) => aws_managed(&name.value, assessor),
    });
    let session = session(access, set, None);
    (PermissionSetPolicies { policies, boundary, service_controls: Vec::new(), session }, places)
}

fn aws_managed(name: &str, assessor: &mut Assessor) -> Option<Attached> {
    match Catalogue::embedded().managed_policy(name) {
        ManagedLookup::Found(policy) | ManagedLookup::Elsewhere(policy) => Some(assessor.attach_aws_managed(&policy)),
        ManagedLookup::Removed(_) | ManagedLookup::Unknown(_) => None,
    }
}

fn customer_managed<'a>(
    access: &'a Access,
    policy: &PolicyUse,
    body: &dyn Fn(&'a CustomerPolicy) -> Option<&'a Document>,
) -> Attached {
    let body = policy.policy.and_then(|id| body(access.policy(id)));
    Attached {
        name: PolicyName::CustomerManaged(policy.name.clone()),
        policy: body.map(|document| document.policy.clone()),
    }
}

/// The body of a policy, where one of its variants may be chosen.
fn chosen_body<'a>(policy: &'a CustomerPolicy, choice: Choice<'_>) -> Option<&'a Document> {
    match choice {
        Some((chosen, index)) if std::ptr::eq(chosen, policy) => {
            policy.variants.get(index).map(|variant| &variant.document)
        }
        _ => policy.document.as_ref(),
    }
}

/// What a permission set consists of in an account: the bodies that hold there, and what service control policies
/// withhold. Without an account, the policies' own bodies, and nothing withheld.
pub fn policies_in(
    access: &Access,
    set: SetId,
    account: Option<AccountId>,
    assessor: &mut Assessor,
) -> PermissionSetPolicies {
    let set = access.permission_set(set);
    let Some(account) = account else {
        return policies(access, set, &|policy| policy.document.as_ref(), assessor).0;
    };
    let (policies, _) = policies(access, set, &|policy| policy.document_in(account), assessor);
    let controls = access
        .organization
        .as_ref()
        .map_or_else(Vec::new, |organization| service_controls(organization, &organization.control_chain(account)));
    PermissionSetPolicies { service_controls: controls, ..policies }
}
