//! Actions and resources of a statement that have nothing to do with each other.

use super::invalid_arn::wrong_field;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::Catalogue;
use crate::iam::policy::Fit;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An action that works on none of the resources of its statement, such as `s3:ListBucket` on the objects of a bucket or
    /// `ec2:DescribeInstances`, which works on `*` only, on an ARN; and a resource that no action of the statement works on.
    /// It is a warning even where the whole statement grants nothing: the reference it rests on has gaps, and a statement
    /// that grants nothing locks nobody out who has got in by it.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts it in silence, and the statement does less than it says
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
    ///           Action: ["s3:GetObject", "s3:ListBucket"]  # warning: [resource-mismatch] ""s3:ListBucket""
    ///           Resource: "arn:aws:s3:::data/*"
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
    ///           Action: ["s3:GetObject", "s3:ListBucket"]
    ///           Resource: ["arn:aws:s3:::data/*", "arn:aws:s3:::data"]
    /// ```
    RESOURCE_MISMATCH {
        id: "resource-mismatch",
        summary: "an action that works on none of the resources of its statement, or the other way round",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let catalogue = Catalogue::embedded();
    let fit = Fit::default();
    for stated in context.stated() {
        let (statement, wording) = (stated.statement, stated.wording);
        let misfit = fit.of(statement, wording);
        let dead = misfit.actions.len() == wording.actions.len();
        let finding = |span, message: String| Diagnostic::warning("resource-mismatch", span, message);
        // What an action works on may be meant by an ARN that is wrong itself: one mistake, one finding.
        let faulty = !misfit.actions.is_empty() && wording.resources.iter().any(|word| wrong_field(word).is_some());
        for &number in &misfit.actions {
            let word = &wording.actions[number];
            let arns = catalogue.arn_formats(&word.value);
            if faulty && !arns.is_empty() {
                continue;
            }
            let mut diagnostic = match arns.as_slice() {
                [] => finding(word.span, format!("`{}` is documented for `*` alone", word.value))
                    .help("move it to a statement of its own with `Resource: \"*\"`"),
                [arn] => finding(word.span, format!("`{}` works on none of these resources", word.value))
                    .help(format!("it works on `{arn}`")),
                [first, .., last] => finding(word.span, format!("`{}` works on none of these resources", word.value))
                    .help(format!("it works on `{first}`, `{last}` and the like",)),
            };
            if let Some(resource) = wording.resources.first() {
                diagnostic = diagnostic.related(resource.span, "the resources");
            }
            diagnostics.push(diagnostic);
        }
        if dead {
            continue;
        }
        for &number in &misfit.resources {
            let word = &wording.resources[number];
            if wrong_field(word).is_some() {
                continue;
            }
            let message = format!("no action of the statement works on `{}`", word.value);
            let diagnostic = Diagnostic::warning("resource-mismatch", word.span, message)
                .help("remove it, or add the action that is meant");
            diagnostics.push(diagnostic);
        }
    }
}
