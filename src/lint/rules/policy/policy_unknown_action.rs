//! An action that AWS does not have.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::{ActionLookup, Catalogue, Meant, Tombstone};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// An action that AWS does not have, a pattern that matches none, an action AWS has removed, or the prefix of a
    /// service that does not exist. It is an error where a name that AWS has is a slip of the hand away, or where the
    /// mistake is well known, as naming the operation `HeadBucket` of the API, whose permission is `s3:ListBucket`. It is a
    /// warning otherwise: an action may be newer than the data of this release, for AWS adds some hundred a month.
    ///
    /// The actions of `aws-portal`, whose support AWS ended in July 2023, are reported, too
    /// (<https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/migrate-granularaccess-iam-mapping-reference.html>).
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

/// Where AWS says what to write for the actions it no longer supports.
const MAPPING: &str =
    "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/migrate-granularaccess-iam-mapping-reference.html";

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        // Most names are known; only the others are looked at.
        let findings = stated.wording.named_actions().filter_map(|(word, named)| match named.known_ids().next() {
            None => unknown(&word.value, word.span),
            Some(_) => is_unsupported(&word.value).then(|| unsupported(&word.value, word.span)),
        });
        diagnostics.extend(findings);
    }
}

/// Whether a name is of the actions that AWS still lists and ended the support of.
fn is_unsupported(action: &str) -> bool {
    let portal = action.get(..11).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws-portal:"));
    // What tells which actions an account goes by is still there.
    portal && !action.to_ascii_lowercase().ends_with("consoleactionsetenforced")
        || action.eq_ignore_ascii_case("purchase-orders:ViewPurchaseOrders")
        || action.eq_ignore_ascii_case("purchase-orders:ModifyPurchaseOrders")
}

fn unsupported(action: &str, span: Span) -> Diagnostic {
    let message = format!("AWS ended the support of `{action}` in July 2023");
    warning(span, message).help(format!("write the actions that took its place: <{MAPPING}>"))
}

fn warning(span: Span, message: String) -> Diagnostic {
    Diagnostic::warning("policy-unknown-action", span, message)
}

fn unknown(text: &str, span: Span) -> Option<Diagnostic> {
    let catalogue = Catalogue::embedded();
    let (prefix, name) = text.split_once(':').filter(|(prefix, _)| !prefix.contains(['*', '?']))?;
    let removed = |tombstone: Tombstone| {
        let finding = warning(span, format!("AWS no longer has `{}`", tombstone.name));
        finding.help(match tombstone.replacement {
            "" => format!("remove it; it was last seen on {}", tombstone.last_seen),
            other => format!("write `{other}`"),
        })
    };
    let (message, meant) = if name.contains(['*', '?']) && catalogue.service(prefix).is_some() {
        let message = format!("the pattern `{text}` matches no action of `{prefix}`");
        let gone = catalogue.removed_actions(text);
        if !gone.is_empty() {
            return Some(
                warning(span, message).help(format!("AWS has removed what it matched, `{}`", gone.join("`, `"))),
            );
        }
        (message, catalogue.meant_pattern(text))
    } else {
        match catalogue.look_up_action(text) {
            ActionLookup::Known(_) => return None,
            ActionLookup::Removed(tombstone) => return Some(removed(tombstone)),
            ActionLookup::UnknownAction(meant) => (format!("`{prefix}` has no action `{name}`"), meant),
            ActionLookup::UnknownService(meant) => (format!("`{prefix}` is not the prefix of a service"), meant),
        }
    };
    let help = meant
        .help()
        .unwrap_or_else(|| format!("look for a typing error; the data is of {}", catalogue.actions_as_of()));
    // A well-known mistake and what is one slip away are meant; what is further away may be new.
    let is_certain = match &meant {
        Meant::Instead(_) => true,
        Meant::Near(near) => Catalogue::is_slip(text, near),
        Meant::Service(_) | Meant::Nothing => false,
    };
    let finding =
        if is_certain { Diagnostic::error("policy-unknown-action", span, message) } else { warning(span, message) };
    Some(finding.help(help))
}
