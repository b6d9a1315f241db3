//! Policies as sets of statements, ready to be asked what they grant.
//!
//! A policy comes from the model ([`Policy::read`], which also checks its grammar and keeps spans) or from AWS
//! ([`Policy::aws_managed`]).

mod characters;
mod grammar;
mod managed;
mod outline;
mod questions;
mod size;
#[cfg(test)]
mod tests;

pub use characters::POLICY_CHARACTERS;
pub use grammar::{ELEMENTS, POLICY_SYNTAX, POLICY_VERSION, STATEMENT_ELEMENTS};
pub use outline::Outline;
pub(crate) use outline::variables_of;
pub use questions::{Contradiction, Family, Fit, Misfit, is_date};
pub use size::{bytes, non_whitespace};

use std::borrow::Cow;
use std::sync::Arc;

use smol_str::SmolStr;

pub(crate) use super::action::ActionSet as Actions;
use super::action::ActionSet;
use super::catalogue::{Catalogue, ConditionKey, ManagedPolicy};
use super::condition::{Atom, Operator};
use super::glob::Glob;
use super::resource::Resources;
use crate::source::{Span, Spanned};

/// A policy document, understood.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
    /// Something in the document could not be understood and is missing from the statements; it has been reported.
    pub(crate) incomplete: bool,
    text: PolicyText,
    /// The tags of the principal that a document of the model asks for, and where.
    tags: Vec<Spanned<SmolStr>>,
}

/// Where the text of a policy is.
#[derive(Clone, Debug, Default)]
enum PolicyText {
    /// Nowhere: the policy says nothing.
    #[default]
    Nothing,
    /// In the catalogue.
    AwsManaged(ManagedPolicy),
    /// Here, as compact JSON.
    Json(Arc<str>),
}

impl Policy {
    /// The tags of the principal that a document of the model asks for, and where; those of a policy of AWS are not
    /// listed.
    pub fn principal_tags(&self) -> &[Spanned<SmolStr>] {
        &self.tags
    }

    /// Its statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The document as JSON.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match &self.text {
            PolicyText::Nothing => None,
            PolicyText::AwsManaged(policy) => Some(Cow::Owned(Catalogue::embedded().document(policy))),
            PolicyText::Json(json) => Some(Cow::Borrowed(json)),
        }
    }

    /// The document as compact JSON, keys in the order they are written; empty for a policy of AWS.
    pub fn json(&self) -> Arc<str> {
        match &self.text {
            PolicyText::Json(json) => Arc::clone(json),
            PolicyText::Nothing | PolicyText::AwsManaged(_) => Arc::from(""),
        }
    }

    /// Whether all of the document was understood.
    pub fn is_complete(&self) -> bool {
        !self.incomplete
    }
}

/// What a document is attached to, which decides what may stand in it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PolicyKind {
    /// A permission set, or a principal.
    Identity,
    /// The root, a unit or an account of the organization. Since September 2025 the grammar is that of an identity policy
    /// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html>).
    ServiceControl,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its place in the document, counted from 1.
    pub number: usize,
    /// Its `Sid`.
    pub sid: Option<SmolStr>,
    /// Where it is written; `None` in an AWS-managed policy.
    pub span: Option<Span>,
    /// Whether it allows; it denies otherwise.
    pub allows: bool,
    /// How it is written; `None` in an AWS-managed policy.
    pub wording: Option<Box<Wording>>,
    pub(crate) actions: ActionSet,
    pub(crate) resources: Resources,
    pub(crate) conditions: Box<[Atom]>,
}

/// A word of a document, and where it stands.
pub type Word = Spanned<SmolStr>;

/// What a statement of the model says, word by word.
#[derive(Clone, Debug)]
pub struct Wording {
    /// Where `Allow` or `Deny` stands.
    pub effect: Span,
    /// Whether the actions are those of `NotAction`.
    pub not_action: bool,
    /// The actions, in order.
    pub actions: Box<[Word]>,
    /// What each of them names.
    pub(crate) named: Box<[ActionSet]>,
    /// Whether the resources are those of `NotResource`.
    pub not_resource: bool,
    /// The resources, in order.
    pub resources: Box<[Word]>,
    /// The conditions, in order: one clause for each key of each operator.
    pub clauses: Box<[Clause]>,
    /// Whether `${…}` is a variable: only in Version 2012-10-17.
    pub variables: bool,
}

impl Wording {
    /// The actions with what each of them names.
    pub(crate) fn named_actions(&self) -> impl Iterator<Item = (&Word, &ActionSet)> {
        self.actions.iter().zip(&self.named)
    }
}

/// One operator on one key.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The operator with its prefix and suffix, as `ForAnyValue:StringLikeIfExists`.
    pub operator: Word,
    /// The key.
    pub key: Word,
    /// What AWS documents about the key.
    pub known_key: Option<ConditionKey>,
    /// The values, in order.
    pub values: Box<[Word]>,
}

/// A statement's elements as they are written, before they mean anything.
struct Written {
    allows: bool,
    /// Whether the patterns are those of `NotAction`.
    not_action: bool,
    /// What the patterns name.
    named: ActionSet,
    /// Whether the patterns are those of `NotResource`.
    not_resource: bool,
    resources: Box<[Glob]>,
    conditions: Box<[Atom]>,
}

impl Statement {
    fn new(number: usize, sid: Option<&str>, span: Option<Span>, written: Written) -> Self {
        let patterns = written.resources;
        Self {
            number,
            sid: sid.map(Into::into),
            span,
            allows: written.allows,
            actions: if written.not_action { written.named.complement(Catalogue::embedded()) } else { written.named },
            resources: if written.not_resource { Resources::Except(patterns) } else { Resources::Only(patterns) },
            conditions: written.conditions,
            wording: None,
        }
    }
}

/// The condition operators, without their prefixes and `IfExists`.
pub fn operators() -> impl Iterator<Item = &'static str> {
    Operator::names()
}

/// The only version in which policy variables work.
const CURRENT_VERSION: &str = "2012-10-17";
/// The version of a document that names none.
const OLD_VERSION: &str = "2008-10-17";
