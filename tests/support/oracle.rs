//! What a model means, computed the slow and obvious way from its YAML: a second opinion that shares no code with the
//! crate. Everything is a list or a map of strings, and every question walks the whole of it.
//!
//! It expects a model without errors, and panics where it meets one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::state::{AssignmentOf, Boundary, CustomerPolicy, PermissionSet, State};

type Named<T> = BTreeMap<String, T>;

/// A file of the model; the sections a deployment depends on.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    identity_center: Instance,
    organization: Organization,
    directory: Directory,
    attributes: Named<String>,
    policies: Named<Policy>,
    permission_sets: Named<DeclaredSet>,
    assignments: Vec<Row>,
    #[serde(rename = "lint")]
    _lint: de::IgnoredAny,
    emit: Emit,
}

/// Of the options of the output, the one that AWS shows.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Emit {
    expiry_schedules: bool,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Instance {
    instance_arn: Option<String>,
    identity_store_id: Option<String>,
    region: Option<String>,
    delegated_admin: Option<String>,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Organization {
    id: Option<String>,
    management_account: Option<String>,
    root: Unit,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Unit {
    id: Option<String>,
    accounts: Named<Account>,
    ous: Named<Self>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Directory {
    groups: Named<Option<String>>,
    users: Named<Option<String>>,
}

/// `"111111111111"` or `{ id: "111111111111", status: …, tags: … }`.
#[derive(Clone, Default)]
struct Account {
    id: String,
    status: Option<String>,
    tags: Named<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Policy {
    path: Option<String>,
    description: Option<String>,
    document: Option<Body>,
    variants: Vec<Variant>,
    external: Option<Targets>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    #[serde(default)]
    ous: Vec<String>,
    #[serde(default)]
    accounts: Vec<String>,
    document: Body,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Targets {
    ous: Vec<String>,
    accounts: Vec<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DeclaredSet {
    description: Option<String>,
    session_duration: Option<String>,
    relay_state: Option<String>,
    aws_managed_policies: Vec<String>,
    customer_managed_policies: Vec<Reference>,
    permissions_boundary: Option<Reference>,
    inline_policy: Option<Body>,
    tags: Named<String>,
    #[serde(rename = "targets")]
    _targets: de::IgnoredAny,
    management_name: Option<String>,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Row {
    group: Option<String>,
    groups: Vec<String>,
    user: Option<String>,
    permission_set: Option<String>,
    permission_sets: Vec<String>,
    ous: Vec<String>,
    accounts: Vec<String>,
    account_tags: Named<OneOrMany>,
    exclude: Exclude,
    owner: Option<String>,
    expires: Option<String>,
    reason: Option<String>,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Exclude {
    ous: Vec<String>,
    accounts: Vec<String>,
}

/// A value of YAML whose scalars are all text, as the language reads them.
#[derive(Clone)]
enum Tree {
    Nothing,
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyTree;
        impl<'de> Visitor<'de> for AnyTree {
            type Value = Tree;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Nothing)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Text(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Text(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Text(value.to_string()))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tree, E> {
                Err(E::custom(format!("{value} has lost its spelling: quote it in the test's model")))
            }
            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::Text(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Tree::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Tree::Map(entries))
            }
        }
        deserializer.deserialize_any(AnyTree)
    }
}

impl Tree {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            _ => panic!("text is expected"),
        }
    }

    fn map(self) -> Named<Self> {
        match self {
            Self::Map(entries) => entries.into_iter().collect(),
            _ => panic!("a mapping is expected"),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Nothing => Json::Null,
            Self::Text(text) => Json::from(text.as_str()),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.json())).collect(),
        }
    }
}

/// Reads a type from a [`Tree`].
macro_rules! from_tree {
    ($name:ident, $tree:ident => $value:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let $tree = Tree::deserialize(deserializer)?;
                Ok($value)
            }
        }
    };
}

from_tree!(Account, tree => match tree {
    Tree::Text(id) => Self { id, ..Self::default() },
    tree => {
        let mut map = tree.map();
        let tags = map.remove("tags").map(Tree::map).unwrap_or_default();
        let account = Self {
            id: map.remove("id").expect("an account has an id").text(),
            status: map.remove("status").map(Tree::text),
            tags: tags.into_iter().map(|(key, value)| (key, value.text())).collect(),
        };
        assert!(map.is_empty(), "unknown keys of an account: {:?}", map.keys());
        account
    }
});

