//! Rows, principals and what rows give them.

use serde::Serialize;

use super::excerpts::{Excerpts, Place};
use super::organization::{Numbering, Ranges};
use crate::access::{Access, PrincipalKind};

/// Groups and users, as columns.
#[derive(Debug, Default, Serialize)]
pub struct Principals {
    /// The names.
    pub name: Vec<String>,
    /// Which of them are users.
    pub users: Vec<u32>,
}

impl Principals {
    pub(super) fn of(access: &Access) -> Self {
        let users = (0..).zip(&access.principals).filter(|(_, principal)| principal.kind == PrincipalKind::User);
        Self {
            name: access.principals.iter().map(|principal| principal.name.clone()).collect(),
            users: users.map(|(number, _)| number).collect(),
        }
    }
}

/// The rows of the matrix, as columns.
#[derive(Debug, Default, Serialize)]
pub struct Rows {
    /// Where they are written.
    pub place: Vec<Place>,
    /// The active accounts they reach.
    pub accounts: Vec<Ranges>,
    /// Rows that end: the row, the end in seconds since 1970, and the end as it is written.
    pub expires: Vec<(u32, i64, String)>,
    /// Rows that have ended, and give nothing.
    pub ended: Vec<u32>,
    /// Rows with somebody who answers for them.
    pub owner: Vec<(u32, String)>,
    /// Rows that say why they exist.
    pub reason: Vec<(u32, String)>,
    /// Who an ended row named, and the permission sets it gave; all others are in the pairs.
    pub gave: Vec<(u32, Vec<u32>, Vec<u32>)>,
}

impl Rows {
    pub(super) fn of(access: &Access, numbering: &Numbering, excerpts: &mut Excerpts<'_>) -> Self {
        let mut columns = Self::default();
        for (number, row) in (0..).zip(&access.rows) {
            columns.place.push(excerpts.place(row.span));
            columns.accounts.push(numbering.ranges(row.accounts.iter().copied()));
            if let Some(expires) = &row.expires {
                columns.expires.push((number, expires.at.as_second(), expires.text.value.clone()));
            }
            if let Some(owner) = &row.owner {
                columns.owner.push((number, owner.value.clone()));
            }
            if let Some(reason) = &row.reason {
                columns.reason.push((number, reason.value.clone()));
            }
            if !row.live {
                columns.ended.push(number);
                let principals = row.principals.iter().map(|principal| principal.value.0).collect();
                columns.gave.push((number, principals, row.permission_sets.iter().map(|set| set.value.0).collect()));
            }
        }
        columns
    }
}

/// Who has which permission set, as columns.
#[derive(Debug, Default, Serialize)]
pub struct Pairs {
    /// The permission sets.
    pub permission_set: Vec<u32>,
    /// The principals.
    pub principal: Vec<u32>,
    /// The live rows they come from.
    pub rows: Vec<Vec<u32>>,
}

impl Pairs {
    pub(super) fn of(access: &Access) -> Self {
        let mut columns = Self::default();
        for pair in &access.pairs {
            columns.permission_set.push(pair.permission_set.0);
            columns.principal.push(pair.principal.0);
            columns.rows.push(pair.rows.iter().map(|row| row.0).collect());
        }
        columns
    }
}
