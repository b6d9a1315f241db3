//! What stands around access: the instance, attributes, service control policies, whom names stand for.

use std::collections::{BTreeMap, BTreeSet};

use super::bodies::Bodies;
use crate::access::{Access, AttachedControls, FULL_AWS_ACCESS, PrincipalKind};

/// A setting that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange<'a> {
    /// Its key in the language, such as `identity_center.region` or `attributes.Department`.
    pub key: String,
    /// What it was, if it was.
    pub old: Option<&'a str>,
    /// What it is, if it is.
    pub new: Option<&'a str>,
}

/// A service control policy that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlChange<'a> {
    /// It says something else.
    Body(&'a str),
    /// It is attached where it was not.
    Attached {
        /// Its name.
        name: &'a str,
        /// The path of the unit (`_root_` for the root), or the id of the account.
        to: &'a str,
    },
    /// It is attached no more where it was.
    Detached {
        /// Its name.
        name: &'a str,
        /// The path of the unit (`_root_` for the root), or the id of the account.
        from: &'a str,
    },
}

/// A principal whose name stands for another group or user of the identity store than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repinned<'a> {
    /// Group or user.
    pub kind: PrincipalKind,
    /// The name.
    pub name: &'a str,
    /// The id that it was pinned to.
    pub old: &'a str,
    /// The id that it is pinned to.
    pub new: &'a str,
}

/// The instance and the attributes.
pub(super) fn settings<'a>(old: &'a Access, new: &'a Access) -> Vec<SettingChange<'a>> {
    let of = |access: &'a Access| {
        let instance = &access.instance;
        let mut all: BTreeMap<String, &'a str> = BTreeMap::new();
        let texts = [
            ("instance_arn", &instance.arn),
            ("identity_store_id", &instance.identity_store_id),
            ("region", &instance.region),
        ];
        for (key, text) in texts {
            all.extend(text.as_ref().map(|text| (format!("identity_center.{key}"), text.value.as_str())));
        }
        if let (Some(admin), Some(organization)) = (&instance.delegated_admin, &access.organization) {
            all.insert("identity_center.delegated_admin".to_owned(), &organization.account(admin.value).id);
        }
        let attributes = access.attributes.iter();
        all.extend(attributes.map(|(key, source)| (format!("attributes.{}", key.value), source.value.as_str())));
        all
    };
    let (before, after) = (of(old), of(new));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |key: &String| {
        let (old, new) = (before.get(key).copied(), after.get(key).copied());
        (old != new).then(|| SettingChange { key: key.clone(), old, new })
    };
    keys.into_iter().filter_map(change).collect()
}

/// Principals of both models whose name is pinned to another id.
pub(super) fn repinned<'a>(old: &'a Access, new: &'a Access) -> Vec<Repinned<'a>> {
    let pins = |access: &'a Access| -> BTreeMap<(PrincipalKind, &'a str), &'a str> {
        let pinned = access
            .principals
            .iter()
            .filter_map(|principal| Some(((principal.kind, principal.name.as_str()), principal.id.as_deref()?)));
        pinned.collect()
    };
    let (before, after) = (pins(old), pins(new));
    let both = after.iter().filter_map(|(&(kind, name), &new)| {
        let &old = before.get(&(kind, name))?;
        (old != new).then_some(Repinned { kind, name, old, new })
    });
    both.collect()
}

/// Service control policies that say something else or stand elsewhere.
pub(super) fn controls<'a>(old: &'a Access, new: &'a Access) -> Vec<ControlChange<'a>> {
    let mut bodies = Bodies::default();
    let mut documents = |access: &'a Access| {
        let organization = access.organization.iter();
        let controls = organization.flat_map(|organization| &organization.service_control_policies);
        let bodies = controls.map(|control| {
            (control.name.value.as_str(), control.document.as_ref().map(|document| bodies.document(document)))
        });
        bodies.collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (documents(old), documents(new));
    let changed = after.iter().filter(|(name, body)| before.get(*name).is_some_and(|old| old != *body));
    let mut changes: Vec<ControlChange<'a>> = changed.map(|(name, _)| ControlChange::Body(name)).collect();
    let (before, after) = (Attachments::of(old), Attachments::of(new));
    let lasting = |&&(_, place): &&(&str, &str)| before.places.contains(place) && after.places.contains(place);
    changes.extend(
        after.all.difference(&before.all).filter(lasting).map(|&(name, to)| ControlChange::Attached { name, to }),
    );
    changes.extend(
        before.all.difference(&after.all).filter(lasting).map(|&(name, from)| ControlChange::Detached { name, from }),
    );
    changes
}

/// Each service control policy with each place it is attached to, and all places.
struct Attachments<'a> {
    all: BTreeSet<(&'a str, &'a str)>,
    places: BTreeSet<&'a str>,
}

impl<'a> Attachments<'a> {
    fn of(access: &'a Access) -> Self {
        let mut found = Self { all: BTreeSet::new(), places: BTreeSet::new() };
        let Some(organization) = &access.organization else { return found };
        let mut add = |controls: Option<&'a AttachedControls>, place: &'a str| {
            found.places.insert(place);
            // A level that says nothing lets everything through, as one with this policy alone does.
            if controls.is_none_or(|controls| controls.full_aws_access) {
                found.all.insert((FULL_AWS_ACCESS, place));
            }
            for control in controls.iter().flat_map(|controls| &controls.policies) {
                found.all.insert((organization.service_control_policy(control.value).name.value.as_str(), place));
            }
        };
        for unit in &organization.units {
            add(unit.service_controls.as_ref(), unit.written_path());
        }
        for account in &organization.accounts {
            add(account.service_controls.as_deref(), account.id.as_str());
        }
        found
    }
}
