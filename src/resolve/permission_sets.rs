//! Permission sets and customer-managed policies: documents are loaded and references point at declarations.

use fixedbitset::FixedBitSet;

use super::selection::Written;
use super::{Documents, Names, time};
use crate::access::{
    CustomerPolicy, External, PermissionSet, PermissionsBoundary, PolicyId, PolicyUse, Selection, Variant,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{self, Boundary, Model, PolicyReference};
use crate::source::Spanned;
use crate::syntax::decode::Text;

/// The declared policies, by name.
pub(super) fn policies(
    model: &Model,
    names: &Names<'_>,
    documents: &mut Documents<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<CustomerPolicy> {
    let mut policies: Vec<_> =
        model.policies().iter().map(|(name, declared)| policy(name, declared, names, documents, diagnostics)).collect();
    policies.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    policies
}

fn policy(
    name: &Text,
    declared: &model::Policy,
    names: &Names<'_>,
    documents: &mut Documents<'_>,
    diagnostics: &mut Diagnostics,
) -> CustomerPolicy {
    let variants = variants(name, declared, names, documents, diagnostics);
    let bodies = declared.document.is_some() || declared.external.is_some() || declared.variants.is_some();
    if !bodies && !declared.faulty {
        diagnostics.push(
            Diagnostic::error("missing-key", name.span, format!("the policy `{}` has no `document`", name.as_str()))
                .help("name its JSON document, write it in place, or say with `external` where somebody else keeps it"),
        );
    }
    if let (Some(external), Some(variants)) = (&declared.external, &declared.variants) {
        diagnostics.push(
            Diagnostic::error("conflicting-keys", variants.span, "an external policy has no variants")
                .related(external.span, "somebody else distributes it")
                .help("its bodies are distributed by somebody else; keep `document` alone, for judging it"),
        );
    }
    let (path, path_span) = match &declared.path {
        Some(path) => (path.value.clone(), path.span),
        None => ("/".to_owned(), name.span),
    };
    let document = declared.document.as_ref().and_then(|body| documents.load(body, diagnostics));
    let unread = document.is_none() && declared.document.is_some();
    let dropped = variants.len() < declared.variants.as_ref().map_or(0, |list| list.value.len());
    CustomerPolicy {
        name: name.clone(),
        path,
        path_span,
        description: declared.description.clone(),
        document,
        variants,
        unreadable: unread || dropped || declared.faulty,
        external: declared.external.as_ref().map(|external| {
            let written =
                Written { ous: external.ous.as_ref(), accounts: external.accounts.as_ref(), ..Written::default() };
            let selection = names.selection(written, diagnostics);
            External { accounts: accounts(names, &selection), span: external.span }
        }),
    }
}

fn accounts(names: &Names<'_>, selection: &Selection) -> FixedBitSet {
    let mut accounts = FixedBitSet::new();
    if let Some(organization) = names.organization {
        organization.select(selection, &mut accounts);
    }
    accounts
}

fn variants(
    name: &Text,
    declared: &model::Policy,
    names: &Names<'_>,
    documents: &mut Documents<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for declared in declared.variants.iter().flat_map(|list| &list.value) {
        let Some(body) = &declared.document else {
            if !declared.faulty {
                diagnostics.push(
                    Diagnostic::error("missing-key", declared.span, "a variant without `document`")
                        .help("name the JSON document that counts in these places"),
                );
            }
            continue;
        };
        if declared.ous.is_none() && declared.accounts.is_none() {
            if !declared.faulty {
                diagnostics.push(
                    Diagnostic::error("missing-key", declared.span, "a variant that counts nowhere")
                        .help("say where with `ous` or `accounts`"),
                );
            }
            continue;
        }
        let written =
            Written { ous: declared.ous.as_ref(), accounts: declared.accounts.as_ref(), ..Written::default() };
        let selection = names.selection(written, diagnostics);
        let accounts = accounts(names, &selection);
        // Units that hold no account yet overlap all the same: the next account would be in both.
        let overlaps = |other: &&Variant| {
            let shared = other.accounts.intersection(&accounts).next().is_some();
            let nested = names.organization.is_some_and(|organization| {
                selection.ous.iter().any(|a| {
                    other
                        .selection
                        .ous
                        .iter()
                        .any(|b| organization.is_below(a.value, b.value) || organization.is_below(b.value, a.value))
                })
            });
            shared || nested
        };
        if let Some(other) = variants.iter().find(overlaps) {
            diagnostics.push(
                Diagnostic::error(
                    "overlapping-variants",
                    declared.span,
                    format!("two variants of `{}` reach the same accounts", name.as_str()),
                )
                .related(other.span, "the other variant")
                .help("give each account one body: take units out of one of the two"),
            );
            continue;
        }
        if let Some(document) = documents.load(body, diagnostics) {
            variants.push(Variant { selection, accounts, document, span: declared.span });
        }
    }
    variants
}

/// The declared permission sets, by name.
pub(super) fn permission_sets(
    model: &Model,
    policies: &[CustomerPolicy],
    names: &Names<'_>,
    documents: &mut Documents<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<PermissionSet> {
    let mut sets: Vec<_> = model
        .permission_sets()
        .iter()
        .map(|(name, declared)| PermissionSet {
            name: name.clone(),
            declared: true,
            description: declared.description.clone(),
            session_duration: declared.session_duration.as_ref().and_then(|text| session(text, diagnostics)),
            relay_state: declared.relay_state.clone(),
            aws_managed_policies: declared
                .aws_managed_policies
                .iter()
                .flat_map(|list| &list.value)
                .map(aws_managed_name)
                .collect(),
            customer_managed_policies: declared
                .customer_managed_policies
                .iter()
                .flat_map(|list| &list.value)
                .map(|reference| policy_use(reference, policies))
                .collect(),
            permissions_boundary: declared.permissions_boundary.as_ref().map(|boundary| match boundary {
                Boundary::Customer(reference) => PermissionsBoundary::Customer(policy_use(reference, policies)),
                Boundary::AwsManaged(name) => PermissionsBoundary::AwsManaged(aws_managed_name(name)),
            }),
            inline_policy: declared.inline_policy.as_ref().and_then(|body| documents.load(body, diagnostics)),
            tags: {
                let tags = declared.tags.iter().flat_map(|named| &named.entries);
                let mut tags: Vec<_> = tags.cloned().collect();
                tags.sort_by(|a, b| a.0.value.cmp(&b.0.value));
                tags
            },
            targets: declared.targets.as_ref().map(|targets| {
                let written =
                    Written { ous: targets.ous.as_ref(), accounts: targets.accounts.as_ref(), ..Written::default() };
                let selection = names.selection(written, diagnostics);
                names.report_spared_management_account(&selection, diagnostics);
                Spanned::new(selection, targets.span)
            }),
            management_name: declared.management_name.clone(),
        })
        .collect();
    sets.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    sets
}

/// Users paste whole ARNs; the part behind `policy/` is what the language knows.
fn aws_managed_name(written: &Text) -> Spanned<String> {
    let name = written.as_str();
    let name = match name.split_once(":iam::aws:policy/") {
        Some((partition, name)) if partition.starts_with("arn:aws") => name,
        _ => name,
    };
    Spanned::new(name.to_owned(), written.span)
}

fn policy_use(reference: &PolicyReference, policies: &[CustomerPolicy]) -> PolicyUse {
    let declared = policies.binary_search_by(|policy| policy.name.value.as_str().cmp(reference.name.as_str())).ok();
    let declared_path = declared.map(|index| policies[index].path.as_str());
    let path = reference.path.as_ref().map(Text::as_str).or(declared_path).unwrap_or("/");
    PolicyUse {
        name: reference.name.value.clone(),
        path: path.to_owned(),
        policy: declared
            .filter(|_| declared_path == Some(path))
            .map(|index| PolicyId(u32::try_from(index).unwrap_or(u32::MAX))),
        span: reference.span,
    }
}

fn session(text: &Text, diagnostics: &mut Diagnostics) -> Option<Spanned<u32>> {
    let seconds = time::parse_duration(text.as_str()).filter(|_| !text.as_str().ends_with('d'));
    let Some(seconds) = seconds else {
        diagnostics.push(
            Diagnostic::error("invalid-session-duration", text.span, format!("`{}` is not a duration", text.as_str()))
                .help("write `2h`, `90m` or `PT2H`"),
        );
        return None;
    };
    // https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html: from 1 to 12 hours. The
    // upper end belongs to the rule on session caps.
    match u32::try_from(seconds) {
        Ok(seconds) if seconds >= 3_600 => Some(Spanned::new(seconds, text.span)),
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-session-duration",
                    text.span,
                    format!("a session of `{}` is too short", text.as_str()),
                )
                .help("AWS takes sessions from 1 to 12 hours"),
            );
            None
        }
    }
}
