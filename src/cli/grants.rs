//! `grants`: the expanded matrix.

use clap::{Args, ValueEnum};
use fixedbitset::FixedBitSet;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;
use std::io::{self, Write};

use super::select::{self, AccountArgs};
use super::session::Session;
use super::{ModelArgs, Outcome, Streams};
use crate::access::{Access, Grant, Organization, Pair, PrincipalId, PrincipalKind, SetId};
use crate::error::Error;
use crate::report::origin::{Origin, origins, places};
use crate::report::{csv, escape_json, sanitize};

#[derive(Debug, Args)]
pub(super) struct Grants {
    #[command(flatten)]
    model: ModelArgs,

    /// Only what this group or user has; a name or a pattern, may be given several times
    #[arg(long, value_name = "NAME")]
    principal: Vec<String>,

    /// Only grants of this permission set; a name or a pattern, may be given several times
    #[arg(long, value_name = "NAME")]
    permission_set: Vec<String>,

    #[command(flatten)]
    accounts: AccountArgs,

    /// Only grants to users, not to groups
    #[arg(long)]
    users_only: bool,

    /// Only grants that end within so long of the time of the run, such as `30d` or `2w`
    #[arg(long, value_name = "TIME", value_parser = span)]
    expiring_within: Option<Span>,

    /// How grants are shown
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn span(text: &str) -> Result<Span, String> {
    let help = || "write a number and a unit, such as 30d, 2w or 12h".to_owned();
    text.parse::<Span>().ok().filter(|span| span.is_positive()).ok_or_else(help)
}

/// Which grants are shown.
#[derive(Default)]
struct Filter {
    principals: Option<Vec<PrincipalId>>,
    permission_sets: Option<Vec<SetId>>,
    accounts: Option<FixedBitSet>,
    users_only: bool,
    /// The grant ends at this moment or before.
    ends_by: Option<Timestamp>,
}

impl Filter {
    fn of(arguments: &Grants, access: &Access) -> Result<Self, Error> {
        let ends_by = arguments.expiring_within.map(|span| {
            // What ends later than time itself never ends.
            access.as_of.to_zoned(TimeZone::UTC).checked_add(span).map_or(Timestamp::MAX, |end| end.timestamp())
        });
        let principals = select::principals(access, &arguments.principal)?;
        let permission_sets = select::permission_sets(access, &arguments.permission_set)?;
        Ok(Self {
            principals: (!arguments.principal.is_empty()).then_some(principals),
            permission_sets: (!arguments.permission_set.is_empty()).then_some(permission_sets),
            accounts: arguments.accounts.chosen(access)?,
            users_only: arguments.users_only,
            ends_by,
        })
    }

    fn takes_pair(&self, access: &Access, pair: &Pair) -> bool {
        self.principals.as_ref().is_none_or(|chosen| chosen.contains(&pair.principal))
            && self.permission_sets.as_ref().is_none_or(|chosen| chosen.contains(&pair.permission_set))
            && (!self.users_only || access.principal(pair.principal).kind == PrincipalKind::User)
    }

