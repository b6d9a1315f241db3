//! Looks for a request that policies allow, and lets the slow evaluator judge it.
//!
//! The bounds of [`reach`](super::reach) say that something may be granted; a request that [`Evaluator`] allows, whatever
//! the reading of its wildcards, proves that it is. The search is a guess: values come from the conditions that stand in
//! the way, and one key at a time is changed for the better. Nothing depends on its being complete.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::condition::{Atom, Known, Operator, SetOperator, instant, variable_names};
use super::evaluate::{About, Evaluator, Reading, Request, Truth, atom_holds, network};
use super::facts::{Circumstances, is_time};
use super::policy::Statement;
use super::resource::FRESH;

/// Condition keys about who asks: a role of Identity Center, whose name and account are not decided here.
const IDENTITY_KEYS: [&str; 8] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:sourceidentity",
    "aws:userid",
    "aws:username",
];

/// Condition keys that every request of a session carries (IAM User Guide, "AWS global condition context keys").
const ALWAYS_PRESENT: [&str; 7] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:useragent",
    "aws:viaawsservice",
    "aws:tokenissuetime",
];

/// Beginnings of condition keys whose values belong to the person or to the session: an attribute of the identity store,
/// how somebody signed in. Nobody who asks can choose them, and the model does not have them.
const OF_THE_PERSON: [&str; 6] = [
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "identitystore:",
    "saml:",
];

/// Condition keys that requests carry which a service makes, or code that runs in AWS, and none that a person makes (IAM
/// User Guide, "AWS global condition context keys").
const OF_OTHERS: [&str; 16] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:roleassumedby",
    "lambda:sourcefunctionarn",
];

/// What condition keys about the resource tell of who owns it.
const OF_THE_OWNER: [&str; 3] = ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"];

/// The Regions that every account has enabled (AWS Account Management, "Enable or disable AWS Regions").
const REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-west-1",
    "eu-central-1",
    "us-west-2",
    "us-east-2",
    "us-west-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-north-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
];

/// How many requests are tried at most.
const TRIES: usize = 400;

/// The values of a key, or that it is absent.
type Candidate = Option<Vec<String>>;

/// What a search is about.
pub(super) struct Search<'s> {
    pub(super) facts: Circumstances<'s>,
    pub(super) action: String,
    /// Which resources are tried, the likeliest first; all of one entry are asked for at once.
    pub(super) resources: Vec<Vec<String>>,
    /// Every atom of a statement that speaks of the action.
    pub(super) atoms: Vec<&'s Atom>,
    /// The policies that are to allow the request.
    pub(super) allowing: &'s Evaluator,
    /// The policies that are to refuse it, where there are any.
    pub(super) refusing: Option<&'s Evaluator>,
    /// Keys whose value, or absence, is supposed.
    pub(super) supposed: &'s [Supposition],
    /// Whether only requests count that a person can make today: who asks chooses neither attributes of the person nor the
    /// time, unless the Allow demands them.
    pub(super) by_a_person: bool,
}

