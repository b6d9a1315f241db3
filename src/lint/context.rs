//! What a rule may see.

use std::cell::OnceCell;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::reach::{self, Reach, Reaches};
use super::rules::watched;
use super::{Kind, Levels, Rule};
use crate::access::{Access, AccountId, Document, Organization, RowId, SetId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::Effective;
use crate::iam::policy::Policy;
use crate::source::{Span, Spanned};
use crate::syntax::decode::Text;
use crate::words::few;

/// What an id of the organization belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKind {
    /// The organization itself.
    Organization,
    /// Its root.
    Root,
    /// A unit.
    Unit,
}

/// The resolved model, and what several rules want to know about it.
#[derive(Debug)]
pub struct Context<'a> {
    /// The model.
    pub access: &'a Access,
    /// Whether CloudFormation is to deploy it.
    pub for_cloudformation: bool,
    /// The levels that rules have been given; without any, all keep their own.
    pub levels: Option<&'a Levels>,
    /// By permission set; assessed for the first rule that asks.
    reach: OnceCell<Reaches>,
    /// Listed for the first rule that asks.
    bodies: OnceCell<Vec<Body<'a>>>,
    /// The place of each among them.
    body_places: OnceCell<FxHashMap<*const Policy, usize>>,
}

/// A policy document of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    /// The document, where it is first named.
    pub document: &'a Document,
    /// Whether a permission set attaches it; it is a boundary or unused otherwise.
    pub grants: bool,
}

impl<'a> Context<'a> {
    /// Prepares to judge `access`.
    pub fn new(access: &'a Access) -> Self {
        Self {
            access,
            for_cloudformation: false,
            levels: None,
            reach: OnceCell::new(),
            bodies: OnceCell::new(),
            body_places: OnceCell::new(),
        }
    }

    /// Whether the findings of a rule are wanted.
    pub(super) fn is_on(&self, rule: &Rule) -> bool {
        self.levels.map_or(rule.kind != Kind::Optional, |levels| levels.is_on(rule))
    }

    /// The organization, where the model has one.
    pub fn organization(&self) -> Option<&'a Organization> {
        self.access.organization.as_ref()
    }

    /// The ids of the organization, its root and its units, where the snapshot has them.
    pub(crate) fn organization_ids(&self) -> Vec<(IdKind, &'a Spanned<String>)> {
        let Some(organization) = self.organization() else { return Vec::new() };
        let units = organization.units.iter().enumerate().filter_map(|(index, unit)| {
            let kind = if index == 0 { IdKind::Root } else { IdKind::Unit };
            unit.id.as_ref().map(|id| (kind, id))
        });
        organization.id.iter().map(|id| (IdKind::Organization, id)).chain(units).collect()
    }

    /// Whether a permission set reaches `iam:*` in some account, within its boundary.
    pub fn reaches_iam(&self, set: SetId) -> bool {
        self.reach(set).iter().any(|reach| reach.assessment.reaches_iam_wildcard().is_some())
    }

    fn reaches(&self) -> &Reaches {
        self.reach.get_or_init(|| reach::assess(self.access, &watched(self)))
    }

    /// What a permission set may do, action by action, with the bodies and in the accounts of one of its reaches.
    pub fn effective<'r>(&'r self, reach: &'r Reach) -> Effective<'r> {
        self.reaches().assessor.effective(&reach.policies)
    }

    /// How far a permission set reaches: once for its policies' own bodies, and once for each variant of one of them, in each
    /// group of accounts that service control policies restrict alike.
    pub fn reach(&self, set: SetId) -> &[Reach] {
        &self.reaches().sets[set.index()]
    }

    /// The documents of the model, each once, however often it is named.
    pub(crate) fn bodies(&self) -> &[Body<'a>] {
        self.bodies.get_or_init(|| {
            let access = self.access;
            let inline = access.permission_sets.iter().filter_map(|set| set.inline_policy.as_ref());
            let attached = access.permission_sets.iter().flat_map(|set| &set.customer_managed_policies);
            let mut attaches = FixedBitSet::with_capacity(access.policies.len());
            attaches.extend(attached.filter_map(|policy| policy.policy).map(|policy| policy.index()));
            let declared = access.policies.iter().enumerate().flat_map(|(index, policy)| {
                let grants = attaches.contains(index);
                policy.documents().map(move |document| Body { document, grants })
            });
            let organization = access.organization.iter();
            let controls = organization.flat_map(|organization| &organization.service_control_policies);
            let controls = controls.filter_map(|control| control.document.as_ref());
            let all = inline.map(|document| Body { document, grants: true }).chain(declared);
            let all = all.chain(controls.map(|document| Body { document, grants: false }));
            let mut places: FxHashMap<*const Policy, usize> = FxHashMap::default();
            let mut bodies: Vec<Body<'a>> = Vec::new();
            for body in all {
                let place = *places.entry(Arc::as_ptr(&body.document.policy)).or_insert(bodies.len());
                match bodies.get_mut(place) {
                    Some(known) => {
                        known.grants |= body.grants;
                        if body.document.named_at < known.document.named_at {
                            known.document = body.document;
                        }
                    }
                    None => bodies.push(body),
                }
            }
            // Nobody has asked before: the bodies are listed once.
            let _ = self.body_places.set(places);
            bodies
        })
    }

    /// The document that a policy is the meaning of; `None` for a policy of AWS.
    pub(crate) fn body_of(&self, policy: &Policy) -> Option<Body<'a>> {
        self.bodies();
        let place = self.body_places.get()?.get(&std::ptr::from_ref(policy))?;
        self.bodies().get(*place).copied()
    }

    /// Where findings about a row stand: at its first principal.
    pub(crate) fn place_of(&self, row: RowId) -> Span {
        let row = self.access.row(row);
        row.principals.first().map_or(row.span.at_start(), |named| named.span)
    }

    /// A setting that is a number; what is none is reported and left out.
    pub(crate) fn number(&self, setting: Option<&Text>, default: usize, diagnostics: &mut Diagnostics) -> usize {
        let Some(text) = setting else { return default };
        text.as_str().parse().unwrap_or_else(|_| {
            diagnostics.push(
                Diagnostic::error("invalid-value", text.span, format!("`{}` is not a number", text.as_str()))
                    .help(format!("write a number, such as `{default}`")),
            );
            default
        })
    }

    /// A few accounts by name, and how many more there are.
    pub fn name_accounts(&self, accounts: &[AccountId]) -> String {
        let Some(organization) = self.organization() else { return String::new() };
        let name = |&account: &AccountId| format!("`{}`", organization.account(account).name);
        few(accounts, 3, name)
    }
}
