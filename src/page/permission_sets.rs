//! Permission sets, what they are made of, and how far they reach.

use fixedbitset::FixedBitSet;
use serde::Serialize;

use super::actions::{Actions, Reached, reaches};
use super::excerpts::{Excerpts, Place};
use super::organization::{Numbering, Ranges};
use crate::access::{self, Access, Document, PermissionsBoundary, PolicyUse, SetId};
use crate::iam::Certainty;
use crate::iam::assess::Class;
use crate::lint::Context;

/// A permission set.
#[derive(Debug, Serialize)]
pub struct PermissionSet {
    /// The name.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// What the function is.
    pub description: Option<String>,
    /// How long a session lasts, in seconds.
    pub session: u32,
    /// The tags, each as `key=value`.
    pub tags: Vec<String>,
    /// Who answers for it, as a tag named `Owner` says, whatever its capitals.
    pub owner: Option<String>,
    /// The policies, in the model's order.
    pub policies: Vec<Body>,
    /// The permissions boundary.
    pub boundary: Option<Body>,
    /// In what ways it is privileged, the widest first.
    pub privileges: Vec<Privilege>,
    /// What it may do.
    pub reached: Vec<Reached>,
}

/// A policy of a permission set.
#[derive(Debug, Serialize)]
pub struct Body {
    /// `AWS-managed`, `customer-managed` or `inline`.
    pub kind: &'static str,
    /// The name; empty for the inline policy.
    pub name: String,
    /// Where the model names it, or holds it.
    pub place: Place,
    /// The declaration, by place in the policies of the page.
    pub policy: Option<u32>,
    /// The statements of an inline policy.
    pub statements: Vec<Statement>,
}

/// A customer-managed policy.
#[derive(Debug, Serialize)]
pub struct CustomerManaged {
    /// The name.
    pub name: String,
    /// The IAM path.
    pub path: String,
    /// Where it is declared.
    pub place: Place,
    /// The accounts where somebody else keeps it in place; none for a policy that is distributed.
    pub external: Option<Ranges>,
    /// The statements of its own body.
    pub statements: Vec<Statement>,
    /// The bodies of variants, with their accounts.
    pub variants: Vec<(Ranges, Vec<Statement>)>,
}

/// A statement of a policy that the model holds.
#[derive(Debug, Serialize)]
pub struct Statement {
    /// Its place in the document, from 1.
    pub number: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Whether it allows; it denies otherwise.
    pub allows: bool,
    /// Where it is written.
    pub place: Place,
    /// Whether `actions` are those of `NotAction`.
    pub not_action: bool,
    /// The actions.
    pub actions: Vec<String>,
}

/// One way in which a permission set is privileged.
#[derive(Debug, Serialize)]
pub struct Privilege {
    /// `administrator`, `near administrator`, `identity administrator`, `escalation` or `organization`.
    pub class: &'static str,
    /// Whether it is proven; it depends on something otherwise, which the sentence says.
    pub proven: bool,
    /// What is granted by what, and what that allows.
    pub sentence: String,
    /// The accounts.
    pub accounts: Ranges,
    /// The statements of the model that give it.
    pub places: Vec<Place>,
}

/// How long a session lasts where the model does not say.
const DEFAULT_SESSION: u32 = 3600;

pub(super) fn of(
    context: &Context<'_>,
    actions: &Actions,
    numbering: &Numbering,
    excerpts: &mut Excerpts<'_>,
) -> Vec<PermissionSet> {
    let sets = context.access.set_ids();
    sets.map(|id| permission_set(context, id, actions, numbering, excerpts)).collect()
}

fn permission_set(
    context: &Context<'_>,
    id: SetId,
    actions: &Actions,
    numbering: &Numbering,
    excerpts: &mut Excerpts<'_>,
) -> PermissionSet {
    let set = context.access.permission_set(id);
    let mut policies = Vec::new();
    for name in &set.aws_managed_policies {
        policies.push(aws_managed(&name.value, excerpts.place(name.span)));
    }
    for used in &set.customer_managed_policies {
        policies.push(customer_managed(used, excerpts));
    }
    if let Some(document) = &set.inline_policy {
        policies.push(Body {
            kind: "inline",
            name: String::new(),
            place: excerpts.place(document.named_at),
            policy: None,
            statements: statements(document, excerpts),
        });
    }
    let tags = set.tags.iter();
    let owner = tags.clone().find(|(key, _)| key.value.eq_ignore_ascii_case("owner"));
    PermissionSet {
        name: set.name.value.clone(),
        place: excerpts.place(set.name.span),
        description: set.description.as_ref().map(|text| text.value.clone()),
        session: set.session_duration.as_ref().map_or(DEFAULT_SESSION, |seconds| seconds.value),
        owner: owner.map(|(_, value)| value.value.clone()),
        tags: tags.map(|(key, value)| format!("{}={}", key.value, value.value)).collect(),
        boundary: set.permissions_boundary.as_ref().map(|boundary| match boundary {
            PermissionsBoundary::Customer(used) => customer_managed(used, excerpts),
            PermissionsBoundary::AwsManaged(name) => aws_managed(&name.value, excerpts.place(name.span)),
        }),
        policies,
        privileges: privileges(context, id, numbering, excerpts),
        reached: actions.reached(id, numbering),
    }
}

