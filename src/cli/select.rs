//! Names on the command line: what of the model they mean.

use clap::Args;
use fixedbitset::FixedBitSet;

use crate::access::{Access, Organization, OrganizationalUnit, PrincipalId, PrincipalKind, SetId, Unresolved};
use crate::error::Error;
use crate::iam::catalogue::{ActionId, ActionLookup, Catalogue, Tombstone};
use crate::iam::glob::Glob;
use crate::syntax::decode::did_you_mean;

/// Which accounts.
#[derive(Debug, Default, Args)]
pub(super) struct AccountArgs {
    /// Only in this account: its name, its id, or a pattern such as `shop-*`; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,

    /// Only in the accounts of this organizational unit, units below it included: its path from the root
    #[arg(long, value_name = "PATH")]
    ou: Vec<String>,
}

impl AccountArgs {
    /// The accounts, by number; `None` where any will do.
    pub(super) fn chosen(&self, access: &Access) -> Result<Option<FixedBitSet>, Error> {
        if self.account.is_empty() && self.ou.is_empty() {
            return Ok(None);
        }
        let Some(organization) = &access.organization else { return Err(no_organization()) };
        let mut chosen = FixedBitSet::with_capacity(organization.accounts.len());
        for written in &self.account {
            chosen.union_with(&accounts(organization, written)?);
        }
        for path in &self.ou {
            let ou = match organization.unit_at(path) {
                Ok(ou) => ou,
                Err(Unresolved::Ambiguous) => {
                    return Err(Error::Ambiguous { what: "organizational units", name: path.clone(), help: None });
                }
                Err(Unresolved::Unknown) if organization.account_named(path).is_ok() => {
                    return Err(Error::OtherKind { name: path.clone(), is: "an account", write: "--account" });
                }
                Err(Unresolved::Unknown) => {
                    let has_id = |unit: &&OrganizationalUnit| unit.id.as_ref().is_some_and(|id| id.value == *path);
                    let near = match organization.units.iter().find(has_id) {
                        Some(unit) => Some(unit.written_path()),
                        None => did_you_mean(path, organization.units.iter().map(|unit| unit.path.as_str())),
                    };
                    return Err(unknown("organizational unit", path, near.map(str::to_owned)));
                }
            };
            chosen.extend(organization.accounts_below(ou).iter().map(|account| account.index()));
        }
        Ok(Some(chosen))
    }
}

/// What an option means that needs accounts, in a model that has none.
pub(super) fn no_organization() -> Error {
    Error::Arguments {
        message: "the model has no `organization`, so nothing is known of its accounts",
        help: "name a model that has a snapshot of the organization",
    }
}

/// The accounts that a name, an id or a pattern means.
pub(super) fn accounts(organization: &Organization, written: &str) -> Result<FixedBitSet, Error> {
    let mut chosen = FixedBitSet::with_capacity(organization.accounts.len());
    match organization.account_named(written) {
        Ok(account) => chosen.insert(account.index()),
        Err(Unresolved::Ambiguous) => {
            let help = Some("use the id of the account");
            return Err(Error::Ambiguous { what: "accounts", name: written.to_owned(), help });
        }
        Err(Unresolved::Unknown) if is_pattern(written) => {
            let glob = Glob::new(written, false);
            let named = organization.accounts.iter().enumerate();
            chosen.extend(named.filter(|(_, account)| glob.matches(&account.name)).map(|(index, _)| index));
            if chosen.is_clear() {
                return Err(unknown("account matches", written, None));
            }
        }
        Err(Unresolved::Unknown) if organization.unit_at(written).is_ok() => {
            return Err(Error::OtherKind { name: written.to_owned(), is: "an organizational unit", write: "--ou" });
        }
        Err(Unresolved::Unknown) => {
            let names = organization.accounts.iter().flat_map(|account| [account.name.as_str(), account.id.as_str()]);
            return Err(unknown("account", written, did_you_mean(written, names).map(str::to_owned)));
        }
    }
    Ok(chosen)
}

/// The principals that names or patterns mean; none where there are none. A group and a user of one name are both meant.
pub(super) fn principals(access: &Access, written: &[String]) -> Result<Vec<PrincipalId>, Error> {
    let mut chosen = Vec::new();
    for written in written {
        let before = chosen.len();
        let all = || (0_u32..).map(PrincipalId).zip(&access.principals);
        chosen.extend(all().filter(|(_, principal)| principal.name == *written).map(|(id, _)| id));
        if chosen.len() > before {
            continue;
        }
        if is_pattern(written) {
            let glob = Glob::new(written, false);
            chosen.extend(all().filter(|(_, principal)| glob.matches(&principal.name)).map(|(id, _)| id));
            if chosen.len() == before {
                return Err(unknown("principal matches", written, None));
            }
            continue;
        }
        let near = did_you_mean(written, access.principals.iter().map(|principal| principal.name.as_str()));
        return Err(unknown("principal in the matrix", written, near.map(str::to_owned)));
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// The permission sets that names or patterns mean; none where there are none.
pub(super) fn permission_sets(access: &Access, written: &[String]) -> Result<Vec<SetId>, Error> {
    let name = |set: SetId| access.permission_set(set).name.value.as_str();
    let mut chosen = Vec::new();
    for written in written {
        if let Some(set) = access.set_ids().find(|&set| name(set) == written) {
            chosen.push(set);
        } else if is_pattern(written) {
            let glob = Glob::new(written, false);
            let before = chosen.len();
            chosen.extend(access.set_ids().filter(|&set| glob.matches(name(set))));
            if chosen.len() == before {
                return Err(unknown("permission set matches", written, None));
            }
        } else {
            let near = did_you_mean(written, access.set_ids().map(name));
            return Err(unknown("permission set", written, near.map(str::to_owned)));
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// What is said of a principal's kind behind its name.
pub(super) fn kind(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Group => "",
        PrincipalKind::User => " (user)",
    }
}

/// Whether a name is a pattern.
pub(super) fn is_pattern(written: &str) -> bool {
    written.contains(['*', '?'])
}

/// One action, whatever its capitals.
pub(super) fn action(name: &str) -> Result<ActionId, Error> {
    let catalogue = Catalogue::embedded();
    match catalogue.look_up_action(name) {
        ActionLookup::Known(action) => Ok(action),
        ActionLookup::Removed(gone) => Err(removed("action", name, &gone)),
        ActionLookup::UnknownAction(_) if !name.contains(':') => {
            Err(unknown("action", name, Some(format!("{name}:*"))))
        }
        ActionLookup::UnknownAction(meant) | ActionLookup::UnknownService(meant) => {
            Err(unknown("action", name, meant.name()))
        }
    }
}

/// The actions that a name or a pattern means; never none.
pub(super) fn actions(written: &str) -> Result<Vec<ActionId>, Error> {
    if !is_pattern(written) {
        return action(written).map(|action| vec![action]);
    }
    let named: Vec<ActionId> = Catalogue::embedded().actions_of_pattern(written).collect();
    if named.is_empty() { Err(unknown("action matches", written, None)) } else { Ok(named) }
}

pub(super) fn unknown(what: &'static str, name: &str, near: Option<String>) -> Error {
    Error::UnknownName { what, name: name.to_owned(), near }
}

pub(super) fn removed(what: &'static str, name: &str, gone: &Tombstone) -> Error {
    Error::Gone {
        what,
        name: name.to_owned(),
        last_seen: gone.last_seen,
        replacement: Some(gone.replacement).filter(|replacement| !replacement.is_empty()),
    }
}
