//! Services, actions and resource types.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use super::Catalogue;
use super::meant::Meant;
use super::pack::{partition_point, search};
use crate::iam::action::{ActionSet, matches};
use crate::syntax::decode::did_you_mean;

/// An action of the catalogue: its place in the order of service and name.
///
/// The ids of one service are contiguous; the last of them is the service's [future](Service::future) action.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ActionId(pub(crate) u32);

/// How an action changes things, as the service authorization reference classifies it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum AccessLevel {
    /// Reads content or attributes.
    Read,
    /// Lists resources.
    List,
    /// Changes tags only.
    Tagging,
    /// Creates, changes or deletes.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
}

impl AccessLevel {
    /// All of them, the gravest first.
    pub const ALL: [Self; 5] = [Self::PermissionsManagement, Self::Write, Self::Tagging, Self::Read, Self::List];

    /// The words of the service authorization reference, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PermissionsManagement => "permissions management",
            Self::Write => "write",
            Self::Tagging => "tagging",
            Self::Read => "read",
            Self::List => "list",
        }
    }
}

/// One service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Service {
    /// The prefix of its actions, as `s3`.
    pub name: &'static str,
    first: u32,
    /// The future action of the service, behind the last known one.
    last: u32,
}

impl Service {
    /// All actions of the service that AWS documents, in the order of their names.
    pub fn actions(&self) -> impl Iterator<Item = ActionId> + use<> {
        (self.first..self.last).map(ActionId)
    }

    /// The actions the service does not have yet, as one: only a pattern such as `s3:*` grants them.
    pub fn future(&self) -> ActionId {
        ActionId(self.last)
    }

    /// The ids of the service, its future action included.
    pub(crate) fn range(self) -> Range<u32> {
        self.first..self.last + 1
    }
}

/// One action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Action {
    /// Its service's prefix.
    pub service: &'static str,
    /// Its name in AWS's capitals; empty for the future action of a service.
    pub name: &'static str,
    /// How it changes things.
    pub level: AccessLevel,
    /// Whether AWS documents that it needs `iam:PassRole`.
    pub passes_role: bool,
}

/// A kind of resource that an action works on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResourceType {
    /// Its name in the service authorization reference, as `role`.
    pub name: &'static str,
    /// Its ARN with placeholders, as `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`.
    pub arn: &'static str,
    /// Whether every call of the action names such a resource.
    pub required: bool,
}

/// A name that AWS once had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tombstone {
    /// The service, action or policy that is gone.
    pub name: &'static str,
    /// The day of the last snapshot that had it.
    pub last_seen: &'static str,
    /// What took its place; empty if that is not known.
    pub replacement: &'static str,
}

/// What is known about an action that a policy names without wildcards.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ActionLookup {
    /// It exists.
    Known(ActionId),
    /// It, or its whole service, existed once.
    Removed(Tombstone),
    /// The service exists and has no such action.
    UnknownAction(Meant),
    /// There is no such service.
    UnknownService(Meant),
}

const SERVICE_ROW: usize = 12;
pub(super) const ACTION_ROW: usize = 10;
const TYPE_ROW: usize = 16;
const TOMBSTONE_ROW: usize = 24;
/// The bit of an action's flags that marks it as passing a role.
const PASSES_ROLE: u8 = 0x08;
/// The bit of a resource type's number that marks it as required.
const REQUIRED: usize = 0x8000;

impl Catalogue {
    /// Every action, by service and name, with the [future](Service::future) one of each service behind the others.
    pub fn action_ids(&self) -> impl Iterator<Item = ActionId> + use<> {
        (0..self.universe()).map(ActionId)
    }

    /// How many actions there are, future ones included; ids count up to here.
    pub(crate) fn universe(&self) -> u32 {
        u32::try_from(self.actions.rows(ACTION_ROW)).unwrap_or(u32::MAX)
    }

