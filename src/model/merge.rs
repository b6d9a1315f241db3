//! The sections of all files, merged.

use rustc_hash::FxHashMap;

use super::{Directory, Emit, IdentityCenter, Lint, Model, Organization, Quotas, Root, Sessions, Terraform};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::syntax::decode::{AccountRef, Decode, List, Named, Switch, Text};
use crate::syntax::{Document, Value};

/// Sections that belong to the language and that this version does not compile yet.
const NOT_COMPILED: [&str; 2] = ["applications", "trusted_token_issuers"];

/// Adds one file to the model: its sections are decoded and merged into what other files said.
pub fn read(model: &mut Option<Model>, document: Document, diagnostics: &mut Diagnostics) {
    let mut root = document.root;
    if let Value::Mapping(entries) = &mut root.value {
        entries.retain(|entry| {
            let unsupported = NOT_COMPILED.contains(&entry.name());
            if unsupported {
                diagnostics.push(
                    Diagnostic::error(
                        "unknown-key",
                        entry.key.span,
                        format!("this version does not compile `{}`", entry.name()),
                    )
                    .help("keep it out of the model: what is not compiled would look deployed"),
                );
            }
            !unsupported
        });
    }
    let Some(part) = Model::decode(&root, diagnostics) else { return };
    match model {
        None => *model = Some(part),
        Some(model) => model.merge(part, diagnostics),
    }
}

/// A section that may stand in several files.
trait Merge: Sized {
    /// Takes in what another file says.
    fn merge(&mut self, other: Self, diagnostics: &mut Diagnostics);
}

fn section<T: Merge>(mine: &mut Option<T>, other: Option<T>, diagnostics: &mut Diagnostics) {
    match (mine.as_mut(), other) {
        (_, None) => {}
        (None, other) => *mine = other,
        (Some(mine), Some(other)) => mine.merge(other, diagnostics),
    }
}

/// A setting that stands once.
fn setting<T>(
    mine: &mut Option<T>,
    other: Option<T>,
    name: &str,
    span: impl Fn(&T) -> Span,
    diagnostics: &mut Diagnostics,
) {
    match (mine.as_ref(), &other) {
        (Some(first), Some(again)) => diagnostics.push(
            Diagnostic::error("declared-twice", span(again), format!("`{name}` is set in two files"))
                .label("a second time here")
                .related(span(first), "first here")
                .help("keep one of the two"),
        ),
        (None, Some(_)) => *mine = other,
        _ => {}
    }
}

fn text(text: &Text) -> Span {
    text.span
}

fn list(list: &List<Text>) -> Span {
    list.span
}

fn account(account: &AccountRef) -> Span {
    account.0.span
}

impl<T> Merge for Named<T> {
    fn merge(&mut self, other: Self, diagnostics: &mut Diagnostics) {
        let seen: FxHashMap<&str, Span> = self.entries.iter().map(|(name, _)| (name.as_str(), name.span)).collect();
        let mut fresh = Vec::with_capacity(other.entries.len());
        for (name, value) in other.entries {
            match seen.get(name.as_str()) {
                Some(&first) => diagnostics.push(
                    Diagnostic::error("declared-twice", name.span, format!("`{}` is declared twice", name.as_str()))
                        .label("a second time here")
                        .related(first, "first here")
                        .help("keep one declaration, or give one of them another name"),
                ),
                None => fresh.push((name, value)),
            }
        }
        self.entries.extend(fresh);
    }
}

impl<T> Merge for List<T> {
    fn merge(&mut self, other: Self, _: &mut Diagnostics) {
        self.value.extend(other.value);
    }
}

/// Implements [`Merge`] for a record: settings stand once, sections merge.
macro_rules! merge {
    ($name:ident: settings { $($field:ident: $span:expr),* }; sections { $($section:ident),* }) => {
        impl Merge for $name {
            fn merge(&mut self, other: Self, diagnostics: &mut Diagnostics) {
                $(setting(&mut self.$field, other.$field, stringify!($field), $span, diagnostics);)*
                $(section(&mut self.$section, other.$section, diagnostics);)*
                self.faulty |= other.faulty;
            }
        }
    };
}

merge! { Model: settings {}; sections {
    identity_center, organization, directory, attributes, policies, permission_sets, assignments, lint, emit
} }
merge! { IdentityCenter: settings {
    instance_arn: text, identity_store_id: text, region: text, delegated_admin: account
}; sections {} }
merge! { Organization: settings { id: text, management_account: account }; sections { service_control_policies, root } }
merge! { Root: settings {
    id: text, service_control_policies: |list: &List<Text>| list.span
}; sections { accounts, ous } }
merge! { Directory: settings {}; sections { groups, users } }
merge! { Lint: settings {
    expiry_horizon: text, session_tags: list, administrators: list, passable_roles: list,
    assumable_roles: list, sensitive_services: list, direct_users: text, near_duplicate_sets: text, guard: list
}; sections { levels, sessions, quotas } }
merge! { Quotas: settings { permission_sets: text, permission_sets_per_account: text }; sections {} }
merge! { Sessions: settings {
    default: text, privileged: text, production: |cap: &super::Cap| cap.span, break_glass: list
}; sections { ous } }
merge! { Emit: settings {
    stack_set_prefix: text, concurrency: text, expiry_schedules: |switch: &Switch| switch.span, new_accounts: text
}; sections { terraform } }
merge! { Terraform: settings { states: text }; sections {} }
