//! Profiles of the AWS CLI and the SDKs: what a principal needs to use its grants from a shell.
//!
//! Grants come in, sections of `~/.aws/config` go out
//! (<https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html>): an `sso-session`, and a `profile` for each
//! permission set in each account. [`merge()`] puts them into a file that belongs to somebody else.

mod merge;
mod names;

pub use merge::{Merged, Refused, merge};
pub use names::{Names, Unnamed};

use std::collections::BTreeMap;

use crate::access::{Access, AccountId, Pair, PrincipalId, SetId};
use crate::plan::twins;

/// The session that all profiles share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoSession {
    /// Its name.
    pub name: String,
    /// The AWS access portal.
    pub start_url: String,
    /// The Region of the Identity Center instance.
    pub region: String,
}

/// A permission set in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name of the profile.
    pub name: String,
    /// 12 digits.
    pub account_id: String,
    /// The permission set as it is called in AWS in that account.
    pub role: String,
    /// When access ends, as written.
    pub until: Option<String>,
}

/// What principals are granted: each permission set once in each account, by account and permission set.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The account.
    pub account: AccountId,
    /// The permission set.
    pub set: SetId,
    /// The permission set as it is called in AWS in that account: a twin takes the place of one that reaches the management
    /// account, where administration is delegated.
    pub role: String,
    /// When access ends, as written; with the last of several grants.
    pub until: Option<String>,
}

/// What principals are granted, together.
pub fn granted(access: &Access, principals: &[PrincipalId]) -> Vec<Granted> {
    let twins = twins(access);
    let mut ends: BTreeMap<(AccountId, SetId), Vec<crate::access::RowId>> = BTreeMap::new();
    let chosen = |pair: &&Pair| principals.contains(&pair.principal);
    for pair in access.pairs.iter().filter(chosen) {
        for grant in access.grants_of(pair) {
            ends.entry((grant.account, pair.permission_set)).or_default().extend(grant.rows.iter());
        }
    }
    let granted = |((account, set), rows): ((AccountId, SetId), Vec<_>)| {
        let twin = twins.iter().find(|(original, _)| *original == set && access.management_account() == Some(account));
        let name = || access.permission_set(set).name.value.clone();
        Granted {
            account,
            set,
            role: twin.map_or_else(name, |(_, twin)| twin.clone()),
            until: access.expiry(&rows).map(|expiry| expiry.text.as_str().to_owned()),
        }
    };
    ends.into_iter().map(granted).collect()
}

/// The sections, ready to be written; values hold no line breaks, because names of AWS have none.
pub fn sections(session: &SsoSession, with_session: bool, profiles: &[Profile], region: Option<&str>) -> String {
    let mut text = String::new();
    let mut section = |header: String, settings: Vec<(&str, &str)>, until: Option<&str>| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("[{header}]\n"));
        if let Some(until) = until {
            text.push_str(&format!("# until {until}\n"));
        }
        for (key, value) in settings {
            text.push_str(&format!("{key} = {value}\n"));
        }
    };
    if with_session {
        let settings = vec![
            ("sso_start_url", session.start_url.as_str()),
            ("sso_region", &session.region),
            ("sso_registration_scopes", "sso:account:access"),
        ];
        section(format!("sso-session {}", session.name), settings, None);
    }
    for profile in profiles {
        let mut settings = vec![
            ("sso_session", session.name.as_str()),
            ("sso_account_id", &profile.account_id),
            ("sso_role_name", &profile.role),
        ];
        settings.extend(region.map(|region| ("region", region)));
        section(format!("profile {}", profile.name), settings, profile.until.as_deref());
    }
    text
}
