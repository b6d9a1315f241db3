//! Access as one page that a browser opens from a file: what a reviewer and an auditor look at.
//!
//! [`Access`], the findings about it and the plan of its deployment come in; a [`Page`] goes out, which is data and nothing
//! else, and [`Page::html`] puts it into the document that shows it.
//!
//! # What is in the data
//!
//! Everything that is repeated is a number: accounts, units, principals, permission sets and files are columns, and the rest
//! points into them. Accounts are numbered in the order of the tree, so that a unit with all below it is one range, and so
//! is what a row reaches there; 50,000 grants of 2,000 accounts are some thousand ranges. What the page shows of the model's
//! text are the lines of rows, permission sets, statements and findings, each once.
//!
//! # Why there is no framework
//!
//! The page is a viewer of data that never changes, and what is hard about it (a matrix of a hundred rows and two thousand
//! columns of which a screen shows a thousand cells, an index that answers while somebody types) is what frameworks leave to
//! their users. The scripts in `templates/report` are written by hand and put into the page as they are: no build step,
//! nothing to audit but what stands in this repository, and a page that opens from a disk in ten years.

mod actions;
mod excerpts;
mod findings;
mod html;
mod organization;
mod permission_sets;
mod rows;
#[cfg(test)]
mod tests;
mod waves;

pub use self::actions::{Actions, Reached};
pub use self::excerpts::{File, Place};
pub use self::findings::{Accepted, Finding, Related, RuleSummary};
pub use self::html::is_page;
pub use self::organization::{Accounts, Ranges, Units};
pub use self::permission_sets::{Body, CustomerManaged, PermissionSet, Privilege, Statement};
pub use self::rows::{Pairs, Principals, Rows};
pub use self::waves::{Distribution, PlannedSet, Waves};

use serde::Serialize;
use sha2::{Digest, Sha256};

use self::excerpts::Excerpts;
use self::organization::Numbering;
use crate::access::Access;
use crate::diagnostic::Diagnostics;
use crate::iam::catalogue::Catalogue;
use crate::lint::Context;
use crate::source::Sources;

/// The version of the data; a change that a reader of version 1 would misread makes it 2.
const VERSION: u32 = 1;

/// Everything that the page shows.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The version of the data.
    pub version: u32,
    /// What was looked at, and by what.
    pub about: About,
    /// The files of the model, with the lines that are shown.
    pub files: Vec<File>,
    /// The organizational units, parents before children, the root first.
    pub units: Units,
    /// The accounts, in the order of the tree.
    pub accounts: Accounts,
    /// Groups and users that rows name, by name.
    pub principals: Principals,
    /// The permission sets, by name.
    pub permission_sets: Vec<PermissionSet>,
    /// The customer-managed policies that the model declares, by name.
    pub policies: Vec<CustomerManaged>,
    /// The rows of the matrix, in the order of files and places.
    pub rows: Rows,
    /// Who has which permission set, by set and principal, and the rows it comes from.
    pub pairs: Pairs,
    /// The actions that some permission set may perform.
    pub actions: Actions,
    /// The findings, in the order of every report.
    pub findings: Vec<Finding>,
    /// The findings that the model accepts, each with its reason.
    pub accepted: Vec<Accepted>,
    /// The rules behind the findings.
    pub rules: Vec<RuleSummary>,
    /// What is deployed in which order; none without an organization.
    pub waves: Option<Waves>,
}

/// What was looked at, as of when, and by what.
#[derive(Debug, Serialize)]
pub struct About {
    /// The version of bailiwick.
    pub program: &'static str,
    /// The time of the run, as `2026-12-01T00:00:00Z`.
    pub as_of: String,
    /// The same in seconds since 1970.
    pub as_of_seconds: i64,
    /// The SHA-256 of what `sha256sum` prints about the files, in their order.
    pub fingerprint: String,
    /// The day of the reference of actions that policies were judged by.
    pub actions_as_of: &'static str,
    /// The day of the newest AWS-managed policy that is known.
    pub managed_policies_as_of: &'static str,
    /// The id of the organization.
    pub organization: Option<String>,
    /// The ARN of the Identity Center instance.
    pub instance: Option<String>,
    /// The home Region of the instance.
    pub region: Option<String>,
    /// The account that administers Identity Center by delegation.
    pub delegated_admin: Option<u32>,
    /// How many grants there are.
    pub grants: usize,
    /// Sections that the model does not have, and without which it cannot be deployed.
    pub missing_sections: Vec<&'static str>,
}

impl Page {
    /// Gathers what the page shows about a model that has been judged.
    pub fn new(access: &Access, sources: &Sources, diagnostics: &Diagnostics) -> Self {
        let context = Context::new(access);
        let numbering = Numbering::of(access.organization.as_ref());
        let mut excerpts = Excerpts::new(sources);
        let actions = Actions::of(&context);
        let permission_sets = permission_sets::of(&context, &actions, &numbering, &mut excerpts);
        let policies = permission_sets::policies(access, &numbering, &mut excerpts);
        let rows = Rows::of(access, &numbering, &mut excerpts);
        let (findings, accepted) = findings::of(diagnostics, &mut excerpts);
        let digests: Vec<String> = sources.iter().map(|(_, file)| hex(file.text().as_bytes())).collect();
        let listed = sources.iter().zip(&digests).map(|((_, file), digest)| format!("{digest}  {}\n", file.path()));
        let catalogue = Catalogue::embedded();
        let instance = &access.instance;
        Self {
            version: VERSION,
            about: About {
                program: env!("CARGO_PKG_VERSION"),
                as_of: access.as_of.to_string(),
                as_of_seconds: access.as_of.as_second(),
                fingerprint: hex(listed.collect::<String>().as_bytes()),
                actions_as_of: catalogue.actions_as_of(),
                managed_policies_as_of: catalogue.managed_policies_as_of(),
                organization: access.organization.as_ref().and_then(|all| Some(all.id.as_ref()?.value.clone())),
                instance: instance.arn.as_ref().map(|arn| arn.value.clone()),
                region: instance.region.as_ref().map(|region| region.value.clone()),
                delegated_admin: instance.delegated_admin.as_ref().map(|account| numbering.number(account.value)),
                grants: access.grant_count(),
                missing_sections: access.missing_sections.clone(),
            },
            units: Units::of(access.organization.as_ref()),
            accounts: Accounts::of(access, &numbering),
            principals: Principals::of(access),
            permission_sets,
            policies,
            rows,
            pairs: Pairs::of(access),
            rules: findings::rules(&findings, &accepted),
            findings,
            accepted,
            waves: waves::of(access, &numbering),
            actions: actions.listed(),
            files: excerpts.files(digests),
        }
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
