//! Rows of the matrix become grants.

use fixedbitset::FixedBitSet;
use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::selection::Written;
use super::{Names, time};
use crate::access::{
    AccountId, Expiry, Pair, PermissionSet, Principal, PrincipalId, PrincipalKind, Row, RowId, Selection, SetId,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Assignment, Model};
use crate::source::Spanned;
use crate::syntax::decode::{List, Text};
use crate::words::few;

/// What the rows come to.
pub(super) struct Rows {
    pub principals: Vec<Principal>,
    pub rows: Vec<Row>,
    pub pairs: Vec<Pair>,
    /// The sets that rows name in a model without a `permission_sets` section.
    pub undeclared_sets: Vec<PermissionSet>,
}

/// Reads the rows.
pub(super) fn read(model: &Model, names: &Names<'_>, as_of: Timestamp, diagnostics: &mut Diagnostics) -> Rows {
    // Files are read in the order of their paths, so rows already stand in the order of files and places.
    let named: Vec<_> = model.assignments().iter().map(|row| Named::read(row, diagnostics)).collect();
    let undeclared_sets = if model.permission_sets.is_none() { undeclared_sets(&named) } else { Vec::new() };
    let declared = model.permission_sets().iter().map(|(name, _)| name.as_str());
    let mut sets: Vec<&str> = declared.chain(undeclared_sets.iter().map(|set| set.name.as_str())).collect();
    sets.sort_unstable();
    let set_ids = sets.into_iter().zip((0..).map(SetId)).collect();
    let (principals, unlisted) = principals(model, &named);
    let mut resolver = Resolver {
        model,
        names,
        as_of,
        set_ids,
        principals: principals
            .iter()
            .enumerate()
            .map(|(index, principal)| {
                ((principal.kind, principal.name.clone()), PrincipalId(u32::try_from(index).unwrap_or(u32::MAX)))
            })
            .collect(),
        selected: FixedBitSet::new(),
        reached: Vec::new(),
        lists: FxHashSet::default(),
        named_inactive: FixedBitSet::with_capacity(
            names.organization.map_or(0, |organization| organization.accounts.len()),
        ),
        unlisted,
        skipped: FixedBitSet::new(),
        diagnostics,
    };
    let rows: Vec<_> =
        model.assignments().iter().zip(named).map(|(declared, named)| resolver.row(declared, &named)).collect();
    resolver.report_skipped();
    let pairs = pairs(&rows);
    Rows { principals, rows, pairs, undeclared_sets }
}

/// The names of a row, before they are looked up.
struct Named<'m> {
    principals: Vec<(PrincipalKind, &'m Text)>,
    permission_sets: Vec<&'m Text>,
}

impl<'m> Named<'m> {
    fn read(row: &'m Assignment, diagnostics: &mut Diagnostics) -> Self {
        let mut principals = Vec::new();
        let spans = [
            ("group", row.group.as_ref().map(|group| group.span)),
            ("groups", row.groups.as_ref().map(|groups| groups.span)),
            ("user", row.user.as_ref().map(|user| user.span)),
        ];
        let given: Vec<_> = spans.into_iter().filter_map(|(key, span)| span.map(|span| (key, span))).collect();
        match given.as_slice() {
            [] if row.faulty => {}
            [] => missing(row, "a principal", "`group`, `groups` or `user`", diagnostics),
            [_] => {}
            [(first, first_span), (again, span), ..] => diagnostics.push(
                Diagnostic::error("conflicting-keys", *span, format!("`{again}` beside `{first}`"))
                    .related(*first_span, format!("`{first}` is here"))
                    .help("write `group` or `groups` or `user`; another kind of principal is another row"),
            ),
        }
        if let [_] = given.as_slice() {
            principals.extend(row.group.iter().map(|group| (PrincipalKind::Group, group)));
            let groups = distinct(row.groups.as_deref(), "groups", diagnostics);
            principals.extend(groups.into_iter().map(|group| (PrincipalKind::Group, group)));
            principals.extend(row.user.iter().map(|user| (PrincipalKind::User, &**user)));
        }
        let mut permission_sets = Vec::new();
        match (&row.permission_set, &row.permission_sets) {
            (Some(one), Some(many)) => diagnostics.push(
                Diagnostic::error("conflicting-keys", many.span, "`permission_sets` beside `permission_set`")
                    .related(one.span, "`permission_set` is here")
                    .help("keep one of the two"),
            ),
            (None, None) if row.faulty => {}
            (None, None) => missing(row, "a permission set", "`permission_set` or `permission_sets`", diagnostics),
            (one, many) => {
                permission_sets.extend(one);
                permission_sets.extend(distinct(many.as_deref(), "permission_sets", diagnostics));
            }
        }
        Self { principals, permission_sets }
    }
}

