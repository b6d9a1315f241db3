//! How answers to questions are spelled: grants, statements, sets of accounts.

use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cell::RefCell;

use super::select::kind;
use crate::access::{Access, AccountId, Expiry, SetId};
use crate::iam::assess::PolicyName;
use crate::query::{Holding, Source};
use crate::report::origin::{Origin, origins};
use crate::source::{Sources, Span};
use crate::words::few;

/// How many rows are named behind a grant.
const ROWS: usize = 3;

/// What is needed to spell an answer.
pub(super) struct Spelling<'a> {
    pub(super) access: &'a Access,
    sources: &'a Sources,
    origins: Vec<Origin<'a>>,
    /// Sets of accounts that have been described: many grants have the same.
    described: RefCell<FxHashMap<Vec<AccountId>, String>>,
}

/// A principal that has a permission set, for a program.
#[derive(Serialize)]
pub(super) struct Holder<'a> {
    pub(super) principal_type: &'static str,
    pub(super) principal: &'a str,
    pub(super) accounts: Vec<HeldIn<'a>>,
    pub(super) origins: Vec<&'a Origin<'a>>,
}

/// An account in which a permission set is held, for a program.
#[derive(Serialize)]
pub(super) struct HeldIn<'a> {
    pub(super) account_id: &'a str,
    pub(super) account: &'a str,
    pub(super) expires: Option<&'a str>,
}

/// A statement, for a program.
#[derive(Serialize)]
pub(super) struct Statement<'a> {
    policy_type: &'static str,
    policy: Option<String>,
    statement: usize,
    sid: Option<&'a str>,
    #[serde(flatten)]
    place: Option<Origin<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    conditions: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unless: Vec<Self>,
}

/// The kind of a policy and its name, for a program.
pub(super) fn policy_type(name: &PolicyName) -> (&'static str, Option<String>) {
    match name {
        PolicyName::AwsManaged(policy) => ("aws_managed", Some(policy.name.to_owned())),
        PolicyName::CustomerManaged(name) => ("customer_managed", Some(name.clone())),
        PolicyName::Inline => ("inline", None),
        PolicyName::ServiceControl(name) => ("service_control", Some(name.clone())),
    }
}

impl<'a> Spelling<'a> {
    pub(super) fn new(access: &'a Access, sources: &'a Sources) -> Self {
        Self { access, sources, origins: origins(access, sources), described: RefCell::default() }
    }

    pub(super) fn set_name(&self, set: SetId) -> &'a str {
        &self.access.permission_set(set).name.value
    }

    pub(super) fn set(&self, set: SetId) -> String {
        format!("`{}`", self.set_name(set))
    }

    /// Where something stands.
    pub(super) fn origin(&self, span: Span) -> Origin<'a> {
        Origin::of(span, self.sources)
    }

    /// Accounts in words.
    pub(super) fn accounts(&self, accounts: &[AccountId]) -> String {
        let Some(organization) = &self.access.organization else { return String::new() };
        if let Some(known) = self.described.borrow().get(accounts) {
            return known.clone();
        }
        let words = organization.places(accounts.iter().copied()).sentence(|name| format!("`{name}`"));
        self.described.borrow_mut().insert(accounts.to_vec(), words.clone());
        words
    }

    /// A principal, where it has a permission set, until when and by which rows.
    pub(super) fn holding(&self, holding: &Holding<'_>) -> String {
        let principal = self.access.principal(holding.pair.principal);
        format!("`{}`{} {}", principal.name, kind(principal.kind), self.where_held(holding))
    }

    /// Where a permission set is held, until when and by which rows.
    pub(super) fn where_held(&self, holding: &Holding<'_>) -> String {
        let accounts: Vec<AccountId> = holding.grants.iter().map(|grant| grant.account).collect();
        format!("in {}{} ({})", self.accounts(&accounts), self.until(holding), self.rows(holding))
    }

    /// Until when, where there is an end.
    pub(super) fn until(&self, holding: &Holding<'_>) -> String {
        let ends: Vec<Option<&Expiry>> = holding.grants.iter().map(|grant| self.access.expiry(&grant.rows)).collect();
        let first = ends.iter().copied().flatten().min_by_key(|expiry| expiry.at);
        match first {
            None => String::new(),
            Some(first) if ends.iter().all(|end| end.is_some_and(|end| end.at == first.at)) => {
                format!(", until {}", first.text.as_str())
            }
            Some(first) => format!(", from {} on in fewer", first.text.as_str()),
        }
    }

    fn origins_of(&self, holding: &Holding<'_>) -> Vec<&Origin<'a>> {
        let mut rows: Vec<_> = holding.grants.iter().flat_map(|grant| grant.rows.iter().copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.into_iter().map(|row| &self.origins[row.index()]).collect()
    }

    /// The rows, a few of them.
    pub(super) fn rows(&self, holding: &Holding<'_>) -> String {
        few(&self.origins_of(holding), ROWS, |origin| origin.brief())
    }

    /// A statement by its policy, number, `Sid` and place.
    pub(super) fn statement(&self, source: &Source) -> String {
        let sid = source.sid.as_ref().map_or(String::new(), |sid| format!(" `{sid}`"));
        let place = source.span.map_or(String::new(), |span| format!(" ({})", self.origin(span).brief()));
        format!("statement {}{sid} of {}{place}", source.statement, source.policy)
    }

    /// A principal that has a permission set.
    pub(super) fn holder<'s>(&'s self, holding: &Holding<'_>) -> Holder<'s> {
        let principal = self.access.principal(holding.pair.principal);
        let accounts = self.access.organization.iter().flat_map(|organization| {
            holding.grants.iter().map(|grant| {
                let account = organization.account(grant.account);
                HeldIn {
                    account_id: &account.id,
                    account: &account.name,
                    expires: self.access.expiry(&grant.rows).map(|expiry| expiry.text.as_str()),
                }
            })
        });
        Holder {
            principal_type: principal.kind.as_str(),
            principal: &principal.name,
            accounts: accounts.collect(),
            origins: self.origins_of(holding),
        }
    }

    /// A statement.
    pub(super) fn statement_data<'s>(&'s self, source: &'s Source) -> Statement<'s> {
        let (policy_type, policy) = policy_type(&source.policy);
        let allows = !source.resource.is_empty();
        Statement {
            policy_type,
            policy,
            statement: source.statement,
            sid: source.sid.as_deref(),
            place: source.span.map(|span| self.origin(span)),
            certainty: allows.then(|| super::who_can::certainty(source.certainty)),
            resource: allows.then_some(&source.resource),
            conditions: &source.conditions,
            unless: source.unless.iter().map(|denial| self.statement_data(denial)).collect(),
        }
    }
}
