//! A `${…}` that IAM never fills in.

use rustc_hash::FxHashSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::{Catalogue, UnknownKey};
use crate::iam::policy::{Word, variables_of};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A `${…}` in a resource or in the value of a condition that is no policy variable: what stands inside is no condition
    /// key that AWS documents, or the brace is never closed. Pseudo parameters of CloudFormation, as `${AWS::AccountId}`,
    /// and variables of Terraform or of a shell, as `${account_id}`, are among them: bailiwick writes documents as they
    /// stand, and nobody fills them in on the way. `${*}`, `${?}` and `${$}` stand for the characters themselves, and a
    /// variable with a default value, as `${aws:PrincipalTag/team, 'none'}`, always has a value. Keys of web identity
    /// providers, which begin with the name of a host, are left alone.
    ///
    /// ## Why it matters
    ///
    /// IAM fills a variable with the value of a condition key of the request. Where there is none the statement never
    /// matches: an Allow grants nothing, and a Deny protects nothing
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:${AWS::AccountId}:jobs" }  # warning: [unknown-policy-variable] ""arn:aws:sqs:eu-west-1:${AWS::AccountId}:jobs""
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
    ///         - { Effect: Allow, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:jobs" }
    /// ```
    UNKNOWN_POLICY_VARIABLE {
        id: "unknown-policy-variable",
        summary: "a `${…}` that is no policy variable, so that IAM never fills it in",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    // The same few variables stand everywhere.
    let mut known = FxHashSet::default();
    // In the old version it is literal text, which `policy-version` says.
    for stated in context.stated().filter(|stated| stated.wording.variables) {
        let values = stated.wording.clauses.iter().flat_map(|clause| &clause.values);
        for word in stated.wording.resources.iter().chain(values) {
            diagnostics.extend(judge(word, &mut known));
        }
    }
}

/// What is wrong with the first variable of a text that is none.
fn judge<'w>(word: &'w Word, known: &mut FxHashSet<&'w str>) -> Option<Diagnostic> {
    let finding = |message: String, help: String| {
        Some(Diagnostic::warning("unknown-policy-variable", word.span, message).help(help))
    };
    for inside in variables_of(&word.value) {
        let Some(inside) = inside else {
            return finding(
                "a `${` that is never closed".to_owned(),
                "close it, as in `${aws:userid}`; for the character itself write `${$}`".to_owned(),
            );
        };
        let catalogue = Catalogue::embedded();
        if inside.contains(',') || matches!(inside, "*" | "?" | "$") || known.contains(inside) {
            continue;
        }
        if catalogue.condition_key(inside).is_some() {
            known.insert(inside);
            continue;
        }
        // A provider of web identities gives keys under the name of its host, which may be anybody's.
        if inside.split_once(':').is_some_and(|(provider, _)| provider.contains('.')) {
            continue;
        }
        if let Some(parameter) = inside.strip_prefix("AWS::") {
            let help = match parameter {
                "AccountId" => "write the account id, or `${aws:PrincipalAccount}` for that of the session",
                "Partition" => "write the partition, such as `aws`",
                "Region" => "write the Region, or `*` for any",
                _ => "write the value",
            };
            let message = format!("`${{{inside}}}` is of CloudFormation, which does not fill it in here");
            return finding(message, help.to_owned());
        }
        let message = format!("`${{{inside}}}` is no policy variable, and IAM never fills it in");
        let help = match inside.split_once(':') {
            None => "write the value: nothing fills in variables of Terraform, of a template or of a shell".to_owned(),
            Some(_) => match catalogue.look_up_unknown_key(inside) {
                UnknownKey::Open(documented) => {
                    format!("name the part that is your own: `${{{}}}`", documented.replace("${", "").replace('}', ""))
                }
                UnknownKey::Unknown(Some(near)) => format!("did you mean `${{{near}}}`?"),
                UnknownKey::Removed(_) | UnknownKey::Unknown(None) => {
                    format!("look for a typing error; the data is of {}", catalogue.actions_as_of())
                }
            },
        };
        return finding(message, help);
    }
    None
}
