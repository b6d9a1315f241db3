//! Service control policies: what AWS Organizations withholds from every principal of an account.
//!
//! An action needs an Allow at every level from the root down to the account, and a Deny at any level wins
//! (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>). The
//! management account is not restricted.

use super::{AccountId, Document, Organization};
use crate::source::{Span, Spanned};

/// The service control policy of AWS that allows everything. It stands at every level until somebody detaches it.
pub const FULL_AWS_ACCESS: &str = "FullAWSAccess";

/// A service control policy, by its place in [`Organization::service_control_policies`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlId(pub(crate) u32);

impl ControlId {
    /// The place in [`Organization::service_control_policies`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A service control policy that the model declares.
#[derive(Clone, Debug)]
pub struct ServiceControlPolicy {
    /// The name, and where it is declared.
    pub name: Spanned<String>,
    /// What it says; `None` if it could not be read, which was reported.
    pub document: Option<Document>,
}

/// The service control policies that are attached to the root, to a unit or to an account.
#[derive(Clone, Debug)]
pub struct AttachedControls {
    /// Whether [`FULL_AWS_ACCESS`] is among them.
    pub full_aws_access: bool,
    /// The others, where each is named.
    pub policies: Vec<Spanned<ControlId>>,
    /// Whether a name points at nothing, which was reported.
    pub unresolved: bool,
    /// The whole list.
    pub span: Span,
}

impl AttachedControls {
    /// How many policies the list names.
    pub fn count(&self) -> usize {
        self.policies.len() + usize::from(self.full_aws_access)
    }
}

/// The service control policies above an account, reduced to what they do: accounts with equal chains are restricted
/// alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlChain {
    /// The policies of levels that have [`FULL_AWS_ACCESS`]: only what they deny counts.
    pub denying: Vec<ControlId>,
    /// The levels that do not have it, from the root down: one of the policies of each must allow.
    pub limiting: Vec<Vec<ControlId>>,
    /// Whether something is attached that the model does not know: it could deny anything.
    pub unresolved: bool,
}

impl ControlChain {
    /// Whether nothing is withheld.
    pub fn is_unrestricted(&self) -> bool {
        self.denying.is_empty() && self.limiting.is_empty() && !self.unresolved
    }

    fn add(&mut self, level: &AttachedControls) {
        let mut policies: Vec<ControlId> = level.policies.iter().map(|policy| policy.value).collect();
        policies.sort_unstable();
        self.unresolved |= level.unresolved;
        // A name that points at nothing may stand for a policy that allows everything.
        if level.full_aws_access || level.unresolved {
            self.denying.extend(policies);
        } else if !self.limiting.contains(&policies) {
            self.limiting.push(policies);
        }
    }
}

impl Organization {
    /// A service control policy.
    pub fn service_control_policy(&self, id: ControlId) -> &ServiceControlPolicy {
        &self.service_control_policies[id.index()]
    }

    /// Every list of attached policies, in the order of units and accounts.
    pub fn attached_controls(&self) -> impl Iterator<Item = &AttachedControls> {
        let units = self.units.iter().filter_map(|unit| unit.service_controls.as_ref());
        units.chain(self.accounts.iter().filter_map(|account| account.service_controls.as_deref()))
    }

    /// The service control policies that hold in an account. A level without a list is taken to let everything through.
    pub fn control_chain(&self, account: AccountId) -> ControlChain {
        let mut chain = ControlChain::default();
        if Some(account) == self.management_account {
            return chain;
        }
        let account = self.account(account);
        let mut path = vec![account.ou];
        while let Some(parent) = path.last().and_then(|&ou| self.unit(ou).parent) {
            path.push(parent);
        }
        let units = path.iter().rev().filter_map(|&ou| self.unit(ou).service_controls.as_ref());
        for level in units.chain(account.service_controls.as_deref()) {
            chain.add(level);
        }
        chain.denying.sort_unstable();
        chain.denying.dedup();
        chain
    }
}
