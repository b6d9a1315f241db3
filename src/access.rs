//! Who has what, where: the hub of the pipeline.
//!
//! [`Access`] holds the organization, the permission sets with the policies they are made of, and the grants, each with
//! the rows it comes from. Everything behind it — lint, plan, queries — reads it and only it.
//!
//! Names are interned: an account, a permission set, a principal, a policy and a row are numbers here, and whatever is
//! numbered is numbered in the order of the bytes of its name (an account: of its id), so that walking the numbers
//! upwards is walking the output order.

mod organization;
mod policy;
mod service_control;
mod words;

pub use organization::{Account, AccountId, Organization, OrganizationalUnit, OuId, Unresolved};
pub use policy::{
    CustomerPolicy, Document, External, PermissionSet, PermissionsBoundary, PolicyId, PolicyUse, Variant,
};

pub use service_control::{AttachedControls, ControlChain, ControlId, FULL_AWS_ACCESS, ServiceControlPolicy};
pub use words::{Part, Places};

use fixedbitset::FixedBitSet;
use jiff::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{Directory, Emit, Lint};
use crate::source::{Span, Spanned};

/// A permission set, by its place in [`Access::permission_sets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(pub(crate) u32);

impl SetId {
    /// The place in [`Access::permission_sets`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A principal, by its place in [`Access::principals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalId(pub(crate) u32);

impl PrincipalId {
    /// The place in [`Access::principals`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A row of the matrix, by its place in [`Access::rows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub(crate) u32);

impl RowId {
    /// The place in [`Access::rows`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The two kinds of principal an account assignment knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A group of the identity store.
    Group,
    /// A user of the identity store.
    User,
}

impl PrincipalKind {
    /// The word of the API, and of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Group => "GROUP",
            Self::User => "USER",
        }
    }
}

/// A group or a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    /// The display name of a group, the user name of a user.
    pub name: String,
    /// Which of the two.
    pub kind: PrincipalKind,
    /// The id in the identity store, where the directory pins it.
    pub id: Option<String>,
}

/// Where a row, a guardrail or a variant points, names resolved.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Organizational units, descendants included.
    pub ous: Box<[Spanned<OuId>]>,
    /// Accounts named by hand: the only way to the management account.
    pub accounts: Box<[NamedAccount]>,
    /// Every key must have one of its values.
    pub account_tags: Box<[(String, Vec<String>)]>,
    /// Units taken out again.
    pub excluded_ous: Box<[OuId]>,
    /// Accounts taken out again.
    pub excluded_accounts: Box<[NamedAccount]>,
}

/// An account that a [`Selection`] names.
#[derive(Clone, Copy, Debug)]
pub struct NamedAccount {
    /// The account.
    pub value: AccountId,
    /// Where it is named.
    pub span: Span,
    /// Whether by its name, which may be that of another account tomorrow, and not by its id.
    pub by_name: bool,
}

/// A row of the matrix.
#[derive(Clone, Debug)]
pub struct Row {
    /// The whole mapping; its start is the origin of the row's grants.
    pub span: Span,
    /// Where each principal is named.
    pub principals: Box<[Spanned<PrincipalId>]>,
    /// Where each permission set is named.
    pub permission_sets: Box<[Spanned<SetId>]>,
    /// Where the row points.
    pub selection: Selection,
    /// The active accounts it reaches, in order.
    pub accounts: Arc<[AccountId]>,
    /// When it ends.
    pub expires: Option<Box<Expiry>>,
    /// Whether an end is written at all; one that was not understood has been reported.
    pub expires_written: bool,
    /// Whether it had not ended at the time of the run; a row that has ended yields no grant.
    pub live: bool,
    /// Who answers for it.
    pub owner: Option<Box<Spanned<String>>>,
    /// Why it exists.
    pub reason: Option<Box<Spanned<String>>>,
}

/// When a row ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The first moment at which the row no longer counts.
    pub at: Timestamp,
    /// As written.
    pub text: Spanned<String>,
}

/// All grants of one permission set to one principal.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The permission set.
    pub permission_set: SetId,
    /// The principal.
    pub principal: PrincipalId,
    /// The live rows they come from, in order.
    pub rows: Vec<RowId>,
}

