//! Names that differ in case only.

use rustc_hash::FxHasher;
use std::hash::Hasher;

use crate::access::PrincipalKind;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// Two permission sets, two groups, two users, two accounts, two units or two attributes whose names differ in case
    /// only. Policies are found by `invalid-name`, because IAM refuses the second.
    ///
    /// ## Why it matters
    ///
    /// Somebody will take one for the other: names are exact in the model and in Identity Center, and people do not see
    /// the difference. Groups whose names differ in case only are one group in many directories, and attributes are one
    /// session tag (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/NonProd]
    ///   - group: AWS-Team-A  # warning: [confusable-names] "AWS-Team-A"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/Prod]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/NonProd]
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/Prod]
    /// ```
    CONFUSABLE_NAMES {
        id: "confusable-names",
        summary: "two names of a kind that differ in case only",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let sets = access.permission_sets.iter().map(|set| (set.name.value.as_str(), set.name.span));
    differ("the permission set", sets.collect(), diagnostics);
    let attributes = access.attributes.iter().map(|(key, _)| (key.as_str(), key.span));
    differ("the attribute", attributes.collect(), diagnostics);
    // A principal is named in many rows: the first of them is its place.
    let mut places: Vec<Option<Span>> = vec![None; access.principals.len()];
    for named in access.rows.iter().flat_map(|row| &row.principals) {
        if let Some(place) = places.get_mut(named.value.index()) {
            place.get_or_insert(named.span);
        }
    }
    let directory = access.directory.as_ref();
    for (kind, what, listed) in [
        (PrincipalKind::Group, "the group", directory.and_then(|directory| directory.groups.as_ref())),
        (PrincipalKind::User, "the user", directory.and_then(|directory| directory.users.as_ref())),
    ] {
        // A directory lists whatever rows name.
        if let Some(listed) = listed {
            let names = listed.entries.iter().map(|(name, _)| (name.as_str(), name.span));
            differ(what, names.collect(), diagnostics);
            continue;
        }
        let of_kind = access.principals.iter().zip(&places).filter(|(principal, _)| principal.kind == kind);
        let names = of_kind.filter_map(|(principal, place)| Some((principal.name.as_str(), (*place)?)));
        differ(what, names.collect(), diagnostics);
    }
    if let Some(organization) = context.organization() {
        let accounts = organization.accounts.iter().map(|account| (account.name.as_str(), account.span));
        differ("the account", accounts.collect(), diagnostics);
        let units = organization.units.iter().skip(1).map(|unit| (unit.path.as_str(), unit.span));
        differ("the unit", units.collect(), diagnostics);
    }
}

/// Reports names that differ in case only: of every spelling after the first, the first place.
fn differ(what: &str, mut names: Vec<(&str, Span)>, diagnostics: &mut Diagnostics) {
    names.sort_unstable_by_key(|&(_, span)| span);
    // Ten thousand names are compared without a copy of any: by a hash that does not see case.
    let hash = |name: &str| {
        let mut hasher = FxHasher::default();
        name.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        hasher.finish()
    };
    let mut hashed: Vec<_> =
        names.into_iter().enumerate().map(|(at, (name, span))| (hash(name), at, name, span)).collect();
    hashed.sort_unstable_by_key(|&(hash, at, ..)| (hash, at));
    for alike in hashed.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        spellings(what, alike.iter().map(|&(_, _, name, span)| (name, span)), diagnostics);
    }
}

/// Reports the spellings of what may be one name, in the order of their places.
fn spellings<'a>(what: &str, names: impl Iterator<Item = (&'a str, Span)>, diagnostics: &mut Diagnostics) {
    let mut known: Vec<(&str, Span)> = Vec::new();
    for (name, span) in names {
        // The same name is one spelling wherever it stands: accounts in different units may share it.
        if known.iter().any(|&(other, _)| other == name) {
            continue;
        }
        if let Some(&(other, place)) = known.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
            diagnostics.push(
                Diagnostic::warning(
                    "confusable-names",
                    span,
                    format!("{what} `{name}` differs from `{other}` in case only"),
                )
                .related(place, "the other one")
                .help("use one name if one thing is meant; otherwise give one of the two another name"),
            );
        }
        known.push((name, span));
    }
}
