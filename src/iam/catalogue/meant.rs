//! What was meant by a name that AWS does not have.
//!
//! Only names that exist are offered, and none that reads like less than it grants: whoever writes `s3:HeadBucket` is not
//! told to create one. The mistakes that many make, such as naming an operation of the API where IAM has a permission of
//! another name, are answered from a table; everything else by what is near.

#[cfg(test)]
mod tests;

use super::Catalogue;
use super::actions::{AccessLevel, ActionId, Service};
use super::managed::{ManagedLookup, ManagedPolicy};
use crate::iam::action::{ActionSet, matches};
use crate::syntax::decode::{did_you_mean, near_names};

const MISTAKEN: &str = include_str!("../../../data/mistaken.tsv");

/// What was meant by a name that AWS does not have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Meant {
    /// It is a mistake that many make: the actions that are needed in its place, all of them.
    Instead(Vec<String>),
    /// A name that is near, as `s3:GetObject`.
    Near(String),
    /// A service by its prefix; the action is not one of it, either.
    Service(&'static str),
    /// Nothing that is known.
    Nothing,
}

/// Verbs that stand for each other. The first of the groups changes nothing.
const SYNONYMS: [&[&str]; 4] = [
    &["Describe", "Fetch", "Get", "Head", "List", "Read", "Search", "Show", "View"],
    &["Add", "Create", "Put", "Register"],
    &["Change", "Edit", "Modify", "Put", "Set", "Update"],
    &["Delete", "Destroy", "Remove", "Terminate"],
];

impl Meant {
    /// The one name that was meant, if it is one; of a service, all its actions.
    pub fn name(self) -> Option<String> {
        match self {
            Self::Instead(names) => <[String; 1]>::try_from(names).ok().map(|[name]| name),
            Self::Near(name) => Some(name),
            Self::Service(prefix) => Some(format!("{prefix}:*")),
            Self::Nothing => None,
        }
    }

    /// The remedy, as the help of a message; none if nothing is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Instead(names) => Some(format!("write `{}`", names.join("` and `"))),
            Self::Near(name) => Some(format!("did you mean `{name}`?")),
            Self::Service(prefix) => Some(format!("did you mean the service `{prefix}`?")),
            Self::Nothing => None,
        }
    }
}

impl Catalogue {
    /// What was meant by an action that a service does not have.
    pub(super) fn meant_action(&self, service: Service, name: &str) -> Meant {
        let action = format!("{}:{name}", service.name);
        if let Some(instead) = mistaken(|known| known.eq_ignore_ascii_case(&action)) {
            return instead_of(instead);
        }
        let of_service = |name: &str| Meant::Near(format!("{}:{name}", service.name));
        let same_verb = || {
            let verb = verb(name);
            let is_verb = self.is_verb(service, verb);
            let names = service.actions().map(|id| self.action_name(id.0));
            names.filter(move |known| !is_verb || has_verb(known, verb))
        };
        if let Some(slip) = near_names(name, same_verb(), 2).first() {
            return of_service(slip);
        }
        if let Some(instead) = mistaken(|known| known.contains('*') && matches(known, &action)) {
            return instead_of(instead);
        }
        if let Some(synonym) = self.synonym(service, name) {
            return of_service(synonym);
        }
        if let Some(near) = near_names(name, same_verb(), 2 + name.len() / 8).first() {
            return of_service(near);
        }
        self.only_service_with(name)
    }

    /// What was meant by a pattern that matches nothing, if it is a well-known mistake with a wildcard behind it.
    pub(crate) fn meant_pattern(&self, pattern: &str) -> Meant {
        let stem = pattern.trim_end_matches('*');
        match mistaken(|known| known.contains(':') && known.eq_ignore_ascii_case(stem)) {
            Some(instead) => instead_of(instead),
            None => Meant::Nothing,
        }
    }

    /// What was meant by an action, or a pattern of them, of a service that does not exist.
    pub(super) fn meant_elsewhere(&self, prefix: &str, name: &str) -> Meant {
        let names_something = |service: &str| {
            let action = format!("{service}:{name}");
            ActionSet::of_patterns(self, [&*action]).known_ids().next().is_some()
        };
        if let Some(services) = mistaken(|known| known.eq_ignore_ascii_case(prefix)) {
            return match services.split(',').find(|service| names_something(service)) {
                Some(service) => Meant::Instead(vec![format!("{service}:{name}")]),
                None => self.meant_in(services.split(',').next(), name),
            };
        }
        let limit = 2 + prefix.len() / 5;
        let near = near_names(prefix, self.services().map(|service| service.name), limit);
        if let Some(service) = near.iter().find(|service| names_something(service)) {
            return Meant::Near(format!("{service}:{name}"));
        }
        match self.only_service_with(name) {
            Meant::Nothing => self.meant_in(near.first().copied().filter(|near| Self::is_slip(prefix, near)), name),
            other => other,
        }
    }

    /// What was meant by an action that is not one of the service which somebody means.
    fn meant_in(&self, service: Option<&str>, name: &str) -> Meant {
        let Some(service) = service.and_then(|prefix| self.service(prefix)) else { return Meant::Nothing };
        match self.meant_action(service, name) {
            Meant::Nothing => Meant::Service(service.name),
            other => other,
        }
    }

    /// The right name under the wrong service is a common slip; it must be the only service that has it.
    fn only_service_with(&self, name: &str) -> Meant {
        let mut services = self.services().filter(|service| self.action_of(*service, name).is_some());
        match (services.next(), services.next()) {
            (Some(service), None) => Meant::Near(format!("{}:{name}", service.name)),
            _ => Meant::Nothing,
        }
    }

