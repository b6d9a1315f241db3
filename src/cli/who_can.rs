//! `who-can`: who may do something, where, and through what.

use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::answer::{Holder, Spelling, Statement, policy_type};
use super::select::{self, AccountArgs, is_pattern};
use super::session::Session;
use super::{ModelArgs, Outcome, Streams};
use crate::error::Error;
use crate::iam::assess::PolicyName;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::resource::working_on;
use crate::iam::{Certainty, Verdict};
use crate::query::{Ability, Asked, Cases, Obstacle, Obstructed, Source, Way, WhoCan, who_can};
use crate::report::origin::places;
use crate::report::{count, csv, escape_json, sanitize};
use crate::words::{few, listing};

#[derive(Debug, Args)]
pub(super) struct WhoCanArgs {
    /// The action, such as `iam:PassRole`, or a pattern, such as `s3:Delete*`: who may do one of these
    action: String,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    accounts: AccountArgs,

    /// On this resource, an ARN; without it, on any
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,

    /// How the answer is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// One JSON object
    Json,
    /// Comma-separated values with a header, one line for each grant
    Csv,
}

pub(super) fn run(arguments: &WhoCanArgs, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let mut actions = select::actions(&arguments.action)?;
    let resource = arguments.resource.as_deref();
    if let Some(resource) = resource {
        check_resource(resource)?;
    }
    let Some(session) = Session::open_resolved(&arguments.model, streams)? else { return Ok(Outcome::Findings) };
    let Some(access) = &session.access else { return Ok(Outcome::Findings) };
    if access.organization.is_none() {
        return Err(select::no_organization());
    }
    let accounts = arguments.accounts.chosen(access)?;
    let notes = match resource {
        Some(resource) => about_resource(resource, &mut actions, access.organization.as_ref()),
        None => Vec::new(),
    };
    for note in notes {
        writeln!(streams.err, "note: {}", sanitize(&note)).map_err(Error::Print)?;
    }
    let cases = Cases::of(access, access.set_ids());
    let answer = who_can(access, &cases, Asked { actions: &actions, resource, accounts: accounts.as_ref() });
    let spelling = Spelling::new(access, &session.sources);
    let question = Question {
        written: match (actions.as_slice(), is_pattern(&arguments.action)) {
            (&[action], false) => name(action),
            _ => arguments.action.clone(),
        },
        resource,
        is_pattern: is_pattern(&arguments.action),
    };
    match arguments.format {
        Format::Text => text(&question, &answer, &spelling, streams.out),
        Format::Json => json(&question, &answer, &spelling, streams.out),
        Format::Csv => comma_separated(&answer, &spelling, streams.out),
    }
    .map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

/// What was asked, as it is shown.
struct Question<'a> {
    written: String,
    resource: Option<&'a str>,
    is_pattern: bool,
}

fn name(action: ActionId) -> String {
    let action = Catalogue::embedded().action(action);
    format!("{}:{}", action.service, action.name)
}

/// Refuses what names no resource, or several.
fn check_resource(written: &str) -> Result<(), Error> {
    let wrong = |reason, help| Err(Error::Resource { written: written.to_owned(), reason, help });
    if written == "*" {
        return Ok(());
    }
    if written.contains(['*', '?']) {
        return wrong("it is a pattern", "name one resource; without `--resource`, any will do");
    }
    let fields: Vec<&str> = written.splitn(6, ':').collect();
    let is_arn = matches!(
        fields.as_slice(),
        ["arn", partition, service, _, _, resource] if ![partition, service, resource].iter().any(|field| field.is_empty())
    );
    if is_arn && !written.contains(char::is_whitespace) && !written.contains("${") {
        return Ok(());
    }
    wrong("it is not an ARN", "an ARN is written as arn:partition:service:region:account:resource")
}

/// Leaves out the actions of a pattern that do not work on the resource, and says what the answer cannot know.
fn about_resource(
    resource: &str,
    actions: &mut Vec<ActionId>,
    organization: Option<&crate::access::Organization>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let catalogue = Catalogue::embedded();
    let fitting = working_on(actions, resource);
    if fitting.is_empty() {
        notes.push(match actions.as_slice() {
            [action] if catalogue.resource_types(*action).next().is_none() => {
                format!("`{}` works on no resource in particular: a request names `*`", name(*action))
            }
            [action] => {
                let types: Vec<&str> = catalogue.resource_types(*action).map(|kind| kind.arn).take(3).collect();
                format!("AWS documents `{}` for {}, not for this resource", name(*action), listing(&types))
            }
            _ => "AWS documents none of these actions for this resource".to_owned(),
        });
    } else {
        *actions = fitting;
    }
    let owner = resource.split(':').nth(4).filter(|account| !account.is_empty());
    let owner = owner.zip(organization).and_then(|(id, organization)| organization.account_named(id).ok());
    if let Some((owner, organization)) = owner.zip(organization) {
        let owner = organization.account(owner);
        notes.push(format!(
            "the resource is in `{}`: from other accounts, its own policy has to allow it too",
            owner.name
        ));
    }
    notes
}

