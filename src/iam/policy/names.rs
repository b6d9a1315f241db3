//! Actions that AWS does not have: typing errors, and services that are gone.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::action::ActionSet;
use crate::iam::catalogue::{ActionLookup, Catalogue, Tombstone};
use crate::source::Span;
use crate::syntax::{Node, Value};

/// The rule of an action that does not exist, or a pattern that names none.
pub const POLICY_UNKNOWN_ACTION: &str = "policy-unknown-action";

/// Reports the actions of a policy document that the catalogue does not know.
///
/// IAM accepts them in silence, so a typing error grants or denies nothing. All of them are warnings, for an action may be
/// newer than the catalogue: AWS adds some hundred a month. What is malformed is left to
/// [`Policy::read`](super::Policy::read).
pub fn check_action_names(document: &Node, diagnostics: &mut Diagnostics) {
    let Some(statement) = document.get("Statement") else { return };
    let statements = match &statement.value {
        Value::Sequence(list) => list.as_slice(),
        _ => std::slice::from_ref(statement),
    };
    for element in statements.iter().flat_map(|statement| [statement.get("Action"), statement.get("NotAction")]) {
        let Some(element) = element else { continue };
        let actions = match &element.value {
            Value::Sequence(list) => list.as_slice(),
            _ => std::slice::from_ref(element),
        };
        for action in actions {
            if let Some(finding) = action.text().and_then(|text| unknown(text, action.span)) {
                diagnostics.push(finding);
            }
        }
    }
}

fn unknown(text: &str, span: Span) -> Option<Diagnostic> {
    let catalogue = Catalogue::embedded();
    let (prefix, name) = text.split_once(':')?;
    let malformed = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '?'));
    if name.is_empty() || prefix.contains(['*', '?']) || prefix.contains(malformed) || name.contains(malformed) {
        return None;
    }
    let data = format!("the data is of {}", catalogue.actions_as_of());
    let is_pattern = name.contains(['*', '?']);
    if is_pattern && catalogue.service(prefix).is_some() {
        let names_nothing = ActionSet::of_patterns(catalogue, [text]).len() == 0;
        let message = format!("the pattern `{text}` matches no action of `{prefix}`");
        let finding = Diagnostic::warning(POLICY_UNKNOWN_ACTION, span, message);
        return names_nothing.then(|| finding.help(format!("look for a typing error; {data}")));
    }
    let removed = |tombstone: Tombstone| {
        let message = format!("AWS no longer has `{}`", tombstone.name);
        let help = match tombstone.replacement {
            "" => format!("remove it; it was last seen on {}", tombstone.last_seen),
            other => format!("use `{other}` in its place"),
        };
        Diagnostic::warning(POLICY_UNKNOWN_ACTION, span, message).help(help)
    };
    match catalogue.look_up_action(text) {
        ActionLookup::Known(_) => None,
        ActionLookup::Removed(tombstone) => Some(removed(tombstone)),
        ActionLookup::UnknownAction(nearest) => {
            let help = nearest.map_or(data, |nearest| format!("did you mean `{nearest}`?"));
            let message = format!("`{prefix}` has no action `{name}`");
            Some(Diagnostic::warning(POLICY_UNKNOWN_ACTION, span, message).help(help))
        }
        ActionLookup::UnknownService(nearest) => {
            let help = nearest.map_or(data, |nearest| format!("did you mean `{nearest}:{name}`?"));
            let message = format!("`{prefix}` is not the prefix of a service");
            Some(Diagnostic::warning(POLICY_UNKNOWN_ACTION, span, message).help(help))
        }
    }
}
