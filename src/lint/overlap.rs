//! Rows that give the same grants.

use rustc_hash::FxHashMap;

use crate::access::{Access, RowId};

/// A row, and what other rows give of it.
#[derive(Debug)]
pub(super) struct Overlap {
    /// The row.
    pub row: RowId,
    /// Rows that give the same, in order: a few of them.
    pub others: Vec<RowId>,
    /// How many of its grants others give as well.
    pub shared: usize,
    /// How many grants it has.
    pub all: usize,
}

/// How many other rows a finding names.
const NAMED: usize = 3;

/// The rows that share grants with rows that last as long or longer.
///
/// Of rows that give the same, the last is the one that can go. A row that can go gives nothing to the rows behind it, so
/// that removing all of those whose every grant is shared removes no grant.
pub(super) fn overlaps(access: &Access) -> Vec<Overlap> {
    let end = |row: RowId| access.row(row).expires.as_ref().map_or(jiff::Timestamp::MAX, |expires| expires.at);
    // For how long a row gives anything is not known where its end was not understood.
    let ends = |row: RowId| access.row(row).expires_written == access.row(row).expires.is_some();
    // Each grant of several rows: the rows, those that last longest first.
    let mut grants: Vec<Vec<RowId>> = Vec::new();
    let mut shared: FxHashMap<RowId, Vec<usize>> = FxHashMap::default();
    let mut alone: FxHashMap<RowId, usize> = FxHashMap::default();
    for pair in access.pairs.iter().filter(|pair| pair.rows.len() > 1) {
        for grant in access.grants_of(pair) {
            if let [row] = &*grant.rows {
                *alone.entry(*row).or_default() += 1;
                continue;
            }
            let mut rows = grant.rows.into_owned();
            rows.retain(|&row| ends(row));
            rows.sort_by_key(|&row| (std::cmp::Reverse(end(row)), row));
            for &row in &rows {
                shared.entry(row).or_default().push(grants.len());
            }
            grants.push(rows);
        }
    }
    if shared.is_empty() {
        return Vec::new();
    }
    for pair in access.pairs.iter().filter(|pair| pair.rows.len() == 1) {
        for row in pair.rows.iter().filter(|row| shared.contains_key(row)) {
            *alone.entry(*row).or_default() += access.row(*row).accounts.len();
        }
    }

    let mut order: Vec<RowId> = shared.keys().copied().collect();
    let size = |row: RowId| shared.get(&row).map_or(0, Vec::len) + alone.get(&row).copied().unwrap_or(0);
    order.sort_by_key(|&row| (size(row), std::cmp::Reverse(row)));
    let mut gone = vec![false; access.rows.len()];
    // The first row of each grant that is not gone: so no row is looked at again and again.
    let mut heads = vec![0_usize; grants.len()];
    let mut found = Vec::new();
    for row in order {
        let mut others: Vec<RowId> = Vec::new();
        let mut covered = 0;
        for &grant in shared.get(&row).map_or(&[][..], Vec::as_slice) {
            let (rows, head) = (&grants[grant], &mut heads[grant]);
            while rows.get(*head).is_some_and(|row| gone[row.index()]) {
                *head += 1;
            }
            let mut left = rows[*head..].iter().filter(|other| !gone[other.index()] && **other != row);
            if let Some(&other) = left.next().filter(|&&other| end(other) >= end(row)) {
                covered += 1;
                if others.len() < NAMED && !others.contains(&other) {
                    others.push(other);
                }
            }
        }
        if covered > 0 {
            others.sort_unstable();
            let all = size(row);
            gone[row.index()] = covered == all;
            found.push(Overlap { row, others, shared: covered, all });
        }
    }
    found.sort_by_key(|overlap| overlap.row);
    found
}
