//! What is told of a difference, in sections and sentences.

use std::collections::BTreeMap;

use super::words::{Words, duration};
use crate::diff::{
    AccountEvent, AccountNo, ActionGain, ActionsChange, Attribute, AttributeChange, Cause, ControlChange, Escalation,
    GrantChange, Replacement, SetChange, SetKind, Side, gravity,
};
use crate::iam::catalogue::Catalogue;
use crate::report::count;
use crate::words::few;

/// How a sentence begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Somebody comes to permissions that lead to any other.
    Danger,
    /// More is allowed.
    More,
    /// Less is allowed.
    Less,
    /// Something is different.
    Other,
}

/// A sentence, and what there is to say about it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) sign: Sign,
    pub(super) text: String,
    pub(super) details: Vec<Self>,
    /// Whether it is shown where others are folded away.
    pub(super) stays: bool,
}

impl Item {
    fn new(sign: Sign, text: impl Into<String>) -> Self {
        Self { sign, text: text.into(), details: Vec::new(), stays: sign == Sign::Danger }
    }

    fn staying(self) -> Self {
        Self { stays: true, ..self }
    }
}

/// A part of the story.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) items: Vec<Item>,
}

/// What is told.
#[derive(Clone, Debug)]
pub(super) struct Story {
    /// In a line.
    pub(super) headline: String,
    pub(super) sections: Vec<Section>,
}

impl Story {
    pub(super) fn of(words: &Words<'_>) -> Self {
        let diff = words.diff;
        let teller = Teller { words };
        let of = |wanted: fn(Cause) -> bool| {
            let gained = diff.gained.iter().filter(|change| wanted(change.cause)).map(|change| teller.gained(change));
            let lost = diff.lost.iter().filter(|change| wanted(change.cause)).map(|change| teller.lost(change));
            let replaced = diff.replaced.iter().filter(|change| wanted(change.cause));
            let replaced = replaced.map(|change| teller.replaced(change));
            let mut items: Vec<Item> = gained.chain(replaced).chain(lost).collect();
            items.sort_by_key(|item| item.sign != Sign::Danger);
            items
        };
        let mut grants = of(|cause| cause != Cause::Data);
        grants.extend(teller.ends());
        grants.extend(teller.repinned());
        let newer = |cause: Cause| cause == Cause::Data;
        let sets: Vec<Item> =
            diff.permission_sets.iter().filter_map(|set| teller.set(set, |cause| !newer(cause))).collect();
        let policies = teller.policies(|cause| !newer(cause));
        let mut data = teller.events();
        data.extend(teller.controls());
        data.extend(of(|cause| cause == Cause::Data));
        data.extend(diff.permission_sets.iter().filter_map(|set| {
            let actions_alone = SetChange { attributes: Vec::new(), kind: SetKind::Changed, ..set.clone() };
            teller.set(&actions_alone, newer)
        }));
        data.extend(teller.policies(newer));
        let sections = [
            ("Grants", grants),
            ("Permission sets", sets),
            ("Policies", policies),
            ("Settings", teller.settings()),
            ("Newer data about the organization, not the rows", data),
        ];
        let sections = sections
            .into_iter()
            .filter(|(_, items)| !items.is_empty())
            .map(|(title, items)| Section { title, items })
            .collect();
        Self { headline: headline(words), sections }
    }
}

