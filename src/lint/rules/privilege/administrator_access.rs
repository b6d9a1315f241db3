//! Permission sets that allow everything, or nearly everything.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::Certainty;
use crate::iam::assess::{BoundaryEffect, Class};
use crate::lint::{Context, Reach, declare_rule};
use crate::syntax::decode::did_you_mean;

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that within its boundary allows every action, or all but a few services, as `PowerUserAccess`
    /// and statements with `NotAction` do. With a list of administrators in the settings, a set that is not on it is an
    /// error; without one, a set that allows nearly everything and has no boundary is a warning. What allows everything is
    /// found by `iam-without-boundary`.
    ///
    /// ## Why it matters
    ///
    /// Everything but identity still reads every secret, changes every function that runs with a role, and deletes every
    /// backup. `NotAction` also grants the services that AWS will have tomorrow. Such sets are few in an organization,
    /// and known by name.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Developer:  # warning: [administrator-access] # warning: [iam-without-boundary]
    ///     aws_managed_policies: [PowerUserAccess]
    /// ```
    ///
    /// ## Put right
    ///
    /// Grant what the function needs, or say that it administers.
    ///
    /// ```yaml
    /// lint:
    ///   administrators: [Platform]
    /// permission_sets:
    ///   Platform:  # warning: [iam-without-boundary]
    ///     aws_managed_policies: [PowerUserAccess]
    ///   Developer:
    ///     aws_managed_policies: [job-function/ViewOnlyAccess]
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   administrators: [Admin, BreakGlassAdmin]
    /// ```
    ADMINISTRATOR_ACCESS {
        id: "administrator-access",
        summary: "a permission set that allows everything or nearly everything",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let listed = access.lint.as_ref().and_then(|lint| lint.administrators.as_ref());
    for name in listed.iter().flat_map(|list| &list.value) {
        let known = || access.permission_sets.iter().map(|set| set.name.value.as_str());
        if !access.permission_sets.is_empty() && !known().any(|known| known == name.as_str()) {
            let near = did_you_mean(name.as_str(), known());
            diagnostics.push(
                Diagnostic::error("invalid-value", name.span, format!("no permission set `{}`", name.as_str()))
                    .help(near.map_or("remove it from the list".to_owned(), |near| format!("did you mean `{near}`?"))),
            );
        }
    }
    for id in access.set_ids() {
        let set = access.permission_set(id);
        let name = &set.name;
        if listed.is_some_and(|list| list.value.iter().any(|listed| *listed.as_str() == name.value)) {
            continue;
        }
        let wide = context.reach(id).iter().find_map(|reach| {
            let findings = reach.assessment.findings.iter();
            let mut certain = findings.filter(|finding| finding.certainty >= Certainty::Conditional);
            certain.find(|finding| is_wide(finding.class)).map(|finding| (reach, finding))
        });
        let Some((reach, finding)) = wide else { continue };
        let what = match finding.class {
            Class::FullAdmin => "everything",
            _ => "nearly everything",
        };
        let mut diagnostic = match listed {
            Some(list) => Diagnostic::error(
                "administrator-access",
                name.span,
                format!("`{}` allows {what} and is none of the administrators", name.value),
            )
            .related(list.span, "the administrators")
            .help("grant what the function needs, or add the set to `lint.administrators`"),
            // A set that allows everything is an error of `iam-without-boundary` already.
            None if finding.class == Class::FullAdmin => continue,
            // A boundary that takes something away has been thought of.
            None if reach.assessment.boundary == BoundaryEffect::Restricting => continue,
            None => Diagnostic::warning("administrator-access", name.span, format!("`{}` allows {what}", name.value))
                .help("grant what the function needs, or list the sets that are meant to under `lint.administrators`"),
        }
        .because(format!("it {}", finding.sentence(&reach.policies)));
        for step in &finding.steps {
            if let Some(place) = step.span.or_else(|| place(reach, step.policy)) {
                diagnostic = diagnostic.related(place, "granted here");
            }
        }
        for (place, text) in reach.denials(finding) {
            if diagnostic.related.iter().all(|(known, _)| *known != place) {
                diagnostic = diagnostic.related(place, text);
            }
        }
        diagnostics.push(diagnostic);
    }
}

/// Whether a class is that of an administrator.
fn is_wide(class: Class) -> bool {
    matches!(class, Class::FullAdmin | Class::NearAdmin)
}

fn place(reach: &Reach, policy: usize) -> Option<crate::source::Span> {
    reach.places.get(policy).copied()
}
