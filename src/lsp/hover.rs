//! What a name means, in a few lines.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use std::fmt::Write;

use super::names::Entity;
use super::protocol::{AtPosition, Hover, Markup};
use super::shape::{Kind, Language};
use super::workspace::{Asked, Model, Workspace};
use crate::access::{
    Access, Account, AccountId, AttachedControls, Organization, OuId, Pair, PermissionSet, PermissionsBoundary,
    PolicyId, PrincipalKind, SetId,
};
use crate::iam::assess::{Assessor, BoundaryEffect, PermissionSetPolicies};
use crate::iam::catalogue::{AccessLevel, ActionLookup, Catalogue, ManagedLookup};
use crate::iam::{Certainty, Facts, Verdict};
use crate::lint;
use crate::report::count;
use crate::words::few;

/// How many of a kind are named before the rest is counted.
const NAMED: usize = 6;

/// What stands at a position.
pub(super) fn hover(workspace: &Workspace, at: &AtPosition) -> Option<Hover> {
    let asked = workspace.asked(&at.text_document.uri, at.position)?;
    let text = &asked.file.text;
    let (value, span) = if let Some(name) = asked.file.name_at(asked.offset) {
        (describe(asked.model, &Entity::of(name, asked.model.organization()))?, name.span)
    } else if let Some(allow) = asked.file.allows.iter().find(|allow| allow.span.range().contains(&asked.offset)) {
        (rule(&allow.rule)?, allow.span)
    } else {
        key(&asked)?
    };
    Some(Hover { contents: Markup::markdown(value), range: asked.lines.range(text, span.range()) })
}

/// The description of a key of the language.
fn key(asked: &Asked<'_>) -> Option<(String, crate::source::Span)> {
    let place = asked.file.key_at(asked.offset)?;
    let key = Language::get().shape(place.shape).key(&place.name)?;
    Some((format!("**`{}`**\n\n{}", key.name, key.doc), place.span))
}

fn describe(model: &Model, entity: &Entity) -> Option<String> {
    match entity.kind {
        Kind::AwsManaged => aws_managed(&entity.name),
        Kind::Action => action(&entity.name),
        Kind::Rule => rule(&entity.name),
        Kind::Document => None,
        _ => {
            let access = model.access()?;
            let organization = access.organization.as_ref();
            match entity.kind {
                Kind::PermissionSet => permission_set(access, &entity.name),
                Kind::Policy => policy(access, &entity.name),
                Kind::Account => account(access, organization?, &entity.name),
                Kind::Unit => unit(access, organization?, &entity.name),
                Kind::ServiceControl => service_control(organization?, &entity.name),
                Kind::Group => principal(access, PrincipalKind::Group, &entity.name),
                _ => principal(access, PrincipalKind::User, &entity.name),
            }
        }
    }
}

/// A text as Markdown shows it unchanged, on one line.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A name as code. A name may hold what ends code; what a name cannot be read with is left out.
fn code(name: &str) -> String {
    let name: String = name.chars().filter(|c| !matches!(c, '`' | '\n' | '\r')).collect();
    format!("`{name}`")
}

fn some<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    few(all, NAMED, name)
}

fn account_name(organization: &Organization) -> impl Fn(&AccountId) -> String + '_ {
    |&id| code(&organization.account(id).name)
}

fn set_named(access: &Access, name: &str) -> Option<SetId> {
    access.set_ids().find(|&set| access.permission_set(set).name.value == name)
}

