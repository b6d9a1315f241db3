//! Names become things: the third stage of the pipeline.
//!
//! A [`Model`] comes in, an [`Access`] goes out. After this, every name points at something: what points nowhere has
//! been reported and dropped, and stays known by name so that one mistake is one finding.

mod documents;
mod organization;
mod permission_sets;
mod rows;
mod selection;
mod service_controls;
mod time;

pub use documents::Documents;
pub use time::{parse_as_of, parse_duration};

use fixedbitset::FixedBitSet;
use jiff::Timestamp;
use std::cell::Cell;

use self::selection::Written;

use crate::access::{Access, AccountId, Instance, Organization, OuId, Unresolved};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{IdentityCenter, Model};
use crate::plan::{States, parse_concurrency};
use crate::source::{Span, Spanned};
use crate::syntax::decode::{AccountRef, did_you_mean};

/// Resolves a model as of a moment. `documents` reads the policy documents that the model names.
pub fn resolve(
    mut model: Model,
    documents: &mut Documents<'_>,
    as_of: Timestamp,
    diagnostics: &mut Diagnostics,
) -> Access {
    let suggestions = Suggestions::default();
    let missing_sections = missing_sections(&model);
    report_missing_sections(&model, &missing_sections, diagnostics);
    let organization =
        model.organization.take().map(|declared| organization::read(declared, &suggestions, documents, diagnostics));
    let names = Names { organization: organization.as_ref(), suggestions: &suggestions };
    let instance = instance(model.identity_center.as_ref(), &names, diagnostics);
    let rows = rows::read(&model, &names, as_of, diagnostics);
    // Rows as they are written are most of a large model, and nobody needs them from here on.
    model.assignments = None;
    let policies = permission_sets::policies(&model, &names, documents, diagnostics);
    let mut permission_sets = permission_sets::permission_sets(&model, &policies, &names, documents, diagnostics);
    permission_sets.extend(rows.undeclared_sets);
    let production = production(&model, &names, diagnostics);
    let session_caps = session_caps(&model, &names, diagnostics);
    check_emit(&model, diagnostics);
    Access {
        instance,
        attributes: attributes(&model),
        policies,
        permission_sets,
        principals: rows.principals,
        rows: rows.rows,
        pairs: rows.pairs,
        as_of,
        production,
        session_caps,
        lint: model.lint,
        emit: model.emit,
        directory: model.directory,
        missing_sections,
        organization,
    }
}

fn attributes(model: &Model) -> Vec<(Spanned<String>, Spanned<String>)> {
    let mut attributes = model.attributes().to_vec();
    attributes.sort_by(|a, b| a.0.value.cmp(&b.0.value));
    attributes
}

fn instance(declared: Option<&IdentityCenter>, names: &Names<'_>, diagnostics: &mut Diagnostics) -> Instance {
    let Some(declared) = declared else { return Instance::default() };
    let delegated_admin = declared.delegated_admin.as_ref().and_then(|account| names.account(account, diagnostics));
    let management = names.organization.and_then(|organization| organization.management_account);
    if let Some(admin) = delegated_admin
        && Some(admin.value) == management
    {
        diagnostics.push(
            Diagnostic::error(
                "invalid-delegated-admin",
                admin.span,
                "the delegated administrator is the management account",
            )
            .help("leave `delegated_admin` out: without it the management account administers Identity Center"),
        );
    }
    Instance {
        arn: declared.instance_arn.clone(),
        identity_store_id: declared.identity_store_id.clone(),
        region: declared.region.clone(),
        delegated_admin: delegated_admin.filter(|admin| Some(admin.value) != management),
    }
}

/// Options of the output that cannot be what they say.
fn check_emit(model: &Model, diagnostics: &mut Diagnostics) {
    let Some(emit) = &model.emit else { return };
    if let Some(prefix) = &emit.stack_set_prefix {
        let text = prefix.as_str();
        let valid = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.len() <= 32
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !valid {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-value",
                    prefix.span,
                    format!("`{text}` cannot begin the name of a StackSet"),
                )
                .help("use up to 32 letters, digits and `-`, a letter first"),
            );
        }
    }
    if let Some(concurrency) = &emit.concurrency
        && parse_concurrency(concurrency.as_str()).is_none()
    {
        let text = concurrency.as_str();
        let message = format!("`{text}` is not a number of outstanding operations");
        diagnostics
            .push(Diagnostic::error("invalid-value", concurrency.span, message).help("write a number from 1 to 20"));
    }
    if let Some(states) = emit.terraform.as_ref().and_then(|terraform| terraform.states.as_ref())
        && States::parse(states.as_str()).is_none()
    {
        diagnostics.push(
            Diagnostic::error("invalid-value", states.span, format!("`{}` is not a number of states", states.as_str()))
                .help("write a number from 1 to 64"),
        );
    }
}

