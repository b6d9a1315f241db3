//! An ARN that no resource can have.

use smallvec::SmallVec;
use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::Catalogue;
use crate::iam::policy::Word;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An ARN in `Resource` or `NotResource` with a field that no resource has: a partition AWS does not have, a Region that
    /// is not written as one, an account that is not twelve digits, a service that does not exist, a wildcard in the service.
    /// Fields with wildcards or variables are left alone otherwise.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts it, and it matches nothing
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west1:111111111111:jobs" }  # error: [invalid-arn] ""arn:aws:sqs:eu-west1:111111111111:jobs""
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
    ///         - { Effect: Allow, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:111111111111:jobs" }
    /// ```
    INVALID_ARN {
        id: "invalid-arn",
        summary: "an ARN that no resource can have",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        let wrong = stated.wording.resources.iter().filter_map(wrong_field);
        diagnostics.extend(wrong);
    }
}

/// What is wrong with the first field that is.
pub(super) fn wrong_field(resource: &Word) -> Option<Diagnostic> {
    let text = without_variables(&resource.value);
    let mut fields = text.splitn(6, ':');
    if fields.next() != Some("arn") {
        return None;
    }
    // An ARN that ends early ends with a wildcard, which runs on; its last field says nothing.
    let fields: SmallVec<[&str; 5]> = fields.collect();
    let whole = fields.len() == 5;
    let settled = |at: usize| fields.get(at).copied().filter(|_| whole || at + 1 < fields.len());
    let literal = |at: usize| settled(at).filter(|field| !field.contains(['*', '?', '$']));
    let error = |message: String| Diagnostic::error("invalid-arn", resource.span, message);
    let catalogue = Catalogue::embedded();

    if let Some(partition) = literal(0).filter(|partition| !is_partition(partition)) {
        let message = format!("`{partition}` is not a partition of AWS");
        return Some(error(message).help("write `aws`, `aws-cn` or `aws-us-gov`"));
    }
    if let Some(service) = settled(1).filter(|service| service.contains(['*', '?'])) {
        let message = format!("`{service}` is a wildcard in the service of an ARN");
        return Some(
            Diagnostic::warning("invalid-arn", resource.span, message).help("name each service in an ARN of its own"),
        );
    }
    if let Some(service) = literal(1).filter(|service| !catalogue.is_arn_service(service)) {
        let message = match service {
            "" => "the ARN has no service".to_owned(),
            _ => format!("no ARN has the service `{service}`"),
        };
        if let Some(meant) = catalogue.meant_arn_service(service) {
            return Some(error(message).help(format!("write `{meant}`")));
        }
        let near = catalogue.nearest_arn_service(service);
        return Some(match near.filter(|near| Catalogue::is_slip(service, near)) {
            Some(near) => error(message).help(format!("did you mean `{near}`?")),
            None if service.is_empty() => error(message).help("write it between the second and the third colon"),
            None => Diagnostic::warning("invalid-arn", resource.span, message)
                .help(format!("look for a typing error; the data is of {}", catalogue.actions_as_of())),
        });
    }
    if let Some(region) = literal(2).filter(|region| !is_region(region)) {
        let help = "write it as `eu-west-1`, as `*`, or leave it empty where the service has none";
        return Some(error(format!("`{region}` is not a Region")).help(help));
    }
    if let Some(account) = literal(3).filter(|account| !is_account(account)) {
        let help = "an account id has twelve digits; write `*` for any, or leave it empty where the service has none";
        return Some(error(format!("`{account}` is not an account id")).help(help));
    }
    None
}

/// A text with `$` in the place of each variable, in which there are colons as well.
fn without_variables(text: &str) -> Cow<'_, str> {
    if !text.contains("${") {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split("${");
    let first = pieces.next().unwrap_or_default().to_owned();
    Cow::Owned(pieces.fold(first, |text, piece| text + "$" + piece.split_once('}').map_or(piece, |(_, rest)| rest)))
}

/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
pub(super) fn is_partition(text: &str) -> bool {
    matches!(text, "aws" | "aws-cn" | "aws-us-gov" | "aws-eusc") || text.starts_with("aws-iso")
}

/// Whether a text is written as Regions are, as `us-gov-west-1`; AWS opens new ones, so there is no list.
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.is_empty()
        || matches!(text, "global" | "aws-global")
        || (parts.next_back().is_some_and(number) && parts.clone().count() >= 2 && parts.all(word))
}

/// Whether a text can stand for an account: twelve digits, none, or a name that AWS uses for its own resources.
fn is_account(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.is_empty() || if digits { text.len() == 12 } else { text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') }
}
