//! `explain`: a rule's page, or the list of rules.

use clap::Args;

use super::{Outcome, Streams};
use crate::error::Error;
use crate::lint::{RULES, rule};
use crate::syntax::decode::did_you_mean;

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The id of a rule; without it, all rules are listed
    rule: Option<String>,
}

pub(super) fn run(arguments: &Explain, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let Some(id) = &arguments.rule else {
        let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in RULES {
            writeln!(streams.out, "{:width$}  {}", rule.id, rule.summary).map_err(Error::Print)?;
        }
        return Ok(Outcome::Clean);
    };
    let Some(rule) = rule(id) else {
        let near = did_you_mean(id, RULES.iter().map(|rule| rule.id));
        return Err(Error::UnknownRule { id: id.clone(), near });
    };
    writeln!(streams.out, "# {}\n\n{}\n\n{}", rule.id, rule.summary, rule.page()).map_err(Error::Print)?;
    Ok(Outcome::Clean)
}
