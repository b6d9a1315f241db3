//! Synthetic AWS organizations with an access model, in four sizes.
//!
//! The same size and seed give the same [`Workload`] on every machine, and the digest of its
//! expansion is pinned ([`Size::expanded_sha256`]): whoever claims to have compiled a workload shows
//! the expansion of it, as an [`Expansion`] read back from what was emitted.
//!
//! What makes the organizations awkward on purpose, in fixed proportions:
//!
//! - about 1 % of the accounts outside the `Suspended` OU are suspended or about to be closed;
//! - about 3 % of the rows name an OU together with one of its own ancestors;
//! - policies carry `${aws:PrincipalTag/…}`, which Terraform and CloudFormation must escape;
//! - account ids have leading zeros;
//! - OU names occur at several places of the tree.

mod assignment;
mod aws_sso_util;
mod directory;
mod expansion;
mod organization;
mod permission_set;
mod policy;
mod python_random;
mod static_terraform;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

pub use crate::assignment::Row;
pub use crate::directory::Group;
pub use crate::expansion::{Expansion, FileGrants, ReadError};
pub use crate::organization::{Account, Organization, Ou, Status};
pub use crate::permission_set::{Boundary, CustomerManagedPolicy, PermissionSet};
pub use crate::policy::Document;

use crate::python_random::PythonRandom;

/// How large an organization is.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub enum Size {
    /// 30 accounts, 285 grants.
    S,
    /// 300 accounts, 5,143 grants.
    M,
    /// 2,000 accounts, 47,790 grants.
    L,
    /// 10,000 accounts, 984,719 grants.
    Xl,
}

/// The numbers a size stands for.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Shape {
    /// Accounts, the management account and those that are not active included.
    pub accounts: usize,
    /// OUs, at most four levels deep.
    pub ous: usize,
    /// Permission sets.
    pub permission_sets: usize,
    /// Groups.
    pub groups: usize,
    /// Assignments as written, each for one group and one permission set.
    pub rows: usize,
    /// Grants that the rows are drawn to come near to.
    pub grants_aimed_at: f64,
}

impl Size {
    /// Every size, smallest first.
    pub const ALL: [Self; 4] = [Self::S, Self::M, Self::L, Self::Xl];

    /// The numbers this size stands for.
    pub fn shape(self) -> Shape {
        let (accounts, ous, permission_sets, groups, rows, grants_aimed_at) = match self {
            Self::S => (30, 6, 12, 20, 60, 300.0),
            Self::M => (300, 30, 40, 100, 400, 5_000.0),
            Self::L => (2_000, 120, 120, 400, 2_000, 50_000.0),
            Self::Xl => (10_000, 500, 400, 3_000, 10_000, 1_000_000.0),
        };
        Shape { accounts, ous, permission_sets, groups, rows, grants_aimed_at }
    }

    /// The number of grants of the workload of seed 1.
    pub fn grants(self) -> usize {
        match self {
            Self::S => 285,
            Self::M => 5_143,
            Self::L => 47_790,
            Self::Xl => 984_719,
        }
    }

    /// The SHA-256 of the expansion of the workload of seed 1 ([`Expansion::sha256`]).
    pub fn expanded_sha256(self) -> &'static str {
        match self {
            Self::S => "c22fcf83641a607728fbd68a0eaf656ee218d4e075dce100caa518f5b8a0abd6",
            Self::M => "7b9cc2321bfbbc03afc4f595e712447bc9ad12c6c842e32dbeada6265719f7a8",
            Self::L => "8f7e90079ff9844ea46455031eaa798973727a8fd2013762be46cfad5c47f30e",
            Self::Xl => "27b91c835c53515c26b82ef91f6d269723158dd71ccad5a9216cc4b5b7ba5bbe",
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::S => "S",
            Self::M => "M",
            Self::L => "L",
            Self::Xl => "XL",
        })
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|size| size.to_string() == text)
            .ok_or_else(|| format!("`{text}` is not a size; the sizes are S, M, L and XL"))
    }
}

