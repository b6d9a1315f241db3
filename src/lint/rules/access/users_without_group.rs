//! Users one by one, where a group would do.

use crate::access::{Pair, PrincipalKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that more than three users have one by one.
    ///
    /// ## Why it matters
    ///
    /// A user in a row is the documented exception. Several of them with the same function are a group that nobody has
    /// made: when one of them leaves, the model has to be changed, and the directory does not know of it.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/users-groups-provisioning.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - { user: ann@example.com, permission_set: SecOps, accounts: [audit], owner: a@example.com, expires: 2027-01-31, reason: audit }
    ///   - { user: bob@example.com, permission_set: SecOps, accounts: [audit], owner: a@example.com, expires: 2027-01-31, reason: audit }
    ///   - { user: cem@example.com, permission_set: SecOps, accounts: [audit], owner: a@example.com, expires: 2027-01-31, reason: audit }
    ///   - { user: dan@example.com, permission_set: SecOps, accounts: [audit], owner: a@example.com, expires: 2027-01-31, reason: audit }  # warning: [users-without-group] "dan@example.com"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-auditors
    ///     permission_set: SecOps
    ///     accounts: [audit]
    ///     expires: 2027-01-31
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   direct_users: 5  # as many users may have a permission set one by one
    /// ```
    USERS_WITHOUT_GROUP {
        id: "users-without-group",
        summary: "a permission set that many users have one by one",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let setting = access.lint.as_ref().and_then(|lint| lint.direct_users.as_ref());
    let most = context.number(setting, 3, diagnostics);
    let is_user = |pair: &Pair| access.principal(pair.principal).kind == PrincipalKind::User;
    for pairs in access.pairs.chunk_by(|a, b| a.permission_set == b.permission_set) {
        let users: Vec<&Pair> = pairs.iter().filter(|pair| is_user(pair)).collect();
        if users.len() <= most {
            continue;
        }
        let mut places: Vec<_> = users
            .iter()
            .filter_map(|pair| {
                let row = access.row(*pair.rows.first()?);
                row.principals.iter().find(|named| named.value == pair.principal).map(|named| named.span)
            })
            .collect();
        places.sort_unstable();
        let (Some(&last), Some(&first)) = (places.get(most), places.first()) else { continue };
        let set = &access.permission_set(pairs[0].permission_set).name.value;
        let mut finding =
            Diagnostic::warning("users-without-group", last, format!("{} users have `{set}` one by one", users.len()))
                .related(first, "the first of them");
        if let Some(setting) = setting {
            finding = finding.related(setting.span, "as many are allowed");
        }
        diagnostics.push(finding.help("make a group of them in the identity source, and assign the group"));
    }
}
