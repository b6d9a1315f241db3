//! Who has what, and what is grave about it.

use fixedbitset::FixedBitSet;

use super::cases::{Case, Cases};
use super::sum::{Sum, wider};
use crate::access::{Access, Grant, Pair, PrincipalId};
use crate::iam::Verdict;
use crate::iam::assess::{AccountKind, Assessment, Class, Finding};
use crate::iam::catalogue::Catalogue;

/// A principal's grants of one permission set.
#[derive(Clone, Debug)]
pub struct Holding<'a> {
    /// The principal and the permission set.
    pub pair: &'a Pair,
    /// By account; never empty.
    pub grants: Vec<Grant<'a>>,
}

/// The grants of pairs, of some accounts or of all, in the order of the pairs.
pub fn holdings<'a>(
    access: &'a Access,
    pairs: impl IntoIterator<Item = &'a Pair>,
    accounts: Option<&FixedBitSet>,
) -> Vec<Holding<'a>> {
    let holding = |pair: &'a Pair| {
        let mut grants = access.grants_of(pair);
        if let Some(accounts) = accounts {
            grants.retain(|grant| accounts.contains(grant.account.index()));
        }
        (!grants.is_empty()).then_some(Holding { pair, grants })
    };
    pairs.into_iter().filter_map(holding).collect()
}

/// What somebody has, or what there is somewhere.
#[derive(Debug)]
pub struct Has<'a> {
    /// The cases that are held, by number, each with who holds it; one that nobody holds is there if its permission set was
    /// asked for.
    pub cases: Vec<(usize, Vec<Holding<'a>>)>,
    /// What all of them allow together. A session has one permission set only, so ways to more do not add up.
    pub sum: Sum,
}

/// What the cases come to that principals (all, without any) have in accounts (all, without any).
pub fn has<'a>(
    access: &'a Access,
    cases: &Cases,
    principals: Option<&[PrincipalId]>,
    accounts: Option<&FixedBitSet>,
) -> Has<'a> {
    let mut held = Vec::new();
    let mut verdicts = vec![Verdict::None; Catalogue::embedded().action_ids().count()];
    for (number, case) in cases.all.iter().enumerate() {
        let mut here = case.accounts.clone();
        if let Some(accounts) = accounts {
            here.intersect_with(accounts);
        }
        let pairs = access.pairs_of(case.set).iter();
        let pairs = pairs.filter(|pair| principals.is_none_or(|principals| principals.contains(&pair.principal)));
        let holdings = holdings(access, pairs, Some(&here));
        if holdings.is_empty() && (principals.is_some() || accounts.is_some() || !case.accounts.is_clear()) {
            continue;
        }
        let decisions = cases.effective(case).decisions();
        for (action, verdict) in Catalogue::embedded().action_ids().zip(&mut verdicts) {
            *verdict = wider(*verdict, decisions.verdict(action));
        }
        held.push((number, holdings));
    }
    let sum = Sum::of(Catalogue::embedded().action_ids().zip(verdicts));
    Has { cases: held, sum }
}

/// What is grave about a case: the widest class first, the surest first within one. Ways that are without effect in the
/// accounts of the case are left out.
pub fn concerns<'f>(access: &Access, case: &Case, assessment: &'f Assessment) -> Vec<&'f Finding> {
    let mut concerns: Vec<&Finding> =
        assessment.findings.iter().filter(|finding| works(finding, case, access)).collect();
    concerns.sort_by_key(|finding| (finding.class, std::cmp::Reverse(finding.certainty)));
    concerns
}

/// Whether a way has effect in the accounts of a case: who changes Identity Center or the organization does so from the
/// account that administers it.
fn works(finding: &Finding, case: &Case, access: &Access) -> bool {
    match finding.class {
        Class::IdentityCenter | Class::Organizations => case.kind(access) == AccountKind::Administrative,
        _ => true,
    }
}