/// An organization, its directory and its access model.
#[derive(Debug)]
pub struct Workload {
    /// The accounts and OUs.
    pub organization: Organization,
    /// The groups of the identity store.
    pub groups: Vec<Group>,
    /// The permission sets, in the order in which they are written.
    pub permission_sets: Vec<PermissionSet>,
    /// The bodies of the customer-managed policies, by name.
    pub policies: BTreeMap<String, Document>,
    /// The assignments, ordered by group and permission set; no pair stands twice.
    pub rows: Vec<Row>,
    /// ARN of the Identity Center instance.
    pub instance_arn: String,
    /// Id of the identity store.
    pub identity_store_id: String,
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";

const BUSINESS_UNITS: [&str; 24] = [
    "Payments",
    "Lending",
    "Claims",
    "Retail",
    "Logistics",
    "Identity",
    "Pricing",
    "Search",
    "Media",
    "Mobility",
    "Energy",
    "Insights",
    "Fraud",
    "Loyalty",
    "Billing",
    "Catalog",
    "Treasury",
    "Trading",
    "Risk",
    "Partners",
    "Messaging",
    "Hiring",
    "Legal",
    "Grocery",
];

const TEAMS: [&str; 24] = [
    "Core",
    "Ledger",
    "Gateway",
    "Portal",
    "Batch",
    "Stream",
    "Warehouse",
    "Edge",
    "Mobile",
    "Web",
    "Reports",
    "Events",
    "Pricing",
    "Ingest",
    "Models",
    "Support",
    "Tooling",
    "Sync",
    "Audit",
    "Search",
    "Export",
    "Import",
    "Cache",
    "Router",
];

impl Workload {
    /// Draws the workload of a size. The digests of [`Size`] are those of seed 1.
    pub fn generate(size: Size, seed: u32) -> Self {
        let shape = size.shape();
        // The seed is part of what the figures of a workload stand for, whatever the script is called.
        let mut random = PythonRandom::new(&format!("gen_org/{size}/{seed}"));
        let organization = Organization::draw(&mut random, shape.ous, shape.accounts);
        let groups = directory::draw(&mut random, shape.groups);
        let (permission_sets, policies) = permission_set::draw(&mut random, shape.permission_sets);
        let rows =
            assignment::draw(&mut random, &organization, &groups, &permission_sets, shape.rows, shape.grants_aimed_at);
        Self {
            organization,
            groups,
            permission_sets,
            policies,
            rows,
            instance_arn: format!("arn:aws:sso:::instance/ssoins-{}", random.identifier(HEX, 16)),
            identity_store_id: format!("d-{}", random.identifier(HEX, 10)),
        }
    }

    /// What the rows mean: each group gets its permission set in every active account below each of
    /// the named OUs. The management account stands in no OU, so no row reaches it.
    pub fn expansion(&self) -> Expansion {
        let mut expansion = Expansion::default();
        for (row, accounts) in self.accounts_of_rows() {
            for account in accounts {
                expansion.insert(&row.group, &row.permission_set, account);
            }
        }
        expansion
    }

    /// Each row with the ids of the accounts it reaches, in order.
    pub(crate) fn accounts_of_rows(&self) -> impl Iterator<Item = (&Row, BTreeSet<&str>)> {
        let below = self.organization.active_accounts();
        self.rows.iter().map(move |row| {
            let accounts = row.ous.iter().flat_map(|path| &below[path.as_str()]);
            (row, accounts.copied().collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The larger sizes are checked by every run of the benchmark.
    #[test]
    fn expansions_have_the_pinned_digests() {
        for size in [Size::S, Size::M] {
            let workload = Workload::generate(size, 1);
            let expansion = workload.expansion();
            assert_eq!(expansion.len(), size.grants(), "{size}");
            assert_eq!(expansion.sha256(), size.expanded_sha256(), "{size}");
        }
    }

    #[test]
    fn workloads_have_the_shape_of_their_size() {
        for size in [Size::S, Size::M] {
            let shape = size.shape();
            let workload = Workload::generate(size, 1);
            assert_eq!(workload.organization.accounts().count(), shape.accounts);
            assert_eq!(workload.organization.ous.len(), shape.ous + 1);
            assert_eq!(workload.groups.len(), shape.groups);
            assert_eq!(workload.permission_sets.len(), shape.permission_sets);
            assert_eq!(workload.rows.len(), shape.rows);
        }
    }

    #[test]
    fn another_seed_is_another_organization() {
        let one = Workload::generate(Size::S, 1).expansion().sha256();
        let two = Workload::generate(Size::S, 2).expansion().sha256();
        assert_ne!(one, two);
    }
}
