//! A whole service on every resource.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// An Allow, in a document of the model, of every action of a sensitive service on every resource and without a
    /// condition: `cloudtrail`, `kms`, `organizations`, `ram`, `s3`, `secretsmanager`, `sso`, unless the settings name
    /// others. What reaches `iam:*` is found by `iam-without-boundary`, what is nearly everything by
    /// `administrator-access`.
    ///
    /// ## Why it matters
    ///
    /// Every action includes those that change who may use a key, a bucket or a secret, those that delete it, and those
    /// that AWS adds tomorrow.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "kms:*", Resource: "*" }  # warning: [service-wildcard]
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
    ///         - { Effect: Allow, Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "arn:aws:kms:*:333333333333:key/*" }
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   sensitive_services: [kms, secretsmanager, dynamodb]
    /// ```
    SERVICE_WILDCARD {
        id: "service-wildcard",
        summary: "every action of a sensitive service on every resource",
        kind: Adjustable,
        check: Some(check),
    }
}

/// Services whose administration opens or destroys what others rely on.
const SENSITIVE: [&str; 7] = ["cloudtrail", "kms", "organizations", "ram", "s3", "secretsmanager", "sso"];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let listed = context.access.lint.as_ref().and_then(|lint| lint.sensitive_services.as_ref());
    let mut services: Vec<&str> = Vec::new();
    match listed {
        None => services.extend(SENSITIVE),
        Some(list) => {
            for service in &list.value {
                if crate::iam::catalogue::Catalogue::embedded().service(service.as_str()).is_none() {
                    diagnostics.push(
                        Diagnostic::error("invalid-value", service.span, format!("no service `{}`", service.as_str()))
                            .help("write the prefix of its actions, such as `kms`"),
                    );
                }
                services.push(service.as_str());
            }
        }
    }
    for body in context.bodies().iter().filter(|body| body.grants) {
        for (statement, named) in body.document.policy.whole_services(&services) {
            let Some(span) = statement.span else { continue };
            let named: Vec<_> = named.into_iter().map(|service| format!("`{service}:*`")).collect();
            diagnostics.push(
                Diagnostic::warning("service-wildcard", span, format!("{} on every resource", named.join(", ")))
                    .help("name the actions that the function needs, and the resources"),
            );
        }
    }
}
