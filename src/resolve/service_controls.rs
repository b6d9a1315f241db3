//! Service control policies are read, and the lists that name them point at declarations.

use super::{Documents, Suggestions, rows};
use crate::access::{AttachedControls, ControlId, FULL_AWS_ACCESS, ServiceControlPolicy};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Body;
use crate::source::Spanned;
use crate::syntax::decode::{List, Named, Text};

/// The declared policies, by name.
pub(super) fn declared(
    declared: Option<Named<Body>>,
    documents: &mut Documents<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<ServiceControlPolicy> {
    let mut policies = Vec::new();
    for (name, body) in declared.into_iter().flat_map(|named| named.entries) {
        if name.as_str() == FULL_AWS_ACCESS {
            diagnostics.push(
                Diagnostic::error("invalid-name", name.span, format!("`{FULL_AWS_ACCESS}` is the policy of AWS"))
                    .help("remove the declaration: everybody knows this one"),
            );
            continue;
        }
        let document = documents.load_service_control(&body, diagnostics);
        policies.push(ServiceControlPolicy { name, document });
    }
    policies.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    policies
}

/// The policies that a list names; unknown ones are reported and left out.
pub(super) fn attached(
    list: Option<&List<Text>>,
    declared: &[ServiceControlPolicy],
    suggestions: &Suggestions,
    diagnostics: &mut Diagnostics,
) -> Option<AttachedControls> {
    let list = list?;
    let mut attached = AttachedControls {
        full_aws_access: false,
        policies: Vec::new(),
        unresolved: list.value.is_empty(),
        span: list.span,
    };
    for name in rows::distinct(Some(list), "service_control_policies", diagnostics) {
        if name.as_str() == FULL_AWS_ACCESS {
            attached.full_aws_access = true;
            continue;
        }
        match declared.binary_search_by(|policy| policy.name.value.as_str().cmp(name.as_str())) {
            Ok(index) => {
                let id = ControlId(u32::try_from(index).unwrap_or(u32::MAX));
                attached.policies.push(Spanned::new(id, name.span));
            }
            Err(_) => {
                attached.unresolved = true;
                let known = declared.iter().map(|policy| policy.name.value.as_str()).chain([FULL_AWS_ACCESS]);
                let help = match suggestions.nearest(name.as_str(), known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "declare it under `organization`, `service_control_policies`".to_owned(),
                };
                diagnostics.push(
                    Diagnostic::error(
                        "unknown-service-control-policy",
                        name.span,
                        format!("no service control policy `{}` in the organization", name.as_str()),
                    )
                    .help(help),
                );
            }
        }
    }
    Some(attached)
}
