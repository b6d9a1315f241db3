//! `escalation.toml`: the curated paths, as written.

use std::path::Path;

use serde::Deserialize;

use super::read;
use crate::Failure;

/// What a path leads from and to; the order is that of the packed file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Direct,
    Pass,
    ExistingRole,
    IdentityCenter,
    Organizations,
}

/// Every path, and what `iam:*` means beyond self-service.
pub(crate) struct Escalation {
    pub(crate) paths: Vec<(Class, EscalationPath)>,
    /// Write actions of `iam` that an administrator of IAM is not known by.
    pub(crate) upkeep: Vec<String>,
}

/// One path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EscalationPath {
    pub(crate) id: String,
    pub(crate) actions: Vec<String>,
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) gains: Gains,
    #[serde(default)]
    pub(crate) everywhere: bool,
    #[serde(default)]
    pub(crate) passed_to: Vec<String>,
    pub(crate) source: String,
}

/// Whether a path writes permissions or takes over those of its target.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Gains {
    #[default]
    Anything,
    Target,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    iam_wildcard: IamWildcard,
    direct: Vec<EscalationPath>,
    pass: Vec<EscalationPath>,
    existing_role: Vec<EscalationPath>,
    identity_center: Vec<EscalationPath>,
    organizations: Vec<EscalationPath>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IamWildcard {
    except: Vec<String>,
}

/// The curated paths of `data`.
pub(crate) fn read_file(data: &Path) -> Result<Escalation, Failure> {
    let file: File = toml::from_str(&read(&data.join("escalation.toml"))?)?;
    let mut paths = Vec::new();
    for (class, of_class) in [
        (Class::Direct, file.direct),
        (Class::Pass, file.pass),
        (Class::ExistingRole, file.existing_role),
        (Class::IdentityCenter, file.identity_center),
        (Class::Organizations, file.organizations),
    ] {
        paths.extend(of_class.into_iter().map(|path| (class, path)));
    }
    Ok(Escalation { paths, upkeep: file.iam_wildcard.except })
}
