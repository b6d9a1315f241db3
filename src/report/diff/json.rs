//! A difference for a program: version 1 of the report.

use serde::Serialize;
use std::io::{self, Write};

use super::{Compared, Origins};
use crate::access::{Expiry, Principal, RowId};
use crate::diff::{
    AccessDiff, AccountEvent, AccountNo, ActionGain, ActionsChange, AttributeChange, Cause, ControlChange, Escalation,
    Privilege, SetKind, Side,
};
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::report::origin::Origin;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    old: &'a str,
    new: &'a str,
    same: bool,
    grants_compared: bool,
    gained: Vec<Grants<'a>>,
    lost: Vec<Grants<'a>>,
    replaced: Vec<Replaced<'a>>,
    ends: Vec<End<'a>>,
    permission_sets: Vec<Set<'a>>,
    policies: Vec<Policy<'a>>,
    service_control_policies: Vec<Control<'a>>,
    principals: Vec<Repinned<'a>>,
    settings: Vec<Setting<'a>>,
    accounts: Vec<AccountWithEvents<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Account<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Privileged<'a> {
    certain: bool,
    because: &'a str,
}

#[derive(Serialize)]
struct Grants<'a> {
    principals: Vec<Named<'a>>,
    permission_sets: &'a [&'a str],
    accounts: Vec<Account<'a>>,
    cause: &'a str,
    expires: Option<&'a str>,
    privileged: Option<Privileged<'a>>,
    origins: Vec<Origin<'a>>,
}

#[derive(Serialize)]
struct Replaced<'a> {
    principals: Vec<Named<'a>>,
    from: &'a str,
    to: &'a str,
    accounts: Vec<Account<'a>>,
    cause: &'a str,
    expires: Option<&'a str>,
    privileged: Option<Privileged<'a>>,
    origins: Vec<Origin<'a>>,
    actions: Vec<Actions<'a>>,
}

#[derive(Serialize)]
struct End<'a> {
    principals: Vec<Named<'a>>,
    permission_sets: &'a [&'a str],
    accounts: Vec<Account<'a>>,
    old: Option<&'a str>,
    new: Option<&'a str>,
    origins: Vec<Origin<'a>>,
}

#[derive(Serialize)]
struct Set<'a> {
    name: &'a str,
    change: &'a str,
    was: Option<&'a str>,
    becomes: Option<&'a str>,
    attributes: Vec<Attribute<'a>>,
    actions: Vec<Actions<'a>>,
}

#[derive(Serialize)]
struct Attribute<'a> {
    attribute: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

#[derive(Serialize)]
struct Actions<'a> {
    accounts: Vec<Account<'a>>,
    cause: &'a str,
    gained: Vec<Gain<'a>>,
    lost: Vec<Gain<'a>>,
    opened: Vec<Way<'a>>,
    closed: Vec<Way<'a>>,
    undecided: &'a [String],
}

#[derive(Serialize)]
struct Gain<'a> {
    actions: Vec<Action>,
    proven: bool,
    sought: bool,
    witness: Option<Witness<'a>>,
    policy: &'a str,
    statement: usize,
    written: Option<Origin<'a>>,
    resource: &'a str,
    conditions: &'a [String],
    because: &'a str,
}

#[derive(Serialize)]
struct Action {
    action: String,
    access_level: &'static str,
}

#[derive(Serialize)]
struct Witness<'a> {
    action: &'a str,
    resources: &'a [String],
    context: std::collections::BTreeMap<String, &'a [String]>,
}

#[derive(Serialize)]
struct Way<'a> {
    privileged: bool,
    certain: bool,
    says: &'a str,
}

#[derive(Serialize)]
struct Policy<'a> {
    name: &'a str,
    path: &'a str,
    accounts: Vec<Account<'a>>,
    cause: &'a str,
    used_by: &'a [&'a str],
}

#[derive(Serialize)]
struct Control<'a> {
    name: &'a str,
    change: &'a str,
    place: Option<&'a str>,
}

#[derive(Serialize)]
struct Repinned<'a> {
    #[serde(flatten)]
    principal: Named<'a>,
    old: &'a str,
    new: &'a str,
}

#[derive(Serialize)]
struct Setting<'a> {
    key: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

#[derive(Serialize)]
struct AccountWithEvents<'a> {
    #[serde(flatten)]
    account: Account<'a>,
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Event<'a> {
    event: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

