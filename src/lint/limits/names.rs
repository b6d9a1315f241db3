//! Names, descriptions, paths, tags.

use std::collections::BTreeMap;

use super::{is_iam_name, is_word, show, stray};
use crate::access::{PermissionsBoundary, PrincipalKind};
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
        check: Some(names),
    }
}

fn names(context: &Context<'_>, diagnostics: &mut Diagnostics) {
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
    let mut seen = BTreeMap::new();
    for policy in &context.access.policies {
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
    let mut seen: std::collections::BTreeMap<String, Span> = std::collections::BTreeMap::new();
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

declare_rule! {
    /// ## What it finds
    ///
    /// A description that AWS does not take: empty, longer than 700 characters (a policy: 1,000), or with a character
    /// outside Latin-1, such as `€`, a curly quote or an emoji.
    ///
    /// ## Why it matters
    ///
    /// Neither `terraform validate` nor cfn-lint looks at the characters; the API refuses them.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { description: "costs in €" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { description: "costs in EUR" }
    /// ```
    INVALID_DESCRIPTION {
        id: "invalid-description",
        summary: "a description that AWS does not take",
        kind: Fixed,
        check: Some(descriptions),
    }
}

fn descriptions(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    // https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
    let latin1 = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    let sets = context.access.permission_sets.iter().filter_map(|set| set.description.as_ref()).map(|text| (text, 700));
    let policies =
        context.access.policies.iter().filter_map(|policy| policy.description.as_ref()).map(|text| (text, 1000));
    for (text, limit) in sets.chain(policies) {
        let length = text.value.chars().count();
        let message = if text.value.is_empty() {
            "an empty description".to_owned()
        } else if length > limit {
            format!("a description of {length} characters, AWS takes {limit}")
        } else if let Some(c) = stray(&text.value, latin1) {
            format!("a description with {}, which AWS does not take", show(c))
        } else {
            continue;
        };
        diagnostics.push(
            Diagnostic::error("invalid-description", text.span, message)
                .help("use 1 to 700 characters of Latin-1, or leave the key out"),
        );
    }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A relay state that AWS does not take: empty, longer than 240 characters, or with a character outside its alphabet.
    ///
    /// ## Why it matters
    ///
    /// The apply fails when the permission set is created.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { relay_state: "https://console.aws.amazon.com/billing/<home>" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { relay_state: "https://console.aws.amazon.com/billing/home" }
    /// ```
    INVALID_RELAY_STATE {
        id: "invalid-relay-state",
        summary: "a relay state that AWS does not take",
        kind: Fixed,
        check: Some(relay_states),
    }
}

fn relay_states(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    // The API also takes spaces, which the Terraform provider refuses.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "&$@#/%?=~-_'\"|!:,.;*+[](){}".contains(c);
    for text in context.access.permission_sets.iter().filter_map(|set| set.relay_state.as_ref()) {
        let length = text.value.chars().count();
        let message = if text.value.is_empty() {
            "an empty relay state".to_owned()
        } else if length > 240 {
            format!("a relay state of {length} characters, AWS takes 240")
        } else if let Some(c) = stray(&text.value, allowed) {
            format!("a relay state with {}, which AWS does not take", show(c))
        } else {
            continue;
        };
        diagnostics.push(
            Diagnostic::error("invalid-relay-state", text.span, message)
                .help("write the URL of a page of the AWS console"),
        );
    }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A tag of a permission set that AWS does not take: more than 50 tags, a key outside 1 to 128 or a value outside 1
    /// to 256 characters, or a character outside `[A-Za-z0-9_+=,.@-]`.
    ///
    /// ## Why it matters
    ///
    /// The API takes more than CloudFormation does. The subset that both take keeps the two outputs equal.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { tags: { "cost center": finance } }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Billing: { tags: { cost-center: finance } }
    /// ```
    INVALID_TAG {
        id: "invalid-tag",
        summary: "a tag that AWS does not take",
        kind: Fixed,
        check: Some(tags),
    }
}

fn tags(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let help = "use letters, digits and `_+=,.@-`, at most 128 of them in a key and from 1 to 256 in a value";
    for set in &context.access.permission_sets {
        if set.tags.len() > 50
            && let Some((key, _)) = set.tags.iter().max_by_key(|(key, _)| key.span)
        {
            let message = format!("`{}` has {} tags, AWS takes 50", set.name.value, set.tags.len());
            diagnostics.push(Diagnostic::error("invalid-tag", key.span, message).help("remove some of them"));
        }
        for (key, value) in &set.tags {
            for (text, what, limit) in [(key, "key", 128), (value, "value", 256)] {
                let length = text.value.chars().count();
                let message = if text.value.is_empty() {
                    format!("an empty tag {what}")
                } else if length > limit {
                    format!("a tag {what} of {length} characters, AWS takes {limit}")
                } else if let Some(c) = stray(&text.value, is_iam_name) {
                    format!("a tag {what} with {}, which AWS does not take everywhere", show(c))
                } else if what == "key" && text.value.to_ascii_lowercase().starts_with("aws:") {
                    "a tag key that begins with `aws:`".to_owned()
                } else {
                    continue;
                };
                diagnostics.push(Diagnostic::error("invalid-tag", text.span, message).help(help));
            }
        }
    }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An IAM path that AWS does not take. A path begins and ends with `/` and has letters, digits and `.,+@=_-` between.
    ///
    /// ## Why it matters
    ///
    /// A policy is found by name *and* path in every account: a path that is refused in one place breaks every assignment
    /// of the permission set.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   SecOps: { path: security, document: policies/secops.json }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// policies:
    ///   SecOps: { path: /security/, document: policies/secops.json }
    /// ```
    INVALID_PATH {
        id: "invalid-path",
        summary: "an IAM path that AWS does not take",
        kind: Fixed,
        check: Some(paths),
    }
}

fn paths(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let declared = context.access.policies.iter().map(|policy| (policy.path.as_str(), policy.path_span));
    let undeclared = context.access.permission_sets.iter().flat_map(|set| {
        let boundary = match &set.permissions_boundary {
            Some(PermissionsBoundary::Customer(policy)) => Some(policy),
            _ => None,
        };
        let uses = set.customer_managed_policies.iter().chain(boundary);
        uses.filter(|policy| policy.policy.is_none()).map(|policy| (policy.path.as_str(), policy.span))
    });
    for (path, span) in declared.chain(undeclared) {
        let letters = |part: &str| !part.is_empty() && part.chars().all(|c| is_word(c) || ".,+@=-".contains(c));
        let inner = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let valid = path == "/" || inner.is_some_and(|inner| inner.split('/').all(letters));
        if !valid || path.len() > 512 {
            let trimmed = path.trim_matches('/');
            diagnostics.push(
                Diagnostic::error("invalid-path", span, format!("`{path}` is not an IAM path"))
                    .help(format!("write `/{trimmed}/`: a path begins and ends with `/`, has letters, digits and `.,+@=_-` between, and at most 512 characters")),
            );
        }
    }
}
