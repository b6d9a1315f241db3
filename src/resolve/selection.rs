//! Targets: paths of units and names of accounts become a [`Selection`].

use super::Names;
use crate::access::{NamedAccount, OrganizationalUnit, OuId, Selection, Unresolved};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Exclude;
use crate::source::{Span, Spanned};
use crate::syntax::decode::{AccountRef, List, Named, OneOrMany, Text};

/// What a row, a guardrail, a variant or a cap says about where it points.
#[derive(Clone, Copy, Default)]
pub(crate) struct Written<'m> {
    pub ous: Option<&'m List<Text>>,
    pub accounts: Option<&'m List<AccountRef>>,
    pub account_tags: Option<&'m Named<OneOrMany>>,
    pub exclude: Option<&'m Exclude>,
}

impl Names<'_> {
    /// Resolves every name of a target; unknown ones are reported and left out.
    pub(super) fn selection(&self, written: Written<'_>, diagnostics: &mut Diagnostics) -> Selection {
        let exclude = written.exclude;
        let units = self.units(written.ous, diagnostics);
        let excluded_units = self.units(exclude.and_then(|exclude| exclude.ous.as_ref()), diagnostics);
        let accounts = self.accounts(written.accounts, diagnostics);
        let excluded_accounts = self.accounts(exclude.and_then(|exclude| exclude.accounts.as_ref()), diagnostics);
        let tags = written.account_tags.map_or(&[][..], |tags| &tags.entries);
        Selection {
            ous: units,
            accounts,
            account_tags: tags
                .iter()
                .map(|(key, values)| (key.value.clone(), values.0.iter().map(|value| value.value.clone()).collect()))
                .collect(),
            excluded_ous: excluded_units.into_iter().map(|ou| ou.value).collect(),
            excluded_accounts,
        }
    }

    /// Says where `_root_` does not mean what it seems to.
    pub(super) fn report_spared_management_account(&self, selection: &Selection, diagnostics: &mut Diagnostics) {
        let management = self.organization.and_then(|organization| organization.management_account);
        let Some(management) = management else { return };
        let root = selection.ous.iter().find(|ou| ou.value == OuId::ROOT);
        let named = selection.accounts.iter().any(|account| account.value == management)
            || selection.excluded_accounts.iter().any(|account| account.value == management)
            || selection.excluded_ous.contains(&OuId::ROOT);
        if let Some(root) = root.filter(|_| !named) {
            diagnostics.push(
                Diagnostic::note("root-spares-management", root.span, "`_root_` does not reach the management account")
                    .help("name the account under `accounts` if it is meant; in a row, `exclude` says that it is not"),
            );
        }
    }

    fn accounts(&self, written: Option<&List<AccountRef>>, diagnostics: &mut Diagnostics) -> Box<[NamedAccount]> {
        let Some(organization) = self.organization else { return Box::default() };
        let named = |reference: &AccountRef| {
            let Spanned { value, span } = self.account(reference, diagnostics)?;
            let by_name = organization.account(value).id != reference.0.as_str();
            Some(NamedAccount { value, span, by_name })
        };
        written.map_or(&[][..], |list| &list.value).iter().filter_map(named).collect()
    }

    fn units(&self, written: Option<&List<Text>>, diagnostics: &mut Diagnostics) -> Box<[Spanned<OuId>]> {
        let written = written.map_or(&[][..], |list| &list.value);
        written.iter().filter_map(|path| self.unit(path.as_str(), path.span, diagnostics)).collect()
    }

    pub(super) fn unit(&self, path: &str, span: Span, diagnostics: &mut Diagnostics) -> Option<Spanned<OuId>> {
        let organization = self.organization?;
        let finding = match organization.unit_at(path) {
            Ok(ou) => return Some(Spanned::new(ou, span)),
            Err(Unresolved::Ambiguous) => {
                let read = organization.by_path.get(path).map_or(&[][..], Vec::as_slice);
                let mut finding =
                    Diagnostic::error("ambiguous-ou", span, format!("`{path}` can be read as {} units", read.len()))
                        .help("rename one of the units: a name with `/` in it looks like a path");
                for &ou in read.iter().take(4) {
                    finding = finding.related(organization.unit(ou).span, "one of them");
                }
                finding
            }
            Err(Unresolved::Unknown) => {
                Diagnostic::error("unknown-ou", span, format!("no organizational unit `{path}`"))
                    .help(self.unit_help(path))
            }
        };
        diagnostics.push(finding);
        None
    }

    fn unit_help(&self, path: &str) -> String {
        let fallback = "paths start below the root, are exact and case-sensitive; `_root_` is the whole organization";
        let Some(organization) = self.organization else { return fallback.to_owned() };
        let has_id = |unit: &&OrganizationalUnit| unit.id.as_ref().is_some_and(|id| id.value == path);
        if let Some(unit) = organization.units.iter().find(has_id) {
            return format!("write the path of the unit, `{}`", unit.written_path());
        }
        if organization.account_named(path).is_ok() {
            return format!("it is an account: write `accounts: [{path}]`");
        }
        if path.trim_matches('_').eq_ignore_ascii_case("root") || matches!(path, "*" | "/") {
            return format!("the whole organization is `{}`", OrganizationalUnit::ROOT_PATH);
        }
        let paths = || organization.units.iter().skip(1).map(|unit| unit.path.as_str());
        // Most wrong paths leave out the units above, or stand a little off.
        let trimmed = path.trim_matches('/');
        let tail = format!("/{trimmed}");
        let mut ends: Vec<_> = paths().filter(|known| *known == trimmed || known.ends_with(&tail)).collect();
        ends.truncate(3);
        match ends.as_slice() {
            [] => match self.suggestions.nearest(path, paths()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => fallback.to_owned(),
            },
            ends => {
                let ends: Vec<_> = ends.iter().map(|end| format!("`{end}`")).collect();
                format!("paths start below the root; did you mean {}?", ends.join(" or "))
            }
        }
    }
}