/// Prints the difference as one JSON object.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn json(
    diff: &AccessDiff<'_>,
    compared: &Compared<'_>,
    origins: &Origins<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let spell = Spell { diff, origins: *origins };
    let report = Report {
        version: 1,
        old: compared.old,
        new: compared.new,
        same: diff.is_empty(),
        grants_compared: !diff.without_grants,
        gained: spell.grants(&diff.gained, Side::New),
        lost: spell.grants(&diff.lost, Side::Old),
        replaced: spell.replaced(),
        ends: spell.ends(),
        permission_sets: spell.sets(),
        policies: spell.policies(),
        service_control_policies: spell.controls(),
        principals: spell.repinned(),
        settings: spell.settings(),
        accounts: spell.events(),
    };
    let text = serde_json::to_string_pretty(&report)?;
    writeln!(out, "{}", crate::report::escape_json(&text))
}

struct Spell<'s> {
    diff: &'s AccessDiff<'s>,
    origins: Origins<'s>,
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Change => "change",
        Cause::Data => "data",
        Cause::Both => "both",
    }
}

fn expires(expiry: Option<&Expiry>) -> Option<&str> {
    expiry.map(|expiry| expiry.text.as_str())
}

fn principals<'p>(principals: &[&'p Principal]) -> Vec<Named<'p>> {
    principals.iter().map(|principal| Named { kind: principal.kind.as_str(), name: &principal.name }).collect()
}

fn privileged(privilege: Option<&Privilege>) -> Option<Privileged<'_>> {
    privilege.map(|privilege| Privileged { certain: privilege.certain, because: &privilege.says })
}

fn ways(ways: &[Escalation]) -> Vec<Way<'_>> {
    ways.iter().map(|way| Way { privileged: way.privileged, certain: way.certain, says: &way.says }).collect()
}

