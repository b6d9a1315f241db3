//! Targets that another target of the same row includes.

use rustc_hash::FxHashMap;

use crate::access::{Organization, OuId, Selection};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// In one row, a unit below another unit that the row names, or an account that one of its units holds.
    ///
    /// ## Why it matters
    ///
    /// It changes nothing. Who removes it from the row in order to take the access away does not take it away.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads, Workloads/Prod]  # warning: [redundant-target] "Workloads/Prod"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    REDUNDANT_TARGET {
        id: "redundant-target",
        summary: "a target that another target of the same row includes",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(organization) = context.organization() else { return };
    for row in &context.access.rows {
        targets(organization, &row.selection, diagnostics);
    }
}

fn targets(organization: &Organization, selection: &Selection, diagnostics: &mut Diagnostics) {
    if selection.ous.is_empty() || selection.ous.len() + selection.accounts.len() < 2 {
        return;
    }
    let mut named: FxHashMap<OuId, Span> = FxHashMap::default();
    for ou in &selection.ous {
        named.entry(ou.value).or_insert(ou.span);
    }
    let above = |from: Option<OuId>| {
        let mut at = from;
        std::iter::from_fn(move || {
            let ou = at?;
            at = organization.unit(ou).parent;
            Some(ou)
        })
    };
    for ou in &selection.ous {
        let again = named.get(&ou.value).filter(|&&first| first != ou.span);
        let parents = above(organization.unit(ou.value).parent).find_map(|ou| named.get(&ou));
        if let Some(&wider) = again.or(parents) {
            let name = &organization.unit(ou.value).path;
            diagnostics.push(finding(ou.span, format!("the row reaches `{name}` without naming it"), wider));
        }
    }
    for account in &selection.accounts {
        // Units never reach the management account.
        if Some(account.value) == organization.management_account {
            continue;
        }
        let details = organization.account(account.value);
        if let Some(&wider) = above(Some(details.ou)).find_map(|ou| named.get(&ou)) {
            diagnostics.push(finding(
                account.span,
                format!("the row reaches `{}` without naming it", details.name),
                wider,
            ));
        }
    }
}

fn finding(span: Span, message: String, wider: Span) -> Diagnostic {
    Diagnostic::warning("redundant-target", span, message)
        .label("a target that changes nothing")
        .related(wider, "this unit includes it")
        .help("remove it, or remove the unit if only this part of it is meant")
}
