//! Policies compared and searched by what they name.

use std::sync::LazyLock;

use memchr::memchr;

use super::grammar::principal_tag;
use super::{Policy, Statement};
use crate::iam::action::ActionSet;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::iam::condition::{Operator, SetOperator};
use crate::iam::glob::Glob;
use crate::iam::resource::Resources;

/// What a policy says, resources and values left out: two policies with one outline differ in names only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outline<'p>(Vec<Line<'p>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line<'p> {
    allows: bool,
    actions: &'p ActionSet,
    not_resource: bool,
    resources: usize,
    conditions: Vec<(SetOperator, bool, Operator, &'p str, usize)>,
}

impl<'p> Line<'p> {
    fn of(statement: &'p Statement) -> Self {
        let (not_resource, patterns) = patterns(statement);
        let conditions = statement.conditions.iter();
        let conditions = conditions.map(|a| (a.set, a.if_exists, a.operator, &*a.key, a.values.len()));
        Self {
            allows: statement.allows,
            actions: &statement.actions,
            not_resource,
            resources: patterns.len(),
            conditions: conditions.collect(),
        }
    }
}

impl Policy {
    /// The policy without its resources and values.
    pub fn outline(&self) -> Outline<'_> {
        Outline(self.statements.iter().map(Line::of).collect())
    }

    /// The resources and the values of conditions, in order.
    pub fn values(&self) -> Vec<String> {
        let mut values = Vec::new();
        for statement in &self.statements {
            values.extend(patterns(statement).1.iter().map(ToString::to_string));
            let conditions = statement.conditions.iter().flat_map(|atom| &atom.values);
            values.extend(conditions.map(|value| String::from(&**value)));
        }
        values
    }

    /// Whether it asks for a tag of the principal, in a condition or as a variable.
    pub fn asks_for_tag(&self, tag: &str) -> bool {
        let is_it = |key: &str| principal_tag(key).is_some_and(|name| name.eq_ignore_ascii_case(tag));
        self.statements.iter().any(|statement| {
            let resources = patterns(statement).1.iter().flat_map(Glob::variables);
            let atoms = || statement.conditions.iter();
            let keys = atoms().map(|atom| &*atom.key);
            let values = atoms().filter(|atom| atom.variables).flat_map(|atom| &atom.values);
            let values = values.flat_map(|value| variables(value));
            resources.chain(keys).chain(values).any(is_it)
        })
    }

    /// Statements that let people do something with nothing but roles that AWS reserves for itself, and what of it nobody
    /// can do: assume or pass the roles of Identity Center, and change any.
    pub fn grants_on_reserved_roles(&self) -> Vec<(&Statement, Vec<&'static str>)> {
        let mut found = Vec::new();
        for statement in self.statements.iter().filter(|statement| statement.allows) {
            let Resources::Only(patterns) = &statement.resources else { continue };
            let within = |roles: &[Glob]| {
                let reserved = |pattern: &Glob| roles.iter().any(|roles| roles.includes(pattern));
                !patterns.is_empty() && patterns.iter().all(reserved)
            };
            for (actions, roles) in [(&USING, &RESERVED_ROLES[..2]), (&CHANGING, &RESERVED_ROLES[..])] {
                let granted = actions.iter().filter(|(_, action)| statement.actions.contains(*action));
                let actions: Vec<&str> = granted.map(|(name, _)| *name).collect();
                if !actions.is_empty() && within(roles) {
                    found.push((statement, actions));
                }
            }
        }
        found
    }
}

impl Statement {
    /// Whether it allows everything but what it names as `NotResource`.
    pub fn allows_all_but(&self) -> bool {
        self.allows && matches!(self.resources, Resources::Except(_))
    }

    /// Whether it allows something on every resource, without a condition.
    fn is_open(&self) -> bool {
        self.allows && self.conditions.is_empty() && self.resources.is_any()
    }

    /// Whether it names most of what there is, and so is more than a few slips.
    fn is_wide(&self) -> bool {
        self.actions.len() > Catalogue::embedded().universe() / 2
    }
}

