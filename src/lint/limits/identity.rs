//! Ids of Identity Center, the identity store and the organization, and attributes for access control.

use unicode_normalization::is_nfc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::context::IdKind;
use crate::lint::{Context, declare_rule};
use crate::source::{Span, Spanned};

declare_rule! {
    /// ## What it finds
    ///
    /// An id that cannot be one: of the instance, the identity store, a group or user, the organization, its root, a unit
    /// or an account; a Region that is not one; or an id that two things have.
    ///
    /// ## Why it matters
    ///
    /// Ids are written literally into the output, so that no assignment depends on a value that is only known after an
    /// apply. A wrong one gives access to somebody else, or to nobody.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// identity_center:
    ///   instance_arn: ssoins-1234567890abcdef
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// identity_center:
    ///   instance_arn: arn:aws:sso:::instance/ssoins-1234567890abcdef
    /// ```
    INVALID_ID {
        id: "invalid-id",
        summary: "an id that cannot be one",
        kind: Fixed,
        check: Some(ids),
    }
}

/// Reports `text` unless `valid`.
fn check(text: &str, span: Span, valid: bool, what: &str, like: &str, diagnostics: &mut Diagnostics) {
    if !valid {
        let message = format!("`{text}` is not {what}");
        diagnostics.push(Diagnostic::error("invalid-id", span, message).help(format!("it looks like `{like}`")));
    }
}

fn lower(text: &str, range: std::ops::RangeInclusive<usize>) -> bool {
    range.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    matches!(parts.as_slice(), [a, b, c, d, e] if hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12))
}

/// `^([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-…-[A-Fa-f0-9]{12}$`
fn is_principal_id(text: &str) -> bool {
    let long = text
        .split_once('-')
        .is_some_and(|(head, rest)| hex(head, 10) && !head.bytes().any(|b| b.is_ascii_uppercase()) && is_uuid(rest));
    is_uuid(text) || long
}

/// `arn:aws…:sso:::instance/(sso)?ins-…` with sixteen characters behind the dash.
fn is_instance_arn(text: &str) -> bool {
    let Some((partition, rest)) = text.split_once(":sso:::instance/") else { return false };
    let id = rest.strip_prefix("sso").unwrap_or(rest).strip_prefix("ins-");
    let partition = partition.strip_prefix("arn:aws");
    let partition = partition.is_some_and(|suffix| {
        suffix.is_empty()
            || suffix.strip_prefix('-').is_some_and(|s| {
                s.split('-').count() <= 3
                    && s.split('-')
                        .all(|part| (1..=5).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase()))
            })
    });
    partition
        && id
            .is_some_and(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'))
}

fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    parts.len() >= 3
        && parts[..parts.len() - 1].iter().all(word)
        && parts.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit()))
}

fn ids(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let instance = &context.access.instance;
    if let Some(arn) = &instance.arn {
        let like = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
        check(&arn.value, arn.span, is_instance_arn(&arn.value), "the ARN of an instance", like, diagnostics);
    }
    if let Some(id) = &instance.identity_store_id {
        let valid = id.value.strip_prefix("d-").is_some_and(|rest| hex(rest, 10)) || is_uuid(&id.value);
        check(&id.value, id.span, valid, "the id of an identity store", "d-1234567890", diagnostics);
    }
    if let Some(region) = &instance.region {
        check(&region.value, region.span, is_region(&region.value), "a Region", "eu-west-1", diagnostics);
    }
    for (name, id) in &context.access.directory_ids {
        check(
            &id.value,
            id.span,
            is_principal_id(&id.value),
            &format!("the id of `{name}`"),
            "906713a2-0011-2233-4455-66778899aabb",
            diagnostics,
        );
    }
    shared_ids(context.access.directory_ids.iter().map(|(_, id)| id), diagnostics);
    let organization = context.organization_ids();
    for (kind, id) in &organization {
        let valid = match kind {
            IdKind::Organization => id.value.strip_prefix("o-").is_some_and(|rest| lower(rest, 10..=32)),
            IdKind::Root => id.value.strip_prefix("r-").is_some_and(|rest| lower(rest, 4..=32)),
            IdKind::Unit => is_unit_id(&id.value),
        };
        let (what, like) = match kind {
            IdKind::Organization => ("the id of an organization", "o-abcdef1234"),
            IdKind::Root => ("the id of a root", "r-ab12"),
            IdKind::Unit => ("the id of an organizational unit", "ou-ab12-11111111"),
        };
        check(&id.value, id.span, valid, what, like, diagnostics);
    }
    shared_ids(organization.iter().map(|(_, id)| *id), diagnostics);
    mixed_organizations(&organization, diagnostics);
}

fn is_unit_id(text: &str) -> bool {
    text.strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, unit)| lower(root, 4..=32) && lower(unit, 8..=32))
}

/// Two names with one id would be one thing for AWS.
fn shared_ids<'a>(ids: impl Iterator<Item = &'a Spanned<String>>, diagnostics: &mut Diagnostics) {
    let mut seen: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
    for id in ids {
        if let Some(first) = seen.get(id.value.as_str()) {
            diagnostics.push(
                Diagnostic::error("invalid-id", id.span, format!("the id `{}` stands twice", id.value))
                    .label("a second time here")
                    .related(*first, "first here")
                    .help("an id belongs to one thing; correct the other"),
            );
        } else {
            seen.insert(&id.value, id.span);
        }
    }
}

