//! What rules ask of one statement, or of two.

use super::{Statement, Wording};
use crate::iam::action::ActionSet;
use crate::iam::catalogue::{Catalogue, Service};
use crate::iam::condition::{self, Known, Operator, Residue, SetOperator};
use crate::iam::facts::time;
use crate::iam::glob::Glob;
use crate::iam::resource::{self, KnownFormats, Resources};

/// Why a statement can never apply: the numbers of the clauses that rule it out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contradiction {
    /// This one holds in no request.
    Alone(usize),
    /// No request satisfies both.
    Pair(usize, usize),
}

/// What the values of an operator are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Family {
    /// Text.
    String,
    /// Numbers.
    Numeric,
    /// Dates.
    Date,
    /// `true` or `false`.
    Bool,
    /// Base64.
    Binary,
    /// Addresses and networks.
    IpAddress,
    /// ARNs.
    Arn,
    /// `true` or `false`: whether the key is absent.
    Null,
}

impl Statement {
    /// The family of the operator of a clause, by its number.
    pub fn family(&self, clause: usize) -> Family {
        match self.conditions[clause].operator {
            Operator::StringEquals
            | Operator::StringNotEquals
            | Operator::StringEqualsIgnoreCase
            | Operator::StringNotEqualsIgnoreCase
            | Operator::StringLike
            | Operator::StringNotLike => Family::String,
            Operator::NumericEquals
            | Operator::NumericNotEquals
            | Operator::NumericLessThan
            | Operator::NumericLessThanEquals
            | Operator::NumericGreaterThan
            | Operator::NumericGreaterThanEquals => Family::Numeric,
            Operator::DateEquals
            | Operator::DateNotEquals
            | Operator::DateLessThan
            | Operator::DateLessThanEquals
            | Operator::DateGreaterThan
            | Operator::DateGreaterThanEquals => Family::Date,
            Operator::Bool => Family::Bool,
            Operator::BinaryEquals => Family::Binary,
            Operator::IpAddress | Operator::NotIpAddress => Family::IpAddress,
            Operator::ArnEquals | Operator::ArnNotEquals | Operator::ArnLike | Operator::ArnNotLike => Family::Arn,
            Operator::Null => Family::Null,
        }
    }

    /// Whether the operator of a clause reads `*` and `?` as wildcards.
    pub fn reads_wildcards(&self, clause: usize) -> bool {
        matches!(self.conditions[clause].operator, Operator::StringLike | Operator::StringNotLike)
            || self.family(clause) == Family::Arn
    }

    /// Whether the operator of a clause is a negated one, such as `StringNotEquals`.
    pub fn is_negated(&self, clause: usize) -> bool {
        self.conditions[clause].operator.is_negated()
    }

    /// Whether a clause has `ForAllValues:` in front.
    pub fn is_for_all(&self, clause: usize) -> bool {
        self.conditions[clause].set == SetOperator::ForAll
    }

    /// Whether a clause has neither `ForAllValues:` nor `ForAnyValue:` in front.
    pub fn is_single(&self, clause: usize) -> bool {
        self.conditions[clause].set == SetOperator::Single
    }

    /// Whether a clause holds for a request without its key; `None` where the documentation has it both ways.
    pub fn when_absent(&self, clause: usize) -> Option<bool> {
        self.conditions[clause].when_absent()
    }

    /// Whether a clause with `Null` asks for the key of another one to be there.
    pub fn asks_for(&self, key: &str) -> bool {
        let asks = |atom: &condition::Atom| {
            atom.operator == Operator::Null && atom.null() == Some(false) && atom.key.eq_ignore_ascii_case(key)
        };
        self.conditions.iter().any(asks)
    }

    /// Why the conditions can never hold together, if that is so. `as_of` is the time of the check, in seconds of the
    /// Unix epoch.
    pub fn contradiction(&self, as_of: i64) -> Option<Contradiction> {
        let atoms = &self.conditions;
        if let Some(at) = atoms.iter().position(|atom| atom.fold(time(&atom.key, as_of)) == Some(false)) {
            return Some(Contradiction::Alone(at));
        }
        let pairs = (0..atoms.len()).flat_map(|a| (a + 1..atoms.len()).map(move |b| (a, b)));
        let excluded = |&(a, b): &(usize, usize)| condition::excludes(&atoms[a], &atoms[b]);
        pairs.into_iter().find(excluded).map(|(a, b)| Contradiction::Pair(a, b))
    }

    /// Whether a clause on time holds from now on in every request.
    pub fn is_past(&self, clause: usize, as_of: i64) -> bool {
        let atom = &self.conditions[clause];
        atom.fold(time(&atom.key, as_of)) == Some(true)
    }

    /// Whether AWS documents a condition key for any action of the statement, those to come left out.
    pub fn lists_key(&self, key: &crate::iam::catalogue::ConditionKey) -> bool {
        let catalogue = Catalogue::embedded();
        self.actions.ids().any(|action| catalogue.lists_key(action, key))
    }

    /// Whether no action of some, those to come left out, may carry a condition key; `false` if there are none.
    pub(crate) fn none_lists_key(actions: &ActionSet, key: &crate::iam::catalogue::ConditionKey) -> bool {
        let catalogue = Catalogue::embedded();
        let mut actions = actions.known_ids().peekable();
        actions.peek().is_some() && !actions.any(|action| catalogue.lists_key(action, key))
    }

