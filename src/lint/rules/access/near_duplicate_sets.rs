//! Permission sets that differ in a name only.

use rustc_hash::FxHashMap;

use crate::access::{Access, PermissionSet, PermissionsBoundary};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::{Outline, Policy};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// Three or more permission sets with the same statements, whose resources and condition values differ in one name
    /// only, such as that of a team.
    ///
    /// ## Why it matters
    ///
    /// Every new team needs another permission set, another row and another review of the same policy; 500 sets fit into
    /// an account. One set that compares a session tag with a tag or a name does for all of them.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/abac.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   TeamRed:
    ///     inline_policy: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/red/*" } }
    ///   TeamBlue:  # warning: [near-duplicate-sets] "TeamBlue"
    ///     inline_policy: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/blue/*" } }
    ///   TeamGreen:
    ///     inline_policy: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/green/*" } }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// attributes:
    ///   Team: "${path:enterprise.department}"
    /// permission_sets:
    ///   Team:
    ///     inline_policy: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/${aws:PrincipalTag/Team}/*" } }
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   near_duplicate_sets: 5  # as many may differ in a name only
    /// ```
    NEAR_DUPLICATE_SETS {
        id: "near-duplicate-sets",
        summary: "permission sets whose policies differ in a name only",
        kind: Adjustable,
        check: Some(check),
    }
}

/// What sets that differ in names only have in common.
#[derive(PartialEq, Eq, Hash)]
struct Shape<'a> {
    managed: Vec<&'a str>,
    boundary: Option<&'a str>,
    /// Policies whose body is not judged, by name.
    opaque: Vec<&'a str>,
    outlines: Vec<Outline<'a>>,
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let setting = access.lint.as_ref().and_then(|lint| lint.near_duplicate_sets.as_ref());
    let most = context.number(setting, 2, diagnostics);
    let mut alike: FxHashMap<Shape<'_>, Vec<&PermissionSet>> = FxHashMap::default();
    for set in access.permission_sets.iter().filter(|set| set.declared) {
        if let Some(shape) = shape(access, set) {
            alike.entry(shape).or_default().push(set);
        }
    }
    let groups = alike.into_values().filter(|sets| sets.len() > most);
    let clusters = groups.filter_map(|sets| cluster(access, sets, most));
    for (first, near) in clusters {
        let mut finding = Diagnostic::warning(
            "near-duplicate-sets",
            first.name.span,
            format!("{} permission sets differ from `{}` in a name only", near.len(), first.name.value),
        );
        for set in near.iter().take(4) {
            finding = finding.related(set.name.span, "the same statements for another name");
        }
        diagnostics.push(finding.help(
            "write one set whose statements name `${aws:PrincipalTag/…}`, and map the tag to an attribute of the identity source under `attributes`",
        ));
    }
}

/// Of sets of one shape the first, by name, that at least `most` others differ from in one name, and these others.
///
/// Sets are taken by name, so that what is found does not depend on the files they stand in.
fn cluster<'a>(
    access: &Access,
    mut sets: Vec<&'a PermissionSet>,
    most: usize,
) -> Option<(&'a PermissionSet, Vec<&'a PermissionSet>)> {
    sets.sort_unstable_by_key(|set| &set.name.value);
    let values: Vec<_> = sets.iter().map(|set| names(access, set)).collect();
    // Every set is compared with a few only, or a thousand sets would make a million comparisons.
    sets.iter().zip(&values).take(SEEDS).find_map(|(first, mine)| {
        let others = sets.iter().zip(&values).filter(|(_, theirs)| differ_in_one_name(mine, theirs));
        let near: Vec<_> = others.map(|(set, _)| *set).collect();
        (near.len() >= most.max(1)).then_some((*first, near))
    })
}

/// How many sets of one shape are tried as the one that others are like.
const SEEDS: usize = 32;

/// The bodies whose names may differ: the inline policy, and policies of the model with one body.
fn bodies<'a>(access: &'a Access, set: &'a PermissionSet) -> impl Iterator<Item = Result<&'a Policy, &'a str>> {
    let customer = set.customer_managed_policies.iter().map(move |named| {
        let declared = named.policy.map(|id| access.policy(id)).filter(|declared| declared.variants.is_empty());
        let body = declared.and_then(|declared| declared.document.as_ref());
        body.map(|document| &*document.policy).ok_or(named.name.as_str())
    });
    set.inline_policy.iter().map(|document| Ok(&*document.policy)).chain(customer)
}

fn shape<'a>(access: &'a Access, set: &'a PermissionSet) -> Option<Shape<'a>> {
    let mut managed: Vec<&str> = set.aws_managed_policies.iter().map(|name| name.value.as_str()).collect();
    managed.sort_unstable();
    let mut opaque = Vec::new();
    let mut outlines = Vec::new();
    for body in bodies(access, set) {
        match body {
            Ok(policy) => outlines.push(policy.outline()),
            Err(name) => opaque.push(name),
        }
    }
    let boundary = set.permissions_boundary.as_ref().map(|boundary| match boundary {
        PermissionsBoundary::Customer(policy) => policy.name.as_str(),
        PermissionsBoundary::AwsManaged(name) => name.value.as_str(),
    });
    (!outlines.is_empty()).then_some(Shape { managed, boundary, opaque, outlines })
}

/// The resources and condition values of a set, in order.
fn names(access: &Access, set: &PermissionSet) -> Vec<String> {
    bodies(access, set).filter_map(Result::ok).flat_map(Policy::values).collect()
}

/// Whether two lists of values become equal once one word is put for another, everywhere.
fn differ_in_one_name(a: &[impl AsRef<str>], b: &[impl AsRef<str>]) -> bool {
    let mut word: Option<(&str, &str)> = None;
    let pairs = a.iter().map(AsRef::as_ref).zip(b.iter().map(AsRef::as_ref));
    for (a, b) in pairs.filter(|(a, b)| a != b) {
        let (mine, theirs) = difference(a, b);
        // An account or a Region is no name that a session tag could hold.
        let is_name = |text: &str| text.starts_with(|c: char| c.is_alphabetic()) && !text.contains([':', '*', '$']);
        if !is_name(mine) || !is_name(theirs) || word.is_some_and(|known| known != (mine, theirs)) {
            return false;
        }
        word = Some((mine, theirs));
    }
    a.len() == b.len() && word.is_some()
}

/// The words in which two texts differ: what is between their common beginning and end, up to the ends of words.
fn difference<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    let within = |c: char| c.is_alphanumeric();
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        let mut length = 0;
        let mut word = 0;
        for (x, _) in pairs.take_while(|(x, y)| x == y) {
            length += x.len_utf8();
            word = if within(x) { word + x.len_utf8() } else { 0 };
        }
        length - word
    };
    let start = same(&mut a.chars().zip(b.chars()));
    let (a, b) = (&a[start..], &b[start..]);
    let end = same(&mut a.chars().rev().zip(b.chars().rev()));
    (&a[..a.len() - end], &b[..b.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_for_another() {
        assert_eq!(difference("arn:aws:s3:::data/red/*", "arn:aws:s3:::data/green/*"), ("red", "green"));
        assert_eq!(difference("team-payments", "team-products"), ("payments", "products"));
        assert!(differ_in_one_name(&["x/red/*", "red", "*"], &["x/blue/*", "blue", "*"]));
        assert!(!differ_in_one_name(&["x/red/*", "green"], &["x/blue/*", "red"]));
        assert!(!differ_in_one_name(&["x/red/*"], &["x/red/*"]));
        assert!(!differ_in_one_name(&["arn:aws:s3:::a/*"], &["*"]));
    }
}
