//! Sizes, characters and numbers of policies.

use crate::access::{Document, PermissionsBoundary};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::{bytes, non_whitespace};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// A policy document that is larger than AWS takes: an inline policy with more than 10,240 characters that are not
    /// white space, or more than 32,768 bytes in all; a customer-managed policy with more than 6,144 characters that are
    /// not white space.
    ///
    /// ## Why it matters
    ///
    /// Neither `terraform validate` nor cfn-lint counts. The sizes are those of the compact JSON that is sent; `<`, `>`
    /// and `&` count six times, because that is how Terraform writes them.
    ///
    /// ## Put right
    ///
    /// Move statements to a customer-managed policy, or split it. Wildcards and `NotAction` shorten a document and widen
    /// what it allows: prefer a second policy.
    POLICY_TOO_LARGE {
        id: "policy-too-large",
        summary: "a policy document that is larger than AWS takes",
        kind: Fixed,
        check: Some(sizes),
    }
}

/// `<`, `>` and `&` are six characters each in the JSON that Terraform writes.
fn escaped(json: &str) -> usize {
    json.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).count() * 5
}

fn sizes(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for document in access.permission_sets.iter().filter_map(|set| set.inline_policy.as_ref()) {
        let characters = non_whitespace(&document.json) + escaped(&document.json);
        let bytes = bytes(&document.json) + escaped(&document.json);
        // https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
        let message = if characters > 10_240 {
            format!("an inline policy of {characters} characters without white space, AWS takes 10240")
        } else if bytes > 32_768 {
            format!("an inline policy of {bytes} bytes, AWS takes 32768")
        } else {
            continue;
        };
        diagnostics.push(too_large(document, message));
    }
    for policy in access.policies.iter().filter(|policy| policy.external.is_none()) {
        for document in policy.documents() {
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
            let characters = non_whitespace(&document.json) + escaped(&document.json);
            if characters > 6_144 {
                let message =
                    format!("a customer-managed policy of {characters} characters without white space, AWS takes 6144");
                diagnostics.push(too_large(document, message));
            }
        }
    }
}

fn too_large(document: &Document, message: String) -> Diagnostic {
    Diagnostic::error("policy-too-large", document.named_at, message)
        .help("move statements to another customer-managed policy")
}

declare_rule! {
    /// ## What it finds
    ///
    /// A character outside Latin-1 in a policy document, such as a curly quote that came with a copied example.
    ///
    /// ## Why it matters
    ///
    /// IAM takes `U+0009`, `U+000A`, `U+000D` and `U+0020` to `U+00FF`. Everything else is refused at deploy time.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::“bucket”/*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: "2012-10-17"
    ///       Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" }
    /// ```
    POLICY_CHARACTERS {
        id: "policy-characters",
        summary: "a character in a policy document that IAM does not take",
        kind: Fixed,
        check: None,
    }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set with more than 20 managed policies, AWS-managed and customer-managed ones together; a policy that
    /// stands twice in its list; an error. A set with more than 10 is a warning.
    ///
    /// ## Why it matters
    ///
    /// 20 is the limit of Identity Center. In each target account the role has the limit of IAM, which is 10 by default
    /// and has to be raised there before the set can be provisioned.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     aws_managed_policies:
    ///       - ReadOnlyAccess
    ///       - arn:aws:iam::aws:policy/ReadOnlyAccess  # error: [too-many-policies] "arn:aws:iam::aws:policy/ReadOnlyAccess"
    /// ```
    ///
    /// ## Put right
    ///
    /// Merge customer-managed policies, or split the function.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     aws_managed_policies:
    ///       - ReadOnlyAccess
    /// ```
    TOO_MANY_POLICIES {
        id: "too-many-policies",
        summary: "more managed policies than a role takes",
        kind: Fixed,
        check: Some(numbers),
    }
}

fn numbers(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for set in &context.access.permission_sets {
        let attached: Vec<(String, Span)> = set
            .aws_managed_policies
            .iter()
            .map(|policy| (format!("AWS-managed {}", policy.value), policy.span))
            .chain(
                set.customer_managed_policies
                    .iter()
                    .map(|policy| (format!("customer-managed {}", policy.name), policy.span)),
            )
            .collect();
        for (at, (name, span)) in attached.iter().enumerate() {
            if let Some((_, first)) = attached[..at].iter().find(|(other, _)| other == name) {
                diagnostics.push(
                    Diagnostic::error("too-many-policies", *span, "a policy that is attached twice")
                        .related(*first, "first here")
                        .help("remove one of the two: AWS refuses the second"),
                );
            }
        }
        let count = attached.len();
        if count > 20 {
            diagnostics.push(
                Diagnostic::error(
                    "too-many-policies",
                    attached[20].1,
                    format!("`{}` has {count} managed policies, Identity Center takes 20", set.name.value),
                )
                .help("merge customer-managed policies, or split the function"),
            );
        } else if count > 10 {
            diagnostics.push(
                Diagnostic::warning("too-many-policies", attached[10].1, format!("`{}` has {count} managed policies, a role takes 10 by default", set.name.value))
                    .help("raise the quota `Managed policies attached to an IAM role` in every account where the set is assigned, or merge policies"),
            );
        }
        if let Some(PermissionsBoundary::Customer(boundary)) = &set.permissions_boundary
            && let Some(attached) = set.customer_managed_policies.iter().find(|policy| policy.name == boundary.name)
        {
            diagnostics.push(
                Diagnostic::warning(
                    "too-many-policies",
                    attached.span,
                    format!("`{}` is attached as a policy and used as the boundary", boundary.name),
                )
                .related(boundary.span, "the permissions boundary")
                .help("remove it from `customer_managed_policies`: attached, it grants everything the boundary allows"),
            );
        }
    }
}
