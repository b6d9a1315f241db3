//! AWS-managed policies that AWS has taken back.

use super::unknown_managed_policy::named;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::catalogue::{Catalogue, ManagedLookup};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// The name of an AWS-managed policy that AWS once had and no longer lists.
    ///
    /// ## Why it matters
    ///
    /// A deprecated policy goes on where it is attached and cannot be attached anywhere else, so the permission set fails in
    /// the next account it is provisioned to
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-deprecated.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   SecOps:
    ///     aws_managed_policies: [AmazonGuardDutyFullAccess]  # warning: [deprecated-managed-policy]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   SecOps:
    ///     aws_managed_policies: [AmazonGuardDutyFullAccess_v2]
    /// ```
    DEPRECATED_MANAGED_POLICY {
        id: "deprecated-managed-policy",
        summary: "an AWS-managed policy that AWS no longer lets anybody attach",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let catalogue = Catalogue::embedded();
    for name in context.access.permission_sets.iter().flat_map(named) {
        let ManagedLookup::Removed(tombstone) = catalogue.managed_policy(&name.value) else { continue };
        let message = format!("AWS has withdrawn the policy `{}`", name.value);
        let help = match tombstone.replacement {
            "" => format!("use what AWS names as its replacement; it was last seen on {}", tombstone.last_seen),
            other => format!("write `{other}`"),
        };
        diagnostics.push(Diagnostic::warning("deprecated-managed-policy", name.span, message).help(help));
    }
}
