//! AWS-managed policies that AWS does not have.

use crate::access::{PermissionSet, PermissionsBoundary};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::{Catalogue, ManagedLookup};
use crate::lint::{Context, declare_rule};
use crate::source::Spanned;

declare_rule! {
    /// ## What it finds
    ///
    /// The name of an AWS-managed policy that AWS does not have, has under another path, or does not let
    /// anybody attach (policies of service-linked roles and of root sessions).
    ///
    /// ## Why it matters
    ///
    /// The ARN is built from the name, and neither `terraform validate` nor a template linter knows which ones exist. The
    /// classic mistake is `ViewOnlyAccess`, which is `job-function/ViewOnlyAccess`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   ReadOnlyAuditor:
    ///     aws_managed_policies: [ViewOnlyAccess]  # error: [unknown-managed-policy]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   ReadOnlyAuditor:
    ///     aws_managed_policies: [job-function/ViewOnlyAccess]
    /// ```
    UNKNOWN_MANAGED_POLICY {
        id: "unknown-managed-policy",
        summary: "an AWS-managed policy that AWS does not have or does not let attach",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for set in &context.access.permission_sets {
        diagnostics.extend(set.aws_managed_policies.iter().filter_map(|name| judge(name, Place::Attached)));
        diagnostics.extend(boundary(set).and_then(|name| judge(name, Place::Boundary)));
    }
}

/// Where a permission set names an AWS-managed policy.
#[derive(Clone, Copy)]
enum Place {
    Attached,
    Boundary,
}

/// The AWS-managed policies that a set names, its boundary included.
pub(super) fn named(set: &PermissionSet) -> impl Iterator<Item = &Spanned<String>> {
    set.aws_managed_policies.iter().chain(boundary(set))
}

fn boundary(set: &PermissionSet) -> Option<&Spanned<String>> {
    match &set.permissions_boundary {
        Some(PermissionsBoundary::AwsManaged(name)) => Some(name),
        _ => None,
    }
}

fn judge(name: &Spanned<String>, place: Place) -> Option<Diagnostic> {
    let written = &name.value;
    let catalogue = Catalogue::embedded();
    let finding = |message: String| Diagnostic::error("unknown-managed-policy", name.span, message);
    if let Some((path, own)) = customer_managed(written) {
        let named = match path {
            "" => own.to_owned(),
            path => format!("{{ name: {own}, path: /{path} }}"),
        };
        let remedy = match place {
            Place::Attached => format!("name it under `customer_managed_policies: [{named}]`"),
            Place::Boundary => format!("write `permissions_boundary: {named}`"),
        };
        return Some(finding(format!("`{written}` is a customer-managed policy")).help(remedy));
    }
    let unattachable = || {
        finding(format!("`{written}` belongs to AWS and cannot be attached to a permission set"))
            .help("use a policy whose path is `/`, `/job-function/` or `/service-role/`")
    };
    match catalogue.managed_policy(written) {
        ManagedLookup::Found(policy) if policy.is_attachable() => None,
        ManagedLookup::Found(_) => Some(unattachable()),
        ManagedLookup::Elsewhere(policy) if !policy.is_attachable() => Some(unattachable()),
        ManagedLookup::Elsewhere(policy) => Some(
            finding(format!("no AWS-managed policy `{written}`")).help(format!("did you mean `{}`?", policy.reference())),
        ),
        // That is another rule's finding.
        ManagedLookup::Removed(_) => None,
        ManagedLookup::Unknown(near) => Some(finding(format!("no AWS-managed policy `{written}`")).help(match near {
            Some(near) => format!("did you mean `{}`?", near.reference()),
            None => format!(
                "known are those of {}; if it is newer, write `# bailiwick: allow[unknown-managed-policy] newer than the data`",
                catalogue.managed_policies_as_of()
            ),
        })),
    }
}

/// The path and the name in the ARN of a policy of an account's own.
fn customer_managed(written: &str) -> Option<(&str, &str)> {
    let mut fields = written.splitn(6, ':');
    let is_own = fields.next() == Some("arn")
        && fields.nth(1) == Some("iam")
        && fields.next() == Some("")
        && fields
            .next()
            .is_some_and(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let name = fields.next().filter(|_| is_own)?.strip_prefix("policy/")?;
    Some(name.split_at(name.rfind('/').map_or(0, |slash| slash + 1)))
}