/// The id of a unit repeats the id of its root; a unit of another organization was pasted by mistake.
fn mixed_organizations(ids: &[(IdKind, &Spanned<String>)], diagnostics: &mut Diagnostics) {
    let Some((_, root)) = ids.iter().find(|(kind, _)| *kind == IdKind::Root) else { return };
    let Some(tag) = root.value.strip_prefix("r-") else { return };
    for (_, id) in ids.iter().filter(|(kind, id)| *kind == IdKind::Unit && is_unit_id(&id.value)) {
        if id.value.strip_prefix("ou-").and_then(|rest| rest.split_once('-')).is_some_and(|(own, _)| own != tag) {
            diagnostics.push(
                Diagnostic::error("invalid-id", id.span, format!("the unit `{}` belongs to another root", id.value))
                    .related(root.span, format!("units of this root begin with `ou-{tag}-`"))
                    .help("refresh the snapshot of the organization"),
            );
        }
    }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An attribute for access control that AWS does not take: more than 50 of them, a key outside 1 to 128 characters, a
    /// source longer than 256, or a character that one of them may not hold.
    ///
    /// ## Why it matters
    ///
    /// `terraform validate` checks none of it, and the configuration is one for the whole instance.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// attributes:
    ///   Department: "${path:enterprise.department}; drop"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// attributes:
    ///   Department: "${path:enterprise.department}"
    /// ```
    INVALID_ATTRIBUTE {
        id: "invalid-attribute",
        summary: "an attribute for access control that AWS does not take",
        kind: Fixed,
        check: Some(attributes),
    }
}

fn attributes(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let attributes = &context.access.attributes;
    if attributes.len() > 50
        && let Some((key, _)) = attributes.iter().max_by_key(|(key, _)| key.span)
    {
        diagnostics.push(
            Diagnostic::error("invalid-attribute", key.span, format!("{} attributes, AWS takes 50", attributes.len()))
                .help("keep those that policies use"),
        );
    }
    let key_letter = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let source_letter = |c: char| key_letter(c) || "[]{}$\\\"".contains(c);
    for (key, source) in attributes {
        let bad_key = key.value.chars().count() > 128 || !key.value.chars().all(key_letter);
        let bad_source =
            source.value.is_empty() || source.value.chars().count() > 256 || !source.value.chars().all(source_letter);
        if bad_key {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-attribute",
                    key.span,
                    format!("`{}` is not the key of a session tag", key.value),
                )
                .help("use 1 to 128 letters, digits, spaces and `_.:/=+-@`"),
            );
        }
        if bad_source {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-attribute",
                    source.span,
                    format!("`{}` is not an attribute of the identity source", source.value),
                )
                .help("write one attribute, such as `${path:enterprise.department}`"),
            );
        }
    }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A name that is sent to AWS and not in Unicode normalization form C, such as an `é` that is written as `e` and a
    /// combining accent: of a principal whose id is not pinned, or of an attribute for access control.
    ///
    /// ## Why it matters
    ///
    /// Terraform normalizes every string. What arrives in AWS is then another name: a group is not found, or every plan
    /// wants to change an attribute.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// attributes:
    ///   "Team-\u212b": "${path:enterprise.department}"  # error: [not-normalized]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// attributes:
    ///   "Team-\u00c5": "${path:enterprise.department}"
    /// ```
    NOT_NORMALIZED {
        id: "not-normalized",
        summary: "a name that Terraform would send in another spelling",
        kind: Fixed,
        check: Some(normalization),
    }
}

fn normalization(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let looked_up = access.rows.iter().flat_map(|row| &row.principals).filter_map(|named| {
        let principal = access.principal(named.value);
        principal.id.is_none().then_some((&principal.name, named.span))
    });
    let attributes =
        access.attributes.iter().flat_map(|(key, source)| [(&key.value, key.span), (&source.value, source.span)]);
    for (text, span) in looked_up.chain(attributes) {
        if !is_nfc(text) {
            diagnostics.push(
                Diagnostic::error("not-normalized", span, format!("`{text}` is not in Unicode normalization form C"))
                    .help("pin the id of the principal in the directory, or write the name in composed characters"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_forms() {
        assert!(is_instance_arn("arn:aws:sso:::instance/ssoins-1234567890abcdef"));
        assert!(is_instance_arn("arn:aws-us-gov:sso:::instance/ssoins-1234567890abcdef"));
        assert!(!is_instance_arn("arn:aws:sso:::instance/ssoins-123"));
        assert!(!is_instance_arn("ssoins-1234567890abcdef"));
        assert!(is_principal_id("906713a2-0011-2233-4455-66778899aabb"));
        assert!(is_principal_id("0123456789-906713a2-0011-2233-4455-66778899aabb"));
        assert!(!is_principal_id("aws-team-a"));
        assert!(is_unit_id("ou-ab12-11111111"));
        assert!(!is_unit_id("ou-ab12"));
        assert!(is_region("eu-west-1") && is_region("us-gov-west-1") && !is_region("Ireland"));
    }
}
