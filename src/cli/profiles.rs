//! `profiles`: sections of `~/.aws/config` for the grants of a principal.

use clap::Args;
use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::select::{self, AccountArgs};
use super::session::Session;
use super::{ModelArgs, Outcome, Streams};
use crate::access::Access;
use crate::error::Error;
use crate::profiles::{Merged, Names, Profile, Refused, SsoSession, Unnamed, granted, merge, sections};
use crate::report::{count, sanitize};
use crate::write::replace;

#[derive(Debug, Args)]
pub(super) struct Profiles {
    #[command(flatten)]
    model: ModelArgs,

    /// Whose grants: a user and the groups it is in; a name or a pattern, may be given several times
    #[arg(long, value_name = "NAME", required = true)]
    principal: Vec<String>,

    #[command(flatten)]
    accounts: AccountArgs,

    /// What profiles are called: {account}, {account_id}, {permission_set}, {role} (the permission set in AWS) and {ou}, with
    /// filters as in {account|lower}
    #[arg(long, value_name = "TEMPLATE", default_value = "{account}-{permission_set}")]
    name: String,

    /// The Region of the profiles' requests
    #[arg(long, value_parser = region)]
    region: Option<String>,

    /// The name of the `sso-session`
    #[arg(long, value_name = "NAME", default_value = "bailiwick", value_parser = session_name)]
    session: String,

    /// The AWS access portal [default: that of the model's identity store]
    #[arg(long, value_name = "URL", value_parser = start_url)]
    start_url: Option<String>,

    /// Merge into a file instead of printing: $AWS_CONFIG_FILE or ~/.aws/config, or the one that is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    write: Option<Option<PathBuf>>,
}

fn region(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_region = text.contains('-') && text.chars().all(plain);
    is_region.then(|| text.to_owned()).ok_or_else(|| "write a Region such as eu-west-1".to_owned())
}

fn session_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let is_name = !text.is_empty() && text.chars().all(plain);
    is_name.then(|| text.to_owned()).ok_or_else(|| "write letters, digits, `_`, `.` and `-`".to_owned())
}

fn start_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").unwrap_or_default();
    let is_url = !host.is_empty() && host.chars().all(|c| c.is_ascii_graphic());
    is_url.then(|| text.to_owned()).ok_or_else(|| "write a URL such as https://example.awsapps.com/start".to_owned())
}

pub(super) fn run(arguments: &Profiles, streams: &mut Streams<'_>) -> Result<Outcome, Error> {
    let names = Names::new(&arguments.name).map_err(|unnamed| no_names(arguments, unnamed))?;
    let Some(session) = Session::open_resolved(&arguments.model, streams)? else { return Ok(Outcome::Findings) };
    let Some(access) = &session.access else { return Ok(Outcome::Findings) };
    let Some(organization) = &access.organization else { return Err(select::no_organization()) };
    let principals = select::principals(access, &arguments.principal)?;
    let accounts = arguments.accounts.chosen(access)?;
    let mut granted = granted(access, &principals);
    granted.retain(|grant| accounts.as_ref().is_none_or(|accounts| accounts.contains(grant.account.index())));
    let set = |grant: &crate::profiles::Granted| access.permission_set(grant.set).name.value.clone();
    let profiles = names.of(organization, &granted, set).map_err(|unnamed| no_names(arguments, unnamed))?;
    let sso = sso_session(arguments, access)?;
    match &arguments.write {
        None => {
            let text = sections(&sso, true, &profiles, arguments.region.as_deref());
            streams.out.write_all(text.as_bytes()).map_err(Error::Print)?;
        }
        Some(file) => write_into(&config_file(file.as_deref())?, &sso, &profiles, arguments, streams)?,
    }
    Ok(Outcome::Clean)
}

