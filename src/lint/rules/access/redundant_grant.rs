//! Grants that several rows give.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::overlap::overlaps;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A row some of whose grants other rows give as well. A row that gives nothing else is found by `shadowed-row`.
    ///
    /// It is off until a level is set: rows may overlap on purpose, and each grant is emitted once.
    ///
    /// ## Why it matters
    ///
    /// Removing one of the rows does not take the access away.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { redundant-grant: warn } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///   - group: aws-team-a  # warning: [redundant-grant] "aws-team-a"
    ///     permission_set: AppDeveloper
    ///     ous: [Security]
    ///     accounts: [shop-dev]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { redundant-grant: warn } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Security]
    /// ```
    REDUNDANT_GRANT {
        id: "redundant-grant",
        summary: "a grant that several rows give",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut overlaps = overlaps(context.access);
    overlaps.retain(|overlap| overlap.shared < overlap.all && overlap.others.iter().any(|&other| other < overlap.row));
    for overlap in overlaps {
        let mut finding = Diagnostic::warning(
            "redundant-grant",
            context.place_of(overlap.row),
            format!("other rows give {} of the {} grants of this one", overlap.shared, overlap.all),
        );
        for other in overlap.others {
            finding = finding.related(context.place_of(other), "given here");
        }
        diagnostics.push(finding.help("take the common accounts out of one of the rows"));
    }
}
