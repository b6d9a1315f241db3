//! Session tags that no session carries.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::syntax::decode::did_you_mean;

declare_rule! {
    /// ## What it finds
    ///
    /// A policy that asks for `aws:PrincipalTag/…`, in a condition or as a variable, where no attribute of that name is
    /// mapped under `attributes`. In a model that maps none it is a warning, for the identity provider may send all of
    /// them by itself.
    ///
    /// ## Why it matters
    ///
    /// The role of a permission set cannot carry tags itself: a tag of the principal is one of its session. Without it an
    /// Allow matches nothing, and a Deny with a negated operator matches everything.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/configure-abac.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// attributes:
    ///   CostCenter: "${path:enterprise.costCenter}"  # note: [unused-attribute] "CostCenter"
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "arn:aws:s3:::data/${aws:PrincipalTag/CostCentre}/*"  # error: [unmapped-attribute] ""arn:aws:s3:::data/${aws:PrincipalTag/CostCentre}/*""
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// attributes:
    ///   CostCenter: "${path:enterprise.costCenter}"
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "s3:GetObject"
    ///           Resource: "arn:aws:s3:::data/${aws:PrincipalTag/CostCenter}/*"
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   session_tags: [CostCentre]  # the identity provider sends them in its assertions, beside `attributes`
    /// ```
    UNMAPPED_ATTRIBUTE {
        id: "unmapped-attribute",
        summary: "a session tag that no attribute is mapped to",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let known = context.access.session_tags();
    let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    // Where nothing is mapped, each tag is said once, however many policies ask for it.
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let mut first = Vec::new();
    for body in context.bodies() {
        for tag in body.document.policy.principal_tags().iter().filter(|tag| !is_known(&tag.value)) {
            if known.is_empty() {
                let times = said.entry(tag.value.to_ascii_lowercase()).or_default();
                *times += 1;
                if *times == 1 {
                    first.push(tag);
                }
                continue;
            }
            let name = &tag.value;
            let help = did_you_mean(name, known.iter().copied())
                .map_or_else(|| remedy(name), |near| format!("did you mean `{near}`?"));
            diagnostics.push(
                Diagnostic::error(
                    "unmapped-attribute",
                    tag.span,
                    format!("no session carries the tag `{name}`: no attribute of that name is mapped"),
                )
                .help(help),
            );
        }
    }
    for tag in first {
        let name = &tag.value;
        let more = said.get(&name.to_ascii_lowercase()).map_or(0, |times| times - 1);
        let mut finding = Diagnostic::warning(
            "unmapped-attribute",
            tag.span,
            format!("the model maps no attribute, so nobody knows whether sessions carry the tag `{name}`"),
        )
        .help(remedy(name));
        if more > 0 {
            finding = finding.label(format!("asked for here and in {more} more places"));
        }
        diagnostics.push(finding);
    }
}

fn remedy(name: &str) -> String {
    format!(
        "map it under `attributes`, such as `{name}: \"${{path:enterprise.department}}\"`, or name it under `lint.session_tags` if the identity provider sends it"
    )
}