/// A key in lower case, and the value that is supposed; `None` that it is absent.
pub(super) type Supposition = (&'static str, Option<String>);

impl Search<'_> {
    /// A request that is certainly allowed, and certainly refused by the other policies.
    ///
    /// `wanted` are the conditions of the Allow, and of one Allow of each gate, that are to let it through.
    pub(super) fn run(&self, wanted: &[&Atom]) -> Option<Request> {
        let unknown = self.unknown(wanted);
        let allowing = self.allowing.about(&self.action).without_knowing(&unknown);
        let refusing = self.refusing.map(|evaluator| evaluator.about(&self.action));
        let values = self.values(wanted)?;
        let mut tries = 0;
        for resources in &self.resources {
            let mut context = BTreeMap::new();
            for (key, candidates) in &values {
                if let Some(Some(value)) = candidates.first() {
                    context.insert((*key).to_owned(), value.clone());
                }
            }
            let mut request = Request { action: self.action.clone(), resources: resources.clone(), context };
            let mut cost = cost(&allowing, refusing.as_ref(), &request);
            // One key at a time is changed for the better, as long as that helps.
            while cost > 0 && tries < TRIES {
                let mut best: Option<(usize, Request)> = None;
                for (key, candidates) in &values {
                    for value in candidates {
                        let mut next = request.clone();
                        match value {
                            Some(value) => next.context.insert((*key).to_owned(), value.clone()),
                            None => next.context.remove(*key),
                        };
                        tries += 1;
                        let price = self::cost(&allowing, refusing.as_ref(), &next);
                        if price < best.as_ref().map_or(cost, |(price, _)| *price) {
                            best = Some((price, next));
                        }
                    }
                }
                let Some((price, next)) = best else { break };
                (cost, request) = (price, next);
            }
            if cost == 0 {
                return Some(request);
            }
        }
        None
    }

    /// Whether a request that was found for another action is one for this action as well.
    pub(super) fn confirms(&self, wanted: &[&Atom], request: &Request) -> bool {
        let unknown = self.unknown(wanted);
        self.allowing.about(&self.action).without_knowing(&unknown).allows(request, Reading::Both) == Truth::Yes
    }

    /// The condition keys of which nobody knows what a request carries.
    fn unknown(&self, wanted: &[&Atom]) -> Vec<String> {
        let mut unknown = self.allowing.unknown.clone();
        if self.by_a_person {
            let variables = self.atoms.iter().flat_map(|atom| atom.variable_names()).map(str::to_ascii_lowercase);
            let keys = self.atoms.iter().map(|atom| atom.key.to_string()).chain(variables);
            unknown.extend(keys.filter(|key| !self.is_known(key, wanted)));
            unknown.sort_unstable();
            unknown.dedup();
        }
        unknown
    }

    /// Whether it is known what a request that a person makes today carries under a key, or is theirs to choose. What the
    /// Allow demands is supposed to be met.
    fn is_known(&self, key: &str, wanted: &[&Atom]) -> bool {
        wanted.iter().any(|atom| &*atom.key == key) || is_chosen_or_known(self.facts, key)
    }

    /// What a request carries that a person makes today, where that is not theirs to choose from all that policies name.
    fn of_a_person(&self, key: &str, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let only = |value: String| vec![Some(vec![value])];
        match key {
            // A moment after the check, in a session that has just begun.
            _ if is_time(key) => self.facts.as_of.map_or(candidates, |now| only(moment(now + 60))),
            "aws:viaawsservice" | "aws:principalisawsservice" => only("false".to_owned()),
            _ if OF_OTHERS.contains(&key) => vec![None],
            "aws:requestedregion" => {
                let named = candidates.into_iter().flatten().flatten().filter(|region| is_region(region));
                let mut regions: Vec<String> = named.collect();
                regions.extend(REGIONS.map(str::to_owned));
                regions.into_iter().map(|region| Some(vec![region])).collect()
            }
            // But for requests through an endpoint in a VPC, the address is always there.
            "aws:sourceip" => candidates.into_iter().filter(Option::is_some).collect(),
            _ => candidates,
        }
    }

    /// The values to try for each key, those that the wanted conditions accept; `None` if they accept none.
    fn values(&self, wanted: &[&Atom]) -> Option<Vec<(&str, Vec<Candidate>)>> {
        let mut by_key: FxHashMap<&str, Vec<&Atom>> = FxHashMap::default();
        for atom in &self.atoms {
            by_key.entry(&atom.key).or_default().push(atom);
        }
        let mut keys: Vec<&str> = by_key.keys().copied().collect();
        keys.sort_unstable();
        let mut values = Vec::new();
        for key in keys {
            let known = match self.supposed.iter().find(|(supposed, _)| *supposed == key) {
                Some((_, Some(value))) => Known::Is(value),
                Some((_, None)) => Known::Absent,
                None => self.facts.known(key),
            };
            if is_identity_key(key) || known == Known::Absent || (self.by_a_person && !self.is_known(key, wanted)) {
                continue;
            }
            let mut candidates: Vec<Candidate> = Vec::new();
            let demanding: Vec<&&Atom> = wanted.iter().filter(|atom| &*atom.key == key).collect();
            if demanding.is_empty() && !is_always_present(key) {
                candidates.push(None);
            }
            match known {
                Known::Is(value) => candidates = vec![Some(vec![value.to_owned()])],
                _ => candidates.extend(by_key[key].iter().flat_map(|atom| suggestions(atom)).map(Some)),
            }
            if let Known::NotBefore(now) = known {
                candidates.push(Some(vec![moment(now + 60)]));
                candidates.retain(|values| {
                    values.iter().flatten().all(|value| instant(value).is_some_and(|instant| instant >= now))
                });
            }
            if matches!(known, Known::Unknown) && !demanding.is_empty() && !is_always_present(key) {
                candidates.push(None);
            }
            if is_always_present(key) {
                candidates.retain(Option::is_some);
            }
            if self.by_a_person && !matches!(known, Known::Is(_)) {
                candidates = self.of_a_person(key, candidates);
            }
            let mut seen = Vec::new();
            candidates.retain(|candidate| {
                let fresh = !seen.contains(candidate);
                seen.push(candidate.clone());
                let context: BTreeMap<String, Vec<String>> =
                    candidate.iter().map(|values| (key.to_owned(), values.clone())).collect();
                fresh && demanding.iter().all(|atom| atom_holds(atom, &context) == Truth::Yes)
            });
            if candidates.is_empty() {
                return None;
            }
            values.push((key, candidates));
        }
        Some(values)
    }
}

