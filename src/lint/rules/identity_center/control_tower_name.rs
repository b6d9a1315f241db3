//! Names that belong to AWS Control Tower.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set, or its twin for the management account, with the name of one that AWS Control Tower creates:
    /// `AWSAdministratorAccess`, `AWSOrganizationsFullAccess`, `AWSPowerUserAccess`, `AWSReadOnlyAccess`,
    /// `AWSServiceCatalogAdminFullAccess`, `AWSServiceCatalogEndUserAccess`.
    ///
    /// ## Why it matters
    ///
    /// A landing zone creates these sets in the same instance and assigns them to groups of its own. A second set of the
    /// name is refused; one that was imported is changed under Control Tower, and repaired by it.
    /// <https://docs.aws.amazon.com/controltower/latest/userguide/sso-groups.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AWSReadOnlyAccess: { aws_managed_policies: [SecurityAudit] }  # warning: [control-tower-name] "AWSReadOnlyAccess"
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   ReadOnlyAccess: { aws_managed_policies: [SecurityAudit] }
    /// ```
    CONTROL_TOWER_NAME {
        id: "control-tower-name",
        summary: "a permission set with a name that AWS Control Tower uses",
        kind: Adjustable,
        check: Some(check),
    }
}

/// What a landing zone creates, in order.
const NAMES: [&str; 6] = [
    "AWSAdministratorAccess",
    "AWSOrganizationsFullAccess",
    "AWSPowerUserAccess",
    "AWSReadOnlyAccess",
    "AWSServiceCatalogAdminFullAccess",
    "AWSServiceCatalogEndUserAccess",
];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for set in context.access.permission_sets.iter().filter(|set| set.declared) {
        for name in std::iter::once(&set.name).chain(&set.management_name) {
            if NAMES.binary_search(&name.value.as_str()).is_ok() {
                let own = name.value.trim_start_matches("AWS");
                diagnostics.push(
                    Diagnostic::warning(
                        "control-tower-name",
                        name.span,
                        format!("AWS Control Tower has a permission set `{}` of its own", name.value),
                    )
                    .help(format!("give it another name, such as `{own}`")),
                );
            }
        }
    }
}