/// The elements of a list, repetitions reported once and left out.
pub(super) fn distinct<'m>(list: Option<&'m List<Text>>, key: &str, diagnostics: &mut Diagnostics) -> Vec<&'m Text> {
    let Some(list) = list else { return Vec::new() };
    if list.value.is_empty() {
        diagnostics
            .push(Diagnostic::error("missing-key", list.span, format!("`{key}` is empty")).help("name at least one"));
    }
    let mut seen: FxHashMap<&str, &Text> = FxHashMap::default();
    let mut kept = Vec::new();
    for text in &list.value {
        match seen.get(text.as_str()) {
            Some(first) => diagnostics.push(
                Diagnostic::warning(
                    "repeated-value",
                    text.span,
                    format!("`{}` stands twice in the list", text.as_str()),
                )
                .related(first.span, "first here")
                .help("remove one of the two"),
            ),
            None => {
                seen.insert(text.as_str(), text);
                kept.push(text);
            }
        }
    }
    kept
}

fn missing(row: &Assignment, what: &str, keys: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(
        Diagnostic::error("missing-key", row.span.at_start(), format!("a row without {what}"))
            .help(format!("add {keys}")),
    );
}

/// In a model without a `permission_sets` section, the sets are known by the names that rows give them.
fn undeclared_sets(named: &[Named<'_>]) -> Vec<PermissionSet> {
    let mut first: BTreeMap<&str, &Text> = BTreeMap::new();
    for name in named.iter().flat_map(|named| &named.permission_sets) {
        first.entry(name.as_str()).or_insert(name);
    }
    let undeclared = |name: &Text| PermissionSet {
        name: name.clone(),
        declared: false,
        description: None,
        session_duration: None,
        relay_state: None,
        aws_managed_policies: Vec::new(),
        customer_managed_policies: Vec::new(),
        permissions_boundary: None,
        inline_policy: None,
        tags: Vec::new(),
        targets: None,
        management_name: None,
    };
    first.into_values().map(undeclared).collect()
}

/// Every principal that a row names, by name, with its id from the directory; beside it, whether a directory that is
/// given leaves it out.
fn principals(model: &Model, named: &[Named<'_>]) -> (Vec<Principal>, Vec<bool>) {
    let mut directory: FxHashMap<(PrincipalKind, &str), Option<&str>> = FxHashMap::default();
    if let Some(declared) = &model.directory {
        for (kind, section) in [(PrincipalKind::Group, &declared.groups), (PrincipalKind::User, &declared.users)] {
            for (name, id) in section.iter().flat_map(|named| &named.entries) {
                directory.insert((kind, name.as_str()), id.0.as_ref().map(Text::as_str));
            }
        }
    }
    let mut principals: Vec<_> = named
        .iter()
        .flat_map(|named| &named.principals)
        .map(|&(kind, name)| Principal {
            name: name.value.clone(),
            kind,
            id: directory.get(&(kind, name.as_str())).copied().flatten().map(str::to_owned),
        })
        .collect();
    principals.sort();
    principals.dedup();
    let unlisted = principals
        .iter()
        .map(|principal| {
            let listed = directory.contains_key(&(principal.kind, principal.name.as_str()));
            model.directory.as_ref().is_some_and(|declared| {
                let section = match principal.kind {
                    PrincipalKind::Group => &declared.groups,
                    PrincipalKind::User => &declared.users,
                };
                // A section that was not understood lists nobody.
                !(listed || (declared.faulty && section.is_none()))
            })
        })
        .collect();
    (principals, unlisted)
}

struct Resolver<'a> {
    model: &'a Model,
    names: &'a Names<'a>,
    as_of: Timestamp,
    set_ids: FxHashMap<&'a str, SetId>,
    principals: FxHashMap<(PrincipalKind, String), PrincipalId>,
    selected: FixedBitSet,
    /// The accounts of the row that is read, kept for its room.
    reached: Vec<AccountId>,
    /// What rows reach: many reach the same accounts, which are kept once.
    lists: FxHashSet<Arc<[AccountId]>>,
    /// By principal: whether the directory leaves it out.
    unlisted: Vec<bool>,
    /// Inactive accounts that units brought in.
    skipped: FixedBitSet,
    /// Inactive accounts that rows name, each reported where it is first named.
    named_inactive: FixedBitSet,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    fn row(&mut self, declared: &Assignment, named: &Named<'_>) -> Row {
        let expires = declared.expires.as_ref().and_then(|text| self.expiry(text));
        let live = expires.as_ref().is_none_or(|expires| self.as_of < expires.at);
        let written = Written {
            ous: declared.ous.as_ref(),
            accounts: declared.accounts.as_deref(),
            account_tags: declared.account_tags.as_deref(),
            exclude: declared.exclude.as_deref(),
        };
        let selection = self.names.selection(written, self.diagnostics);
        let principals = named.principals.iter().filter_map(|&(kind, name)| self.principal(kind, name)).collect();
        let permission_sets = named.permission_sets.iter().filter_map(|name| self.permission_set(name)).collect();
        if !live && let Some(expires) = &expires {
            self.diagnostics.push(
                Diagnostic::warning(
                    "expired-assignment",
                    expires.text.span,
                    format!("this row expired on {}", expires.text.as_str()),
                )
                .label("grants nothing any more")
                .related(declared.span.at_start(), "the row")
                .help("remove the row, or renew it if the access is still needed"),
            );
        }
        let accounts = if live { self.accounts(declared, &selection) } else { Arc::default() };
        Row {
            span: declared.span,
            principals,
            permission_sets,
            selection,
            accounts,
            expires: expires.map(Box::new),
            expires_written: declared.expires.is_some(),
            live,
            owner: declared.owner.clone(),
            reason: declared.reason.clone(),
        }
    }

    fn expiry(&mut self, text: &Text) -> Option<Expiry> {
        let at = time::parse_expiry(text.as_str());
        if at.is_none() {
            self.diagnostics.push(
                Diagnostic::error(
                    "invalid-expiry",
                    text.span,
                    format!("`{}` is neither a date nor a timestamp with an offset", text.as_str()),
                )
                .help("write `2027-01-31` (it ends at the next midnight UTC) or `2027-01-31T18:00:00+01:00`"),
            );
        }
        Some(Expiry { at: at?, text: text.clone() })
    }

    fn principal(&mut self, kind: PrincipalKind, name: &Text) -> Option<Spanned<PrincipalId>> {
        let id = *self.principals.get(&(kind, name.value.clone()))?;
        if self.unlisted[id.0 as usize]
            && let Some(directory) = &self.model.directory
        {
            let (groups, users) = (("group", &directory.groups), ("user", &directory.users));
            let ((what, section), (other, others)) = match kind {
                PrincipalKind::Group => (groups, users),
                PrincipalKind::User => (users, groups),
            };
            let mut others = others.iter().flat_map(|named| &named.entries);
            let known = section.iter().flat_map(|named| &named.entries).map(|(name, _)| name.as_str());
            let help = if others.any(|(other, _)| other.as_str() == name.as_str()) {
                format!("it is a {other}: write `{other}: {}`", name.as_str())
            } else {
                match self.names.suggestions.nearest(name.as_str(), known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("add it under `directory.{what}s`, or correct the name"),
                }
            };
            let message = format!("the directory lists no {what} `{}`", name.as_str());
            self.diagnostics.push(Diagnostic::error("unknown-principal", name.span, message).help(help));
            return None;
        }
        Some(Spanned::new(id, name.span))
    }

    fn permission_set(&mut self, name: &Text) -> Option<Spanned<SetId>> {
        if let Some(&id) = self.set_ids.get(name.as_str()) {
            return Some(Spanned::new(id, name.span));
        }
        let known = self.model.permission_sets().iter().map(|(name, _)| name.as_str());
        let help = match self.names.suggestions.nearest(name.as_str(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare it under `permission_sets`, or correct the name".to_owned(),
        };
        self.diagnostics.push(
            Diagnostic::error("unknown-permission-set", name.span, format!("no permission set `{}`", name.as_str()))
                .help(help),
        );
        None
    }

    /// The active accounts of a live row; reports what a selection does that its author did not mean.
    fn accounts(&mut self, declared: &Assignment, selection: &Selection) -> Arc<[AccountId]> {
        let unresolved = self.names.organization.is_some()
            && (count(declared.ous.as_ref()) != selection.ous.len()
                || declared.accounts.as_ref().map_or(0, |list| list.value.len()) != selection.accounts.len());
        let unresolved = unresolved || declared.faulty;
        if unresolved && declared.ous.is_none() && declared.accounts.is_none() {
            return Arc::default();
        }
        if declared.ous.is_none() && declared.accounts.is_none() {
            let help = match &declared.account_tags {
                Some(_) => {
                    "`account_tags` narrows a selection and selects nothing itself; write `ous: [_root_]` beside it"
                }
                None => "say where with `ous` or `accounts`",
            };
            self.diagnostics.push(
                Diagnostic::error("empty-selection", declared.span.at_start(), "this row selects no account")
                    .help(help),
            );
            return Arc::default();
        }
        let Some(organization) = self.names.organization else { return Arc::default() };
        // An account that was left out of the snapshot may be all that a unit or a row reaches.
        let incomplete = !organization.dropped.is_empty();
        organization.select(selection, &mut self.selected);
        let mut inactive = 0;
        let mut accounts = std::mem::take(&mut self.reached);
        accounts.clear();
        for index in self.selected.ones() {
            let account = AccountId(u32::try_from(index).unwrap_or(u32::MAX));
            if organization.is_active(account) {
                accounts.push(account);
            } else {
                inactive += 1;
                self.skipped.grow(index + 1);
                self.skipped.insert(index);
            }
        }
        self.names.report_spared_management_account(selection, self.diagnostics);
        for ou in &selection.ous {
            let holds_active = |ou| organization.members_below(ou).any(|account| organization.is_active(account));
            if !incomplete && !holds_active(ou.value) {
                let path = organization.unit(ou.value).written_path();
                self.diagnostics.push(
                    Diagnostic::warning("empty-ou", ou.span, format!("`{path}` holds no active account at present"))
                        .help(
                            "nobody gets access through this entry until an account joins and the model is built again",
                        ),
                );
            }
        }
        for account in &selection.accounts {
            let details = organization.account(account.value);
            if !self.selected.contains(account.value.0 as usize) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "narrowed-account",
                        account.span,
                        format!("`{}` is named here and taken out again", details.name),
                    )
                    .help(
                        "`account_tags` and `exclude` also apply to accounts named by hand; remove it from one of them",
                    ),
                );
            } else if !organization.is_active(account.value) && !self.named_inactive.put(account.value.0 as usize) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "inactive-account",
                        account.span,
                        format!("`{}` is {} and receives no access", details.name, details.status.as_str()),
                    )
                    .related(details.span, "its status is declared here")
                    .help("remove it from the row, or refresh the snapshot of the organization"),
                );
            }
        }
        if accounts.is_empty() && !unresolved && !incomplete {
            let help = match (inactive, selection.account_tags.is_empty()) {
                _ if selection.ous.is_empty() && selection.accounts.is_empty() => "say where with `ous` or `accounts`",
                (1.., _) => "the accounts it selects are not active; refresh the snapshot, or remove the row",
                (0, false) => "no account of the selection has these tags; compare keys and values with the snapshot",
                _ => {
                    "the targets hold no active account, or `exclude` takes all of them out again; the management \
                      account is only reached when `accounts` names it"
                }
            };
            self.diagnostics.push(
                Diagnostic::error("empty-selection", declared.span.at_start(), "this row reaches no account")
                    .help(help),
            );
        }
        let known = self.lists.get(accounts.as_slice()).cloned();
        let list = known.unwrap_or_else(|| {
            let list: Arc<[AccountId]> = accounts.as_slice().into();
            self.lists.insert(Arc::clone(&list));
            list
        });
        self.reached = accounts;
        list
    }

    /// Accounts that a unit brings in and that receive nothing are reported once, not for every row.
    fn report_skipped(&mut self) {
        let Some(organization) = self.names.organization else { return };
        let skipped: Vec<_> = self
            .skipped
            .difference(&self.named_inactive)
            .map(|index| organization.account(AccountId(u32::try_from(index).unwrap_or(u32::MAX))))
            .collect();
        let Some(first) = skipped.first() else { return };
        let names = few(&skipped, 5, |account| format!("`{}` ({})", account.name, account.status.as_str()));
        let message = match skipped.len() {
            1 => format!("an account is not active and receives no access: {names}"),
            count => format!("{count} accounts are not active and receive no access: {names}"),
        };
        self.diagnostics.push(Diagnostic::note("skipped-accounts", first.span, message).help(
            "nothing to do: they are kept in the snapshot for completeness, and get access when they are active",
        ));
    }
}

fn count(list: Option<&List<Text>>) -> usize {
    list.map_or(0, |list| list.value.len())
}

/// Live rows by permission set and principal.
fn pairs(rows: &[Row]) -> Vec<Pair> {
    let mut keys: Vec<(SetId, PrincipalId, RowId)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if row.accounts.is_empty() {
            continue;
        }
        let id = RowId(u32::try_from(index).unwrap_or(u32::MAX));
        for set in &row.permission_sets {
            keys.extend(row.principals.iter().map(|principal| (set.value, principal.value, id)));
        }
    }
    keys.sort_unstable();
    keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .map(|chunk| Pair {
            permission_set: chunk[0].0,
            principal: chunk[0].1,
            rows: chunk.iter().map(|key| key.2).collect(),
        })
        .collect()
}
