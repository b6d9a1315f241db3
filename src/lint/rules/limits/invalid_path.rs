//! An IAM path that AWS does not take.

use super::is_word;
use crate::access::PermissionsBoundary;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

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
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
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
