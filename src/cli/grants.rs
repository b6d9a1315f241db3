//! `grants`: the expanded matrix.

use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::{self, Write};

use super::session::Session;
use super::{ModelArgs, Outcome, Streams};
use crate::access::{Access, Grant, Organization, Pair};
use crate::error::Error;
use crate::report::{escape_json, sanitize};
use crate::source::Sources;

#[derive(Debug, Args)]
pub(super) struct Grants {
    #[command(flatten)]
    model: ModelArgs,

    /// How grants are shown
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
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
    let mut session = Session::open(&arguments.model)?;
    session.diagnostics.sort(&session.sources);
    if session.diagnostics.errors() > 0 {
        session.print_errors(streams.err)?;
        return Ok(Outcome::Findings);
    }
    // A model that could not be read to its end has errors.
    let Some(access) = &session.access else { return Ok(Outcome::Findings) };
    if access.organization.is_none() {
        writeln!(streams.err, "no grants: the model has no `organization`, so targets are not expanded to accounts")
            .map_err(Error::Print)?;
    }
    let origins = origins(access, &session.sources);
    match arguments.format {
        Format::Table => table(access, &origins, streams.out),
        Format::Json => json(access, &origins, streams.out),
        Format::Csv => csv(access, &origins, streams.out),
    }
    .map_err(Error::Print)?;
    Ok(Outcome::Clean)
}

/// Where a row begins.
#[derive(Serialize)]
struct Origin<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

fn origins<'a>(access: &Access, sources: &'a Sources) -> Vec<Origin<'a>> {
    let place = |row: &crate::access::Row| {
        let start = sources.start(row.span);
        Origin { file: sources.get(row.span.file).path(), line: start.line, column: start.column }
    };
    access.rows.iter().map(place).collect()
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

/// Calls `visit` with every grant, in order.
fn visit(access: &Access, origins: &[Origin<'_>], mut visit: impl FnMut(Line<'_>) -> io::Result<()>) -> io::Result<()> {
    let Some(organization) = &access.organization else { return Ok(()) };
    for pair in &access.pairs {
        for grant in access.grants_of(pair) {
            visit(line(access, organization, origins, pair, &grant))?;
        }
    }
    Ok(())
}

fn json(access: &Access, origins: &[Origin<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut first = true;
    out.write_all(b"[")?;
    visit(access, origins, |line| {
        out.write_all(if first { b"\n  " } else { b",\n  " })?;
        first = false;
        out.write_all(escape_json(&serde_json::to_string(&line)?).as_bytes())
    })?;
    out.write_all(if first { b"]\n" } else { b"\n]\n" })
}

const COLUMNS: [&str; 7] =
    ["permission_set", "principal_type", "principal", "account_id", "account", "expires", "origins"];

fn csv(access: &Access, origins: &[Origin<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    visit(access, origins, |line| {
        writer.write_record([
            &sanitize(line.permission_set),
            line.principal_type,
            &sanitize(line.principal),
            line.account_id,
            &sanitize(line.account),
            &sanitize(line.expires.unwrap_or_default()),
            &sanitize(&places(&line.origins)),
        ])?;
        Ok(())
    })?;
    writer.flush()
}

/// `file:line:column`, separated by spaces.
fn places(origins: &[&Origin<'_>]) -> String {
    let place = |origin: &&Origin<'_>| format!("{}:{}:{}", origin.file, origin.line, origin.column);
    origins.iter().map(place).collect::<Vec<_>>().join(" ")
}

fn table(access: &Access, origins: &[Origin<'_>], out: &mut dyn Write) -> io::Result<()> {
    let header = ["PERMISSION SET", "PRINCIPAL", "ACCOUNT", "ID", "EXPIRES", "ORIGIN"].map(str::to_owned);
    let cells = |line: &Line<'_>| {
        let principal = if line.principal_type == "USER" {
            format!("{} (user)", line.principal)
        } else {
            line.principal.to_owned()
        };
        [
            sanitize(line.permission_set),
            sanitize(&principal),
            sanitize(line.account),
            line.account_id.to_owned(),
            sanitize(line.expires.unwrap_or("never")),
            sanitize(&places(&line.origins)),
        ]
    };
    let mut widths = header.each_ref().map(|cell| cell.chars().count());
    visit(access, origins, |line| {
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
    visit(access, origins, |line| print(cells(&line)))
}
