//! `explain`: a rule's page, the list of rules, an AWS-managed policy, an action.

use clap::Args;
use std::collections::BTreeMap;
use std::io;

use super::select::{self, removed, unknown};
use super::{Outcome, Streams};
use crate::error::Error;
use crate::iam::Facts;
use crate::iam::assess::{Assessor, PermissionSetPolicies};
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue, ManagedLookup, ManagedPolicy};
use crate::lint::{Kind, RULES, Rule, rule};
use crate::syntax::decode::did_you_mean;

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The id of a rule, the name of an AWS-managed policy (`ReadOnlyAccess`, or `policy/ReadOnlyAccess`) or an action
    /// (`s3:GetObject`); without it, all rules are listed
    name: Option<String>,
}

pub(super) fn run(arguments: &Explain, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let explained = match &arguments.name {
        None => list(streams),
        Some(name) => match topic(name)? {
            Topic::Rule(rule) => {
                writeln!(streams.out, "# {}\n\n{} ({})\n\n{}", rule.id, rule.summary, weight(rule), rule.page())
            }
            Topic::Policy(policy) => explain_policy(&policy, streams),
            Topic::Action(action) => explain_action(action, streams),
        },
    };
    explained.map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

/// What can be explained.
enum Topic {
    Rule(&'static Rule),
    Policy(ManagedPolicy),
    Action(ActionId),
}

/// What a name is the name of.
fn topic(name: &str) -> Result<Topic, Error> {
    let catalogue = Catalogue::embedded();
    let policy = name.strip_prefix("arn:aws:iam::aws:policy/").or(name.strip_prefix("policy/"));
    if policy.is_none() && name.contains(':') {
        return select::action(name).map(Topic::Action);
    }
    if let (None, Some(rule)) = (policy, rule(name)) {
        return Ok(Topic::Rule(rule));
    }
    let near_rule = || did_you_mean(name, RULES.iter().map(|rule| rule.id)).map(str::to_owned);
    let name = policy.unwrap_or(name);
    match catalogue.managed_policy(name) {
        ManagedLookup::Found(policy) | ManagedLookup::Elsewhere(policy) => Ok(Topic::Policy(policy)),
        ManagedLookup::Removed(gone) => Err(removed("AWS-managed policy", name, &gone)),
        ManagedLookup::Unknown(near) if policy.is_some() => {
            Err(unknown("AWS-managed policy", name, near.map(|near| near.reference())))
        }
        // Rules are written in lower case, and policies are not.
        ManagedLookup::Unknown(_) if !name.contains(char::is_uppercase) => Err(unknown("rule", name, near_rule())),
        ManagedLookup::Unknown(near) => {
            Err(unknown("rule or AWS-managed policy", name, near.map(|near| near.reference()).or_else(near_rule)))
        }
    }
}

/// What the findings of a rule weigh, and whether that can be changed.
fn weight(rule: &Rule) -> String {
    let severity = rule.severity().as_str();
    match rule.kind {
        Kind::Fixed => format!("{severity}, always"),
        Kind::Adjustable => severity.to_owned(),
        Kind::Optional => format!("off until `lint.levels` gives it a level; then {severity}"),
    }
}

fn list(streams: &mut Streams<'_>) -> io::Result<()> {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in RULES {
        // An optional rule has no weight until it is given a level.
        let weight = if rule.kind == Kind::Optional { "off" } else { rule.severity().as_str() };
        writeln!(streams.out, "{:width$}  {weight:7}  {}", rule.id, rule.summary)?;
    }
    Ok(())
}

/// The levels of access, as the service authorization reference orders and calls them.
const LEVELS: [(AccessLevel, &str); 5] = [
    (AccessLevel::List, "list"),
    (AccessLevel::Read, "read"),
    (AccessLevel::Tagging, "tagging"),
    (AccessLevel::Write, "write"),
    (AccessLevel::PermissionsManagement, "permissions management"),
];

fn explain_policy(policy: &ManagedPolicy, streams: &mut Streams<'_>) -> io::Result<()> {
    let out = &mut *streams.out;
    let catalogue = Catalogue::embedded();
    writeln!(out, "# {}\n", policy.name)?;
    writeln!(out, "an AWS-managed policy: {}", policy.arn("aws"))?;
    writeln!(
        out,
        "{} of {}, the default version on {}",
        policy.version,
        policy.date,
        catalogue.managed_policies_as_of()
    )?;
    match policy.is_attachable() {
        true => writeln!(out, "in a permission set: `aws_managed_policies: [{}]`", policy.reference())?,
        false => writeln!(out, "it belongs to a service of AWS and cannot be attached to a permission set")?,
    }
    let mut assessor = Assessor::new(Facts::default());
    let set = PermissionSetPolicies {
        policies: vec![assessor.attach_aws_managed(policy)],
        ..PermissionSetPolicies::default()
    };
    writeln!(
        out,
        "\n## What it allows\n\nHow many actions of each service, by access level; of those that AWS has.\n"
    )?;
    let mut services: BTreeMap<&str, [usize; LEVELS.len()]> = BTreeMap::new();
    for (action, _) in assessor.effective(&set).decisions().granted() {
        let known = catalogue.action(action);
        if known.name.is_empty() {
            continue;
        }
        let counts = services.entry(known.service).or_default();
        if let Some(at) = LEVELS.iter().position(|(level, _)| *level == known.level) {
            counts[at] += 1;
        }
    }
    let width = services.keys().map(|name| name.len()).max().unwrap_or(0).max("service".len());
    write!(out, "{:width$}", "service")?;
    for (_, name) in LEVELS {
        write!(out, "  {name:>7}")?;
    }
    writeln!(out)?;
    for (service, counts) in &services {
        write!(out, "{service:width$}")?;
        for (number, (_, name)) in counts.iter().zip(LEVELS) {
            let shown = if *number == 0 { "–".to_owned() } else { number.to_string() };
            write!(out, "  {shown:>indent$}", indent = name.len().max(7))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "\n## Ways to more\n")?;
    let assessment = assessor.assess(&set);
    if assessment.findings.is_empty() {
        writeln!(out, "None that bailiwick knows.")?;
    }
    for finding in &assessment.findings {
        writeln!(out, "- it {}", finding.sentence(&set))?;
    }
    Ok(())
}

fn explain_action(action: ActionId, streams: &mut Streams<'_>) -> io::Result<()> {
    let out = &mut *streams.out;
    let catalogue = Catalogue::embedded();
    let known = catalogue.action(action);
    let level = LEVELS.iter().find(|(level, _)| *level == known.level).map_or("", |(_, name)| name);
    writeln!(out, "# {}:{}\n", known.service, known.name)?;
    writeln!(out, "access level: {level} (as of {})", catalogue.actions_as_of())?;
    if known.passes_role {
        writeln!(out, "depends on: `iam:PassRole`, for the role that the service then acts as")?;
    }
    writeln!(out, "\n## Resources\n")?;
    let types: Vec<_> = catalogue.resource_types(action).collect();
    if types.is_empty() {
        writeln!(out, "Only `*`: it cannot be limited to resources.")?;
    }
    for kind in types {
        let required = if kind.required { ", in every call" } else { "" };
        writeln!(out, "- {}{required}: `{}`", kind.name, kind.arn)?;
    }
    writeln!(out, "\n## Condition keys\n")?;
    let mut has_keys = false;
    for key in catalogue.condition_keys_of(action) {
        has_keys = true;
        let kind = key.documented_type;
        match kind.strip_prefix("ArrayOf") {
            Some(single) => writeln!(out, "- `{}`: {single}, with several values", key.name)?,
            None => writeln!(out, "- `{}`: {kind}", key.name)?,
        }
    }
    let others = if has_keys { "\nAnd those" } else { "None but those" };
    writeln!(out, "{others} that requests of every service may carry, as `aws:PrincipalTag/${{TagKey}}`.")?;
    let paths: Vec<_> = catalogue.escalation_paths().filter(|path| path.actions.contains(&action)).collect();
    if !paths.is_empty() {
        writeln!(out, "\n## Ways to more that it is a part of\n")?;
    }
    for path in paths {
        let mut names = path.actions.iter().map(|&action| {
            let action = catalogue.action(action);
            format!("`{}:{}`", action.service, action.name)
        });
        let first = names.next().unwrap_or_default();
        let others: Vec<_> = names.collect();
        let with = if others.is_empty() { String::new() } else { format!(" with {}", others.join(" and ")) };
        writeln!(out, "- {}: {first}{with} allows {}", path.id, path.says)?;
    }
    Ok(())
}