/// The numbers.
fn headline(words: &Words<'_>) -> String {
    let diff = words.diff;
    let grants = |changes: &[GrantChange<'_>]| -> usize {
        changes
            .iter()
            .map(|change| change.principals.len() * change.permission_sets.len() * change.accounts.len())
            .sum()
    };
    let privileged: usize = diff
        .gained
        .iter()
        .filter(|change| change.privilege.as_ref().is_some_and(|privilege| privilege.certain))
        .map(|change| change.principals.len() * change.accounts.len())
        .sum();
    let mut parts = Vec::new();
    match (grants(&diff.gained), privileged) {
        (0, _) => {}
        (gained, 0) => parts.push(format!("{} gained", count(gained, "grant"))),
        (gained, privileged) => parts.push(format!("{} gained ({privileged} privileged)", count(gained, "grant"))),
    }
    let lost = grants(&diff.lost);
    if lost > 0 {
        parts.push(format!("{} lost", count(lost, "grant")));
    }
    let replaced: usize = diff.replaced.iter().map(|change| change.principals.len() * change.accounts.len()).sum();
    if replaced > 0 {
        parts.push(format!("{} replaced", count(replaced, "grant")));
    }
    let ends: usize = diff.ends.iter().map(|change| change.principals.len() * change.accounts.len()).sum();
    if ends > 0 {
        parts.push(format!("{} with another end", count(ends, "grant")));
    }
    type Is = fn(&SetChange<'_>) -> bool;
    let sets = |is: Is| diff.permission_sets.iter().filter(|set| is(set)).count();
    let wider = |set: &SetChange<'_>| set.actions.iter().any(|change| !change.gained.is_empty());
    let narrower = |set: &SetChange<'_>| set.actions.iter().any(|change| !change.lost.is_empty());
    let kinds: [(Is, &str); 5] = [
        (|set| matches!(set.kind, SetKind::Added { .. }), "new"),
        (|set| matches!(set.kind, SetKind::Removed { .. }), "gone"),
        (wider, "wider"),
        (narrower, "narrower"),
        (|set| set.kind == SetKind::Changed && set.actions.iter().all(ActionsChange::is_empty), "otherwise changed"),
    ];
    for (is, what) in kinds {
        match sets(is) {
            0 => {}
            number => parts.push(format!("{} {what}", count(number, "permission set"))),
        }
    }
    if parts.is_empty() && !diff.is_empty() {
        parts.push("nobody's access differs".to_owned());
    }
    if parts.is_empty() { "access is the same".to_owned() } else { parts.join(", ") }
}

struct Teller<'t, 'w> {
    words: &'t Words<'w>,
}

/// The verb behind one or several.
fn verb<'v>(many: usize, one: &'v str, several: &'v str) -> &'v str {
    if many == 1 { one } else { several }
}

impl Teller<'_, '_> {
    fn gained(&self, change: &GrantChange<'_>) -> Item {
        let words = self.words;
        let until = change.expires.map(|_| format!(" until {}", words.end(change.expires))).unwrap_or_default();
        let text = format!(
            "{} {} {} in {}{until}",
            words.principals(&change.principals),
            verb(change.principals.len(), "gains", "gain"),
            words.list(&change.permission_sets),
            words.accounts(&change.accounts, Side::New),
        );
        let mut item = Item::new(Sign::More, text);
        if let Some(privilege) = &change.privilege {
            let how = if privilege.certain { "privileged" } else { "possibly privileged" };
            item.sign = if privilege.certain { Sign::Danger } else { Sign::More };
            item.details.push(Item::new(item.sign, format!("{how}: it {}", self.quoted(&privilege.says))));
        }
        item.details.extend(self.counted(&change.accounts, Side::New));
        item.details.push(Item::new(Sign::Other, format!("by {}", words.rows(&change.rows, Side::New))));
        item
    }

    /// The names of accounts that are only counted in the sentence before.
    fn counted(&self, accounts: &[AccountNo], side: Side) -> Option<Item> {
        let names = self.words.counted_accounts(accounts, side)?;
        Some(Item::new(Sign::Other, format!("these are {names}")))
    }

    fn lost(&self, change: &GrantChange<'_>) -> Item {
        let words = self.words;
        let text = format!(
            "{} {} {} in {}",
            words.principals(&change.principals),
            verb(change.principals.len(), "loses", "lose"),
            words.list(&change.permission_sets),
            words.accounts(&change.accounts, Side::Old),
        );
        let mut item = Item::new(Sign::Less, text);
        item.details.extend(self.counted(&change.accounts, Side::Old));
        item.details.push(Item::new(Sign::Other, format!("was by {}", words.rows(&change.rows, Side::Old))));
        item
    }

    fn replaced(&self, change: &Replacement<'_>) -> Item {
        let words = self.words;
        let until = change.expires.map(|_| format!(" until {}", words.end(change.expires))).unwrap_or_default();
        let same = if change.actions.is_empty() { ", which allows the same," } else { "" };
        let text = format!(
            "{} {} {} instead of {}{same} in {}{until}",
            words.principals(&change.principals),
            verb(change.principals.len(), "has", "have"),
            (words.name)(change.to),
            (words.name)(change.from),
            words.accounts(&change.accounts, Side::New),
        );
        let mut item = Item::new(Sign::Other, text);
        for actions in &change.actions {
            item.details.extend(self.actions(actions, change.actions.len() > 1));
        }
        item.sign = worst(&item.details);
        item.details.extend(self.counted(&change.accounts, Side::New));
        item.details.push(Item::new(Sign::Other, format!("by {}", words.rows(&change.rows, Side::New))));
        item
    }

    fn ends(&self) -> Vec<Item> {
        let words = self.words;
        let item = |change: &crate::diff::EndChange<'_>| {
            let end = |expires| match expires {
                None => "never ends".to_owned(),
                Some(_) => format!("ends {}", words.end(expires)),
            };
            let text = format!(
                "the access of {} to {} in {} {}; it was to end {}",
                words.principals(&change.principals),
                words.list(&change.permission_sets),
                words.accounts(&change.accounts, Side::New),
                end(change.new),
                words.end(change.old),
            );
            let sign = if change.is_longer() { Sign::More } else { Sign::Less };
            let mut item = Item::new(sign, text);
            item.details.extend(self.counted(&change.accounts, Side::New));
            item.details.push(Item::new(Sign::Other, format!("by {}", words.rows(&change.rows, Side::New))));
            item
        };
        words.diff.ends.iter().map(item).collect()
    }

    fn repinned(&self) -> Vec<Item> {
        let name = self.words.name;
        let item = |change: &crate::diff::Repinned<'_>| {
            let what = match change.kind {
                crate::access::PrincipalKind::Group => "group",
                crate::access::PrincipalKind::User => "user",
            };
            Item::new(
                Sign::More,
                format!(
                    "{what} {} is another one: its name stood for {} and stands for {}, which has all its grants now",
                    name(change.name),
                    name(change.old),
                    name(change.new)
                ),
            )
        };
        self.words.diff.repinned.iter().map(item).collect()
    }

    fn set(&self, set: &SetChange<'_>, wanted: impl Fn(Cause) -> bool) -> Option<Item> {
        let name = self.words.name;
        let actions: Vec<&ActionsChange> = set.actions.iter().filter(|change| wanted(change.cause)).collect();
        let mut details: Vec<Item> = set.attributes.iter().map(|change| self.attribute(change, set.kind)).collect();
        for change in &actions {
            details.extend(self.actions(change, true));
        }
        let text = match set.kind {
            // It is told with the one that takes its place.
            SetKind::Removed { becomes: Some(_) } => return None,
            SetKind::Removed { becomes: None } => {
                details.clear();
                format!("permission set {} is gone", name(set.name))
            }
            SetKind::Added { was: None } => format!("permission set {} is new", name(set.name)),
            SetKind::Added { was: Some(was) } => {
                details.clear();
                format!(
                    "permission set {} is called {} now: AWS deletes the one and creates the other, and who has it is without \
                     until the new assignments are in place",
                    name(was),
                    name(set.name)
                )
            }
            SetKind::Changed if details.is_empty() => return None,
            SetKind::Changed => {
                let more = actions.iter().any(|change| !change.gained.is_empty());
                let less = actions.iter().any(|change| !change.lost.is_empty());
                let what = match (more, less) {
                    (true, true) => "allows other actions",
                    (true, false) => "allows more actions",
                    (false, true) => "allows fewer actions",
                    (false, false) => "is different",
                };
                format!("permission set {} {what}", name(set.name))
            }
        };
        let sign = match set.kind {
            SetKind::Added { was: None } => Sign::More,
            SetKind::Removed { .. } => Sign::Less,
            _ => worst(&details),
        };
        Some(Item { details, ..Item::new(sign, text) })
    }

    fn attribute(&self, change: &AttributeChange, kind: SetKind<'_>) -> Item {
        let name = self.words.name;
        let value = |value: &Option<String>| match (change.attribute, value) {
            (Attribute::InlinePolicy, Some(_)) => "one".to_owned(),
            (_, None) => "none".to_owned(),
            (Attribute::SessionDuration, Some(seconds)) => name(&duration(seconds)),
            (_, Some(value)) => name(value),
        };
        let what = match change.attribute {
            Attribute::SessionDuration => "session duration",
            Attribute::PermissionsBoundary => "permissions boundary",
            Attribute::AwsManagedPolicy => "AWS-managed policy",
            Attribute::CustomerManagedPolicy => "customer-managed policy",
            Attribute::InlinePolicy => "inline policy",
            Attribute::RelayState => "relay state",
            Attribute::Description => "description",
            Attribute::Tag => "tag",
            Attribute::ManagementName => "name of the twin for the management account",
        };
        let text = match (&change.old, &change.new) {
            (None, new) if matches!(kind, SetKind::Added { .. }) => format!("{what}: {}", value(new)),
            (None, Some(_)) if change.attribute == Attribute::InlinePolicy => "an inline policy is new".to_owned(),
            (Some(_), None) if change.attribute == Attribute::InlinePolicy => "the inline policy is gone".to_owned(),
            (None, Some(_))
                if matches!(change.attribute, Attribute::AwsManagedPolicy | Attribute::CustomerManagedPolicy) =>
            {
                format!("{what} {} is attached", value(&change.new))
            }
            (Some(_), None)
                if matches!(change.attribute, Attribute::AwsManagedPolicy | Attribute::CustomerManagedPolicy) =>
            {
                format!("{what} {} is detached", value(&change.old))
            }
            (old, new) => format!("{what}: {} instead of {}", value(new), value(old)),
        };
        let seconds = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u32>().ok());
        let sign = match change.attribute {
            _ if kind != SetKind::Changed => Sign::Other,
            Attribute::SessionDuration if seconds(&change.new) > seconds(&change.old) => Sign::More,
            Attribute::SessionDuration => Sign::Less,
            Attribute::PermissionsBoundary if change.new.is_none() => Sign::More,
            Attribute::PermissionsBoundary if change.old.is_none() => Sign::Less,
            _ => Sign::Other,
        };
        Item::new(sign, text)
    }

    /// What is allowed more and less in some accounts.
    fn actions(&self, change: &ActionsChange, says_where: bool) -> Vec<Item> {
        let place = match change.accounts.as_slice() {
            _ if !says_where => String::new(),
            [] => ", by its policies".to_owned(),
            accounts => format!(" in {}", self.words.accounts(accounts, Side::New)),
        };
        let together =
            if change.cause == Cause::Both { ", together with newer data about the organization" } else { "" };
        let mut items = Vec::new();
        let halves = [
            (Sign::More, "allows", "opens", &change.gained, &change.opened),
            (Sign::Less, "no more allows", "closes", &change.lost, &change.closed),
        ];
        for (sign, verb, way, gains, ways) in halves {
            if gains.is_empty() {
                continue;
            }
            let lines = self.words.actions(gains);
            let number: usize = lines.iter().map(|line| line.number).sum();
            let mut item = Item::new(sign, format!("{verb} {}{place}{together}", count(number, "action")));
            item.details.extend(ways.iter().map(|escalation| self.way(escalation, sign, way)));
            let most = self.words.most;
            for line in lines.iter().take(most) {
                let sign = if line.escalates { sign } else { Sign::Other };
                item.details.push(Item::new(sign, line.text.clone()));
            }
            let left: usize = lines.iter().skip(most).map(|line| line.number).sum();
            if lines.len() > most {
                item.details.push(Item::new(Sign::Other, format!("and {}", count(left, "more action"))));
            }
            item.details.extend(self.proof(gains));
            item.sign = worst(&item.details).max_with(sign);
            items.push(item);
        }
        for undecided in &change.undecided {
            let text = format!("the document of the {undecided} is not in the model: what it allows is not compared");
            items.push(Item::new(Sign::Other, text));
        }
        items
    }

    fn way(&self, escalation: &Escalation, sign: Sign, verb: &str) -> Item {
        let certain = if escalation.certain { "" } else { "possibly " };
        let privileged = escalation.privileged && escalation.certain && sign == Sign::More;
        let sign = if privileged { Sign::Danger } else { sign };
        Item::new(sign, format!("{certain}{verb} a way to more permissions: it {}", self.quoted(&escalation.says)))
    }

    /// The request that shows it best, and where the statement stands.
    fn proof(&self, gains: &[ActionGain]) -> Option<Item> {
        let catalogue = Catalogue::embedded();
        let proven = gains.iter().filter_map(|gain| Some((gain, gain.proof.as_ref()?)));
        let gravest = proven.min_by_key(|(_, proof)| catalogue.action_named(&proof.action).map(gravity));
        let text = match gravest {
            Some((gain, proof)) => {
                let place = self.words.written(gain).map(|place| format!(", {place}")).unwrap_or_default();
                let (policy, statement) = &gain.granted_by;
                format!(
                    "for example {} ({}, statement {statement}{place}): {} on the other side",
                    self.quoted(&proof.to_string()),
                    self.quoted(policy),
                    self.quoted(&gain.because),
                )
            }
            None if gains.iter().all(|gain| gain.sought) => "possible: no request was found that proves it".to_owned(),
            None => "possible: the change is too large to look for requests that prove all of it".to_owned(),
        };
        Some(Item::new(Sign::Other, text).staying())
    }

    /// A sentence in which names stand in backticks, set as names are here.
    fn quoted(&self, sentence: &str) -> String {
        let mut told = String::new();
        for (number, part) in sentence.split('`').enumerate() {
            match number % 2 {
                0 => told.push_str(part),
                _ => told.push_str(&(self.words.name)(part)),
            }
        }
        told
    }

    fn policies(&self, wanted: impl Fn(Cause) -> bool) -> Vec<Item> {
        let words = self.words;
        let changes = words.diff.policies.iter().filter(|change| wanted(change.cause));
        let item = |change: &crate::diff::PolicyChange<'_>| {
            let place = match change.accounts.as_slice() {
                [] => ", which nobody needs at present".to_owned(),
                accounts => format!(" in {}", words.accounts(accounts, Side::New)),
            };
            let affected =
                words.diff.permission_sets.iter().any(|set| {
                    change.used_by.contains(&set.name) && set.actions.iter().any(|actions| !actions.is_empty())
                });
            let same = if affected || change.used_by.is_empty() {
                String::new()
            } else {
                format!("; {} {} the same", words.list(&change.used_by), verb(change.used_by.len(), "allows", "allow"))
            };
            let policy = (words.name)(&format!("{}{}", change.path, change.name));
            Item::new(Sign::Other, format!("customer-managed policy {policy} has another document{place}{same}"))
        };
        changes.map(item).collect()
    }

    fn settings(&self) -> Vec<Item> {
        let name = self.words.name;
        let value = |value: Option<&str>| value.map_or("none".to_owned(), name);
        let item = |change: &crate::diff::SettingChange<'_>| {
            let (new, old) = (value(change.new), value(change.old));
            Item::new(Sign::Other, format!("{}: {new} instead of {old}", name(&change.key)))
        };
        self.words.diff.settings.iter().map(item).collect()
    }

    fn controls(&self) -> Vec<Item> {
        let name = self.words.name;
        let text = |change: &ControlChange<'_>| match change {
            ControlChange::Body(policy) => format!("service control policy {} says something else", name(policy)),
            ControlChange::Attached { name: policy, to } => {
                format!("service control policy {} is attached to {}", name(policy), name(to))
            }
            ControlChange::Detached { name: policy, from } => {
                format!("service control policy {} is attached to {} no more", name(policy), name(from))
            }
        };
        self.words.diff.controls.iter().map(|change| Item::new(Sign::Other, text(change))).collect()
    }

    /// What has become of the accounts whose access newer data changes.
    fn events(&self) -> Vec<Item> {
        let words = self.words;
        let diff = words.diff;
        let mut told: BTreeMap<String, Vec<AccountNo>> = BTreeMap::new();
        for account in diff.affected_by_data() {
            for event in diff.accounts.events(account) {
                told.entry(self.event(&event)).or_default().push(account);
            }
        }
        let item = |(event, accounts): (String, Vec<AccountNo>)| {
            let named = few(&accounts, words.most, |&account| words.account(account));
            let verbs = verb(accounts.len(), "account", "accounts");
            Item::new(Sign::Other, format!("{verbs} {event}: {named}"))
        };
        told.into_iter().map(item).collect()
    }

    fn event(&self, event: &AccountEvent<'_>) -> String {
        let name = self.words.name;
        match event {
            AccountEvent::Joined(path) => format!("new in {}", name(path)),
            AccountEvent::Left(path) => format!("gone from {}", name(path)),
            AccountEvent::Moved { from, to } => format!("moved from {} to {}", name(from), name(to)),
            AccountEvent::Status { from, to } => format!("{} and no more {}", name(to), name(from)),
            AccountEvent::Tags => "with other tags".to_owned(),
        }
    }
}

/// The sign that speaks for some items.
fn worst(items: &[Item]) -> Sign {
    let has = |sign: Sign| items.iter().any(|item| item.sign == sign);
    match (has(Sign::Danger), has(Sign::More), has(Sign::Less)) {
        (true, ..) => Sign::Danger,
        (false, true, false) => Sign::More,
        (false, false, true) => Sign::Less,
        _ => Sign::Other,
    }
}

impl Sign {
    /// Danger stays; anything else gives way.
    fn max_with(self, other: Self) -> Self {
        if self == Self::Danger { self } else { other }
    }
}