/// A policy document: the path of a file, or the document itself.
#[derive(Clone)]
enum Body {
    Path(String),
    Document(Json),
}

from_tree!(Body, tree => match tree {
    Tree::Text(path) => Self::Path(path),
    tree => Self::Document(tree.json()),
});

/// `Name`, `{ name: Name, path: /path/ }` or `{ aws_managed: Name }`.
#[derive(Clone)]
enum Reference {
    Customer { name: String, path: Option<String> },
    AwsManaged(String),
}

from_tree!(Reference, tree => match tree {
    Tree::Text(name) => Self::Customer { name, path: None },
    tree => {
        let mut map = tree.map();
        match map.remove("aws_managed") {
            Some(name) => Self::AwsManaged(name.text()),
            None => Self::Customer {
                name: map.remove("name").expect("a reference has a name").text(),
                path: map.remove("path").map(Tree::text),
            },
        }
    }
});

#[derive(Clone)]
struct OneOrMany(Vec<String>);

from_tree!(OneOrMany, tree => match tree {
    Tree::List(values) => Self(values.into_iter().map(Tree::text).collect()),
    value => Self(vec![value.text()]),
});

/// An account of the organization, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct AccountOf {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) tags: Named<String>,
    /// The names of the units above it, from the root down.
    pub(crate) units: Vec<String>,
    pub(crate) is_management: bool,
}

/// An organizational unit.
#[derive(Clone, Debug)]
pub(crate) struct UnitOf {
    pub(crate) id: Option<String>,
    /// The names from the root down to this one; the root itself has none.
    pub(crate) names: Vec<String>,
}

/// Where a row begins: the file, the line and the column, counted from 1.
pub(crate) type Origin = (String, usize, usize);

/// A grant as `bailiwick grants` has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grant {
    /// As written on the row that ends last; `None` when one of the rows has no end.
    pub(crate) expires: Option<String>,
    pub(crate) origins: Vec<Origin>,
}

/// Permission set, kind of principal, principal, account id: the order of `grants`.
pub(crate) type GrantKey = (String, String, String, String);

/// A whole model.
pub(crate) struct Oracle {
    root: PathBuf,
    as_of: Timestamp,
    instance: Instance,
    organization: Organization,
    pub(crate) accounts: Vec<AccountOf>,
    pub(crate) units: Vec<UnitOf>,
    directory: Directory,
    attributes: Named<String>,
    policies: Named<Policy>,
    sets: Named<DeclaredSet>,
    rows: Vec<(Row, Origin)>,
    schedules_expiry: bool,
}

/// Midnight UTC at the beginning of a date.
fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).expect("a date of our time").timestamp()
}

/// The moment a row ends: the midnight behind a date, or a moment.
pub(crate) fn end(expires: &str) -> Timestamp {
    match expires.parse::<Date>() {
        Ok(date) if expires.len() == 10 => midnight(date.tomorrow().expect("a date of our time")),
        _ => expires.parse().expect("a date or a timestamp with an offset"),
    }
}

fn as_of(text: &str) -> Timestamp {
    match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => midnight(date),
        _ => text.parse().expect("a date or a timestamp with an offset"),
    }
}

/// The places of the rows in a file, found by layout: every row opens a line of its own with a dash.
fn places(text: &str) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut indentation = None;
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        if line.starts_with("assignments:") {
            inside = true;
            continue;
        }
        let opens_row = line[spaces..].starts_with("- ");
        if inside && spaces == 0 && !opens_row && !line.is_empty() && !line.starts_with('#') {
            inside = false;
        }
        if inside && opens_row && *indentation.get_or_insert(spaces) == spaces {
            let content = line[spaces + 1..].trim_start_matches(' ');
            places.push((index + 1, line.len() - content.len() + 1));
        }
    }
    places
}

/// The `*.yaml` and `*.yml` below a folder, folders whose names begin with a dot left out.
fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') {
                yaml_files(&path, found);
            }
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            found.push(path);
        }
    }
}

fn merge_units(into: &mut Unit, from: Unit) {
    into.id = into.id.take().or(from.id);
    into.accounts.extend(from.accounts);
    into.ous.extend(from.ous);
}