fn aws_managed(name: &str, place: Place) -> Body {
    Body { kind: "AWS-managed", name: name.to_owned(), place, policy: None, statements: Vec::new() }
}

fn customer_managed(used: &PolicyUse, excerpts: &mut Excerpts<'_>) -> Body {
    Body {
        kind: "customer-managed",
        name: used.name.clone(),
        place: excerpts.place(used.span),
        policy: used.policy.map(|policy| policy.0),
        statements: Vec::new(),
    }
}

fn statements(document: &Document, excerpts: &mut Excerpts<'_>) -> Vec<Statement> {
    let statements = document.policy.statements().iter().filter_map(|statement| {
        let wording = statement.wording.as_ref()?;
        Some(Statement {
            number: statement.number,
            sid: statement.sid.as_ref().map(|sid| sid.to_string()),
            allows: statement.allows,
            place: excerpts.place(statement.span?),
            not_action: wording.not_action,
            actions: wording.actions.iter().map(|action| action.value.to_string()).collect(),
        })
    });
    statements.collect()
}

/// The policies that the model declares.
pub(super) fn policies(access: &Access, numbering: &Numbering, excerpts: &mut Excerpts<'_>) -> Vec<CustomerManaged> {
    let accounts = |accounts: &FixedBitSet| numbering.ranges_of_indices(accounts.ones());
    let policy = |policy: &access::CustomerPolicy| CustomerManaged {
        name: policy.name.value.clone(),
        path: policy.path.clone(),
        place: excerpts.place(policy.name.span),
        external: policy.external.as_ref().map(|external| accounts(&external.accounts)),
        statements: policy.document.as_ref().map_or_else(Vec::new, |document| statements(document, excerpts)),
        variants: policy
            .variants
            .iter()
            .map(|variant| (accounts(&variant.accounts), statements(&variant.document, excerpts)))
            .collect(),
    };
    access.policies.iter().map(policy).collect()
}

/// In what ways a permission set is privileged.
///
/// What it may only do by entering what already runs with a role of the account, or by handing a role to a service of which
/// no more is known, is left to the findings: whether it is anything depends on that account or service.
fn privileges(context: &Context<'_>, id: SetId, numbering: &Numbering, excerpts: &mut Excerpts<'_>) -> Vec<Privilege> {
    let access = context.access;
    let delegated = access.instance.delegated_admin.as_ref().map(|account| account.value);
    let administrative: Vec<_> = access.management_account().into_iter().chain(delegated).collect();
    let mut found: Vec<(Class, Privilege, FixedBitSet)> = Vec::new();
    for (reach, accounts) in reaches(context, id) {
        for finding in &reach.assessment.findings {
            let class = match finding.class {
                Class::FullAdmin => "administrator",
                Class::NearAdmin => "near administrator",
                Class::IamWildcard => "identity administrator",
                Class::Direct | Class::Pass => "escalation",
                Class::IdentityCenter | Class::Organizations => {
                    if !administrative.iter().any(|account| accounts.contains(account.index())) {
                        continue;
                    }
                    "organization"
                }
                Class::RoleSink | Class::ExistingRole => continue,
            };
            let sentence = finding.sentence(&reach.policies);
            match found.iter_mut().find(|(_, known, _)| known.sentence == sentence) {
                Some((_, _, known)) => known.union_with(&accounts),
                None => {
                    let privilege = Privilege {
                        class,
                        proven: finding.certainty == Certainty::Proven,
                        sentence,
                        accounts: Ranges::new(),
                        places: finding
                            .steps
                            .iter()
                            .filter_map(|step| step.span)
                            .map(|span| excerpts.place(span))
                            .collect(),
                    };
                    found.push((finding.class, privilege, accounts.clone()));
                }
            }
        }
    }
    // Stable: the catalogue's order within a class.
    found.sort_by_key(|&(class, _, _)| class);
    let privileges = found.into_iter().map(|(_, privilege, accounts)| Privilege {
        accounts: numbering.ranges_of_indices(accounts.ones()),
        ..privilege
    });
    privileges.collect()
}