/// The session, as far as it must be said from the model.
fn sso_session(arguments: &Profiles, access: &Access) -> Result<SsoSession, Error> {
    let Some(region) = &access.instance.region else {
        return Err(Error::Arguments {
            message: "the Region of the Identity Center instance is not in the model",
            help: "write `region` under `identity_center`",
        });
    };
    let store = access.instance.identity_store_id.as_ref();
    // https://docs.aws.amazon.com/singlesignon/latest/userguide/howtochangeURL.html
    let of_store = || store.map(|store| format!("https://{}.awsapps.com/start", store.value));
    let Some(start_url) = arguments.start_url.clone().or_else(of_store) else {
        return Err(Error::Arguments {
            message: "the AWS access portal is not known",
            help: "name it behind `--start-url`, or write `identity_store_id` under `identity_center`",
        });
    };
    Ok(SsoSession { name: arguments.session.clone(), start_url, region: region.value.clone() })
}

/// The file of the user's profiles.
fn config_file(named: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let of_environment = env::var_os("AWS_CONFIG_FILE").filter(|file| !file.is_empty()).map(PathBuf::from);
    let file = match (of_environment, home) {
        (Some(file), home) => match (file.strip_prefix("~"), home) {
            (Ok(below), Some(home)) => Some(home.join(below)),
            _ => Some(file),
        },
        (None, home) => home.map(|home| home.join(".aws").join("config")),
    };
    file.ok_or(Error::Arguments {
        message: "there is no home directory to look for `.aws/config` in",
        help: "name the file: `--write=FILE`",
    })
}

fn write_into(
    path: &Path,
    session: &SsoSession,
    profiles: &[Profile],
    arguments: &Profiles,
    streams: &mut Streams<'_>,
) -> Result<(), Error> {
    let before = read(path)?;
    let refused = |refused| refusal(path, refused);
    let merged = merge(before.as_deref().unwrap_or_default(), session, profiles, arguments.region.as_deref());
    let Merged { text, added, removed, session_is_theirs } = merged.map_err(refused)?;
    let changed = before.as_deref().unwrap_or_default() != text;
    if changed {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(Error::io("write", folder))?;
        }
        if read(path)? != before {
            return Err(Error::Changed(path.to_owned()));
        }
        replace(path, text.as_bytes())?;
    }
    let mut said = vec![count(profiles.len(), "profile")];
    said.extend((added > 0).then(|| format!("{added} new")));
    said.extend((removed > 0).then(|| format!("{removed} removed")));
    said.extend(session_is_theirs.then(|| format!("your own `sso-session {}` is used", session.name)));
    let done = if changed { "written" } else { "nothing to change" };
    let line = format!("{}: {}; {done}", path.display(), said.join(", "));
    writeln!(streams.out, "{}", sanitize(&line)).map_err(Error::Print)
}

/// The text of the file; `None` where there is none.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| Error::NotUtf8(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

fn refusal(path: &Path, refused: Refused) -> Error {
    let (line, problem, help) = match refused {
        Refused::Taken { section, line } => (
            line,
            format!("`[{section}]` is somebody else's"),
            "remove it, or give profiles other names with `--name`, or the session with `--session`",
        ),
        Refused::Changed { line } => (
            line,
            "what an earlier run wrote from here on has been changed".to_owned(),
            "move the changes elsewhere in the file, remove these lines, and run the command again",
        ),
        Refused::Broken { line } => (
            line,
            "of the two lines around what an earlier run wrote, this one has no match".to_owned(),
            "remove what an earlier run wrote, and run the command again",
        ),
    };
    Error::Profiles { path: path.to_owned(), line, problem, help }
}

fn no_names(arguments: &Profiles, unnamed: Unnamed) -> Error {
    let reason = match unnamed {
        Unnamed::Template(reason) => reason,
        Unnamed::Empty(account, set) => format!("`{set}` in `{account}` gets no name"),
        Unnamed::Twice(name, (account, set), (other, other_set)) => {
            format!("`{set}` in `{account}` and `{other_set}` in `{other}` are both called `{name}`")
        }
    };
    Error::ProfileNames { template: arguments.name.clone(), reason }
}
