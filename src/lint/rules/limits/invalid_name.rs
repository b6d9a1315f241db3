//! A name that AWS does not take.

use std::collections::BTreeMap;

use super::{is_iam_name, show, stray};
use crate::access::PrincipalKind;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// A name that AWS does not take: a permission set with more than 32 characters or with a character outside
    /// `[A-Za-z0-9_+=,.@-]`, a policy with more than 128 of them, a principal with a control character, an account or
    /// unit that cannot be told from another one, or the name of a twin that is taken.
    ///
    /// ## Why it matters
    ///
    /// `terraform validate` lets most of these through; the apply then fails halfway.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   "App Developer": { description: Application developers }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper: { description: Application developers }
    /// ```
    INVALID_NAME {
        id: "invalid-name",
        summary: "a name that AWS does not take",
        kind: Fixed,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for set in &context.access.permission_sets {
        let what = format!("the permission set name `{}`", set.name.value);
        name(&set.name.value, &what, 32, set.name.span, diagnostics);
        if let Some(twin) = &set.management_name {
            name(&twin.value, &format!("the permission set name `{}`", twin.value), 32, twin.span, diagnostics);
        }
        for policy in set.policy_uses().filter(|policy| policy.policy.is_none()) {
            name(&policy.name, &format!("the policy name `{}`", policy.name), 128, policy.span, diagnostics);
        }
    }
    for policy in &context.access.policies {
        name(
            &policy.name.value,
            &format!("the policy name `{}`", policy.name.value),
            128,
            policy.name.span,
            diagnostics,
        );
    }
    twins(context, diagnostics);
    same_but_for_case(context, diagnostics);
    if let Some(organization) = context.organization() {
        let accounts = organization.accounts.iter().map(|account| (account.name.as_str(), account.span));
        let units = organization.units.iter().skip(1).map(|unit| (unit.path.as_str(), unit.span));
        for (name, span) in accounts.chain(units) {
            if let Some(c) = name.chars().find(|&c| hidden(c)) {
                diagnostics.push(
                    Diagnostic::error("invalid-name", span, format!("a name with the hidden character {}", show(c)))
                        .help("write the name as AWS Organizations shows it"),
                );
            }
        }
    }
    for row in &context.access.rows {
        for named in &row.principals {
            let principal = context.access.principal(named.value);
            let limit = match principal.kind {
                PrincipalKind::Group => 1024,
                PrincipalKind::User => 128,
            };
            let finding = if let Some(c) = principal.name.chars().find(|&c| hidden(c)) {
                format!("a name with the hidden character {}", show(c))
            } else if principal.name.is_empty() {
                "an empty name".to_owned()
            } else if principal.name.chars().count() > limit {
                format!("a name longer than {limit} characters")
            } else {
                continue;
            };
            diagnostics.push(
                Diagnostic::error("invalid-name", named.span, finding)
                    .help("write the name as the identity store shows it"),
            );
        }
    }
}

/// Control characters, and those that change the direction of text.
fn hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// IAM keeps names of policies unique whatever their case, and looks them up by the exact one.
fn same_but_for_case(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut policies: Vec<_> = context.access.policies.iter().collect();
    policies.sort_by_key(|policy| policy.name.span);
    let mut seen = BTreeMap::new();
    for policy in policies {
        if let Some(first) = seen.insert(policy.name.value.to_lowercase(), policy.name.span) {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-name",
                    policy.name.span,
                    format!("the policy `{}` differs from another one in case only", policy.name.value),
                )
                .related(first, "the other one")
                .help("give one of the two another name: IAM takes one of them in an account"),
            );
        }
    }
}

fn name(name: &str, what: &str, limit: usize, span: Span, diagnostics: &mut Diagnostics) {
    let length = name.chars().count();
    if length > limit {
        diagnostics.push(
            Diagnostic::error("invalid-name", span, format!("{what} has {length} characters, AWS takes {limit}"))
                .help("shorten it"),
        );
    }
    if let Some(c) = stray(name, is_iam_name) {
        diagnostics.push(
            Diagnostic::error("invalid-name", span, format!("{what} holds {}, which AWS does not take", show(c)))
                .help("use letters, digits and `_+=,.@-`"),
        );
    }
}

/// Twins are made for the management account where administration is delegated; their names must be free.
fn twins(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for (set, twin) in crate::plan::twins(access) {
        let set = access.permission_set(set);
        let span = set.management_name.as_ref().map_or(set.name.span, |name| name.span);
        if twin.chars().count() > 32 {
            if set.management_name.is_none() {
                diagnostics.push(
                    Diagnostic::error(
                        "invalid-name",
                        span,
                        format!("the twin `{twin}` for the management account has more than 32 characters"),
                    )
                    .help("give the twin a shorter name with `management_name`"),
                );
            }
        } else if let Some(other) = access.permission_sets.iter().find(|other| other.name.value == twin) {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-name",
                    span,
                    format!(
                        "the twin of `{}` for the management account would be `{twin}`, which is taken",
                        set.name.value
                    ),
                )
                .related(other.name.span, "this permission set has the name")
                .help("give the twin another name with `management_name`"),
            );
        }
    }
    let mut seen: BTreeMap<String, Span> = std::collections::BTreeMap::new();
    for (set, twin) in crate::plan::twins(access) {
        let set = access.permission_set(set);
        let span = set.management_name.as_ref().map_or(set.name.span, |name| name.span);
        if let Some(first) = seen.insert(twin.clone(), span) {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-name",
                    span,
                    format!("two twins for the management account would be named `{twin}`"),
                )
                .related(first, "the other one")
                .help("give one of them another name with `management_name`"),
            );
        }
    }
}