/// How sure an answer is, in a word.
pub(super) fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Proven => "certain",
        Certainty::Conditional => "conditional",
        Certainty::Possible => "possible",
    }
}

const CERTAINTIES: [(Certainty, &str); 3] =
    [(Certainty::Proven, "certainly"), (Certainty::Conditional, "under conditions"), (Certainty::Possible, "possibly")];

fn text(question: &Question<'_>, answer: &WhoCan<'_>, spelling: &Spelling<'_>, out: &mut dyn Write) -> io::Result<()> {
    let on = question.resource.map_or(String::new(), |resource| format!(" on `{resource}`"));
    let mut counts = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for (level, word) in CERTAINTIES {
        let able = answer.able.iter().filter(|able| able.verdict.certainty() == Some(level));
        let principals: std::collections::BTreeSet<_> =
            able.flat_map(|able| &able.holders).map(|holder| holder.pair.principal).collect();
        let fresh = principals.iter().filter(|principal| !known.contains(*principal)).count();
        known.extend(principals);
        if fresh > 0 {
            counts.push(format!("{} {word}", count(fresh, "principal")));
        }
    }
    let counts = if counts.is_empty() { "nobody".to_owned() } else { counts.join(", ") };
    writeln!(out, "{}", sanitize(&format!("`{}`{on}: {counts}", question.written)))?;
    for (level, word) in CERTAINTIES {
        let mut first = true;
        for able in answer.able.iter().filter(|able| able.verdict.certainty() == Some(level)) {
            if first {
                writeln!(out, "\n{word}")?;
                first = false;
            }
            out.write_all(sanitize(&ability(question, able, spelling)).as_bytes())?;
        }
    }
    if !answer.obstructed.is_empty() {
        writeln!(out, "\nnot, though a policy allows it")?;
    }
    for obstructed in &answer.obstructed {
        out.write_all(sanitize(&self::obstructed(obstructed, spelling)).as_bytes())?;
    }
    Ok(())
}

/// How many statements of a permission set are shown.
const STATEMENTS: usize = 4;

/// How many actions of a pattern are named.
const ACTIONS: usize = 4;

fn ability(question: &Question<'_>, able: &Ability<'_>, spelling: &Spelling<'_>) -> String {
    let mut text = format!("\n  {}\n", spelling.set(able.set));
    let mut shown = 0;
    let all: usize = able.ways.iter().map(|way| way.sources.len()).sum();
    for way in &able.ways {
        if shown >= STATEMENTS {
            break;
        }
        if question.is_pattern {
            let _ = writeln!(text, "    {}{}", actions(&way.actions), verdict(way));
        }
        for source in way.sources.iter().take(STATEMENTS - shown) {
            shown += 1;
            let _ = writeln!(text, "    by {}", allowing(source, question, spelling));
            for condition in &source.conditions {
                let _ = writeln!(text, "      when {condition}");
            }
            for denial in &source.unless {
                let _ = writeln!(text, "      unless {} denies it", spelling.statement(denial));
            }
        }
    }
    if all > shown {
        let _ = writeln!(text, "    and by {}", count(all - shown, "more statement"));
    }
    if let Some(boundary) = &able.boundary {
        let _ = writeln!(text, "    within its permissions boundary, {boundary}");
    }
    for control in &able.controls {
        let _ = writeln!(text, "    under {control}");
    }
    for holder in &able.holders {
        let _ = writeln!(text, "    - {}", spelling.holding(holder));
    }
    text
}

/// A statement that allows, and on what.
fn allowing(source: &Source, question: &Question<'_>, spelling: &Spelling<'_>) -> String {
    let on = match (question.resource, source.unlimited) {
        (Some(_), _) => String::new(),
        (None, true) if source.resource == "*" => ", on any resource".to_owned(),
        (None, _) => format!(", on `{}`", source.resource),
    };
    format!("{}{on}", spelling.statement(source))
}

fn verdict(way: &Way) -> String {
    match way.verdict {
        Verdict::Full | Verdict::Scoped => String::new(),
        other => format!(": {other}"),
    }
}

/// A few actions by name.
fn actions(actions: &[ActionId]) -> String {
    few(actions, ACTIONS, |&action| format!("`{}`", name(action)))
}

fn obstructed(obstructed: &Obstructed<'_>, spelling: &Spelling<'_>) -> String {
    let mut text = format!("\n  {}\n", spelling.set(obstructed.set));
    for obstacle in &obstructed.obstacles {
        let _ = match obstacle {
            Obstacle::Denied(source) => writeln!(text, "    {} denies it", spelling.statement(source)),
            Obstacle::Boundary(boundary) => {
                writeln!(text, "    its permissions boundary, {boundary}, does not allow it")
            }
            Obstacle::ServiceControls(policies) => {
                let names: Vec<String> = policies.iter().map(ToString::to_string).collect();
                match names.as_slice() {
                    [] => writeln!(text, "    no service control policy allows it"),
                    [one] => writeln!(text, "    {one} does not allow it"),
                    names => writeln!(text, "    none of {} allows it", names.join(", ")),
                }
            }
        };
    }
    for holder in &obstructed.holders {
        let _ = writeln!(text, "    - {}", spelling.holding(holder));
    }
    text
}