    /// Every service, in the order of the prefixes.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        (0..self.services.rows(SERVICE_ROW)).map(|row| self.service_at(row))
    }

    fn service_at(&self, row: usize) -> Service {
        let first = |row: usize| {
            if row < self.services.rows(SERVICE_ROW) {
                u32::try_from(self.services.number(row * SERVICE_ROW + 8)).unwrap_or(u32::MAX)
            } else {
                self.universe()
            }
        };
        Service { name: self.services.string(row * SERVICE_ROW), first: first(row), last: first(row + 1) - 1 }
    }

    /// A service by its prefix, whatever its capitals.
    pub fn service(&self, prefix: &str) -> Option<Service> {
        // The table has prefixes in lower case alone.
        let prefix = match prefix.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(prefix.to_ascii_lowercase()),
            false => Cow::Borrowed(prefix),
        };
        let by_prefix = || self.services().map(|service| (service.name, service)).collect();
        self.services_by_prefix.get_or_init(by_prefix).get(&*prefix).copied()
    }

    /// The service of an action.
    pub(crate) fn service_of(&self, id: ActionId) -> Service {
        let rows = self.services.rows(SERVICE_ROW);
        let first = |row: usize| self.services.number(row * SERVICE_ROW + 8);
        self.service_at(partition_point(0..rows, |row| first(row) <= id.0 as usize).saturating_sub(1))
    }

    /// What is known about an action.
    pub fn action(&self, id: ActionId) -> Action {
        let flags = self.actions.byte(id.0 as usize * ACTION_ROW + 5);
        let level = match flags & 0x07 {
            0 => AccessLevel::Read,
            1 => AccessLevel::List,
            2 => AccessLevel::Tagging,
            3 => AccessLevel::Write,
            _ => AccessLevel::PermissionsManagement,
        };
        Action {
            service: self.service_of(id).name,
            name: self.action_name(id.0),
            level,
            passes_role: flags & PASSES_ROLE != 0,
        }
    }

    /// Every action of which AWS documents that it needs `iam:PassRole`, by service and name.
    pub fn role_passing_actions(&self) -> impl Iterator<Item = ActionId> {
        (0..self.universe())
            .filter(|&id| self.actions.byte(id as usize * ACTION_ROW + 5) & PASSES_ROLE != 0)
            .map(ActionId)
    }

    /// The name without the service's prefix; empty for a future action.
    pub(crate) fn action_name(&self, id: u32) -> &'static str {
        let row = id as usize * ACTION_ROW;
        self.actions.text(self.actions.number(row), usize::from(self.actions.byte(row + 4)))
    }

    /// Whether an action is the [future](Service::future) one of its service.
    pub(crate) fn is_future(&self, id: ActionId) -> bool {
        self.raw_action_name(id.0).is_empty()
    }

    fn raw_action_name(&self, id: u32) -> &'static [u8] {
        let row = id as usize * ACTION_ROW;
        self.actions.raw(self.actions.number(row), usize::from(self.actions.byte(row + 4)))
    }

    /// An action as `service:Action`, whatever its capitals.
    pub fn action_named(&self, action: &str) -> Option<ActionId> {
        let (service, name) = action.split_once(':')?;
        self.service(service).and_then(|service| self.action_of(service, name))
    }

    /// An action of a service by its name, whatever its capitals.
    pub(crate) fn action_of(&self, service: Service, name: &str) -> Option<ActionId> {
        self.search_action(service, name).ok().map(|id| ActionId(id as u32))
    }

    /// The first action of a service whose name does not come before `name`.
    pub(crate) fn first_from(&self, service: Service, name: &str) -> u32 {
        self.search_action(service, name).unwrap_or_else(|id| id) as u32
    }

    fn search_action(&self, service: Service, name: &str) -> Result<usize, usize> {
        let range = service.first as usize..service.last as usize;
        search(range, |id| compare(self.raw_action_name(id as u32), name))
    }

    /// The actions of a service whose names begin with `prefix`.
    pub(crate) fn with_prefix(&self, service: Service, prefix: &str) -> Range<u32> {
        let start = self.first_from(service, prefix);
        let begins = |id: usize| {
            let name = self.raw_action_name(id as u32);
            name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        start..partition_point(start as usize..service.last as usize, begins) as u32
    }

    /// The actions that a pattern such as `s3:Get*` names, those to come left out, in the order of their names.
    pub fn actions_of_pattern(&self, pattern: &str) -> impl Iterator<Item = ActionId> {
        let named = ActionSet::of_patterns(self, [pattern]);
        let services = self.services().flat_map(|service| service.actions());
        services.filter(move |&action| named.contains(action))
    }

    /// What is known about an action, with what was meant by one that does not exist.
    pub fn look_up_action(&self, action: &str) -> ActionLookup {
        let (prefix, name) = action.split_once(':').unwrap_or((action, ""));
        let Some(service) = self.service(prefix) else {
            return match self.tombstone(prefix) {
                Some(tombstone) => ActionLookup::Removed(tombstone),
                None => ActionLookup::UnknownService(self.meant_elsewhere(prefix, name)),
            };
        };
        if let Some(id) = self.action_of(service, name) {
            return ActionLookup::Known(id);
        }
        match self.tombstone(action) {
            Some(tombstone) => ActionLookup::Removed(tombstone),
            None => ActionLookup::UnknownAction(self.meant_action(service, name)),
        }
    }

    /// A number that actions on the same kinds of resource share; those that do not exist yet share another.
    pub(crate) fn kind_of_resources(&self, id: ActionId) -> u32 {
        let kinds = self.actions.short(id.0 as usize * ACTION_ROW + 6);
        if self.is_future(id) { u32::MAX } else { u32::try_from(kinds).unwrap_or(u32::MAX - 1) }
    }

    /// The actions that a pattern would name if AWS still had them, as `service:Action`.
    pub(crate) fn removed_actions(&self, pattern: &str) -> Vec<&'static str> {
        self.tombstones().filter(|name| !name.starts_with("arn:") && matches(pattern, name)).collect()
    }

    /// Whether what is written is a slip of the hand away from a name.
    pub(crate) fn is_slip(written: &str, name: &str) -> bool {
        strsim::damerau_levenshtein(&written.to_ascii_lowercase(), &name.to_ascii_lowercase()) <= 2
    }

    /// The ARN formats of the resources that the actions of a pattern work on, each once.
    pub(crate) fn arn_formats(&self, pattern: &str) -> Vec<&'static str> {
        let actions = ActionSet::of_patterns(self, [pattern]);
        let mut formats: Vec<&str> =
            actions.ids().flat_map(|action| self.resource_types(action).map(|kind| kind.arn)).collect();
        formats.sort_unstable();
        formats.dedup();
        formats
    }

    /// Whether a service has ARNs, as the third field of one names it.
    pub(crate) fn is_arn_service(&self, service: &str) -> bool {
        self.service(service).is_some() || self.arn_services().any(|known| known == service)
    }

    /// The nearest service of an ARN.
    pub(crate) fn nearest_arn_service(&self, service: &str) -> Option<&'static str> {
        did_you_mean(service, self.arn_services())
    }

    /// The services of the ARN formats, in the order of the resource types.
    fn arn_services(&self) -> impl Iterator<Item = &'static str> {
        let formats = (0..self.resource_types.rows(TYPE_ROW)).map(|row| self.resource_types.string(row * TYPE_ROW + 8));
        formats.filter_map(|format| format.split(':').nth(2)).filter(|service| !service.contains('$'))
    }

    /// Whether an action that is documented for `*` alone may be granted on an ARN: services check many of them against
    /// the ARN of a whole collection, as `arn:aws:iam::111111111111:role/` for `iam:ListRoles`. An ARN that names a
    /// resource is no such one, and EC2 takes `*` alone:
    /// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-for-amazon-ec2.html>.
    pub(crate) fn may_be_listed(&self, service: &str, arn: &str) -> bool {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, of, .., resource] = fields.as_slice() else { return true };
        if fields.len() < 6 || of.contains(['*', '?', '$']) {
            return true;
        }
        let mut formats = (0..self.resource_types.rows(TYPE_ROW))
            .map(|row| self.resource_types.string(row * TYPE_ROW + 8))
            .filter(|format| format.split(':').nth(2) == Some(of));
        let kind = resource.find(['/', ':']).map_or("", |end| &resource[..=end]);
        let is_kind =
            !kind.is_empty() && formats.any(|format| format.splitn(6, ':').nth(5).is_some_and(|r| r.starts_with(kind)));
        let names = if is_kind { &resource[kind.len()..] } else { resource };
        service == *of && service != "ec2" && !names.bytes().any(|byte| byte.is_ascii_alphanumeric())
    }

    /// The kinds of resource an action works on; none if its only resource is `*`.
    pub fn resource_types(&self, id: ActionId) -> impl Iterator<Item = ResourceType> {
        let list = self.actions.short(id.0 as usize * ACTION_ROW + 6);
        let (start, end) = if list == 0xffff {
            (0, 0)
        } else {
            (self.type_list_starts.number(list * 4), self.type_list_starts.number(list * 4 + 4))
        };
        (start..end).map(|item| {
            let item = self.type_list_items.short(item * 2);
            let row = (item & !REQUIRED) * TYPE_ROW;
            ResourceType {
                name: self.resource_types.string(row),
                arn: self.resource_types.string(row + 8),
                required: item & REQUIRED != 0,
            }
        })
    }

    /// What is known of a service, a `service:Action` or the ARN of a policy that AWS no longer has.
    pub fn tombstone(&self, name: &str) -> Option<Tombstone> {
        let rows = self.tombstones.rows(TOMBSTONE_ROW);
        let at = |row: usize| self.tombstones.string(row * TOMBSTONE_ROW);
        let row = search(0..rows, |row| compare(at(row), name)).ok()?;
        Some(Tombstone {
            name: at(row),
            last_seen: self.tombstones.string(row * TOMBSTONE_ROW + 8),
            replacement: self.tombstones.string(row * TOMBSTONE_ROW + 16),
        })
    }

    /// Every tombstone, in the order of the names.
    pub(crate) fn tombstones(&self) -> impl Iterator<Item = &'static str> {
        (0..self.tombstones.rows(TOMBSTONE_ROW)).map(|row| self.tombstones.string(row * TOMBSTONE_ROW))
    }
}

/// The order of names in the tables: by their lower-case bytes.
pub(super) fn compare(a: impl AsRef<[u8]>, b: impl AsRef<[u8]>) -> Ordering {
    let (a, b) = (a.as_ref(), b.as_ref());
    // Most names are written in AWS's capitals, so that what is alike is found eight bytes at a time.
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks().0);
    let alike = 8 * words.take_while(|(x, y)| x == y).count();
    let lower = u8::to_ascii_lowercase;
    a[alike..].iter().map(lower).cmp(b[alike..].iter().map(lower))
}
