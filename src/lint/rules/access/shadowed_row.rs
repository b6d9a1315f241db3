//! A row that gives nothing that other rows do not give.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::overlap::overlaps;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A row whose every grant other rows give as well, and for at least as long.
    ///
    /// ## Why it matters
    ///
    /// The row changes nothing, so removing it revokes nothing: whoever believes that they have taken the access away
    /// has not. A row with an end below one without is worse, for it reads as if the access would end.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///   - group: aws-team-a  # warning: [shadowed-row] "aws-team-a"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/Prod]
    ///     expires: 2027-06-30
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the row, or narrow the others.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/NonProd]
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/Prod]
    ///     expires: 2027-06-30
    /// ```
    SHADOWED_ROW {
        id: "shadowed-row",
        summary: "a row whose every grant other rows give as well, for at least as long",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for overlap in overlaps(access).into_iter().filter(|overlap| overlap.shared == overlap.all) {
        let row = access.row(overlap.row);
        let outlasted = row.expires.as_ref().filter(|expires| {
            let others = overlap.others.iter().map(|&other| access.row(other).expires.as_ref());
            others.into_iter().any(|other| other.is_none_or(|other| other.at > expires.at))
        });
        let mut finding = Diagnostic::warning(
            "shadowed-row",
            context.place_of(overlap.row),
            "a row that gives nothing that other rows do not give",
        )
        .label("without it, everybody has what they have with it");
        for other in overlap.others {
            finding = finding.related(context.place_of(other), "given here");
        }
        if let Some(expires) = outlasted {
            finding = finding.related(expires.text.span, "the access does not end here");
        }
        diagnostics.push(finding.help("remove the row, or take what it gives out of the others"));
    }
}