/// Whether a person who asks chooses what a request carries under a key, or it is known.
fn is_chosen_or_known(facts: Circumstances<'_>, key: &str) -> bool {
    let of_the_person = || OF_THE_PERSON.iter().any(|start| key.starts_with(start)) || is_identity_key(key);
    !matches!(facts.known(key), Known::Unknown) || !(of_the_person() || OF_THE_OWNER.contains(&key) || is_time(key))
}

/// Whether nobody can say of a Deny on everything that it does not apply to a request for what an Allow under conditions on
/// these keys grants: a glance before a search.
pub(super) fn is_undecidable(facts: Circumstances<'_>, deny: &Statement, demanded: &dyn Fn(&str) -> bool) -> bool {
    let open = |key: &str| !demanded(key) && !is_chosen_or_known(facts, key);
    let never_fails = |atom: &Atom| {
        let depends = |value: &SmolStr| {
            atom.variables && variable_names(value).any(|variable| open(&variable.to_ascii_lowercase()))
        };
        open(&atom.key) || (atom.when_absent() == Some(true) && atom.values.iter().all(depends))
    };
    deny.resources.is_any() && deny.conditions.iter().all(never_fails)
}

/// Whether a condition key is about who asks, so that its value is the session's and not the request's.
pub(super) fn is_identity_key(key: &str) -> bool {
    IDENTITY_KEYS.contains(&key)
}

/// Whether a text has the form of the name of a Region, as `eu-west-1`.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number =
        parts.next().is_some_and(|number| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()));
    let names: Vec<&str> = parts.collect();
    number && names.len() >= 2 && names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

fn is_always_present(key: &str) -> bool {
    ALWAYS_PRESENT.contains(&key)
}

/// How many statements stand between a request and what is looked for.
fn cost(allowing: &About<'_>, refusing: Option<&About<'_>>, request: &Request) -> usize {
    let refused = refusing.is_none_or(|about| about.allows(request, Reading::Both) == Truth::No);
    allowing.obstacles(request) + usize::from(!refused)
}

/// Values that make an atom hold, and values that make it fail.
fn suggestions(atom: &Atom) -> Vec<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for value in &atom.values {
        if atom.variables && value.contains("${") {
            continue;
        }
        match atom.operator.positive().unwrap_or(atom.operator) {
            Operator::StringLike | Operator::ArnLike | Operator::ArnEquals => {
                texts.push(value.replace('*', FRESH).replace('?', "z"));
                texts.push(value.replace('*', "").replace('?', "z"));
            }
            Operator::NumericEquals
            | Operator::NumericLessThan
            | Operator::NumericLessThanEquals
            | Operator::NumericGreaterThan
            | Operator::NumericGreaterThanEquals => {
                if let Ok(number) = value.parse::<f64>() {
                    texts.extend([number, number - 1.0, number + 1.0].map(|number| number.to_string()));
                }
            }
            Operator::DateEquals
            | Operator::DateLessThan
            | Operator::DateLessThanEquals
            | Operator::DateGreaterThan
            | Operator::DateGreaterThanEquals => {
                if let Some(at) = instant(value) {
                    texts.extend([at, at.saturating_sub(86_400), at.saturating_add(86_400)].map(moment));
                }
            }
            Operator::IpAddress => {
                texts.extend(network(value).and_then(|network| network.hosts().next()).map(|host| host.to_string()));
            }
            _ => texts.push(value.to_string()),
        }
    }
    texts.extend(match atom.operator.positive().unwrap_or(atom.operator) {
        Operator::Bool => vec!["true".to_owned(), "false".to_owned()],
        Operator::IpAddress => vec!["203.0.113.7".to_owned(), "198.51.100.7".to_owned()],
        Operator::Null
        | Operator::StringEquals
        | Operator::StringEqualsIgnoreCase
        | Operator::StringLike
        | Operator::BinaryEquals => vec![FRESH.to_owned()],
        Operator::ArnLike | Operator::ArnEquals => vec![format!("arn:aws:iam::123456789012:role/{FRESH}")],
        _ => Vec::new(),
    });
    let mut lists: Vec<Vec<String>> = texts.iter().map(|text| vec![text.clone()]).collect();
    if atom.set != SetOperator::Single && texts.len() > 1 {
        lists.push(texts);
    }
    lists
}

/// A moment as a policy writes it.
fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |timestamp| timestamp.to_string())
}
