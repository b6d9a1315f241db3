//! `access`: what a principal has, what there is in an account, what a permission set gives.

use clap::{ArgGroup, Args, ValueEnum};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::answer::{Holder, Spelling, policy_type};
use super::select::{self, AccountArgs};
use super::session::Session;
use super::{ModelArgs, Outcome, Streams};
use crate::access::{AccountId, PrincipalId, SetId};
use crate::error::Error;
use crate::iam::assess::{Assessment, Attached, Class, Finding, PolicyName};
use crate::query::{Case, Cases, Has, Sum, concerns, has};
use crate::report::{count, escape_json, sanitize};
use crate::words::few;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("subject").required(true).multiple(true).args(["principal", "permission_set", "account", "ou"]))]
pub(super) struct AccessArgs {
    #[command(flatten)]
    model: ModelArgs,

    /// What this group or user has; a name or a pattern, may be given several times
    #[arg(long, value_name = "NAME")]
    principal: Vec<String>,

    /// What this permission set gives, where and to whom; a name or a pattern, may be given several times
    #[arg(long, value_name = "NAME")]
    permission_set: Vec<String>,

    #[command(flatten)]
    accounts: AccountArgs,

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
}

pub(super) fn run(arguments: &AccessArgs, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let Some(session) = Session::open_resolved(&arguments.model, streams)? else { return Ok(Outcome::Findings) };
    let Some(access) = &session.access else { return Ok(Outcome::Findings) };
    if access.organization.is_none() {
        return Err(select::no_organization());
    }
    let principals = select::principals(access, &arguments.principal)?;
    let principals = Some(principals).filter(|_| !arguments.principal.is_empty());
    let sets = select::permission_sets(access, &arguments.permission_set)?;
    let accounts = arguments.accounts.chosen(access)?;
    let held = |set: &SetId| match &principals {
        None => true,
        Some(principals) => access.pairs_of(*set).iter().any(|pair| principals.contains(&pair.principal)),
    };
    let sets: Vec<SetId> =
        if arguments.permission_set.is_empty() { access.set_ids().filter(held).collect() } else { sets };
    let mut cases = Cases::of(access, sets.iter().copied());
    let mut has = has(access, &cases, principals.as_deref(), accounts.as_ref());
    if arguments.permission_set.is_empty() {
        has.cases.retain(|(_, holdings)| !holdings.is_empty());
    }
    let assessments: Vec<Assessment> = has.cases.iter().map(|&(case, _)| cases.assess(case)).collect();
    let answer = Answer {
        spelling: Spelling::new(access, &session.sources),
        cases: &cases,
        has: &has,
        assessments: &assessments,
        principals: principals.as_deref().unwrap_or_default(),
        sets: if arguments.permission_set.is_empty() { &[] } else { &sets },
        accounts: accounts
            .iter()
            .flat_map(|accounts| {
                access
                    .organization
                    .iter()
                    .flat_map(|all| all.account_ids())
                    .filter(|account| accounts.contains(account.index()))
            })
            .collect(),
    };
    match arguments.format {
        Format::Text => answer.text(streams.out),
        Format::Json => answer.json(streams.out),
    }
    .map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

/// How many services of an access level are named.
const SERVICES: usize = 6;

/// How many ways to more of a permission set are told.
const WAYS: usize = 3;

/// The answer and what it is about.
struct Answer<'a> {
    spelling: Spelling<'a>,
    cases: &'a Cases,
    has: &'a Has<'a>,
    /// Of the cases of the answer, in their order.
    assessments: &'a [Assessment],
    principals: &'a [PrincipalId],
    sets: &'a [SetId],
    accounts: Vec<AccountId>,
}

