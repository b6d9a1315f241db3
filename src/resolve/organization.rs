//! The declared organization becomes a tree with numbered units and accounts.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Documents, Suggestions, service_controls};
use crate::access::{Account, AccountId, AttachedControls, OrganizationalUnit, OuId, ServiceControlPolicy};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{self, AccountStatus};
use crate::source::Span;
use crate::syntax::decode::{AccountRef, List, Named, Text, is_account_id};

/// AWS nests units five deep below the root. What is deeper cannot be a snapshot.
const MAX_DEPTH: usize = 5;

/// Reads the snapshot; whatever is wrong with an account or unit is reported, and the rest stands.
pub(super) fn read(
    declared: model::Organization,
    suggestions: &Suggestions,
    documents: &mut Documents<'_>,
    diagnostics: &mut Diagnostics,
) -> crate::access::Organization {
    let controls = service_controls::declared(declared.service_control_policies, documents, diagnostics);
    let mut reader = Reader {
        units: Vec::new(),
        accounts: Vec::new(),
        dropped: FxHashSet::default(),
        controls: &controls,
        suggestions,
        diagnostics,
    };
    match declared.root {
        Some(root) => {
            reader.unit(
                Declared {
                    id: root.id,
                    controls: root.service_control_policies,
                    accounts: root.accounts,
                    ous: root.ous,
                    span: root.span,
                },
                String::new(),
                None,
                0,
            );
        }
        None => {
            if !declared.faulty {
                reader.diagnostics.push(
                    Diagnostic::error("missing-key", declared.span.at_start(), "`organization` has no `root`")
                        .help("add the tree: `root: { id: r-…, accounts: …, ous: … }`"),
                );
            }
            // The management account stands in what is missing.
            reader.dropped.extend(declared.management_account.iter().map(|account| account.0.value.clone()));
            reader.units.push(unit(String::new(), None, None, None, declared.span));
        }
    }
    let Reader { units, accounts, dropped, .. } = reader;
    let mut organization = number(units, accounts, dropped, diagnostics);
    organization.id = declared.id;
    organization.service_control_policies = controls;
    organization.management_account = management_account(
        declared.management_account.as_ref(),
        (!declared.faulty).then_some(declared.span),
        &organization,
        suggestions,
        diagnostics,
    );
    organization
}

fn management_account(
    declared: Option<&AccountRef>,
    place: Option<Span>,
    organization: &crate::access::Organization,
    suggestions: &Suggestions,
    diagnostics: &mut Diagnostics,
) -> Option<AccountId> {
    match declared {
        Some(account) => {
            let names = super::Names { organization: Some(organization), suggestions };
            names.account(account, diagnostics).map(|account| account.value)
        }
        None => {
            let place = place?;
            diagnostics.push(
                Diagnostic::error("missing-key", place.at_start(), "`organization` has no `management_account`")
                    .help("name it: units never reach the management account, and without its name none can be spared"),
            );
            None
        }
    }
}

fn unit(
    path: String,
    id: Option<Text>,
    parent: Option<OuId>,
    service_controls: Option<AttachedControls>,
    span: Span,
) -> OrganizationalUnit {
    OrganizationalUnit {
        path,
        id,
        parent,
        children: Vec::new(),
        accounts: Vec::new(),
        service_controls,
        span,
        subtree: 0..0,
    }
}

/// The root or a unit, as declared.
struct Declared {
    id: Option<Text>,
    controls: Option<List<Text>>,
    accounts: Option<Named<model::Account>>,
    ous: Option<Named<model::OrganizationalUnit>>,
    span: Span,
}