impl<'s> Spell<'s> {
    fn accounts(&self, accounts: &[AccountNo]) -> Vec<Account<'s>> {
        accounts.iter().map(|&account| self.account(account)).collect()
    }

    fn account(&self, account: AccountNo) -> Account<'s> {
        Account { id: self.diff.accounts.get(account).id, name: self.diff.accounts.name(account) }
    }

    fn rows(&self, rows: &[RowId], side: Side) -> Vec<Origin<'s>> {
        rows.iter().map(|&row| self.origins.place(side, self.diff.access(side).row(row).span)).collect()
    }

    fn grants(&self, changes: &'s [crate::diff::GrantChange<'_>], side: Side) -> Vec<Grants<'s>> {
        let grants = |change: &'s crate::diff::GrantChange<'_>| Grants {
            principals: principals(&change.principals),
            permission_sets: &change.permission_sets,
            accounts: self.accounts(&change.accounts),
            cause: cause(change.cause),
            expires: expires(change.expires),
            privileged: privileged(change.privilege.as_ref()),
            origins: self.rows(&change.rows, side),
        };
        changes.iter().map(grants).collect()
    }

    fn replaced(&self) -> Vec<Replaced<'s>> {
        let replaced = |change: &'s crate::diff::Replacement<'_>| Replaced {
            principals: principals(&change.principals),
            from: change.from,
            to: change.to,
            accounts: self.accounts(&change.accounts),
            cause: cause(change.cause),
            expires: expires(change.expires),
            privileged: privileged(change.privilege.as_ref()),
            origins: self.rows(&change.rows, Side::New),
            actions: self.actions(&change.actions),
        };
        self.diff.replaced.iter().map(replaced).collect()
    }

    fn ends(&self) -> Vec<End<'s>> {
        let end = |change: &'s crate::diff::EndChange<'_>| End {
            principals: principals(&change.principals),
            permission_sets: &change.permission_sets,
            accounts: self.accounts(&change.accounts),
            old: expires(change.old),
            new: expires(change.new),
            origins: self.rows(&change.rows, Side::New),
        };
        self.diff.ends.iter().map(end).collect()
    }

    fn sets(&self) -> Vec<Set<'s>> {
        let attribute = |change: &'s AttributeChange| Attribute {
            attribute: change.attribute.as_str(),
            old: change.old.as_deref(),
            new: change.new.as_deref(),
        };
        let set = |set: &'s crate::diff::SetChange<'_>| {
            let (change, was, becomes) = match set.kind {
                SetKind::Added { was } => ("added", was, None),
                SetKind::Removed { becomes } => ("removed", None, becomes),
                SetKind::Changed => ("changed", None, None),
            };
            let attributes = set.attributes.iter().map(attribute).collect();
            Set { name: set.name, change, was, becomes, attributes, actions: self.actions(&set.actions) }
        };
        self.diff.permission_sets.iter().map(set).collect()
    }

    fn actions(&self, changes: &'s [ActionsChange]) -> Vec<Actions<'s>> {
        let actions = |change: &'s ActionsChange| Actions {
            accounts: self.accounts(&change.accounts),
            cause: cause(change.cause),
            gained: self.gains(&change.gained),
            lost: self.gains(&change.lost),
            opened: ways(&change.opened),
            closed: ways(&change.closed),
            undecided: &change.undecided,
        };
        changes.iter().map(actions).collect()
    }

    fn gains(&self, gains: &'s [ActionGain]) -> Vec<Gain<'s>> {
        let action = |&id: &ActionId| {
            let action = Catalogue::embedded().action(id);
            let name = if action.name.is_empty() { "*" } else { action.name };
            Action { action: format!("{}:{name}", action.service), access_level: action.level.as_str() }
        };
        let spelled = |key: &str| Catalogue::embedded().spelled(key);
        let gain = |gain: &'s ActionGain| Gain {
            actions: gain.actions.iter().map(action).collect(),
            proven: gain.proof.is_some(),
            sought: gain.sought,
            witness: gain.proof.as_ref().map(|request| Witness {
                action: &request.action,
                resources: &request.resources,
                context: request.context.iter().map(|(key, values)| (spelled(key), values.as_slice())).collect(),
            }),
            policy: &gain.granted_by.0,
            statement: gain.granted_by.1,
            written: gain.written.map(|(side, span)| self.origins.place(side, span)),
            resource: &gain.resource,
            conditions: &gain.conditions,
            because: &gain.because,
        };
        gains.iter().map(gain).collect()
    }

    fn policies(&self) -> Vec<Policy<'s>> {
        let policy = |change: &'s crate::diff::PolicyChange<'_>| Policy {
            name: change.name,
            path: change.path,
            accounts: self.accounts(&change.accounts),
            cause: cause(change.cause),
            used_by: &change.used_by,
        };
        self.diff.policies.iter().map(policy).collect()
    }

    fn controls(&self) -> Vec<Control<'s>> {
        let control = |change: &'s ControlChange<'_>| match *change {
            ControlChange::Body(name) => Control { name, change: "document", place: None },
            ControlChange::Attached { name, to } => Control { name, change: "attached", place: Some(to) },
            ControlChange::Detached { name, from } => Control { name, change: "detached", place: Some(from) },
        };
        self.diff.controls.iter().map(control).collect()
    }

    fn repinned(&self) -> Vec<Repinned<'s>> {
        let repinned = |change: &'s crate::diff::Repinned<'_>| Repinned {
            principal: Named { kind: change.kind.as_str(), name: change.name },
            old: change.old,
            new: change.new,
        };
        self.diff.repinned.iter().map(repinned).collect()
    }

    fn settings(&self) -> Vec<Setting<'s>> {
        let setting =
            |change: &'s crate::diff::SettingChange<'_>| Setting { key: &change.key, old: change.old, new: change.new };
        self.diff.settings.iter().map(setting).collect()
    }

    /// The accounts that newer data is about.
    fn events(&self) -> Vec<AccountWithEvents<'s>> {
        let event = |event: AccountEvent<'s>| match event {
            AccountEvent::Joined(path) => Event { event: "joined", old: None, new: Some(path) },
            AccountEvent::Left(path) => Event { event: "left", old: Some(path), new: None },
            AccountEvent::Moved { from, to } => Event { event: "moved", old: Some(from), new: Some(to) },
            AccountEvent::Status { from, to } => Event { event: "status", old: Some(from), new: Some(to) },
            AccountEvent::Tags => Event { event: "tags", old: None, new: None },
        };
        let about = |account: AccountNo| {
            let events: Vec<Event<'s>> = self.diff.accounts.events(account).into_iter().map(event).collect();
            (!events.is_empty()).then(|| AccountWithEvents { account: self.account(account), events })
        };
        self.diff.affected_by_data().into_iter().filter_map(about).collect()
    }
}