/// The accounts that the settings call production.
fn production(model: &Model, names: &Names<'_>, diagnostics: &mut Diagnostics) -> Option<(FixedBitSet, Span)> {
    let cap = model.lint.as_ref()?.sessions.as_ref()?.production.as_ref()?;
    let written = Written {
        ous: cap.ous.as_ref(),
        accounts: cap.accounts.as_ref(),
        account_tags: cap.account_tags.as_ref(),
        exclude: None,
    };
    let mut selection = names.selection(written, diagnostics);
    if cap.ous.is_none() && cap.accounts.is_none() {
        // Tags alone mean the whole organization here: a setting that narrows nothing has nothing to widen.
        selection.ous = Box::new([Spanned::new(crate::access::OuId::ROOT, cap.span)]);
    }
    let mut accounts = FixedBitSet::new();
    names.organization?.select(&selection, &mut accounts);
    Some((accounts, cap.span))
}

/// The caps on sessions that the settings give to units.
fn session_caps(model: &Model, names: &Names<'_>, diagnostics: &mut Diagnostics) -> Vec<(OuId, Spanned<String>)> {
    let sessions = model.lint.as_ref().and_then(|lint| lint.sessions.as_ref());
    let caps = sessions.and_then(|sessions| sessions.ous.as_ref());
    let caps = caps.iter().flat_map(|named| &named.entries);
    caps.filter_map(|(path, cap)| {
        let unit = names.unit(path.as_str(), path.span, diagnostics)?;
        Some((unit.value, cap.clone()))
    })
    .collect()
}

fn missing_sections(model: &Model) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if model.organization.is_none() {
        missing.push("organization");
    }
    if model.permission_sets.is_none() {
        missing.push("permission_sets");
    }
    missing
}

fn report_missing_sections(model: &Model, missing: &[&'static str], diagnostics: &mut Diagnostics) {
    let what = match missing {
        [] => return,
        ["organization"] => "`organization`: targets are not expanded to accounts",
        ["permission_sets"] => "`permission_sets`: what the sets may do is not checked",
        _ => "`organization` and `permission_sets`: rows are checked as far as their own text goes",
    };
    diagnostics.push(
        Diagnostic::note("partial-model", model.span.at_start(), format!("the model has no {what}"))
            .help("add what is missing to any file of the model; `bailiwick build` needs both"),
    );
}

/// A suggestion costs a comparison with every known name; a file with ten thousand unknown names would pay for a
/// hundred million of them.
struct Suggestions {
    left: Cell<u32>,
}

impl Default for Suggestions {
    fn default() -> Self {
        Self { left: Cell::new(200) }
    }
}

impl Suggestions {
    fn nearest<'k>(&self, written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        if left == 0 { None } else { did_you_mean(written, known) }
    }
}

/// Finds units and accounts by the names that users write.
struct Names<'a> {
    organization: Option<&'a Organization>,
    suggestions: &'a Suggestions,
}

impl Names<'_> {
    /// The account a reference means. Without an organization nothing can be known, and nothing is reported.
    fn account(&self, reference: &AccountRef, diagnostics: &mut Diagnostics) -> Option<Spanned<AccountId>> {
        let organization = self.organization?;
        let name = reference.0.as_str();
        match organization.account_named(name) {
            Ok(account) => Some(Spanned::new(account, reference.0.span)),
            Err(Unresolved::Unknown) if organization.dropped.contains(name) => None,
            Err(why) => {
                diagnostics.push(self.unresolved_account(organization, name, why, reference.0.span));
                None
            }
        }
    }

    fn unresolved_account(&self, organization: &Organization, name: &str, why: Unresolved, span: Span) -> Diagnostic {
        match why {
            Unresolved::Ambiguous => {
                let named = organization.accounts_called(name);
                let ids: Vec<_> =
                    named.iter().map(|&account| format!("\"{}\"", organization.account(account).id)).collect();
                let mut finding = Diagnostic::error(
                    "ambiguous-account",
                    span,
                    format!("{} accounts are named `{name}`", named.len()),
                )
                .help(format!("use the id that is meant: {}", ids.join(" or ")));
                for &account in named.iter().take(4) {
                    finding = finding.related(organization.account(account).span, "one of them");
                }
                finding
            }
            Unresolved::Unknown => {
                let known =
                    organization.accounts.iter().flat_map(|account| [account.name.as_str(), account.id.as_str()]);
                let is_unit = organization.unit_at(name).is_ok();
                let digits = name.bytes().all(|byte| byte.is_ascii_digit());
                let help = if is_unit {
                    format!("it is an organizational unit: write `ous: [{name}]`")
                } else if digits && name.len() != 12 {
                    format!("an account id has 12 digits, this one has {}: was a leading zero lost?", name.len())
                } else {
                    match self.suggestions.nearest(name, known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "add the account to the snapshot under `organization`, or correct the name".to_owned(),
                    }
                };
                Diagnostic::error("unknown-account", span, format!("no account `{name}` in the organization"))
                    .help(help)
            }
        }
    }
}