fn hours(seconds: u32) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    match (hours, minutes) {
        (hours, 0) => format!("{hours} h"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn permission_set(access: &Access, name: &str) -> Option<String> {
    let id = set_named(access, name)?;
    let set = access.permission_set(id);
    let mut text = format!("**{}**: permission set", code(name));
    if let Some(description) = &set.description {
        let _ = write!(text, "\n\n{}", plain(description.as_str()));
    }
    if !set.declared {
        text.push_str("\n\nnot declared: the model has no `permission_sets`");
        return Some(text);
    }
    let _ =
        write!(text, "\n\n- session: {}", set.session_duration.as_ref().map_or("1 h".to_owned(), |s| hours(s.value)));
    let _ = write!(text, "\n- policies: {}", policies_of(set));
    match &set.permissions_boundary {
        Some(PermissionsBoundary::Customer(policy)) => {
            let _ = write!(text, "\n- permissions boundary: {}", code(&policy.name));
        }
        Some(PermissionsBoundary::AwsManaged(policy)) => {
            let _ = write!(text, "\n- permissions boundary: AWS-managed {}", code(policy.as_str()));
        }
        None => {}
    }
    let pairs = access.pairs_of(id);
    let principals: Vec<_> = pairs.iter().map(|pair| access.principal(pair.principal)).collect();
    let named = if principals.is_empty() {
        "assigned to nobody".to_owned()
    } else {
        let accounts = access.accounts_with(id).count_ones(..);
        format!("{} in {}", some(&principals, |principal| code(&principal.name)), count(accounts, "account"))
    };
    let _ = write!(text, "\n- assigned: {named}");
    let reaches = lint::reach_of(access, id);
    // Variants of policies and service control policies make several cases; the one that holds in most accounts is shown.
    let widest = reaches.iter().rev().max_by_key(|reach| reach.accounts.count_ones(..));
    if let Some(reach) = widest {
        text.push_str(&summary(&lint::assessor(access), &reach.policies));
        text.push_str(&escalations(reach));
        let here = reach.accounts.count_ones(..);
        if reaches.len() > 1 && here > 0 {
            let _ = write!(text, "\n\nThis holds in {}; policies differ in others.", count(here, "account"));
        }
        if reach.assessment.boundary == BoundaryEffect::Undecided {
            text.push_str("\n\nThe body of the permissions boundary is not known; it may take some of this away.");
        } else if !reach.assessment.undecided.is_empty() {
            let names: Vec<_> = reach.assessment.undecided.iter().map(|name| plain(&name.to_string())).collect();
            let _ = write!(text, "\n\nNot known: the body of {}.", names.join(", "));
        }
    }
    Some(text)
}

fn policies_of(set: &PermissionSet) -> String {
    let managed = set.aws_managed_policies.iter().map(|policy| format!("AWS-managed {}", code(policy.as_str())));
    let customer = set.customer_managed_policies.iter().map(|policy| code(&policy.name));
    let inline = set.inline_policy.iter().map(|_| "inline policy".to_owned());
    let all: Vec<_> = managed.chain(customer).chain(inline).collect();
    if all.is_empty() { "none".to_owned() } else { some(&all, String::clone) }
}

fn escalations(reach: &lint::Reach) -> String {
    let mut text = String::new();
    for (certainty, title) in
        [(Certainty::Proven, "Proven"), (Certainty::Conditional, "Under conditions"), (Certainty::Possible, "Possible")]
    {
        let found: Vec<_> = reach.assessment.findings.iter().filter(|finding| finding.certainty == certainty).collect();
        if found.is_empty() {
            continue;
        }
        let shown = if certainty == Certainty::Proven { 3 } else { 1 };
        let _ = write!(text, "\n\n**{title}**");
        for finding in found.iter().take(shown) {
            let _ = write!(text, "\n- {}", finding.sentence(&reach.policies).replace('*', "\\*"));
        }
        if found.len() > shown {
            let _ = write!(text, "\n- and {} more", found.len() - shown);
        }
    }
    text
}

/// What policies allow together, within their boundary: by access level, the services with the most actions first.
fn summary(assessor: &Assessor, policies: &PermissionSetPolicies) -> String {
    let catalogue = Catalogue::embedded();
    let mut granted: FxHashMap<(AccessLevel, &str), (usize, usize)> = FxHashMap::default();
    let mut total = 0;
    for (id, verdict) in assessor.effective(policies).decisions().granted() {
        let action = catalogue.action(id);
        if action.name.is_empty() {
            continue;
        }
        total += 1;
        let (actions, conditional) = granted.entry((action.level, action.service)).or_default();
        *actions += 1;
        *conditional += usize::from(matches!(verdict, Verdict::Conditional | Verdict::Possible));
    }
    if total == 0 {
        return "\n\nAllows nothing.".to_owned();
    }
    let services: rustc_hash::FxHashSet<&str> = granted.keys().map(|(_, service)| *service).collect();
    let mut text = format!("\n\nAllows {} of {}:\n", count(total, "action"), count(services.len(), "service"));
    for level in AccessLevel::ALL {
        let mut of_level: Vec<_> =
            granted.iter().filter(|((of, _), _)| *of == level).map(|((_, name), counts)| (*name, *counts)).collect();
        of_level.sort_unstable_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
        if of_level.is_empty() {
            continue;
        }
        let name = |&(name, (actions, conditional)): &(&str, (usize, usize))| {
            let mark = if conditional == actions { " under conditions" } else { "" };
            format!("{name} ({actions}{mark})")
        };
        let _ = write!(text, "\n- {}: {}", level.as_str(), some(&of_level, name));
    }
    text
}

/// Who has what through pairs: `group` → `Set`.
fn grants<'a>(access: &Access, pairs: impl Iterator<Item = &'a Pair>) -> String {
    let lines: Vec<_> = pairs
        .map(|pair| {
            let principal = access.principal(pair.principal);
            let user = if principal.kind == PrincipalKind::User { " (user)" } else { "" };
            let set = &access.permission_set(pair.permission_set).name.value;
            format!("\n- {}{user} → {}", code(&principal.name), code(set))
        })
        .collect();
    match lines.len() {
        0 => "\n\nNobody has access.".to_owned(),
        number => {
            let shown = 10;
            let more = if number > shown { format!("\n- and {} more", number - shown) } else { String::new() };
            format!("\n\nWho has access:\n{}{more}", lines[..number.min(shown)].concat())
        }
    }
}

fn account(access: &Access, organization: &Organization, name: &str) -> Option<String> {
    let id = organization.account_named(name).ok()?;
    let Account { id: digits, name, status, tags, ou, .. } = organization.account(id);
    let path = &organization.unit(*ou).path;
    let mut text = format!("**{}**: account `{digits}`", code(name));
    let _ = write!(text, "\n\n- in {}", if path.is_empty() { "the root".to_owned() } else { code(path) });
    let management = if access.management_account() == Some(id) { ", the management account" } else { "" };
    let _ = write!(text, "\n- {}{management}", status.as_str());
    if !tags.is_empty() {
        let _ = write!(text, "\n- tags: {}", some(tags, |(key, value)| code(&format!("{key}={value}"))));
    }
    let reaches = |pair: &&Pair| access.accounts_of(pair).binary_search(&id).is_ok();
    text.push_str(&grants(access, access.pairs.iter().filter(reaches)));
    Some(text)
}

fn unit(access: &Access, organization: &Organization, path: &str) -> Option<String> {
    let id = organization.unit_at(path).ok()?;
    let unit = organization.unit(id);
    let title = if id == OuId::ROOT { "the whole organization".to_owned() } else { format!("**{}**", code(path)) };
    let mut text = format!("{title}: organizational unit");
    if let Some(id) = &unit.id {
        let _ = write!(text, " `{}`", id.as_str());
    }
    let below: Vec<_> = organization.members_below(id).collect();
    let active = below.iter().filter(|&&account| organization.is_active(account)).count();
    let _ = write!(text, "\n\n- {} at or below it", count(active, "active account"));
    if below.len() > active {
        let _ = write!(text, ", {} inactive", below.len() - active);
    }
    let through = |pair: &&Pair| {
        pair.rows.iter().any(|&row| access.row(row).selection.ous.iter().any(|ou| organization.is_below(id, ou.value)))
    };
    text.push_str(&grants(access, access.pairs.iter().filter(through)));
    Some(text)
}

fn principal(access: &Access, kind: PrincipalKind, name: &str) -> Option<String> {
    let what = if kind == PrincipalKind::Group { "group" } else { "user" };
    let mut text = format!("**{}**: {what}", code(name));
    let known = access.principals.iter().find(|principal| principal.kind == kind && principal.name == name);
    if let Some(id) = known.and_then(|principal| principal.id.as_ref()) {
        let _ = write!(text, " `{id}`");
    }
    let is_known = |pair: &&Pair| Some(access.principal(pair.principal)) == known;
    let lines: Vec<_> = access
        .pairs
        .iter()
        .filter(is_known)
        .map(|pair| {
            let accounts = access.accounts_of(pair);
            let named = match (&access.organization, accounts.len()) {
                (Some(organization), 1..=3) => some(&accounts, account_name(organization)),
                (_, number) => count(number, "account"),
            };
            format!("\n- {} in {named}", code(&access.permission_set(pair.permission_set).name.value))
        })
        .collect();
    text.push_str(if lines.is_empty() { "\n\nHas no access." } else { "\n" });
    text.push_str(&lines.concat());
    Some(text)
}

fn policy(access: &Access, name: &str) -> Option<String> {
    let index = access.policies.iter().position(|policy| policy.name.value == name)?;
    let policy = &access.policies[index];
    let id = PolicyId(u32::try_from(index).ok()?);
    let mut text = format!("**{}**: customer-managed policy in {}", code(name), code(&policy.path));
    if let Some(description) = &policy.description {
        let _ = write!(text, "\n\n{}", plain(description.as_str()));
    }
    let users: Vec<SetId> = access
        .set_ids()
        .filter(|&set| access.permission_set(set).policy_uses().any(|used| used.policy == Some(id)))
        .collect();
    let names = |set: &SetId| code(&access.permission_set(*set).name.value);
    let used = if users.is_empty() { "by no permission set".to_owned() } else { format!("by {}", some(&users, names)) };
    let _ = write!(text, "\n\n- used {used}");
    if let Some(organization) = &access.organization {
        let mut assigned = FixedBitSet::new();
        for &set in &users {
            assigned.union_with(&access.accounts_with(set));
        }
        let assigned = assigned.ones().map(AccountId::at);
        let (what, places): (_, Vec<AccountId>) = match &policy.external {
            Some(_) => ("somebody else keeps it in place in", assigned.filter(|&a| policy.is_in_place(a)).collect()),
            None => ("distributed to", assigned.collect()),
        };
        let named = if places.len() <= NAMED {
            some(&places, account_name(organization))
        } else {
            count(places.len(), "account")
        };
        let _ = write!(text, "\n- {what} {}", if places.is_empty() { "no account".to_owned() } else { named });
        if !policy.variants.is_empty() {
            let _ = write!(text, "\n- {} beside its own body", count(policy.variants.len(), "variant"));
        }
    }
    Some(text)
}

fn service_control(organization: &Organization, name: &str) -> Option<String> {
    let policy = organization.service_control_policies.iter().position(|policy| policy.name.value == name)?;
    let is_attached =
        |controls: &AttachedControls| controls.policies.iter().any(|control| control.value.index() == policy);
    let units = organization.units.iter().filter(|unit| unit.service_controls.as_ref().is_some_and(is_attached));
    let accounts = organization.accounts.iter().filter(|a| a.service_controls.as_deref().is_some_and(is_attached));
    let path = |path: &str| if path.is_empty() { "the root".to_owned() } else { code(path) };
    let places: Vec<_> = units.map(|unit| path(&unit.path)).chain(accounts.map(|a| code(&a.name))).collect();
    let attached =
        if places.is_empty() { "nowhere".to_owned() } else { format!("to {}", some(&places, String::clone)) };
    Some(format!("**{}**: service control policy\n\n- attached {attached}", code(name)))
}

fn aws_managed(name: &str) -> Option<String> {
    let catalogue = Catalogue::embedded();
    let policy = match catalogue.managed_policy(name) {
        ManagedLookup::Found(policy) | ManagedLookup::Elsewhere(policy) => policy,
        ManagedLookup::Removed(gone) => {
            return Some(format!("**{}**: AWS no longer has this policy; last seen on {}", code(name), gone.last_seen));
        }
        ManagedLookup::Unknown(_) => return None,
    };
    let mut text = format!("**{}**: AWS-managed policy", code(policy.name));
    let _ = write!(text, "\n\n- `{}`\n- {} of {}", policy.arn("aws"), policy.version, policy.date);
    if !policy.is_attachable() {
        text.push_str("\n- cannot be attached to a permission set");
    }
    let mut assessor = Assessor::new(Facts::default());
    let attached = assessor.attach_aws_managed(&policy);
    let policies = PermissionSetPolicies { policies: vec![attached], ..PermissionSetPolicies::default() };
    text.push_str(&summary(&assessor, &policies));
    Some(text)
}

fn action(written: &str) -> Option<String> {
    let catalogue = Catalogue::embedded();
    if written.contains(['*', '?']) {
        return pattern(written);
    }
    let id = match catalogue.look_up_action(written) {
        ActionLookup::Known(id) => id,
        ActionLookup::Removed(gone) => {
            return Some(format!(
                "**{}**: AWS no longer has this action; last seen on {}",
                code(written),
                gone.last_seen
            ));
        }
        _ => return None,
    };
    let action = catalogue.action(id);
    let mut text = format!("**`{}:{}`**: {}", action.service, action.name, action.level.as_str());
    let types: Vec<_> = catalogue.resource_types(id).collect();
    if types.is_empty() {
        text.push_str("\n\nWorks on no resource in particular: `Resource` is `*`.");
    } else {
        text.push('\n');
    }
    for kind in types.iter().take(NAMED) {
        let required = if kind.required { "" } else { ", optional" };
        let _ = write!(text, "\n- {}{required}: `{}`", kind.name, kind.arn);
    }
    if types.len() > NAMED {
        let _ = write!(text, "\n- and {} more", count(types.len() - NAMED, "resource type"));
    }
    if action.passes_role {
        text.push_str("\n\nNeeds `iam:PassRole` as well.");
    }
    Some(text)
}

/// What a pattern of actions names.
fn pattern(written: &str) -> Option<String> {
    let catalogue = Catalogue::embedded();
    let mut by_level: FxHashMap<AccessLevel, Vec<String>> = FxHashMap::default();
    for id in catalogue.actions_of_pattern(written) {
        let action = catalogue.action(id);
        by_level.entry(action.level).or_default().push(format!("{}:{}", action.service, action.name));
    }
    let total: usize = by_level.values().map(Vec::len).sum();
    let mut text = format!("**{}**: names {}", code(written), count(total, "action"));
    if total > 0 {
        text.push('\n');
    }
    for level in AccessLevel::ALL {
        let Some(actions) = by_level.get(&level) else { continue };
        let names: Vec<_> = actions.iter().take(3).map(|action| format!("`{action}`")).collect();
        let more = if actions.len() > 3 { ", …" } else { "" };
        let _ = write!(text, "\n- {} {}: {}{more}", actions.len(), level.as_str(), names.join(", "));
    }
    Some(text)
}

fn rule(id: &str) -> Option<String> {
    let rule = lint::rule(id)?;
    Some(format!("**`{}`**: {}\n\n`bailiwick explain {}` prints its page.", rule.id, rule.summary, rule.id))
}