impl<'a> Answer<'a> {
    fn case(&self, number: usize) -> &'a Case {
        &self.cases.all[number]
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut text = self.subject();
        if self.has.cases.is_empty() {
            text.push_str("\nno access\n");
        } else {
            self.ways_to_more(&mut text);
            let Sum { actions, services, .. } = self.has.sum;
            let several = if self.has.cases.len() > 1 { "adds up to" } else { "allows" };
            let _ = writeln!(text, "\n{several} {} of {}", count(actions, "action"), count(services, "service"));
            for level in &self.has.sum.levels {
                let services = few(&level.services, SERVICES, |service| {
                    let under = if service.conditional == service.actions { " under conditions" } else { "" };
                    format!("{} ({}{under})", service.service, service.actions)
                });
                let _ = writeln!(text, "  {}: {services}", level.level.as_str());
            }
            for (number, holdings) in &self.has.cases {
                let case = self.case(*number);
                let _ = writeln!(text, "\n{}", self.spelling.set(case.set));
                for line in self.makings(case) {
                    let _ = writeln!(text, "  {line}");
                }
                for holding in holdings {
                    let _ = writeln!(text, "  - {}", self.spelling.holding(holding));
                }
                if holdings.is_empty() {
                    text.push_str("  assigned to nobody\n");
                }
            }
        }
        out.write_all(sanitize(&text).as_bytes())
    }

    /// What the answer is about.
    fn subject(&self) -> String {
        let access = self.spelling.access;
        let mut text = String::new();
        for &id in self.principals {
            let principal = access.principal(id);
            let id = principal.id.as_ref().map_or(String::new(), |id| format!(" ({id})"));
            let _ = writeln!(text, "{} `{}`{id}", principal.kind.as_str().to_lowercase(), principal.name);
        }
        for &id in self.sets {
            let set = access.permission_set(id);
            let description = set.description.as_ref().map_or(String::new(), |text| format!(": {}", text.as_str()));
            let _ = writeln!(text, "permission set `{}`{description}", set.name.value);
        }
        match (self.accounts.as_slice(), &access.organization) {
            ([one], Some(organization)) => {
                let account = organization.account(*one);
                let path = match organization.unit(account.ou).path.as_str() {
                    "" => "the root".to_owned(),
                    path => format!("`{path}`"),
                };
                let role = if organization.management_account == Some(*one) { ", the management account" } else { "" };
                let status = account.status.as_str();
                let _ = writeln!(text, "account `{}` ({}) in {path}, {status}{role}", account.name, account.id);
            }
            ([_, ..], _) => {
                let _ = writeln!(text, "in {}", self.spelling.accounts(&self.accounts));
            }
            _ => {}
        }
        text
    }

    /// What a case consists of.
    fn makings(&self, case: &Case) -> Vec<String> {
        let mut lines = Vec::new();
        let name = |attached: &Attached| {
            // A policy may have another body elsewhere.
            let file = attached.policy.as_ref().and_then(|policy| policy.statements().first()?.span);
            let file = file.map_or(String::new(), |span| format!(" ({})", self.spelling.origin(span).file));
            format!("{}{file}", attached.name)
        };
        let names: Vec<String> = case.policies.policies.iter().map(name).collect();
        lines.push(if names.is_empty() { "no policy".to_owned() } else { names.join(", ") });
        lines.extend(
            case.policies
                .boundary
                .iter()
                .map(|boundary| format!("within its permissions boundary, {}", name(boundary))),
        );
        let mut controls: Vec<String> = case
            .policies
            .service_controls
            .iter()
            .flat_map(|level| &level.policies)
            .map(|control| control.name.to_string())
            .collect();
        controls.dedup();
        if !controls.is_empty() {
            lines.push(format!("under {}", controls.join(", ")));
        }
        for attached in case.policies.all().filter(|attached| !attached.is_known()) {
            lines.push(format!("the body of {} is not known", attached.name));
        }
        lines
    }

    /// The ways to more, the gravest first: each once for a permission set, with the accounts where it works.
    fn ways_to_more(&self, text: &mut String) {
        struct Told<'f> {
            set: SetId,
            sentence: String,
            finding: &'f Finding,
            accounts: Vec<AccountId>,
        }
        let mut told: Vec<Told<'_>> = Vec::new();
        for ((number, holdings), assessment) in self.has.cases.iter().zip(self.assessments) {
            let case = self.case(*number);
            let mut accounts: Vec<AccountId> =
                holdings.iter().flat_map(|holding| holding.grants.iter().map(|grant| grant.account)).collect();
            accounts.sort_unstable();
            accounts.dedup();
            for finding in concerns(self.spelling.access, case, assessment) {
                let sentence = finding.sentence(&case.policies);
                match told.iter_mut().find(|known| known.set == case.set && known.sentence == sentence) {
                    Some(known) => known.accounts.extend(&accounts),
                    None => told.push(Told { set: case.set, sentence, finding, accounts: accounts.clone() }),
                }
            }
        }
        told.sort_by_key(|told| (told.finding.class, std::cmp::Reverse(told.finding.certainty), told.set));
        let mut of_set: rustc_hash::FxHashMap<SetId, usize> = rustc_hash::FxHashMap::default();
        let mut more = 0;
        for (place, told) in told.iter().enumerate() {
            if place == 0 {
                text.push_str("\nways to more\n");
            }
            let shown = of_set.entry(told.set).or_default();
            *shown += 1;
            if *shown > WAYS {
                more += 1;
                continue;
            }
            let place = if told.accounts.is_empty() || self.accounts.len() == 1 || self.has.cases.len() == 1 {
                String::new()
            } else {
                format!(" in {}", self.spelling.accounts(&told.accounts))
            };
            let _ = writeln!(text, "  - {}{place}: {}", self.spelling.set(told.set), told.sentence);
        }
        if more > 0 {
            let _ = writeln!(text, "  and {more} more; `--format json` has them all");
        }
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let access = self.spelling.access;
        let case = |((number, holdings), assessment): (&(usize, Vec<_>), &'a Assessment)| {
            let case = self.case(*number);
            Given {
                permission_set: self.spelling.set_name(case.set),
                policies: case.policies.policies.iter().map(|attached| Named::of(&attached.name)).collect(),
                permissions_boundary: case.policies.boundary.as_ref().map(|attached| Named::of(&attached.name)),
                service_control_policies: case
                    .policies
                    .service_controls
                    .iter()
                    .flat_map(|level| &level.policies)
                    .map(|attached| Named::of(&attached.name))
                    .collect(),
                unknown_policies: case
                    .policies
                    .all()
                    .filter(|attached| !attached.is_known())
                    .map(|attached| Named::of(&attached.name))
                    .collect(),
                ways_to_more: concerns(access, case, assessment)
                    .into_iter()
                    .map(|finding| WayToMore {
                        class: class(finding.class),
                        path: finding.path,
                        certainty: super::who_can::certainty(finding.certainty),
                        message: finding.sentence(&case.policies),
                    })
                    .collect(),
                holders: holdings.iter().map(|holding| self.spelling.holder(holding)).collect(),
            }
        };
        let report = Report {
            version: 1,
            principals: self
                .principals
                .iter()
                .map(|&id| {
                    let principal = access.principal(id);
                    Principal { principal_type: principal.kind.as_str(), principal: &principal.name }
                })
                .collect(),
            actions: self.has.sum.actions,
            services: self.has.sum.services,
            levels: self
                .has
                .sum
                .levels
                .iter()
                .map(|level| Level {
                    level: level.level.as_str(),
                    services: level
                        .services
                        .iter()
                        .map(|service| Service {
                            service: service.service,
                            actions: service.actions,
                            conditional: service.conditional,
                        })
                        .collect(),
                })
                .collect(),
            permission_sets: self.has.cases.iter().zip(self.assessments).map(case).collect(),
        };
        writeln!(out, "{}", escape_json(&serde_json::to_string_pretty(&report)?))
    }
}