struct Reader<'d> {
    units: Vec<OrganizationalUnit>,
    accounts: Vec<Account>,
    dropped: FxHashSet<String>,
    controls: &'d [ServiceControlPolicy],
    suggestions: &'d Suggestions,
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_> {
    /// Adds a unit and everything below it, siblings in the order of their names, so that the numbers do not depend on
    /// the order of the files.
    fn unit(&mut self, declared: Declared, path: String, parent: Option<OuId>, depth: usize) -> OuId {
        let id = OuId(u32::try_from(self.units.len()).unwrap_or(u32::MAX));
        let controls = self.attached(declared.controls.as_ref());
        self.units.push(unit(path.clone(), declared.id, parent, controls, declared.span));
        for (name, account) in declared.accounts.into_iter().flat_map(|named| named.entries) {
            self.account(name, account, id);
        }
        let mut below: Vec<_> = declared.ous.into_iter().flat_map(|named| named.entries).collect();
        below.sort_by(|a, b| a.0.value.cmp(&b.0.value));
        for (name, below) in below {
            if name.as_str() == OrganizationalUnit::ROOT_PATH {
                self.diagnostics.push(
                    Diagnostic::error("invalid-name", name.span, "`_root_` is the name of the whole organization")
                        .help("give the unit another name"),
                );
                continue;
            }
            if depth == MAX_DEPTH {
                self.diagnostics.push(
                    Diagnostic::error(
                        "invalid-organization",
                        name.span,
                        format!("units are nested deeper than {MAX_DEPTH}"),
                    )
                    .help("AWS Organizations nests units five deep below the root; check the indentation"),
                );
                continue;
            }
            let path = if path.is_empty() { name.value.clone() } else { format!("{path}/{}", name.as_str()) };
            let unit = Declared {
                id: below.id,
                controls: below.service_control_policies,
                accounts: below.accounts,
                ous: below.ous,
                span: name.span,
            };
            let child = self.unit(unit, path, Some(id), depth + 1);
            self.units[id.0 as usize].children.push(child);
        }
        id
    }

    fn attached(&mut self, list: Option<&List<Text>>) -> Option<AttachedControls> {
        service_controls::attached(list, self.controls, self.suggestions, self.diagnostics)
    }

    fn account(&mut self, name: Text, declared: model::Account, ou: OuId) {
        let Some(id) = declared.details.id else {
            self.dropped.insert(name.value.clone());
            if !declared.id_written && !declared.details.faulty {
                self.diagnostics.push(
                    Diagnostic::error("missing-key", name.span, format!("the account `{}` has no id", name.as_str()))
                        .help("write `name: \"123456789012\"`, or `name: { id: \"123456789012\" }`"),
                );
            }
            return;
        };
        let digits = id.0.value;
        if !is_account_id(&digits) {
            self.dropped.extend([name.value.clone(), digits.clone()]);
            self.diagnostics.push(
                Diagnostic::error("invalid-id", id.0.span, format!("`{digits}` is not an account id"))
                    .help("an account id has exactly 12 digits, leading zeros included, in quotes"),
            );
            return;
        }
        let tags = declared.details.tags.into_iter().flat_map(|named| named.entries);
        let mut tags: Vec<_> = tags.map(|(key, value)| (key.value, value.value)).collect();
        tags.sort();
        let controls = self.attached(declared.details.service_control_policies.as_deref());
        self.accounts.push(Account {
            id: digits,
            name: name.value,
            status: declared.details.status.map_or(AccountStatus::Active, |status| status.value),
            tags: tags.into(),
            ou,
            service_controls: controls.map(Box::new),
            span: name.span,
        });
    }
}

/// Numbers the accounts by id, points units and names at them, and reports ids and names that clash.
fn number(
    mut units: Vec<OrganizationalUnit>,
    mut accounts: Vec<Account>,
    mut dropped: FxHashSet<String>,
    diagnostics: &mut Diagnostics,
) -> crate::access::Organization {
    // A clash keeps the first place in the order of files, whatever the order of the tree.
    accounts.sort_by(|a, b| a.id.cmp(&b.id).then(a.span.cmp(&b.span)));
    accounts.dedup_by(|again, first| {
        let clash = again.id == first.id;
        if clash {
            dropped.insert(again.name.clone());
            diagnostics.push(
                Diagnostic::error("declared-twice", again.span, format!("the account id `{}` stands twice", again.id))
                    .label("a second time here")
                    .related(first.span, "first here")
                    .help("an account stands in one place of the tree; remove the other"),
            );
        }
        clash
    });
    for (index, account) in accounts.iter().enumerate() {
        units[account.ou.0 as usize].accounts.push(AccountId::at(index));
    }
    let mut by_name: Box<[AccountId]> = (0..accounts.len()).map(AccountId::at).collect();
    by_name.sort_by_key(|&id| accounts[id.index()].name.as_str());
    for account in &accounts {
        if account.name != account.id
            && let Ok(other) = accounts.binary_search_by(|other| other.id.cmp(&account.name))
        {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-name",
                    account.span,
                    format!("the account `{}` is named like the id of another", account.name),
                )
                .related(accounts[other].span, "this one has the id")
                .help("give the account another name: `accounts:` takes names and ids"),
            );
        }
    }
    let mut tree_order = Vec::with_capacity(accounts.len());
    subtree(&mut units, OuId::ROOT, &mut tree_order);
    let mut by_path: FxHashMap<String, Vec<OuId>> = FxHashMap::default();
    for (index, unit) in units.iter().enumerate().skip(1) {
        by_path.entry(unit.path.clone()).or_default().push(OuId(u32::try_from(index).unwrap_or(u32::MAX)));
    }
    crate::access::Organization {
        id: None,
        management_account: None,
        accounts,
        units,
        service_control_policies: Vec::new(),
        tree_order,
        by_path,
        by_name,
        dropped,
    }
}

fn subtree(units: &mut [OrganizationalUnit], ou: OuId, order: &mut Vec<AccountId>) {
    let start = order.len();
    order.extend(&units[ou.0 as usize].accounts);
    for child in units[ou.0 as usize].children.clone() {
        subtree(units, child, order);
    }
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    units[ou.0 as usize].subtree = narrow(start)..narrow(order.len());
}
