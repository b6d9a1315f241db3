//! Permission sets and customer-managed policies, documents loaded and names resolved.

use fixedbitset::FixedBitSet;
use std::sync::Arc;

use super::{AccountId, Selection};
use crate::iam::policy::Policy;
use crate::source::{Span, Spanned};

/// A customer-managed policy, by its place in [`Access::policies`](super::Access::policies).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub(crate) u32);

impl PolicyId {
    /// The place in [`Access::policies`](super::Access::policies).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A policy document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text as compact JSON, keys in the order they are written.
    pub json: Arc<str>,
    /// What it means.
    pub policy: Arc<Policy>,
    /// Where the model names it, or holds it.
    pub named_at: Span,
}

/// A permission set.
#[derive(Clone, Debug)]
pub struct PermissionSet {
    /// The name, and where it is declared (where it is first used, in a model without declarations).
    pub name: Spanned<String>,
    /// Whether the model declares it. A model without a `permission_sets` section declares none.
    pub declared: bool,
    /// What the function is.
    pub description: Option<Spanned<String>>,
    /// How long a session lasts, in seconds. Without it, AWS takes one hour.
    pub session_duration: Option<Spanned<u32>>,
    /// The console page that opens first.
    pub relay_state: Option<Spanned<String>>,
    /// AWS-managed policies, by their ARN behind `policy/`.
    pub aws_managed_policies: Vec<Spanned<String>>,
    /// Customer-managed policies.
    pub customer_managed_policies: Vec<PolicyUse>,
    /// The permissions boundary.
    pub permissions_boundary: Option<PermissionsBoundary>,
    /// The inline policy.
    pub inline_policy: Option<Document>,
    /// The tags, by key.
    pub tags: Vec<(Spanned<String>, Spanned<String>)>,
    /// Where the set may be assigned, and where that is said.
    pub targets: Option<Spanned<Selection>>,
    /// The name of its twin for the management account.
    pub management_name: Option<Spanned<String>>,
}

/// A customer-managed policy that a permission set names.
#[derive(Clone, Debug)]
pub struct PolicyUse {
    /// The name.
    pub name: String,
    /// The IAM path.
    pub path: String,
    /// The declaration it points at: same name and same path.
    pub policy: Option<PolicyId>,
    /// The whole reference.
    pub span: Span,
}

/// The permissions boundary of a set.
#[derive(Clone, Debug)]
pub enum PermissionsBoundary {
    /// A customer-managed policy.
    Customer(PolicyUse),
    /// An AWS-managed policy, by its ARN behind `policy/`.
    AwsManaged(Spanned<String>),
}

/// A customer-managed policy that the model declares.
#[derive(Clone, Debug)]
pub struct CustomerPolicy {
    /// The name, and where it is declared.
    pub name: Spanned<String>,
    /// The IAM path.
    pub path: String,
    /// Where the path is written; where the name is, if it is not.
    pub path_span: Span,
    /// The description in IAM.
    pub description: Option<Spanned<String>>,
    /// The body, where it has one.
    pub document: Option<Document>,
    /// Other bodies in some places; no account is in two of them.
    pub variants: Vec<Variant>,
    /// Whether one of its bodies could not be read, which was reported: where it is in place is not known.
    pub unreadable: bool,
    /// Where somebody else keeps it in place. bailiwick distributes it nowhere then.
    pub external: Option<External>,
}

/// Where an external policy is vouched for.
#[derive(Clone, Debug)]
pub struct External {
    /// Accounts, active or not.
    pub accounts: FixedBitSet,
    /// Where that is said.
    pub span: Span,
}

/// Another body of a policy in some places.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Where, names resolved.
    pub selection: Selection,
    /// The accounts, active or not.
    pub accounts: FixedBitSet,
    /// The body.
    pub document: Document,
    /// The whole variant.
    pub span: Span,
}

impl CustomerPolicy {
    /// The body that counts in an account: that of the variant it is in, else the policy's own.
    pub fn document_in(&self, account: AccountId) -> Option<&Document> {
        let variant = self.variants.iter().find(|variant| variant.accounts.contains(account.0 as usize));
        variant.map(|variant| &variant.document).or(self.document.as_ref())
    }

    /// Whether somebody keeps the policy in place in an account once the output is deployed.
    pub fn is_in_place(&self, account: AccountId) -> bool {
        match &self.external {
            Some(external) => external.accounts.contains(account.0 as usize),
            None => self.document_in(account).is_some(),
        }
    }

    /// All bodies.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.document.iter().chain(self.variants.iter().map(|variant| &variant.document))
    }
}

impl PermissionSet {
    /// Every customer-managed policy the set needs in an account: attached ones and the boundary.
    pub fn policy_uses(&self) -> impl Iterator<Item = &PolicyUse> {
        let boundary = match &self.permissions_boundary {
            Some(PermissionsBoundary::Customer(policy)) => Some(policy),
            _ => None,
        };
        self.customer_managed_policies.iter().chain(boundary)
    }
}