/// The answer, version 1.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    principals: Vec<Principal<'a>>,
    actions: usize,
    services: usize,
    levels: Vec<Level>,
    permission_sets: Vec<Given<'a>>,
}

#[derive(Serialize)]
struct Principal<'a> {
    principal_type: &'static str,
    principal: &'a str,
}

#[derive(Serialize)]
struct Level {
    level: &'static str,
    services: Vec<Service>,
}

#[derive(Serialize)]
struct Service {
    service: &'static str,
    actions: usize,
    conditional: usize,
}

/// A permission set where it means the same.
#[derive(Serialize)]
struct Given<'a> {
    permission_set: &'a str,
    policies: Vec<Named>,
    permissions_boundary: Option<Named>,
    service_control_policies: Vec<Named>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_policies: Vec<Named>,
    ways_to_more: Vec<WayToMore>,
    holders: Vec<Holder<'a>>,
}

#[derive(Serialize)]
struct Named {
    policy_type: &'static str,
    policy: Option<String>,
}

impl Named {
    fn of(name: &PolicyName) -> Self {
        let (policy_type, policy) = policy_type(name);
        Self { policy_type, policy }
    }
}

#[derive(Serialize)]
struct WayToMore {
    class: &'static str,
    path: Option<&'static str>,
    certainty: &'static str,
    message: String,
}

fn class(class: Class) -> &'static str {
    match class {
        Class::FullAdmin => "full_admin",
        Class::NearAdmin => "near_admin",
        Class::IamWildcard => "iam_wildcard",
        Class::Direct => "direct",
        Class::Pass => "pass",
        Class::RoleSink => "role_sink",
        Class::ExistingRole => "existing_role",
        Class::IdentityCenter => "identity_center",
        Class::Organizations => "organizations",
    }
}