impl Policy {
    /// Statements that allow every action of some of these services on every resource, and which. Statements that allow
    /// most actions there are left out.
    pub fn whole_services<'s>(&self, services: &[&'s str]) -> Vec<(&Statement, Vec<&'s str>)> {
        let catalogue = Catalogue::embedded();
        let open = self.statements.iter().filter(|statement| statement.is_open() && !statement.is_wide());
        let named = |statement: &Statement| -> Vec<&'s str> {
            let whole = |name: &str| catalogue.service(name).is_some_and(|s| statement.actions.contains(s.future()));
            services.iter().copied().filter(|name| whole(name)).collect()
        };
        open.map(|statement| (statement, named(statement))).filter(|(_, named)| !named.is_empty()).collect()
    }

    /// Statements that allow changes on every resource though these could be limited, and the actions.
    pub fn changes_anything(&self) -> Vec<(&Statement, Vec<String>)> {
        let catalogue = Catalogue::embedded();
        let open = self.statements.iter().filter(|statement| statement.is_open() && !statement.is_wide());
        let changes = |statement: &Statement| -> Vec<String> {
            let named = statement.actions.ids().map(|id| (id, catalogue.action(id)));
            let changing = named.filter(|(_, action)| {
                !action.name.is_empty()
                    && matches!(action.level, AccessLevel::Write | AccessLevel::PermissionsManagement)
            });
            let limitable = changing.filter(|(id, _)| catalogue.resource_types(*id).next().is_some());
            limitable.map(|(_, action)| format!("{}:{}", action.service, action.name)).collect()
        };
        open.map(|statement| (statement, changes(statement))).filter(|(_, named)| !named.is_empty()).collect()
    }

    /// Statements that allow `iam:CreateServiceLinkedRole` for every service. Those that allow all of IAM are left out.
    pub fn creates_any_service_linked_role(&self) -> impl Iterator<Item = &Statement> {
        let catalogue = Catalogue::embedded();
        let create = catalogue.action_named("iam:CreateServiceLinkedRole");
        let future = catalogue.service("iam").map(|iam| iam.future());
        self.statements.iter().filter(move |statement| {
            let named = |id: Option<ActionId>| id.is_some_and(|id| statement.actions.contains(id));
            let (not_resource, patterns) = patterns(statement);
            let every = |pattern: &Glob| EVERY_ROLE.iter().any(|role| pattern.includes(role));
            statement.allows
                && named(create)
                && !named(future)
                && (not_resource || patterns.iter().any(every))
                && statement.conditions.iter().all(|atom| &*atom.key != "iam:awsservicename")
        })
    }

    /// How many actions the Allow statements name that those of another policy do not, and the first of them.
    pub fn allows_beyond(&self, other: &Self) -> (u32, Option<String>) {
        let catalogue = Catalogue::embedded();
        let allowed = |policy: &Self| {
            let allows = policy.statements.iter().filter(|statement| statement.allows);
            ActionSet::union(allows.map(|statement| &statement.actions))
        };
        let beyond = allowed(self).difference(&allowed(other), catalogue);
        let first = beyond.ids().map(|id| catalogue.action(id)).find(|action| !action.name.is_empty());
        (beyond.len(), first.map(|action| format!("{}:{}", action.service, action.name)))
    }
}

/// What a pattern has to include in order to be about the service-linked roles of every service.
static EVERY_ROLE: LazyLock<[Glob; 1]> =
    LazyLock::new(|| ["arn:aws:iam::*:role/aws-service-role/*"].map(|role| Glob::new(role, false)));

/// Some actions by their names.
type Named = LazyLock<Vec<(&'static str, ActionId)>>;

fn named<const N: usize>(names: [&'static str; N]) -> Vec<(&'static str, ActionId)> {
    let id = |name| Some((name, Catalogue::embedded().action_named(name)?));
    names.into_iter().filter_map(id).collect()
}

/// What nobody does with a role of Identity Center but Identity Center.
static USING: Named = LazyLock::new(|| named(["sts:AssumeRole", "iam:PassRole"]));

/// What IAM refuses on a reserved role, whoever asks.
static CHANGING: Named = LazyLock::new(|| {
    named([
        "iam:AttachRolePolicy",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ])
});

/// The roles that AWS reserves for itself; the first two are those of Identity Center.
static RESERVED_ROLES: LazyLock<[Glob; 3]> = LazyLock::new(|| {
    [
        "arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*",
        "arn:*:iam::*:role/AWSReservedSSO_*",
        "arn:*:iam::*:role/aws-reserved/*",
    ]
    .map(|roles| Glob::new(roles, false))
});

/// Whether the patterns are those of `NotResource`, and the patterns.
fn patterns(statement: &Statement) -> (bool, &[Glob]) {
    match &statement.resources {
        Resources::Only(patterns) => (false, patterns),
        Resources::Except(patterns) => (true, patterns),
    }
}

/// What stands in each `${…}` of a text; `None` for one that is never closed.
pub(crate) fn variables_of(text: &str) -> impl Iterator<Item = Option<&str>> {
    // Most texts have none, and one byte is sought faster than two.
    let behind = memchr(b'$', text.as_bytes()).map_or("", |first| &text[first..]);
    behind.split("${").skip(1).map(|rest| Some(rest.split_once('}')?.0.trim()))
}

/// The names of the variables in a text; one with a default always has a value and is left out.
pub(super) fn variables(text: &str) -> impl Iterator<Item = &str> {
    variables_of(text).flatten().filter(|inside| !inside.contains(','))
}
