//! The third wave: assignments, in blocks whose address is a function of the grant.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::{Plan, PlannedSet};
use crate::access::{AccountId, Pair, PrincipalId};

/// How many accounts a block holds before its pair is split. Terraform evaluates the whole `for_each` for each of its
/// instances, so a block costs the square of its size: 100 instances plan in half a second, 2,000 in a minute.
const SPLIT_ABOVE: usize = 64;

/// One block of assignments: a permission set, a principal, and some or all of the pair's accounts.
#[derive(Clone, Debug)]
pub struct AssignmentBlock {
    /// The label of the block.
    pub label: String,
    /// Who.
    pub principal: PrincipalId,
    /// Where, by id; never empty.
    pub accounts: Vec<AccountId>,
}

/// Into how many blocks the pairs of an output are split, and from how many they have come.
///
/// INVARIANT (a split only grows): a pair that has once been split stays split, and splits further only when its blocks
/// are twice as full as they should be; the step is recorded, so that the addresses that change are carried by `moved`
/// blocks in this and every later build until the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Splits {
    /// By the label of the pair: the number of blocks, and the number before the last step.
    pub(crate) pairs: BTreeMap<String, Split>,
}

/// The split of one pair; a pair in one block that has never been split has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The number of blocks, a power of two.
    pub blocks: u32,
    /// The number before the last step, where an output with that number may have been applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
}

/// The most blocks a pair is split into: more than the largest organization AWS allows needs.
const MAX_BLOCKS: u32 = 1 << 12;

impl Split {
    /// Whether the record can be one: powers of two in range.
    fn is_valid(self) -> bool {
        let valid = |blocks: u32| blocks.is_power_of_two() && blocks <= MAX_BLOCKS;
        valid(self.blocks) && self.from.is_none_or(valid)
    }
}

/// The number of blocks for a pair of `accounts`, seen afresh.
fn fresh(accounts: usize) -> u32 {
    let blocks = accounts.div_ceil(SPLIT_ABOVE).next_power_of_two();
    u32::try_from(blocks).unwrap_or(MAX_BLOCKS).min(MAX_BLOCKS)
}

impl Splits {
    /// Whether the record can be one.
    pub fn is_valid(&self) -> bool {
        self.pairs.values().all(|split| split.is_valid())
    }

    /// The split of a pair, given what was decided before.
    fn decide(&self, pair: &str, accounts: usize, known: bool) -> Split {
        let wanted = fresh(accounts);
        match self.pairs.get(pair) {
            Some(&before) => {
                let room = before.blocks as usize * SPLIT_ABOVE * 2;
                if accounts > room { Split { blocks: wanted, from: Some(before.blocks) } } else { before }
            }
            // An earlier build had the output but no split for this pair: it stood in one block, or not at all.
            None if known && wanted > 1 => Split { blocks: wanted, from: Some(1) },
            None => Split { blocks: wanted, from: None },
        }
    }
}

impl Extend<(String, Split)> for Splits {
    fn extend<I: IntoIterator<Item = (String, Split)>>(&mut self, splits: I) {
        self.pairs.extend(splits);
    }
}

/// The hash of an account id, by which a pair is split: an account that joins or leaves moves no other.
pub(super) fn account_hash(id: &str) -> u32 {
    let hash = Sha256::digest(id.as_bytes());
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// The block of an account in a pair of `blocks`, a power of two.
fn block_of(hash: u32, blocks: u32) -> u32 {
    hash & (blocks - 1)
}

fn block_label(pair: &str, block: u32, blocks: u32) -> String {
    if blocks == 1 { pair.to_owned() } else { format!("{pair}__{blocks}_{block}") }
}

/// An assignment whose address changes: the block it was in and the block it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The label of the old block.
    pub from: String,
    /// The label of the new block.
    pub to: String,
    /// The account.
    pub account: AccountId,
}

/// The assignments of one permission set.
#[derive(Debug, Default)]
pub struct Assignments {
    /// The blocks, by principal and block.
    pub blocks: Vec<AssignmentBlock>,
    /// What moves between blocks.
    pub moves: Vec<Move>,
    /// The splits of pairs with more than one block, for the record.
    pub splits: Vec<(String, Split)>,
}

impl Plan<'_> {
    /// The accounts of a pair that belong to a planned set: the management account to a twin, all others to an original.
    pub(super) fn accounts(&self, set: &PlannedSet, pair: &Pair) -> Vec<AccountId> {
        let management = self.access.management_account();
        let mut accounts = self.access.accounts_of(pair).into_owned();
        accounts.retain(|&account| set.takes(account, management));
        accounts
    }

    /// The assignments of a planned set: those in the management account for a twin, all others for an original.
    pub fn assignments(&self, set: &PlannedSet) -> Assignments {
        let mut assignments = Assignments::default();
        for pair in self.access.pairs_of(set.set) {
            let accounts = self.accounts(set, pair);
            if accounts.is_empty() {
                continue;
            }
            let name = format!("{}__{}", set.label, self.principal_label(pair.principal));
            let split = self.splits.decide(&name, accounts.len(), self.has_history);
            let block = |account: AccountId, blocks| block_of(self.account_hashes[account.0 as usize], blocks);
            if let Some(from) = split.from {
                for &account in &accounts {
                    let label = |blocks| block_label(&name, block(account, blocks), blocks);
                    assignments.moves.push(Move { from: label(from), to: label(split.blocks), account });
                }
            }
            if split.blocks == 1 {
                assignments.blocks.push(AssignmentBlock { label: name, principal: pair.principal, accounts });
                continue;
            }
            let share = accounts.len() / split.blocks as usize;
            let mut blocks: Vec<Vec<AccountId>> =
                (0..split.blocks).map(|_| Vec::with_capacity(share + share / 2)).collect();
            for account in accounts {
                blocks[block(account, split.blocks) as usize].push(account);
            }
            let filled = (0..split.blocks).zip(blocks).filter(|(_, accounts)| !accounts.is_empty());
            assignments.blocks.extend(filled.map(|(block, accounts)| AssignmentBlock {
                label: block_label(&name, block, split.blocks),
                principal: pair.principal,
                accounts,
            }));
            assignments.splits.push((name, split));
        }
        assignments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_stable_until_its_blocks_are_twice_as_full() {
        let mut splits = Splits::default();
        assert_eq!(splits.decide("p", 64, false), Split { blocks: 1, from: None });
        assert_eq!(splits.decide("p", 65, false), Split { blocks: 2, from: None }, "a first build moves nothing");
        assert_eq!(splits.decide("p", 65, true), Split { blocks: 2, from: Some(1) }, "a later one carries the state");
        splits.pairs.insert("p".into(), Split { blocks: 2, from: Some(1) });
        assert_eq!(splits.decide("p", 10, true), Split { blocks: 2, from: Some(1) }, "a split never shrinks");
        assert_eq!(splits.decide("p", 256, true), Split { blocks: 2, from: Some(1) });
        assert_eq!(splits.decide("p", 257, true), Split { blocks: 8, from: Some(2) });
    }

    #[test]
    fn blocks_of_an_account_nest() {
        for account in ["012345678901", "222222222222", "999999999999"] {
            let hash = account_hash(account);
            assert_eq!(block_of(hash, 1), 0);
            assert_eq!(block_of(hash, 8) & 1, block_of(hash, 2));
        }
    }
}