    /// Whether a word is what actions do, so that whoever writes it means it.
    fn is_verb(&self, service: Service, word: &str) -> bool {
        SYNONYMS.iter().any(|group| group.iter().any(|verb| verb.eq_ignore_ascii_case(word)))
            || service.actions().any(|id| has_verb(self.action_name(id.0), word))
    }

    /// The action of a service that says the same with another verb, as `DescribeInstances` for `ListInstances`.
    fn synonym(&self, service: Service, name: &str) -> Option<&'static str> {
        let written = verb(name);
        let noun = &name[written.len()..];
        let groups = SYNONYMS.iter().filter(|group| group.iter().any(|verb| verb.eq_ignore_ascii_case(written)));
        let verbs = || groups.clone().flat_map(|group| group.iter());
        let is_meant = |id: &ActionId| {
            let known = self.action(*id);
            let allowed = match level_of(written) {
                AccessLevel::List => known.level == AccessLevel::List,
                AccessLevel::Read => matches!(known.level, AccessLevel::Read | AccessLevel::List),
                _ => known.level != AccessLevel::PermissionsManagement,
            };
            let verb = verb(known.name);
            allowed
                && verbs().any(|other| other.eq_ignore_ascii_case(verb))
                && is_same_noun(&known.name[verb.len()..], noun)
        };
        let mut meant: Vec<&str> = service.actions().filter(is_meant).map(|id| self.action_name(id.0)).collect();
        // Where both are there, as `GetRole` and `ListRoles`, the number decides.
        meant.sort_by_key(|known| !known[verb(known).len()..].eq_ignore_ascii_case(noun));
        meant.first().copied()
    }

    /// The service that is called otherwise in ARNs than somebody wrote, if that is a well-known mistake.
    pub(crate) fn meant_arn_service(&self, service: &str) -> Option<&'static str> {
        let meant = mistaken(|known| known.eq_ignore_ascii_case(service))?;
        meant.split(',').find(|meant| self.is_arn_service(meant))
    }

    /// The AWS-managed policy that was meant by a name that none has; one that can be attached.
    pub(super) fn meant_policy(&self, name: &str) -> Option<ManagedPolicy> {
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        if let Some(instead) = mistaken(|known| known.eq_ignore_ascii_case(&arn)) {
            return match self.managed_policy(instead) {
                ManagedLookup::Found(policy) => Some(policy),
                _ => None,
            };
        }
        let attachable = || self.managed_policies().filter(ManagedPolicy::is_attachable);
        if let Some(same) = attachable().find(|policy| is_same_policy(policy.name, name)) {
            return Some(same);
        }
        let near = near_names(name, attachable().map(|policy| policy.name), 2);
        let near = near.into_iter().find(|known| is_slip_of_policy(name, known))?;
        attachable().find(|policy| policy.name == near)
    }
}

/// What the table has for a name.
fn mistaken(is_name: impl Fn(&str) -> bool) -> Option<&'static str> {
    let rows = MISTAKEN.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t')).find(|(name, _)| is_name(name)).map(|(_, meant)| meant)
}

fn instead_of(names: &str) -> Meant {
    Meant::Instead(names.split(',').map(str::to_owned).collect())
}

/// The first word of an action's name, which says what it does: `Get` of `GetObject`.
fn verb(name: &str) -> &str {
    let end = name.char_indices().skip(1).find(|(_, letter)| letter.is_ascii_uppercase());
    &name[..end.map_or(name.len(), |(end, _)| end)]
}

fn has_verb(name: &str, word: &str) -> bool {
    verb(name).eq_ignore_ascii_case(word)
}

/// The gravest access that a verb reads like.
fn level_of(verb: &str) -> AccessLevel {
    match verb {
        _ if verb.eq_ignore_ascii_case("List") => AccessLevel::List,
        _ if SYNONYMS[0].iter().any(|reading| reading.eq_ignore_ascii_case(verb)) => AccessLevel::Read,
        _ => AccessLevel::Write,
    }
}

/// Whether two nouns are the same but for capitals and their number.
fn is_same_noun(a: &str, b: &str) -> bool {
    let singular = |noun: &str| {
        let lower = noun.to_ascii_lowercase();
        match lower.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => lower.strip_suffix('s').unwrap_or(&lower).to_owned(),
        }
    };
    !a.is_empty() && singular(a) == singular(b)
}

/// What is left of a policy's name without what people mix up in it: whether it is Amazon's or AWS's, underscores, and the
/// word `Access` at its end.
fn core(name: &str) -> String {
    let name = name.strip_prefix("Amazon").or(name.strip_prefix("AWS")).unwrap_or(name);
    let mut core: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    core.make_ascii_lowercase();
    core.strip_suffix("access").filter(|rest| !rest.is_empty()).unwrap_or(&core).to_owned()
}

/// Whether two names of policies differ in nothing but what people mix up.
pub(super) fn is_same_policy(a: &str, b: &str) -> bool {
    core(a) == core(b)
}

/// Whether a policy's name is a slip of the hand for another. The short names of services differ by single letters, as EC2
/// and ECS do, so they have to be the same.
fn is_slip_of_policy(written: &str, known: &str) -> bool {
    let service = |name: &str| {
        let core = core(name);
        let end = ["readonly", "full", "poweruser"].iter().find_map(|level| core.find(level));
        end.map(|end| core[..end].to_owned())
    };
    match (service(written), service(known)) {
        (Some(a), Some(b)) => a == b || (a.len() > 5 && did_you_mean(&a, [&*b]).is_some()),
        _ => true,
    }
}
