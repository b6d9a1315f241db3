//! A condition key that no request of the statement carries.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition on a key that AWS documents for other actions, and for none of the statement. Global keys and keys that
    /// AWS describes without saying where they count are left alone, and so are the keys of SAML that live on in a session;
    /// `aws:ResourceTag` has a rule of its own.
    ///
    /// ## Why it matters
    ///
    /// No request of these actions carries the key. An Allow that asks for it never grants; a Deny that asks for it never
    /// denies; a negated operator, `IfExists` and `ForAllValues:` always hold
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
    ///         - Effect: Allow
    ///           Action: "iam:CreateRole"
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "iam:PassedToService": ec2.amazonaws.com } }  # warning: [unsupported-condition-key] ""iam:PassedToService""
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
    ///           Action: "iam:PassRole"
    ///           Resource: "arn:aws:iam::*:role/app/*"
    ///           Condition: { StringEquals: { "iam:PassedToService": ec2.amazonaws.com } }
    /// ```
    UNSUPPORTED_CONDITION_KEY {
        id: "unsupported-condition-key",
        summary: "a condition key that none of the actions has",
        kind: Adjustable,
        check: Some(check),
    }
}

/// Keys that AWS lists for actions of STS alone and that are carried by every later request of the session:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#cross-condition-keys-saml>.
const SESSION: [&str; 3] = ["saml:namequalifier", "saml:sub", "saml:sub_type"];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        let statement = stated.statement;
        for (number, clause) in stated.clauses() {
            let written = &*clause.key.value;
            let Some(key) = clause.known_key else { continue };
            if key.is_global
                || !key.is_listed
                || key.is_resource_tag()
                || SESSION.contains(&key.name)
                || !statement.names_actions()
                || statement.lists_key(&key)
            {
                continue;
            }
            let effect = match statement.when_absent(number) {
                Some(true) => "the condition always holds".to_owned(),
                Some(false) => format!("the statement never {}", stated.verb()),
                None => "AWS does not say whether the condition holds".to_owned(),
            };
            let message = format!("no action here has the condition key `{written}`, so {effect}");
            let mut finding = Diagnostic::warning("unsupported-condition-key", clause.key.span, message)
                .help("remove the condition, or move it to the actions that have the key");
            if let [action] = &*stated.wording.actions {
                finding = finding.related(action.span, "the only action");
            }
            diagnostics.push(finding);
        }
    }
}
