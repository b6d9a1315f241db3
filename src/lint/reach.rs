//! How far permission sets reach, for the rules that ask.

use crate::access::{Access, CustomerPolicy, Document, PermissionSet, PermissionsBoundary, PolicyUse};
use crate::iam::Facts;
use crate::iam::assess::{Assessment, Assessor, Attached, PermissionSetPolicies, PolicyName};
use crate::iam::catalogue::{Catalogue, ManagedLookup};
use crate::source::Span;

/// How far a permission set reaches with one choice of bodies.
#[derive(Debug)]
pub struct Reach {
    /// The policies that were judged.
    pub policies: PermissionSetPolicies,
    /// Where the model names each of them.
    pub places: Vec<Span>,
    /// The judgement.
    pub assessment: Assessment,
}

/// Assesses every permission set, by number.
pub(super) fn assess(access: &Access) -> Vec<Vec<Reach>> {
    let mut assessor = Assessor::new(Facts {
        as_of: Some(access.as_of.as_second()),
        // Without attributes in the model, an identity provider may still send session tags.
        session_tags: (!access.attributes.is_empty())
            .then(|| access.attributes.iter().map(|(key, _)| key.value.clone()).collect()),
        ..Facts::default()
    });
    access.permission_sets.iter().map(|set| assess_set(access, set, &mut assessor)).collect()
}

/// A policy and which of its bodies is chosen: a variant, or its own.
type Choice<'a> = Option<(&'a CustomerPolicy, usize)>;

fn assess_set(access: &Access, set: &PermissionSet, assessor: &mut Assessor) -> Vec<Reach> {
    let declared = set.policy_uses().filter_map(|policy| policy.policy).map(|id| access.policy(id));
    let variants = declared.flat_map(|policy| (0..policy.variants.len()).map(move |index| Some((policy, index))));
    let mut choices: Vec<Choice<'_>> = vec![None];
    choices.extend(variants);
    choices
        .into_iter()
        .map(|choice| {
            let (policies, places) = policies(access, set, choice, assessor);
            let assessment = assessor.assess(&policies);
            Reach { policies, places, assessment }
        })
        .collect()
}

/// What a set consists of with one choice of bodies, and where each policy is named.
fn policies(
    access: &Access,
    set: &PermissionSet,
    choice: Choice<'_>,
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
        policies.push(customer_managed(access, policy, choice));
        places.push(policy.span);
    }
    if let Some(document) = &set.inline_policy {
        policies.push(Attached { name: PolicyName::Inline, policy: Some(document.policy.clone()) });
        places.push(document.named_at);
    }
    let boundary = set.permissions_boundary.as_ref().and_then(|boundary| match boundary {
        PermissionsBoundary::Customer(policy) => Some(customer_managed(access, policy, choice)),
        PermissionsBoundary::AwsManaged(name) => aws_managed(&name.value, assessor),
    });
    (PermissionSetPolicies { policies, boundary }, places)
}

fn aws_managed(name: &str, assessor: &mut Assessor) -> Option<Attached> {
    match Catalogue::embedded().managed_policy(name) {
        ManagedLookup::Found(policy) | ManagedLookup::Elsewhere(policy) => Some(assessor.attach_aws_managed(&policy)),
        ManagedLookup::Removed(_) | ManagedLookup::Unknown(_) => None,
    }
}

fn customer_managed(access: &Access, policy: &PolicyUse, choice: Choice<'_>) -> Attached {
    let declared = policy.policy.map(|id| access.policy(id));
    let body: Option<&Document> = declared.and_then(|declared| match choice {
        Some((chosen, index)) if std::ptr::eq(chosen, declared) => {
            declared.variants.get(index).map(|variant| &variant.document)
        }
        _ => declared.document.as_ref(),
    });
    Attached {
        name: PolicyName::CustomerManaged(policy.name.clone()),
        policy: body.map(|document| document.policy.clone()),
    }
}
