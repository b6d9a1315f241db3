//! AWS-managed policies.

use std::cmp::Ordering;

use super::Catalogue;
use super::actions::{Tombstone, compare};
use super::meant::is_same_policy;
use super::pack::search;

/// One AWS-managed policy, as of its default version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ManagedPolicy {
    /// Its name, as `ViewOnlyAccess`.
    pub name: &'static str,
    /// Its path, as `/job-function/`.
    pub path: &'static str,
    /// Its default version, as `v12`.
    pub version: &'static str,
    /// The day of that version, as `2026-02-12`.
    pub date: &'static str,
    row: usize,
}

impl ManagedPolicy {
    /// Its ARN in a partition (`aws`, `aws-cn`, `aws-us-gov`).
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// How a model names it: the name behind its path without the leading slash, as `job-function/ViewOnlyAccess`.
    pub fn reference(&self) -> String {
        format!("{}{}", self.path.trim_start_matches('/'), self.name)
    }

    /// Whether it can be attached to a permission set.
    ///
    /// Policies of service-linked roles and of root tasks belong to AWS (IAM User Guide, "AWS managed policies").
    pub fn is_attachable(&self) -> bool {
        !self.path.starts_with("/aws-service-role/") && !self.path.starts_with("/root-task/")
    }
}

/// What is known about the name of an AWS-managed policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ManagedLookup {
    /// It exists just as it is written.
    Found(ManagedPolicy),
    /// A policy of this name exists, but with another path or other capitals.
    Elsewhere(ManagedPolicy),
    /// AWS had it once.
    Removed(Tombstone),
    /// There is none; the nearest that can be attached, if one is near.
    Unknown(Option<ManagedPolicy>),
}

const POLICY_ROW: usize = 44;

impl Catalogue {
    /// Every AWS-managed policy, in the order of the names.
    pub fn managed_policies(&self) -> impl Iterator<Item = ManagedPolicy> {
        (0..self.policies.rows(POLICY_ROW)).map(|row| self.managed_at(row))
    }

    fn managed_at(&self, row: usize) -> ManagedPolicy {
        let string = |column: usize| self.policies.string(row * POLICY_ROW + column * 8);
        ManagedPolicy { name: string(0), path: string(1), version: string(2), date: string(3), row }
    }

    /// A policy as a model writes it: `PowerUserAccess`, `job-function/ViewOnlyAccess` or its whole ARN.
    pub fn managed_policy(&self, written: &str) -> ManagedLookup {
        let reference = match written.split_once(":iam::aws:policy/") {
            Some((partition, reference)) if partition.starts_with("arn:") => reference,
            _ => written.trim_start_matches('/'),
        };
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let path = &reference[..reference.len() - name.len()];

        let rows = self.policies.rows(POLICY_ROW);
        let at = |row: usize| self.policies.raw_string(row * POLICY_ROW);
        if let Ok(row) = search(0..rows, |row| compare(at(row), name)) {
            let policy = self.managed_at(row);
            let exact = policy.name == name && policy.path.trim_start_matches('/') == path;
            return if exact { ManagedLookup::Found(policy) } else { ManagedLookup::Elsewhere(policy) };
        }
        // The tombstone says which path it had; whoever writes the name alone means the same policy.
        if let Some(tombstone) = self.buried_policy(|buried| compare(buried, name) == Ordering::Equal) {
            return ManagedLookup::Removed(tombstone);
        }
        match self.meant_policy(name) {
            Some(near) => ManagedLookup::Unknown(Some(near)),
            None => match self.buried_policy(|buried| is_same_policy(buried, name)) {
                Some(tombstone) => ManagedLookup::Removed(tombstone),
                None => ManagedLookup::Unknown(None),
            },
        }
    }

    /// A policy that AWS no longer has, by its name without the path.
    fn buried_policy(&self, is_meant: impl Fn(&str) -> bool) -> Option<Tombstone> {
        let buried = self.tombstones().find(|arn| {
            let (head, last) = arn.rsplit_once('/').unwrap_or(("", ""));
            head.starts_with("arn:") && is_meant(last)
        });
        buried.and_then(|arn| self.tombstone(arn))
    }

    /// The policy's document: JSON with sorted keys and without white space.
    pub fn document(&self, policy: &ManagedPolicy) -> String {
        let row = policy.row * POLICY_ROW + 32;
        let (start, packed) = (self.policies.number(row), self.policies.number(row + 4));
        let block = self.documents.slice(start..start + packed);
        let document = lz4_flex::block::decompress(block, self.policies.number(row + 8)).ok();
        // The block was written by our own packer and is checked by a test that unpacks all of them.
        document.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}