    fn takes(&self, access: &Access, grant: &Grant<'_>) -> bool {
        self.accounts.as_ref().is_none_or(|chosen| chosen.contains(grant.account.index()))
            && self.ends_by.is_none_or(|end| access.expiry(&grant.rows).is_some_and(|expiry| expiry.at <= end))
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Table,
    /// One JSON array
    Json,
    /// Comma-separated values with a header
    Csv,
}

pub(super) fn run(arguments: &Grants, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let Some(session) = Session::open_resolved(&arguments.model, streams)? else { return Ok(Outcome::Findings) };
    // A model that could not be read to its end has errors.
    let Some(access) = &session.access else { return Ok(Outcome::Findings) };
    if access.organization.is_none() {
        writeln!(streams.err, "no grants: the model has no `organization`, so targets are not expanded to accounts")
            .map_err(Error::Print)?;
    }
    let filter = Filter::of(arguments, access)?;
    let shown = Shown { access, filter: &filter, origins: &origins(access, &session.sources) };
    match arguments.format {
        Format::Table => table(&shown, streams.out),
        Format::Json => json(&shown, streams.out),
        Format::Csv => comma_separated(&shown, streams.out),
    }
    .map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

/// One grant, as every format shows it.
#[derive(Serialize)]
struct Line<'a> {
    permission_set: &'a str,
    principal_type: &'a str,
    principal: &'a str,
    account_id: &'a str,
    account: &'a str,
    expires: Option<&'a str>,
    origins: Vec<&'a Origin<'a>>,
}

fn line<'a>(
    access: &'a Access,
    organization: &'a Organization,
    origins: &'a [Origin<'a>],
    pair: &'a Pair,
    grant: &Grant<'a>,
) -> Line<'a> {
    let principal = access.principal(pair.principal);
    let account = organization.account(grant.account);
    Line {
        permission_set: &access.permission_set(pair.permission_set).name.value,
        principal_type: principal.kind.as_str(),
        principal: &principal.name,
        account_id: &account.id,
        account: &account.name,
        expires: access.expiry(grant.rows.as_ref()).map(|expiry| expiry.text.as_str()),
        origins: grant.rows.iter().map(|row| &origins[row.index()]).collect(),
    }
}

/// The grants that are shown.
struct Shown<'a> {
    access: &'a Access,
    filter: &'a Filter,
    origins: &'a [Origin<'a>],
}

impl Shown<'_> {
    /// Calls `visit` with every grant, in order.
    fn visit(&self, mut visit: impl FnMut(Line<'_>) -> io::Result<()>) -> io::Result<()> {
        let Some(organization) = &self.access.organization else { return Ok(()) };
        for pair in self.access.pairs.iter().filter(|pair| self.filter.takes_pair(self.access, pair)) {
            for grant in self.access.grants_of(pair).iter().filter(|grant| self.filter.takes(self.access, grant)) {
                visit(line(self.access, organization, self.origins, pair, grant))?;
            }
        }
        Ok(())
    }
}

fn json(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut first = true;
    out.write_all(b"[")?;
    shown.visit(|line| {
        out.write_all(if first { b"\n  " } else { b",\n  " })?;
        first = false;
        out.write_all(escape_json(&serde_json::to_string(&line)?).as_bytes())
    })?;
    out.write_all(if first { b"]\n" } else { b"\n]\n" })
}

const COLUMNS: [&str; 7] =
    ["permission_set", "principal_type", "principal", "account_id", "account", "expires", "origins"];

fn comma_separated(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::new(out);
    writer.record(COLUMNS)?;
    shown.visit(|line| {
        writer.record([
            line.permission_set,
            line.principal_type,
            line.principal,
            line.account_id,
            line.account,
            line.expires.unwrap_or_default(),
            &places(&line.origins),
        ])
    })?;
    writer.end()
}

fn table(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let header = ["PERMISSION SET", "PRINCIPAL", "ACCOUNT", "ID", "EXPIRES", "ORIGIN"].map(str::to_owned);
    let cells = |line: &Line<'_>| {
        let principal = if line.principal_type == "USER" {
            format!("{} (user)", line.principal)
        } else {
            line.principal.to_owned()
        };
        [
            line.permission_set,
            &principal,
            line.account,
            line.account_id,
            line.expires.unwrap_or("never"),
            &places(&line.origins),
        ]
        .map(|cell| sanitize(cell).into_owned())
    };
    let mut widths = header.each_ref().map(|cell| cell.chars().count());
    shown.visit(|line| {
        for (width, cell) in widths.iter_mut().zip(cells(&line)) {
            *width = (*width).max(cell.chars().count());
        }
        Ok(())
    })?;
    let mut print = |cells: [String; 6]| -> io::Result<()> {
        let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())
    };
    print(header)?;
    shown.visit(|line| print(cells(&line)))
}