/// The answer, version 1.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    action: &'a str,
    resource: Option<&'a str>,
    answers: Vec<Answer<'a>>,
    obstructed: Vec<Held<'a>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    permission_set: &'a str,
    certainty: &'static str,
    ways: Vec<Through<'a>>,
    permissions_boundary: Option<String>,
    service_control_policies: Vec<String>,
    holders: Vec<Holder<'a>>,
}

#[derive(Serialize)]
struct Through<'a> {
    actions: Vec<String>,
    certainty: Option<&'static str>,
    /// Whether that holds on every resource; not said of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    any_resource: Option<bool>,
    statements: Vec<Statement<'a>>,
}

#[derive(Serialize)]
struct Held<'a> {
    permission_set: &'a str,
    obstacles: Vec<Reason<'a>>,
    holders: Vec<Holder<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Reason<'a> {
    Deny { statement: Statement<'a> },
    PermissionsBoundary { policy_type: &'static str, policy: String },
    ServiceControlPolicies { policies: Vec<String> },
}

/// The name of a policy by itself.
fn bare(name: &PolicyName) -> String {
    policy_type(name).1.unwrap_or_default()
}

/// A way, to any resource or to the one that was asked about.
fn through<'a>(way: &'a Way, any: bool, spelling: &'a Spelling<'_>) -> Through<'a> {
    Through {
        actions: way.actions.iter().map(|&action| name(action)).collect(),
        certainty: way.verdict.certainty().map(certainty),
        any_resource: any.then_some(way.verdict == Verdict::Full),
        statements: way.sources.iter().map(|source| spelling.statement_data(source)).collect(),
    }
}

fn reason<'a>(obstacle: &'a Obstacle, spelling: &'a Spelling<'_>) -> Reason<'a> {
    match obstacle {
        Obstacle::Denied(source) => Reason::Deny { statement: spelling.statement_data(source) },
        Obstacle::Boundary(boundary) => {
            Reason::PermissionsBoundary { policy_type: policy_type(boundary).0, policy: bare(boundary) }
        }
        Obstacle::ServiceControls(policies) => {
            Reason::ServiceControlPolicies { policies: policies.iter().map(bare).collect() }
        }
    }
}

fn json(question: &Question<'_>, answer: &WhoCan<'_>, spelling: &Spelling<'_>, out: &mut dyn Write) -> io::Result<()> {
    let answers = answer.able.iter().map(|able| Answer {
        permission_set: spelling.set_name(able.set),
        certainty: able.verdict.certainty().map_or("none", certainty),
        ways: able.ways.iter().map(|way| through(way, question.resource.is_none(), spelling)).collect(),
        permissions_boundary: able.boundary.as_ref().map(bare),
        service_control_policies: able.controls.iter().map(bare).collect(),
        holders: able.holders.iter().map(|holder| spelling.holder(holder)).collect(),
    });
    let obstructed = answer.obstructed.iter().map(|obstructed| Held {
        permission_set: spelling.set_name(obstructed.set),
        obstacles: obstructed.obstacles.iter().map(|obstacle| reason(obstacle, spelling)).collect(),
        holders: obstructed.holders.iter().map(|holder| spelling.holder(holder)).collect(),
    });
    let report = Report {
        version: 1,
        action: &question.written,
        resource: question.resource,
        answers: answers.collect(),
        obstructed: obstructed.collect(),
    };
    writeln!(out, "{}", escape_json(&serde_json::to_string_pretty(&report)?))
}

const COLUMNS: [&str; 10] = [
    "certainty",
    "permission_set",
    "principal_type",
    "principal",
    "account_id",
    "account",
    "expires",
    "statements",
    "conditions",
    "origins",
];

fn comma_separated(answer: &WhoCan<'_>, spelling: &Spelling<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::new(out);
    writer.record(COLUMNS)?;
    for able in &answer.able {
        let sources = || able.ways.iter().flat_map(|way| &way.sources);
        let mut conditions: Vec<&str> = sources().flat_map(|source| &source.conditions).map(String::as_str).collect();
        conditions.dedup();
        let mut statements: Vec<String> = sources().map(|source| spelling.statement(source)).collect();
        statements.dedup();
        let (statements, conditions) = (statements.join("; "), conditions.join("; "));
        for holder in able.holders.iter().map(|holder| spelling.holder(holder)) {
            for account in &holder.accounts {
                writer.record([
                    able.verdict.certainty().map_or("none", certainty),
                    spelling.set_name(able.set),
                    holder.principal_type,
                    holder.principal,
                    account.account_id,
                    account.account,
                    account.expires.unwrap_or_default(),
                    &statements,
                    &conditions,
                    &places(&holder.origins),
                ])?;
            }
        }
    }
    writer.end()
}
