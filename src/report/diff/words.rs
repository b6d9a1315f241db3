//! The words for principals, accounts, actions and moments.

use std::collections::{BTreeMap, BTreeSet};

use super::Origins;
use crate::access::{Expiry, Part, Places, Principal, PrincipalKind, RowId, Unresolved};
use crate::diff::{AccessDiff, AccountNo, ActionGain, Side, gravity};
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::source::Span;
use crate::words::{enumerated, few};

/// How names are set, and how much is named.
#[derive(Clone, Copy)]
pub(super) struct Words<'w> {
    pub(super) diff: &'w AccessDiff<'w>,
    pub(super) origins: Origins<'w>,
    /// Sets a name apart from the words around it.
    pub(super) name: fn(&str) -> String,
    /// How many of a list are named.
    pub(super) most: usize,
}

impl Words<'_> {
    /// `a`, `b` and `c`; with a limit, `a`, `b` and 3 more.
    pub(super) fn list<S: AsRef<str>>(&self, names: &[S]) -> String {
        let named: Vec<String> = names.iter().map(|name| (self.name)(name.as_ref())).collect();
        self.joined(&named)
    }

    fn joined(&self, names: &[String]) -> String {
        // Naming all but one is no shorter than naming all.
        if names.len() <= self.most + 1 { enumerated(names) } else { few(names, self.most, String::clone) }
    }

    /// Groups by name, users as such.
    pub(super) fn principals(&self, principals: &[&Principal]) -> String {
        let word = |principal: &&Principal| match principal.kind {
            PrincipalKind::Group => (self.name)(&principal.name),
            PrincipalKind::User => format!("user {}", (self.name)(&principal.name)),
        };
        self.joined(&principals.iter().map(word).collect::<Vec<_>>())
    }

    /// "all 12 accounts of `Workloads` and `audit`", in the organization of a side.
    pub(super) fn accounts(&self, accounts: &[AccountNo], side: Side) -> String {
        match self.places(accounts, side) {
            Some(places) => places.sentence(self.name),
            None => self.account_names(accounts),
        }
    }

    /// The accounts by name, where [`Words::accounts`] only counts them.
    pub(super) fn counted_accounts(&self, accounts: &[AccountNo], side: Side) -> Option<String> {
        let places = self.places(accounts, side)?;
        let counted = places.parts.iter().any(|part| matches!(part, Part::Some { .. }));
        counted.then(|| self.account_names(accounts))
    }

    fn places(&self, accounts: &[AccountNo], side: Side) -> Option<Places<'_>> {
        let organization = self.diff.organization(side)?;
        let id = |&no: &AccountNo| match side {
            Side::Old => self.diff.accounts.get(no).old,
            Side::New => self.diff.accounts.get(no).new,
        };
        Some(organization.places(accounts.iter().map(id).collect::<Option<Vec<_>>>()?))
    }

    fn account_names(&self, accounts: &[AccountNo]) -> String {
        self.joined(&accounts.iter().map(|&account| self.account(account)).collect::<Vec<_>>())
    }

    /// An account by name, with its id where another has the name.
    pub(super) fn account(&self, account: AccountNo) -> String {
        let name = self.diff.accounts.name(account);
        let id = self.diff.accounts.get(account).id;
        let many = |side: &Side| {
            let organization = self.diff.organization(*side);
            organization.is_some_and(|known| known.account_named(name) == Err(Unresolved::Ambiguous))
        };
        match [Side::Old, Side::New].iter().any(many) {
            true => format!("{} ({id})", (self.name)(name)),
            false => (self.name)(name),
        }
    }

    /// A moment as the model writes it.
    pub(super) fn end(&self, expires: Option<&Expiry>) -> String {
        match expires {
            Some(expires) => (self.name)(expires.text.as_str()),
            None => "never".to_owned(),
        }
    }

    /// Where rows stand.
    pub(super) fn rows(&self, rows: &[RowId], side: Side) -> String {
        let access = self.diff.access(side);
        self.joined(&rows.iter().map(|&row| self.place(side, access.row(row).span)).collect::<Vec<_>>())
    }

    /// Where a statement stands.
    pub(super) fn written(&self, gain: &ActionGain) -> Option<String> {
        gain.written.map(|(side, span)| self.place(side, span))
    }

    fn place(&self, side: Side, span: Span) -> String {
        (self.name)(&self.origins.place(side, span).brief())
    }

    /// Actions of one service and one access level in a line each: those that lead to more permissions first, then by level.
    pub(super) fn actions(&self, gains: &[ActionGain]) -> Vec<ActionLine> {
        let catalogue = Catalogue::embedded();
        let mut lines: BTreeMap<(bool, usize, &str, bool), Vec<ActionId>> = BTreeMap::new();
        let mut growing: BTreeSet<&str> = BTreeSet::new();
        for gain in gains {
            for &id in &gain.actions {
                let action = catalogue.action(id);
                if action.name.is_empty() {
                    growing.insert(action.service);
                    continue;
                }
                let (harmless, level, _) = gravity(id);
                let key = (harmless, level, action.service, gain.proof.is_none());
                lines.entry(key).or_default().push(id);
            }
        }
        let line = |((harmless, level, service, possible), mut actions): ((bool, usize, &str, bool), Vec<ActionId>)| {
            actions.sort_unstable();
            let names: Vec<&str> = actions.iter().map(|&action| catalogue.action(action).name).collect();
            let what = AccessLevel::ALL[level].as_str();
            let certainty = if possible { " (possibly)" } else { "" };
            ActionLine {
                escalates: !harmless,
                number: actions.len(),
                text: format!("{} {what}{certainty}: {}", (self.name)(service), self.list(&names)),
            }
        };
        let mut lines: Vec<ActionLine> = lines.into_iter().map(line).collect();
        if !growing.is_empty() {
            let services = self.list(&growing.into_iter().collect::<Vec<_>>());
            let text = format!("actions that do not exist yet, of {services}");
            lines.push(ActionLine { escalates: false, number: 0, text });
        }
        lines
    }
}

/// Actions of one service and one access level.
#[derive(Clone, Debug)]
pub(super) struct ActionLine {
    /// Whether they lead to more permissions.
    pub(super) escalates: bool,
    /// How many there are.
    pub(super) number: usize,
    /// What is said of them.
    pub(super) text: String,
}

/// A session's length in the words of the language: `4h`, `1h30m`.
pub(super) fn duration(seconds: &str) -> String {
    let Ok(seconds) = seconds.parse::<u32>() else { return seconds.to_owned() };
    let (hours, minutes, rest) = (seconds / 3_600, seconds % 3_600 / 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "m"), (rest, "s")];
    parts.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number}{unit}")).collect()
}
