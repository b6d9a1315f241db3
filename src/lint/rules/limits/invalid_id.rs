//! An id that cannot be one.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::context::IdKind;
use crate::lint::{Context, declare_rule};
use crate::plan::{Listener, ListenerArn, organizations_region};
use crate::source::{Span, Spanned};

declare_rule! {
    /// ## What it finds
    ///
    /// An id that cannot be one: of the instance, the identity store, a group or user, the organization, its root, a unit
    /// or an account; a Region that is not one; an id that two things have; or an ARN in `emit.new_accounts` that a rule of
    /// the management account cannot call.
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
        check: Some(check),
    }
}

/// Reports `text` unless `valid`.
fn judge(text: &str, span: Span, valid: bool, what: &str, like: &str, diagnostics: &mut Diagnostics) {
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

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let instance = &context.access.instance;
    if let Some(arn) = &instance.arn {
        let like = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
        judge(&arn.value, arn.span, is_instance_arn(&arn.value), "the ARN of an instance", like, diagnostics);
    }
    if let Some(id) = &instance.identity_store_id {
        let valid = id.value.strip_prefix("d-").is_some_and(|rest| hex(rest, 10)) || is_uuid(&id.value);
        judge(&id.value, id.span, valid, "the id of an identity store", "d-1234567890", diagnostics);
    }
    if let Some(region) = &instance.region {
        judge(&region.value, region.span, is_region(&region.value), "a Region", "eu-west-1", diagnostics);
    }
    listener(context, diagnostics);
    for (name, id) in context.access.directory_ids() {
        judge(
            &id.value,
            id.span,
            is_principal_id(&id.value),
            &format!("the id of `{name}`"),
            "906713a2-0011-2233-4455-66778899aabb",
            diagnostics,
        );
    }
    shared_ids(context.access.directory_ids().map(|(_, id)| id), diagnostics);
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
        judge(&id.value, id.span, valid, what, like, diagnostics);
    }
    shared_ids(organization.iter().map(|(_, id)| *id), diagnostics);
    mixed_organizations(&organization, diagnostics);
}

/// What is told of new accounts: a rule of the management account, in the Region of Organizations, has to be able to call it.
fn listener(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(arn) = context.access.emit.as_ref().and_then(|emit| emit.new_accounts.as_ref()) else { return };
    let mut report = |message: String, help: String| {
        diagnostics.push(Diagnostic::error("invalid-id", arn.span, message).help(help));
    };
    let text = arn.as_str();
    let Some(named) = ListenerArn::parse(text) else {
        return report(
            format!("`{text}` is not the ARN of an event bus, an API destination or a pipeline"),
            "it looks like `arn:aws:events:eu-west-1:111111111111:event-bus/default`".to_owned(),
        );
    };
    let organization = context.organization();
    let management = organization.zip(context.access.management_account());
    let management = management.map(|(organization, account)| organization.account(account).id.as_str());
    let region = organizations_region(named.partition);
    if management.is_some_and(|management| named.is_the_source(management)) {
        report(
            "events of the default event bus cannot be sent to itself: each would come back for ever".to_owned(),
            "name another event bus, an API destination or a pipeline".to_owned(),
        );
    } else if named.listener != Listener::EventBus
        && (named.region != region || management.is_some_and(|management| named.account != management))
    {
        report(
            format!("a rule of the management account in {region} cannot call `{text}`"),
            "name an event bus of that Region and account, and let a rule there call it".to_owned(),
        );
    }
}

fn is_unit_id(text: &str) -> bool {
    text.strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, unit)| lower(root, 4..=32) && lower(unit, 8..=32))
}

/// Two names with one id would be one thing for AWS.
fn shared_ids<'a>(ids: impl Iterator<Item = &'a Spanned<String>>, diagnostics: &mut Diagnostics) {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_by_key(|id| id.span);
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
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
