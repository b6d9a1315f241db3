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
        diagnostics.extend(named(set).filter_map(judge));
    }
}

/// The AWS-managed policies that a set names, its boundary included.
pub(super) fn named(set: &PermissionSet) -> impl Iterator<Item = &Spanned<String>> {
    let boundary = match &set.permissions_boundary {
        Some(PermissionsBoundary::AwsManaged(name)) => Some(name),
        _ => None,
    };
    set.aws_managed_policies.iter().chain(boundary)
}

fn judge(name: &Spanned<String>) -> Option<Diagnostic> {
    let written = &name.value;
    let catalogue = Catalogue::embedded();
    let as_of = catalogue.managed_policies_as_of();
    let finding = |message: String| Diagnostic::error("unknown-managed-policy", name.span, message);
    match catalogue.managed_policy(written) {
        ManagedLookup::Found(policy) if policy.is_attachable() => None,
        ManagedLookup::Found(_) => Some(
            finding(format!("`{written}` belongs to AWS and cannot be attached to a permission set"))
                .help("use a policy whose path is `/`, `/job-function/` or `/service-role/`"),
        ),
        ManagedLookup::Elsewhere(policy) => Some(
            finding(format!("no AWS-managed policy `{written}`")).help(format!("did you mean `{}`?", policy.reference())),
        ),
        // That is another rule's finding.
        ManagedLookup::Removed(_) => None,
        ManagedLookup::Unknown(near) => Some(finding(format!("no AWS-managed policy `{written}`")).help(match near {
            Some(near) => format!("did you mean `{}`?", near.reference()),
            None => format!(
                "known are those of {as_of}; if it is newer, suppress this with `# bailiwick: allow[unknown-managed-policy]`"
            ),
        })),
    }
}