    /// Whether the statement applies to every request on the resources and under the conditions of another one; the
    /// actions are left out.
    pub fn binds(&self, narrow: &Self) -> bool {
        let open = |_: &str| Known::Unknown;
        let (mine, theirs) = (Residue::of(&self.conditions, open), Residue::of(&narrow.conditions, open));
        // What applies to nothing is wrong for another reason.
        !theirs.is_never()
            && !matches!(&narrow.resources, Resources::Only(patterns) if patterns.is_empty())
            && theirs.implies(&mine)
            && self.resources.cover(&narrow.resources)
    }

    /// Whether both statements could apply to one request, as far as conditions go.
    fn may_meet(&self, other: &Self) -> bool {
        let open = |_: &str| Known::Unknown;
        !Residue::of(&self.conditions, open).contradicts(&Residue::of(&other.conditions, open))
    }

    /// Whether the actions are named, at least by their service, rather than all that there are less some.
    pub fn names_actions(&self) -> bool {
        self.wording.as_ref().is_some_and(|wording| {
            !wording.not_action
                && wording.actions.iter().all(|action| action.value.bytes().any(|b| b.is_ascii_alphanumeric()))
        })
    }

    /// Whether the resource pattern of one number holds everything that of another does.
    pub(crate) fn resource_holds(&self, wide: usize, narrow: usize) -> bool {
        let (Resources::Only(patterns) | Resources::Except(patterns)) = &self.resources;
        patterns.get(wide).zip(patterns.get(narrow)).is_some_and(|(wide, narrow)| resource::includes(wide, narrow))
    }

    /// The actions.
    pub(crate) fn actions(&self) -> &ActionSet {
        &self.actions
    }
}

/// Whether an operator on dates can read a value.
pub fn is_date(value: &str) -> bool {
    condition::instant(value).is_some()
}

/// How a text begins that CloudFormation replaces while it deploys; what will stand there is not known.
const DYNAMIC: &str = "{{resolve:";

/// Which actions and resources, of one statement or of two, have to do with each other; what it prepares is shared between statements.
#[derive(Debug, Default)]
pub struct Fit {
    formats: KnownFormats,
}

/// The words of a statement without a counterpart, by their numbers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Misfit {
    /// Actions that work on none of the resources.
    pub actions: Vec<usize>,
    /// Resources that no action works on.
    pub resources: Vec<usize>,
}

impl Fit {
    /// Compares the actions of a statement with its resources.
    pub fn of(&self, statement: &Statement, wording: &Wording) -> Misfit {
        let catalogue = Catalogue::embedded();
        let Resources::Only(patterns) = &statement.resources else { return Misfit::default() };
        if wording.not_action || patterns.iter().any(|pattern| pattern.is_any()) || patterns.is_empty() {
            return Misfit::default();
        }
        let mut used = vec![false; patterns.len()];
        let mut idle = Vec::new();
        for (number, named) in wording.named.iter().enumerate() {
            let mut fits = false;
            let mut names_any = false;
            let mut last = None;
            for action in named.known_ids() {
                names_any = true;
                if fits && used.iter().all(|used| *used) {
                    break;
                }
                let service = match last {
                    Some((service, _)) if Service::range(service).contains(&action.0) => service,
                    _ => catalogue.service_of(action),
                };
                // Neighbours often work on the same kinds of resource.
                let kind = (service, catalogue.kind_of_resources(action));
                if last.replace(kind) == Some(kind) {
                    continue;
                }
                let formats = self.formats.of(catalogue, action);
                for ((pattern, word), used) in patterns.iter().zip(&wording.resources).zip(&mut used) {
                    if (!fits || !*used)
                        && (word.value.contains(DYNAMIC)
                            || formats.apply_to(pattern)
                            || formats.is_empty() && catalogue.may_be_listed(service.name, &word.value))
                    {
                        fits = true;
                        *used = true;
                    }
                }
            }
            // A name that AWS does not have is found by another rule; nothing is known of its resources.
            if !names_any {
                return Misfit::default();
            }
            if !fits {
                idle.push(number);
            }
        }
        let unused = used.iter().enumerate().filter(|(_, used)| !**used).map(|(number, _)| number).collect();
        Misfit { actions: idle, resources: unused }
    }

    /// Whether two statements could apply to one request: to an action on a resource, under the conditions of both.
    ///
    /// Where one of them has no resource that AWS documents for an action, nothing is known of the resources of that one.
    pub fn may_meet(&self, one: &Statement, other: &Statement) -> bool {
        one.actions.meet(&other.actions) && one.may_meet(other) && self.may_share_a_resource(one, other)
    }

    /// Whether two statements with an action in common could be about one resource of such an action.
    fn may_share_a_resource(&self, one: &Statement, other: &Statement) -> bool {
        let catalogue = Catalogue::embedded();
        let (Resources::Only(ones), Resources::Only(others)) = (&one.resources, &other.resources) else { return true };
        let pairs = ones.iter().flat_map(|a| others.iter().map(move |b| (a, b)));
        let pairs: Vec<(&Glob, &Glob)> = pairs.filter(|(a, b)| resource::may_meet(a, b)).collect();
        let mut last = None;
        let shared = one.actions.intersection(&other.actions).ids().any(|action| {
            // Neighbours often work on the same kinds of resource.
            let kind = catalogue.kind_of_resources(action);
            if last.replace(kind) == Some(kind) {
                return false;
            }
            let formats = self.formats.of(catalogue, action);
            let is_known = |patterns: &[Glob]| patterns.iter().any(|pattern| formats.apply_to(pattern));
            !is_known(ones) || !is_known(others) || pairs.iter().any(|(a, b)| formats.overlap(a, b))
        });
        shared || ones.iter().chain(others).any(|pattern| pattern.to_string().contains(DYNAMIC))
    }
}