impl Oracle {
    /// Reads the model in a folder, as of a moment.
    pub(crate) fn read(root: &Path, moment: &str) -> Self {
        let mut files = Vec::new();
        yaml_files(root, &mut files);
        let name = |path: &Path| {
            let relative = path.strip_prefix(root).expect("below the root");
            relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
        };
        files.sort_by_key(|path| name(path));
        let mut all = File::default();
        let mut rows = Vec::new();
        for path in files {
            let text = fs::read_to_string(&path).expect("readable");
            let file: Option<File> =
                serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()));
            let file = file.unwrap_or_default();
            let instance = &mut all.identity_center;
            instance.instance_arn = instance.instance_arn.take().or(file.identity_center.instance_arn);
            instance.identity_store_id = instance.identity_store_id.take().or(file.identity_center.identity_store_id);
            instance.region = instance.region.take().or(file.identity_center.region);
            instance.delegated_admin = instance.delegated_admin.take().or(file.identity_center.delegated_admin);
            let organization = &mut all.organization;
            organization.id = organization.id.take().or(file.organization.id);
            organization.management_account =
                organization.management_account.take().or(file.organization.management_account);
            merge_units(&mut organization.root, file.organization.root);
            all.emit.expiry_schedules |= file.emit.expiry_schedules;
            all.directory.groups.extend(file.directory.groups);
            all.directory.users.extend(file.directory.users);
            all.attributes.extend(file.attributes);
            all.policies.extend(file.policies);
            all.permission_sets.extend(file.permission_sets);
            let places = places(&text);
            let file_name = name(&path);
            for (index, row) in file.assignments.into_iter().enumerate() {
                // A file whose rows are not laid out so has no origins that this reader could know.
                let (line, column) = places.get(index).copied().unwrap_or_default();
                rows.push((row, (file_name.clone(), line, column)));
            }
        }
        let mut oracle = Self {
            root: root.to_owned(),
            as_of: as_of(moment),
            instance: all.identity_center,
            organization: all.organization,
            accounts: Vec::new(),
            units: Vec::new(),
            directory: all.directory,
            attributes: all.attributes,
            policies: all.policies,
            sets: all.permission_sets,
            rows,
            schedules_expiry: all.emit.expiry_schedules,
        };
        let tree = oracle.organization.root.clone();
        oracle.walk(&tree, &[]);
        if let Some(management) = oracle.organization.management_account.clone() {
            let management = oracle.account(&management).id.clone();
            for account in &mut oracle.accounts {
                account.is_management = account.id == management;
            }
        }
        oracle
    }

    fn walk(&mut self, unit: &Unit, names: &[String]) {
        self.units.push(UnitOf { id: unit.id.clone(), names: names.to_vec() });
        for (name, account) in &unit.accounts {
            self.accounts.push(AccountOf {
                id: account.id.clone(),
                name: name.clone(),
                status: account.status.clone().unwrap_or_else(|| "ACTIVE".to_owned()),
                tags: account.tags.clone(),
                units: names.to_vec(),
                is_management: false,
            });
        }
        for (name, below) in &unit.ous {
            let mut names = names.to_vec();
            names.push(name.clone());
            self.walk(below, &names);
        }
    }

    /// The account with an id, or with a name that only one has.
    pub(crate) fn account(&self, name: &str) -> &AccountOf {
        if let Some(account) = self.accounts.iter().find(|account| account.id == name) {
            return account;
        }
        let named: Vec<_> = self.accounts.iter().filter(|account| account.name == name).collect();
        assert_eq!(named.len(), 1, "accounts named {name:?}");
        named[0]
    }

    fn management(&self) -> Option<&AccountOf> {
        self.accounts.iter().find(|account| account.is_management)
    }

    /// The unit that a path means: exactly one may read so.
    fn unit(&self, path: &str) -> &UnitOf {
        if path == "_root_" {
            return self.units.iter().find(|unit| unit.names.is_empty()).expect("the root");
        }
        let read: Vec<_> =
            self.units.iter().filter(|unit| !unit.names.is_empty() && unit.names.join("/") == path).collect();
        assert_eq!(read.len(), 1, "units read as {path:?}");
        read[0]
    }

    fn stands_below(&self, account: &AccountOf, path: &str) -> bool {
        account.units.starts_with(&self.unit(path).names)
    }

    /// Whether a list of units and accounts reaches an account. Units never reach the management account.
    fn reaches(&self, account: &AccountOf, ous: &[String], accounts: &[String]) -> bool {
        let by_unit = !account.is_management && ous.iter().any(|path| self.stands_below(account, path));
        by_unit || accounts.iter().any(|name| self.account(name).id == account.id)
    }

    /// Whether a row selects an account, active or not.
    fn selects(&self, row: &Row, account: &AccountOf) -> bool {
        let has =
            |(key, values): (&String, &OneOrMany)| account.tags.get(key).is_some_and(|tag| values.0.contains(tag));
        let excluded = row.exclude.ous.iter().any(|path| self.stands_below(account, path))
            || row.exclude.accounts.iter().any(|name| self.account(name).id == account.id);
        self.reaches(account, &row.ous, &row.accounts) && row.account_tags.iter().all(has) && !excluded
    }

    fn is_alive(&self, row: &Row) -> bool {
        row.expires.as_deref().is_none_or(|expires| self.as_of < end(expires))
    }

    /// The grants of the model.
    pub(crate) fn grants(&self) -> BTreeMap<GrantKey, Grant> {
        let mut grants: BTreeMap<GrantKey, (Grant, Vec<Option<String>>)> = BTreeMap::new();
        for (row, origin) in self.rows.iter().filter(|(row, _)| self.is_alive(row)) {
            let groups = row.group.iter().chain(&row.groups).map(|name| ("GROUP", name));
            let principals: Vec<_> = groups.chain(row.user.iter().map(|name| ("USER", name))).collect();
            for set in row.permission_set.iter().chain(&row.permission_sets) {
                assert!(self.sets.contains_key(set), "{set} is not declared");
                for (kind, principal) in &principals {
                    for account in self.accounts.iter().filter(|account| account.status == "ACTIVE") {
                        if self.selects(row, account) {
                            let key = (set.clone(), (*kind).to_owned(), (*principal).clone(), account.id.clone());
                            let (grant, ends) = grants.entry(key).or_default();
                            if !grant.origins.contains(origin) {
                                grant.origins.push(origin.clone());
                            }
                            ends.push(row.expires.clone());
                        }
                    }
                }
            }
        }
        let finish = |(key, (mut grant, ends)): (GrantKey, (Grant, Vec<Option<String>>))| {
            let all: Option<Vec<String>> = ends.into_iter().collect();
            grant.expires = all.and_then(|ends| ends.into_iter().max_by_key(|text| end(text)));
            (key, grant)
        };
        grants.into_iter().map(finish).collect()
    }

    /// Whether the row with a number, in the order of files and lines, would reach somebody.
    pub(crate) fn reaches_somebody(&self, row: usize) -> bool {
        let (row, _) = &self.rows[row];
        self.accounts.iter().any(|account| account.status == "ACTIVE" && self.selects(row, account))
    }

    /// The id of a principal where the directory pins it.
    pub(crate) fn pinned(&self, kind: &str, name: &str) -> Option<&str> {
        let section = if kind == "USER" { &self.directory.users } else { &self.directory.groups };
        section.get(name).and_then(Option::as_deref)
    }

    /// Every principal the model knows, directory and rows: kind and name.
    pub(crate) fn principals(&self) -> BTreeSet<(String, String)> {
        let mut principals = BTreeSet::new();
        principals.extend(self.directory.groups.keys().map(|name| ("GROUP".to_owned(), name.clone())));
        principals.extend(self.directory.users.keys().map(|name| ("USER".to_owned(), name.clone())));
        for (row, _) in &self.rows {
            principals.extend(row.group.iter().chain(&row.groups).map(|name| ("GROUP".to_owned(), name.clone())));
            principals.extend(row.user.iter().map(|name| ("USER".to_owned(), name.clone())));
        }
        principals
    }

    /// The id of the account that administers Identity Center by delegation.
    pub(crate) fn delegated_admin(&self) -> Option<&str> {
        self.instance.delegated_admin.as_deref().map(|name| self.account(name).id.as_str())
    }

    /// The moment of the run.
    pub(crate) fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// The id of the account from which access to an account is administered.
    pub(crate) fn administrator(&self, account: &str) -> &str {
        let management = self.management().expect("a management account");
        match self.delegated_admin() {
            Some(admin) if account != management.id => admin,
            _ => &management.id,
        }
    }

    fn document(&self, body: &Body) -> Json {
        match body {
            Body::Document(json) => json.clone(),
            Body::Path(path) => {
                let text = fs::read_to_string(self.root.join(path)).expect("a document");
                serde_json::from_str(&text).expect("JSON")
            }
        }
    }

    /// The body of a policy that counts in an account.
    fn body(&self, policy: &Policy, account: &AccountOf) -> Option<Json> {
        let variant = policy.variants.iter().find(|variant| self.reaches(account, &variant.ous, &variant.accounts));
        variant.map(|variant| &variant.document).or(policy.document.as_ref()).map(|body| self.document(body))
    }

    /// Name and path of a customer-managed policy that a permission set names.
    fn named(&self, reference: &Reference) -> Option<(String, String)> {
        let Reference::Customer { name, path } = reference else { return None };
        let declared = self.policies.get(name).and_then(|policy| policy.path.clone());
        Some((name.clone(), path.clone().or(declared).unwrap_or_else(|| "/".to_owned())))
    }

    /// The partition of the instance.
    fn partition(&self) -> &str {
        self.instance.instance_arn.as_deref().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws")
    }

    fn aws_managed_arn(&self, name: &str) -> String {
        let name = name.split_once(":policy/").map_or(name, |(_, name)| name);
        format!("arn:{}:iam::aws:policy/{name}", self.partition())
    }

    /// A permission set as it should be in AWS.
    fn permission_set(&self, set: &DeclaredSet) -> PermissionSet {
        PermissionSet {
            description: set.description.clone(),
            session_seconds: set.session_duration.as_deref().map_or(3_600, seconds),
            relay_state: set.relay_state.clone(),
            tags: set.tags.clone(),
            aws_managed_policies: set.aws_managed_policies.iter().map(|name| self.aws_managed_arn(name)).collect(),
            customer_managed_policies: set
                .customer_managed_policies
                .iter()
                .filter_map(|reference| self.named(reference))
                .collect(),
            boundary: set.permissions_boundary.as_ref().map(|boundary| match boundary {
                Reference::AwsManaged(name) => Boundary::AwsManaged(self.aws_managed_arn(name)),
                customer => {
                    let (name, path) = self.named(customer).expect("a customer-managed policy");
                    Boundary::Customer(name, path)
                }
            }),
            inline_policy: set.inline_policy.as_ref().map(|body| self.document(body)),
        }
    }

    /// What AWS holds once the model is deployed.
    pub(crate) fn state(&self) -> State {
        let mut state = State { attributes: self.attributes.clone(), ..State::default() };
        for (name, set) in &self.sets {
            state.permission_sets.insert(name.clone(), self.permission_set(set));
        }
        for ((name, kind, principal, account), grant) in self.grants() {
            let set = &self.sets[&name];
            let account = self.account(&account);
            // A delegated administrator can do nothing that reaches the management account.
            let reached_as = if account.is_management && self.instance.delegated_admin.is_some() {
                let twin = set.management_name.clone().unwrap_or_else(|| format!("{name}-mgmt"));
                state.permission_sets.insert(twin.clone(), self.permission_set(set));
                twin
            } else {
                name.clone()
            };
            let assignment = AssignmentOf {
                permission_set: reached_as,
                principal_type: kind,
                principal,
                account: account.id.clone(),
            };
            if let Some(expires) = grant.expires.filter(|_| self.schedules_expiry) {
                state.schedules.insert(assignment.clone(), end(&expires));
            }
            state.assignments.insert(assignment);
            for reference in set.customer_managed_policies.iter().chain(&set.permissions_boundary) {
                let Some((policy, path)) = self.named(reference) else { continue };
                let declared = &self.policies[&policy];
                if declared.external.is_some() {
                    continue;
                }
                let document = self.body(declared, account).expect("a body in every account that needs it");
                let details = CustomerPolicy { path, description: declared.description.clone(), document };
                state.policies.insert((account.id.clone(), policy), details);
            }
        }
        state
    }

    /// The external policies and the accounts in which the model vouches for them: account, name, path.
    fn vouched_for(&self) -> Vec<(String, String, String)> {
        let mut vouched = Vec::new();
        for (name, policy) in &self.policies {
            let Some(external) = &policy.external else { continue };
            for account in &self.accounts {
                if self.reaches(account, &external.ous, &external.accounts) {
                    let path = policy.path.clone().unwrap_or_else(|| "/".to_owned());
                    vouched.push((account.id.clone(), name.clone(), path));
                }
            }
        }
        vouched
    }

    /// The names of the policies that somebody else distributes.
    pub(crate) fn external_policies(&self) -> BTreeSet<(String, String)> {
        self.vouched_for().into_iter().map(|(account, name, _)| (account, name)).collect()
    }

    /// The active accounts a StackSet reaches below a unit with an id: never the management account.
    pub(crate) fn reached_by_stack_set(&self, unit: &str) -> BTreeSet<String> {
        let unit = self.units.iter().find(|known| known.id.as_deref() == Some(unit)).expect("a unit of the model");
        let members = self.accounts.iter().filter(|account| account.units.starts_with(&unit.names));
        members.filter(|a| a.status == "ACTIVE" && !a.is_management).map(|account| account.id.clone()).collect()
    }

    /// The world of the emulator in which this model is deployed.
    pub(crate) fn world(&self) -> Json {
        let principals = |kind: &str| -> Json {
            let all = self.principals();
            let some = all.iter().filter(|(of, _)| of == kind);
            some.map(|(_, name)| serde_json::json!({ "id": self.principal_id(kind, name), "name": name })).collect()
        };
        let document = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }],
        });
        let policies: Json = self
            .vouched_for()
            .into_iter()
            .map(|(account, name, path)| {
                serde_json::json!({ "account": account, "name": name, "path": path, "document": document })
            })
            .collect();
        serde_json::json!({
            "organization_id": self.organization.id.as_deref().unwrap_or("o-abcdef1234"),
            "management_account": self.management().map(|account| &account.id),
            "delegated_administrator": self.delegated_admin(),
            "home_region": self.instance.region.as_deref().unwrap_or("eu-west-1"),
            "instance_arn":
                self.instance.instance_arn.as_deref().unwrap_or("arn:aws:sso:::instance/ssoins-1234567890abcdef"),
            "identity_store_id": self.instance.identity_store_id.as_deref().unwrap_or("d-1234567890"),
            "root": self.world_of("root", &self.organization.root),
            "groups": principals("GROUP"),
            "users": principals("USER"),
            "policies": policies,
        })
    }

    fn world_of(&self, name: &str, unit: &Unit) -> Json {
        let account = |(name, account): (&String, &Account)| {
            serde_json::json!({
                "id": account.id,
                "name": name,
                "status": account.status.as_deref().unwrap_or("ACTIVE"),
                "tags": account.tags,
            })
        };
        serde_json::json!({
            "id": unit.id,
            "name": name,
            "accounts": unit.accounts.iter().map(account).collect::<Json>(),
            "organizational_units": unit.ous.iter().map(|(name, below)| self.world_of(name, below)).collect::<Json>(),
        })
    }

    /// The id of a principal: pinned, or one that only depends on kind and name.
    pub(crate) fn principal_id(&self, kind: &str, name: &str) -> String {
        if let Some(id) = self.pinned(kind, name) {
            return id.to_owned();
        }
        // FNV-1a: any function will do that gives different names different ids.
        let hash = |seed: u64| {
            let bytes = kind.bytes().chain(name.bytes());
            bytes
                .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        };
        let hex = format!("{:016x}{:016x}", hash(0), hash(1));
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

/// `2h`, `90m` or `PT1H30M` in seconds.
fn seconds(text: &str) -> u64 {
    let text = text.strip_prefix("PT").unwrap_or(text).to_lowercase();
    let mut total = 0;
    let mut number = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match c {
            '0'..='9' => number.push(c),
            unit => {
                let factor = match unit {
                    'h' => 3_600,
                    'm' => 60,
                    's' => 1,
                    other => panic!("{other} is not a unit"),
                };
                total += factor * std::mem::take(&mut number).parse::<u64>().expect("a number");
            }
        }
    }
    assert!(number.is_empty(), "{text} ends without a unit");
    total
}
