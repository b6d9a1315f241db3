//! What takes the danger off a grant: conditions that hand on no more than has been settled.

use super::{Assessor, Attached, Best, PermissionSetPolicies, PolicyName, Question, denied};
use crate::iam::catalogue::{ActionId, Catalogue, ManagedLookup, ManagedPolicy};
use crate::iam::condition::{Atom, Operator, SetOperator};
use crate::iam::glob::Glob;
use crate::iam::reach::{Certainty, Grant};
use crate::iam::witness::Supposition;

/// The actions that are harmless when the principal they make or change is held by a boundary of the grant's choice
/// (IAM User Guide, "Delegating responsibility to others using permissions boundaries").
const DELEGABLE: [&str; 8] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
];

/// The actions that `iam:PolicyARN` limits to certain policies.
const ATTACHING: [&str; 3] = ["iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"];

/// The condition key of the policy that is attached.
const ATTACHED: &str = "iam:policyarn";

/// The condition key of the boundary of the principal that is made or changed.
const BOUNDARY: &str = "iam:permissionsboundary";

impl<'a> Question<'_, 'a> {
    /// What is left of a grant once mitigations are taken off.
    pub(super) fn unmitigated(&self, name: &str, action: ActionId, grant: Grant<'a>) -> Option<Best<'a>> {
        let mut certainty = grant.certainty;
        let service = self.assessor.catalogue.action(action).service;
        let among = |actions: &[&str]| actions.iter().any(|known| known.split_once(':') == Some((service, name)));
        if among(&DELEGABLE) && self.is_delegated(action, &grant) {
            return None;
        }
        if among(&ATTACHING) {
            match self.attachable(&grant) {
                Attachable::Harmless => return None,
                Attachable::Unknown => certainty = certainty.min(Certainty::Possible),
                Attachable::Anything => {}
            }
        }
        let mut caveats = Vec::new();
        let mut denies = Vec::new();
        if certainty != Certainty::Proven {
            caveats.extend(grant.demanded().map(|atom| format!("when {atom}")));
        }
        // One Deny speaks for the others.
        if let Some(&(origin, deny)) = grant.denies.first() {
            let caveat = match &grant.proof {
                Some(proof) => Some(self.passes_caveat(origin, deny, proof)),
                None => (certainty == Certainty::Possible).then(|| self.deny_caveat(origin, deny.number)),
            };
            if let Some(caveat) = caveat {
                caveats.push(caveat);
                denies.push(denied(origin, deny));
            }
        }
        Some(Best { grant, certainty, caveats, denies })
    }

    /// A grant that the bounds leave open, where a request shows that it is more than possible. The request must not make
    /// use of what takes the danger off a grant.
    pub(super) fn proven(
        &self,
        name: &str,
        action: ActionId,
        passed_to: Option<&'static str>,
        grant: &Grant<'a>,
    ) -> Option<Best<'a>> {
        let service = self.assessor.catalogue.action(action).service;
        let among = |actions: &[&str]| actions.iter().any(|known| known.split_once(':') == Some((service, name)));
        let demands = |key: &str| grant.conditions.iter().any(|atom| &*atom.key == key);
        let mut supposed: Vec<Supposition> = Vec::new();
        supposed.extend(passed_to.map(|service| (super::PASSED_TO_SERVICE, Some(service.to_owned()))));
        if among(&DELEGABLE) && !demands(BOUNDARY) {
            supposed.push((BOUNDARY, None));
        }
        if among(&ATTACHING) && !demands(ATTACHED) {
            let partition = &self.assessor.facts.partition;
            supposed.push((ATTACHED, Some(format!("arn:{partition}:iam::aws:policy/AdministratorAccess"))));
        }
        let mut grant = grant.clone();
        self.effective.prove(action, &mut grant, &supposed);
        let proof = grant.proof.as_ref()?;
        let value = |key: &str| proof.context.get(key).into_iter().flatten();
        let held = among(&DELEGABLE) && value(BOUNDARY).any(|boundary| self.holds(boundary));
        let harmless = among(&ATTACHING) && value(ATTACHED).any(|policy| self.judge(policy) != Attachable::Anything);
        if held || harmless {
            return None;
        }
        self.unmitigated(name, action, grant).filter(|best| best.certainty != Certainty::Possible)
    }

    /// Whether whatever the grant makes or changes is held by a named boundary.
    fn is_delegated(&self, action: ActionId, grant: &Grant<'a>) -> bool {
        let holds = |atom: &Atom| self.names_boundary(atom, atom.operator);
        let by_gate = grant
            .gates
            .iter()
            .any(|gate| !gate.is_empty() && gate.iter().all(|(_, atoms)| atoms.iter().any(|atom| holds(atom))));
        // The same said as a Deny: everything is refused that is not held by the boundary.
        let by_deny = self.layers.denies().any(|deny| {
            let [atom] = deny.residue.atoms() else { return false };
            deny.statement.actions.contains(action)
                && deny.statement.resources.is_any()
                && !atom.if_exists
                && atom.operator.positive().is_some_and(|positive| self.names_boundary(atom, positive))
        });
        grant.conditions.iter().any(|atom| holds(atom)) || by_gate || by_deny
    }

    /// Whether an atom, read with this operator, demands one of certain policies as the boundary.
    fn names_boundary(&self, atom: &Atom, operator: Operator) -> bool {
        &*atom.key == BOUNDARY
            && atom.set == SetOperator::Single
            && !atom.if_exists
            && is_equality(operator)
            && !atom.values.is_empty()
            && atom.values.iter().all(|value| self.holds(value))
    }

    /// Whether a value names one policy that, as a boundary, holds whoever has it.
    fn holds(&self, value: &str) -> bool {
        match managed(value) {
            Some(policy) => self.assessor.harmless.get(policy.name).copied().unwrap_or(false),
            None => names_one_policy(value),
        }
    }

    /// What a value of `iam:PolicyARN` leaves to attach.
    fn judge(&self, value: &str) -> Attachable {
        match managed(value) {
            Some(policy) if self.assessor.harmless.get(policy.name).copied().unwrap_or(false) => Attachable::Harmless,
            Some(_) => Attachable::Anything,
            None => {
                let pattern = Glob::new(value, true);
                let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
                if pattern.matches(administrator) { Attachable::Anything } else { Attachable::Unknown }
            }
        }
    }

    /// What `iam:PolicyARN` leaves to attach.
    fn attachable(&self, grant: &Grant<'a>) -> Attachable {
        let limits = grant.conditions.iter().filter(|atom| {
            &*atom.key == ATTACHED
                && atom.set == SetOperator::Single
                && !atom.if_exists
                && is_equality(atom.operator)
                && !atom.values.is_empty()
        });
        let worst =
            |atom: &&'a Atom| atom.values.iter().map(|value| self.judge(value)).max().unwrap_or(Attachable::Anything);
        limits.map(worst).min().unwrap_or(Attachable::Anything)
    }
}

