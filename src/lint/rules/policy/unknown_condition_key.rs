//! A condition key that AWS does not have.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::{Catalogue, UnknownKey};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition key that AWS does not document: a global key (`aws:…`) that does not exist, or a key that its service
    /// does not have. It is an error where a key that AWS has is a slip of the hand away, and a warning otherwise, because
    /// a key may be newer than the data of this release.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts any key, and no request ever carries this one. An Allow that asks for it grants nothing; a Deny that
    /// asks for it protects nothing; and a negated operator holds for every request
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "aws:PrincipalOrgsID": o-abcdefghij } }  # error: [unknown-condition-key] ""aws:PrincipalOrgsID""
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
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "aws:PrincipalOrgID": o-abcdefghij } }
    /// ```
    UNKNOWN_CONDITION_KEY {
        id: "unknown-condition-key",
        summary: "a condition key that AWS does not have",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let catalogue = Catalogue::embedded();
    for stated in context.stated() {
        for (_, clause) in stated.clauses().filter(|(_, clause)| clause.known_key.is_none()) {
            let key = &*clause.key.value;
            let message = match key.split_once(':') {
                Some((prefix, name)) => format!("`{prefix}` has no condition key `{name}`"),
                None => format!("the condition key `{key}` has no prefix"),
            };
            let error =
                |help: String| Diagnostic::error("unknown-condition-key", clause.key.span, message.clone()).help(help);
            let warning = |help: String| {
                Diagnostic::warning("unknown-condition-key", clause.key.span, message.clone()).help(help)
            };
            let finding = match catalogue.look_up_unknown_key(key) {
                UnknownKey::Open(documented) => error(format!("name the part that is your own: `{documented}`")),
                UnknownKey::Removed(service) => warning(format!("AWS no longer has `{service}`; remove the condition")),
                UnknownKey::Unknown(Some(near)) if Catalogue::is_slip(key, &near) => {
                    error(format!("did you mean `{near}`?"))
                }
                UnknownKey::Unknown(Some(near)) => warning(format!("did you mean `{near}`?")),
                UnknownKey::Unknown(None) => {
                    warning(format!("look for a typing error; the data is of {}", catalogue.actions_as_of()))
                }
            };
            diagnostics.push(finding);
        }
    }
}