/// One grant: a principal has a permission set in an account.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// The account.
    pub account: AccountId,
    /// The live rows that yield it, in order; never empty.
    pub rows: Cow<'a, [RowId]>,
}

/// The instance that everything is deployed to.
#[derive(Clone, Debug, Default)]
pub struct Instance {
    /// Its ARN, where the model gives it.
    pub arn: Option<Spanned<String>>,
    /// Its identity store, where the model gives it.
    pub identity_store_id: Option<Spanned<String>>,
    /// Its home Region, where the model gives it.
    pub region: Option<Spanned<String>>,
    /// The account that administers it by delegation.
    pub delegated_admin: Option<Spanned<AccountId>>,
}

impl Instance {
    /// Its partition, as its ARN or its Region says.
    pub fn partition(&self) -> Option<(&str, Span)> {
        let by_arn = self.arn.as_ref().and_then(|arn| Some((arn.value.split(':').nth(1)?, arn.span)));
        by_arn.or_else(|| self.region.as_ref().map(|region| (partition_of(&region.value), region.span)))
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
fn partition_of(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
    ];
    partitions.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// The resolved model. Every name in it points at something.
#[derive(Debug)]
pub struct Access {
    /// The organization; `None` in a model without a snapshot, which then has no grants.
    pub organization: Option<Organization>,
    /// The Identity Center instance.
    pub instance: Instance,
    /// Attributes for access control: session tag and source.
    pub attributes: Vec<(Spanned<String>, Spanned<String>)>,
    /// Customer-managed policies the model declares, by name.
    pub policies: Vec<CustomerPolicy>,
    /// Permission sets, by name.
    pub permission_sets: Vec<PermissionSet>,
    /// Principals that rows name, by name.
    pub principals: Vec<Principal>,
    /// The snapshot of the identity store.
    pub directory: Option<Directory>,
    /// The rows, in the order of files and places.
    pub rows: Vec<Row>,
    /// The grants, by permission set and principal.
    pub pairs: Vec<Pair>,
    /// The time of the run.
    pub as_of: Timestamp,
    /// The accounts that the settings call production, and where they do.
    pub production: Option<(FixedBitSet, Span)>,
    /// The caps on sessions that the settings give to units.
    pub session_caps: Vec<(OuId, Spanned<String>)>,
    /// Settings of the rules.
    pub lint: Option<Lint>,
    /// Options of the output.
    pub emit: Option<Emit>,
    /// Sections without which the model can be checked but not built.
    pub missing_sections: Vec<&'static str>,
}

impl Access {
    /// A model that says nothing.
    pub fn nothing(as_of: Timestamp) -> Self {
        Self {
            organization: None,
            instance: Instance::default(),
            attributes: Vec::new(),
            policies: Vec::new(),
            permission_sets: Vec::new(),
            principals: Vec::new(),
            directory: None,
            rows: Vec::new(),
            pairs: Vec::new(),
            as_of,
            production: None,
            session_caps: Vec::new(),
            lint: None,
            emit: None,
            missing_sections: Vec::new(),
        }
    }

    /// A permission set.
    pub fn permission_set(&self, id: SetId) -> &PermissionSet {
        &self.permission_sets[id.0 as usize]
    }

    /// A principal.
    pub fn principal(&self, id: PrincipalId) -> &Principal {
        &self.principals[id.0 as usize]
    }

    /// A row.
    pub fn row(&self, id: RowId) -> &Row {
        &self.rows[id.0 as usize]
    }

    /// A customer-managed policy.
    pub fn policy(&self, id: PolicyId) -> &CustomerPolicy {
        &self.policies[id.0 as usize]
    }

    /// The ids of all permission sets, in order.
    pub fn set_ids(&self) -> impl Iterator<Item = SetId> + use<> {
        (0..self.permission_sets.len()).map(|index| SetId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The pairs of a permission set, by principal.
    pub fn pairs_of(&self, set: SetId) -> &[Pair] {
        let start = self.pairs.partition_point(|pair| pair.permission_set < set);
        let end = self.pairs.partition_point(|pair| pair.permission_set <= set);
        &self.pairs[start..end]
    }

    /// The accounts of a pair, in order.
    pub fn accounts_of(&self, pair: &Pair) -> Cow<'_, [AccountId]> {
        match pair.rows.as_slice() {
            [row] => Cow::Borrowed(&self.row(*row).accounts),
            rows => {
                let mut accounts: Vec<_> =
                    rows.iter().flat_map(|&row| self.row(row).accounts.iter().copied()).collect();
                accounts.sort_unstable();
                accounts.dedup();
                Cow::Owned(accounts)
            }
        }
    }

    /// The accounts in which somebody has a permission set.
    pub fn accounts_with(&self, set: SetId) -> FixedBitSet {
        let mut accounts = FixedBitSet::new();
        if let Some(organization) = &self.organization {
            accounts.grow(organization.accounts.len());
        }
        for &row in self.pairs_of(set).iter().flat_map(|pair| &pair.rows) {
            accounts.extend(self.row(row).accounts.iter().map(|account| account.index()));
        }
        accounts
    }

    /// Whether somebody has a permission set in an account.
    pub fn is_assigned(&self, set: SetId, account: AccountId) -> bool {
        self.pairs_of(set).iter().any(|pair| self.accounts_of(pair).binary_search(&account).is_ok())
    }

    /// The grants of a pair, by account.
    pub fn grants_of<'a>(&'a self, pair: &'a Pair) -> Vec<Grant<'a>> {
        if let [row] = pair.rows.as_slice() {
            let rows = || Cow::Borrowed(pair.rows.as_slice());
            return self.row(*row).accounts.iter().map(|&account| Grant { account, rows: rows() }).collect();
        }
        let mut reached: Vec<(AccountId, RowId)> = pair
            .rows
            .iter()
            .flat_map(|&row| self.row(row).accounts.iter().map(move |&account| (account, row)))
            .collect();
        reached.sort_unstable();
        reached
            .chunk_by(|a, b| a.0 == b.0)
            .map(|chunk| Grant { account: chunk[0].0, rows: Cow::Owned(chunk.iter().map(|&(_, row)| row).collect()) })
            .collect()
    }

    /// When a grant of these rows ends: with the last of them, never if one of them has no end.
    pub fn expiry(&self, rows: &[RowId]) -> Option<&Expiry> {
        let mut last: Option<&Expiry> = None;
        for &row in rows {
            let expires = self.row(row).expires.as_ref()?;
            if last.is_none_or(|last| expires.at > last.at) {
                last = Some(expires);
            }
        }
        last
    }

    /// How many grants there are.
    pub fn grant_count(&self) -> usize {
        self.pairs.iter().map(|pair| self.accounts_of(pair).len()).sum()
    }

    /// The ids that the directory pins, with the names they are pinned to.
    pub fn directory_ids(&self) -> impl Iterator<Item = (&str, &Spanned<String>)> {
        let sections = self.directory.iter().flat_map(|directory| [&directory.groups, &directory.users]);
        let entries = sections.flatten().flat_map(|named| &named.entries);
        entries.filter_map(|(name, pin)| Some((name.as_str(), pin.0.as_ref()?)))
    }

    /// The session tags that are known: those of the attributes, and those that the identity provider sends.
    pub fn session_tags(&self) -> Vec<&str> {
        let sent = self.lint.as_ref().and_then(|lint| lint.session_tags.as_ref());
        let sent = sent.iter().flat_map(|tags| &tags.value).map(|tag| tag.as_str());
        self.attributes.iter().map(|(key, _)| key.value.as_str()).chain(sent).collect()
    }

    /// The accounts that hold the keys to all others: the management account and the delegated administrator.
    pub fn administrative_accounts(&self) -> impl Iterator<Item = AccountId> {
        let delegated = self.instance.delegated_admin.as_ref().map(|account| account.value);
        self.management_account().into_iter().chain(delegated)
    }

    /// The management account, where an organization is given.
    pub fn management_account(&self) -> Option<AccountId> {
        self.organization.as_ref().and_then(|organization| organization.management_account)
    }
}
