//! An action that AWS does not have.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::{ActionLookup, Catalogue, Tombstone};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// An action that AWS does not have, a pattern that matches none, an action AWS has removed, or the prefix of a
    /// service that does not exist. It is an error where a name that AWS has is a slip of the hand away, and a warning
    /// otherwise: an action may be newer than the data of this release, for AWS adds some hundred a month.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts it in silence: an Allow grants nothing, and a Deny protects nothing
    /// (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObjects", Resource: "*" }  # error: [policy-unknown-action] ""s3:GetObjects""
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    POLICY_UNKNOWN_ACTION {
        id: "policy-unknown-action",
        summary: "an action that AWS does not have",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        // Most names are known; only the others are looked at.
        let unnamed = stated
            .wording
            .named_actions()
            .filter(|(_, named)| named.known_ids().next().is_none())
            .map(|(word, _)| word);
        let findings = unnamed.filter_map(|word| unknown(&word.value, word.span));
        diagnostics.extend(findings.map(|finding| stated.place(finding)));
    }
}

fn warning(span: Span, message: String) -> Diagnostic {
    Diagnostic::warning("policy-unknown-action", span, message)
}

fn unknown(text: &str, span: Span) -> Option<Diagnostic> {
    let catalogue = Catalogue::embedded();
    let (prefix, name) = text.split_once(':').filter(|(prefix, _)| !prefix.contains(['*', '?']))?;
    let data = format!("look for a typing error; the data is of {}", catalogue.actions_as_of());
    if name.contains(['*', '?']) && catalogue.service(prefix).is_some() {
        let message = format!("the pattern `{text}` matches no action of `{prefix}`");
        return Some(match catalogue.removed_actions(text).as_slice() {
            [] => warning(span, message).help(data),
            removed => {
                warning(span, message).help(format!("AWS has removed what it matched, `{}`", removed.join("`, `")))
            }
        });
    }
    let removed = |tombstone: Tombstone| {
        let finding = warning(span, format!("AWS no longer has `{}`", tombstone.name));
        finding.help(match tombstone.replacement {
            "" => format!("remove it; it was last seen on {}", tombstone.last_seen),
            other => format!("write `{other}`"),
        })
    };
    // What is one slip away is meant; what is further away may be new.
    let meant = |written: &str, near: &str, message: String| {
        let near = Catalogue::is_slip(written, near);
        if near { Diagnostic::error("policy-unknown-action", span, message) } else { warning(span, message) }
    };
    match catalogue.look_up_action(text) {
        ActionLookup::Known(_) => None,
        ActionLookup::Removed(tombstone) => Some(removed(tombstone)),
        ActionLookup::UnknownAction(nearest) => {
            let message = format!("`{prefix}` has no action `{name}`");
            Some(match nearest {
                Some(near) => meant(text, &near, message).help(format!("did you mean `{near}`?")),
                None => warning(span, message).help(data),
            })
        }
        ActionLookup::UnknownService(nearest) => {
            let message = format!("`{prefix}` is not the prefix of a service");
            Some(match nearest {
                Some(near) => meant(prefix, near, message).help(format!("did you mean `{near}:{name}`?")),
                None => warning(span, message).help(data),
            })
        }
    }
}