/// What a grant can attach, from the least to the most.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Attachable {
    /// AWS-managed policies that escalate no further.
    Harmless,
    /// Customer-managed policies by name, whose bodies may be anything.
    Unknown,
    Anything,
}

fn is_equality(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::StringEquals
            | Operator::StringEqualsIgnoreCase
            | Operator::StringLike
            | Operator::ArnEquals
            | Operator::ArnLike
    )
}

/// The AWS-managed policy that a value names without wildcards.
fn managed(value: &str) -> Option<ManagedPolicy> {
    match Catalogue::embedded().managed_policy(value) {
        ManagedLookup::Found(policy) if value.contains("::aws:policy/") => Some(policy),
        _ => None,
    }
}

/// Whether a value names one customer-managed policy, whatever the account.
fn names_one_policy(value: &str) -> bool {
    let name = value.rsplit_once(":policy/").map(|(head, name)| (!head.ends_with(":aws"), name));
    name.is_some_and(|(own, name)| own && !name.is_empty() && !name.contains(['*', '?']))
}

impl Assessor {
    /// Judges the AWS-managed policies that conditions of a set name, so that the assessment can rely on it.
    pub(super) fn judge_referenced_policies(&mut self, set: &PermissionSetPolicies) {
        let mut named = Vec::new();
        let bodies = set.all().filter_map(|attached| attached.policy.as_deref());
        for atom in bodies.flat_map(|policy| &policy.statements).flat_map(|statement| &statement.conditions) {
            if matches!(&*atom.key, ATTACHED | BOUNDARY) {
                let values = atom.values.iter().filter_map(|value| managed(value));
                named.extend(values.filter(|policy| !self.harmless.contains_key(policy.name)));
            }
        }
        for policy in named {
            // While a policy is judged it counts as harmful, which also ends a circle of references.
            self.harmless.insert(policy.name, false);
            let attached = Attached { name: PolicyName::AwsManaged(policy), policy: Some(self.aws_managed(&policy)) };
            let alone =
                self.assess(&PermissionSetPolicies { policies: vec![attached], ..PermissionSetPolicies::default() });
            let harmless = alone.needs_boundary(super::AccountKind::Administrative).next().is_none();
            self.harmless.insert(policy.name, harmless);
        }
    }
}
