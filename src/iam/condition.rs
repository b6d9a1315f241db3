//! Conditions: when a statement applies, as far as that can be said before a request.
//!
//! A block is a conjunction of [`Atom`]s. Three questions are answered, each on the safe side: whether one block implies
//! another, whether two contradict each other, and what is left of a block once the facts that hold in every session of
//! Identity Center are put in. What happens when a key is absent decides most of them, so every answer minds it.

mod operator;
mod relation;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use operator::{Operator, instant};
pub(crate) use relation::excludes;

use smol_str::{SmolStr, StrExt};

use super::catalogue::Catalogue;
use super::facts::Blank;
use super::glob::{Glob, Symbol};

/// How an atom treats a key with several values.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum SetOperator {
    /// None is written: the key has one value.
    Single,
    /// `ForAllValues:`, which holds for an absent key.
    ForAll,
    /// `ForAnyValue:`, which does not; with `IfExists` nobody says.
    ForAny,
}

/// One operator on one key: `"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Atom {
    pub(crate) set: SetOperator,
    pub(crate) if_exists: bool,
    pub(crate) operator: Operator,
    /// In lower case: keys are compared without regard to capitals.
    pub(crate) key: SmolStr,
    pub(crate) values: Box<[SmolStr]>,
    /// Whether `${…}` in a value is a variable.
    pub(crate) variables: bool,
}

/// What is known about a condition key before any request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Known<'k> {
    /// No request carries it.
    Absent,
    /// Every request carries this one value.
    Is(&'k str),
    /// Every request carries one of these values, the same one in each session; a [`Blank`] in one is any character of its
    /// kind.
    Among(&'k [String]),
    /// A point in time that is not before this one, in seconds of the Unix epoch.
    NotBefore(i64),
    /// Nothing.
    Unknown,
}

impl Atom {
    /// Reads an operator as it is written, as `ForAnyValue:StringLikeIfExists`; `None` if there is none of that name.
    pub(crate) fn new(written: &str, key: &str, values: Vec<SmolStr>, variables: bool) -> Option<Self> {
        let (set, rest) = match written.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (SetOperator::ForAll, rest),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (SetOperator::ForAny, rest),
            Some(_) => return None,
            None => (SetOperator::Single, written),
        };
        let suffix = rest
            .len()
            .checked_sub("IfExists".len())
            .filter(|&at| rest.is_char_boundary(at) && rest[at..].eq_ignore_ascii_case("IfExists"));
        let operator = Operator::named(suffix.map_or(rest, |at| &rest[..at]))?;
        if operator == Operator::Null && (suffix.is_some() || set != SetOperator::Single) {
            return None;
        }
        let key = key.to_ascii_lowercase_smolstr();
        Some(Self { set, if_exists: suffix.is_some(), operator, key, values: values.into(), variables })
    }

    /// The names of the variables in its values.
    pub(crate) fn variable_names(&self) -> impl Iterator<Item = &str> {
        let values = self.values.iter().filter(|_| self.variables);
        values.flat_map(|value| variable_names(value))
    }

    /// Whether the atom holds for a request without its key. `None` where the documentation has it both ways: `IfExists`
    /// holds for an absent key, and `ForAnyValue` does not.
    pub(crate) fn when_absent(&self) -> Option<bool> {
        Some(match (self.operator, self.set) {
            (Operator::Null, _) => self.null() == Some(true),
            (_, SetOperator::ForAll) => true,
            (_, SetOperator::ForAny) if self.if_exists => return None,
            (_, SetOperator::ForAny) => false,
            (_, SetOperator::Single) => self.if_exists || self.operator.is_negated(),
        })
    }

    /// What `Null` asks for: `true` that the key is absent.
    pub(crate) fn null(&self) -> Option<bool> {
        match &*self.values {
            [value] if value.eq_ignore_ascii_case("true") => Some(true),
            [value] if value.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Whether the atom holds in every request, in none, or depends on the request.
    pub(crate) fn fold(&self, known: Known<'_>) -> Option<bool> {
        match known {
            Known::Absent => self.when_absent(),
            Known::Is(_) | Known::Among(_) if self.operator == Operator::Null => self.null().map(|absent| !absent),
            Known::Is(value) => self.holds_for(value),
            Known::Among(values) => {
                let mut answers = values.iter().map(|value| self.holds_for_blanks(value));
                let first = answers.next()??;
                answers.all(|answer| answer == Some(first)).then_some(first)
            }
            Known::NotBefore(now) => self.fold_time(now),
            Known::Unknown => None,
        }
    }

    /// Whether the atom holds for a key with this one value; `None` if that is not decided here.
    fn holds_for(&self, value: &str) -> Option<bool> {
        let concrete = self.values.iter().all(|wanted| !(self.variables && wanted.contains("${")));
        let holds = |operator: Operator| -> Option<bool> {
            let same = |ignore_case: bool| {
                self.values
                    .iter()
                    .any(|wanted| if ignore_case { wanted.eq_ignore_ascii_case(value) } else { **wanted == *value })
            };
            match operator {
                Operator::StringEquals => Some(same(false)),
                Operator::StringEqualsIgnoreCase | Operator::Bool => Some(same(true)),
                Operator::StringLike | Operator::ArnEquals | Operator::ArnLike => {
                    Some(self.values.iter().any(|wanted| Glob::new(wanted, self.variables).matches(value)))
                }
                _ => None,
            }
        };
        match self.operator.positive() {
            _ if !concrete => None,
            Some(positive) => holds(positive).map(|result| !result),
            None => holds(self.operator),
        }
    }

    /// The same for a value with blanks: it holds if it does whatever they stand for.
    fn holds_for_blanks(&self, value: &str) -> Option<bool> {
        let operator = self.operator.positive().unwrap_or(self.operator);
        let mut possible = false;
        let mut certain = false;
        for wanted in &self.values {
            let pattern = Glob::new(wanted, self.variables);
            let (may, must) = match operator {
                Operator::StringEquals => (!wanted.contains(['*', '?']) && fits(&pattern, value), **wanted == *value),
                Operator::StringLike => (fits(&pattern, value), pattern.matches(value)),
                Operator::ArnEquals | Operator::ArnLike => (fits(&pattern, value), pattern.matches_arn(value)),
                _ => (true, false),
            };
            possible |= may;
            certain |= must;
        }
        let holds = if certain { Some(true) } else { (!possible).then_some(false) };
        holds.map(|holds| holds != self.operator.positive().is_some())
    }

    /// Time only moves forward: what is past today is past in every request to come.
    fn fold_time(&self, now: i64) -> Option<bool> {
        let instants: Option<Vec<i64>> = self.values.iter().map(|value| operator::instant(value)).collect();
        let instants = instants.filter(|instants| !instants.is_empty())?;
        let (earliest, latest) = (*instants.iter().min()?, *instants.iter().max()?);
        match self.operator {
            Operator::DateLessThan | Operator::DateLessThanEquals | Operator::DateEquals if latest < now => Some(false),
            Operator::DateGreaterThan | Operator::DateGreaterThanEquals if earliest < now => Some(true),
            Operator::DateNotEquals if latest < now => Some(true),
            _ => None,
        }
    }
}

/// The names of the variables in a value, those with a default included.
pub(crate) fn variable_names(value: &str) -> impl Iterator<Item = &str> {
    value.split("${").skip(1).filter_map(|rest| rest.split(['}', ',']).next())
}

/// Whether a pattern matches a text for some of what its blanks, and the variables of the pattern, may stand for: row by row,
/// whether what has been read of the one matches what has been read of the other.
fn fits(pattern: &Glob, text: &str) -> bool {
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    let mut at = 0;
    while let Some((symbol, next)) = pattern.step(at) {
        at = next;
        let mut behind = vec![false; row.len()];
        behind[0] = row[0] && matches!(symbol, Symbol::Many | Symbol::Variable(_));
        for (number, byte) in text.bytes().enumerate() {
            behind[number + 1] = match symbol {
                Symbol::Many | Symbol::Variable(_) => row[number + 1] || behind[number],
                Symbol::One => row[number],
                Symbol::Byte(wanted) => {
                    let blank = Blank::of(char::from(byte));
                    row[number] && blank.map_or(wanted == byte, |blank| blank.takes(char::from(wanted)))
                }
            };
        }
        row = behind;
    }
    row[text.len()]
}

/// What the facts leave of a block.
#[derive(Clone, Debug)]
pub(crate) enum Residue<'c> {
    /// It holds in no request.
    Never,
    /// These atoms depend on the request; with none left, the block always holds.
    When(Vec<&'c Atom>),
}

impl<'c> Residue<'c> {
    /// Puts what is known of each key into a block.
    pub(crate) fn of<'k>(block: &'c [Atom], known: impl Fn(&str) -> Known<'k>) -> Self {
        let mut left = Vec::new();
        for atom in block {
            match atom.fold(known(&atom.key)) {
                Some(true) => {}
                Some(false) => return Self::Never,
                None => left.push(atom),
            }
        }
        // A block that contradicts itself never holds either.
        if left.iter().enumerate().any(|(at, a)| left[at + 1..].iter().any(|b| relation::excludes(a, b))) {
            return Self::Never;
        }
        Self::When(left)
    }

    pub(crate) fn is_never(&self) -> bool {
        matches!(self, Self::Never)
    }

    pub(crate) fn is_always(&self) -> bool {
        matches!(self, Self::When(left) if left.is_empty())
    }

    pub(crate) fn atoms(&self) -> &[&'c Atom] {
        match self {
            Self::Never => &[],
            Self::When(left) => left,
        }
    }

    /// Whether the other block holds in every request in which this one does.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Never, _) => true,
            (Self::When(_), Self::Never) => false,
            (Self::When(mine), Self::When(theirs)) => {
                theirs.iter().all(|wanted| mine.iter().any(|given| relation::implies(given, wanted)))
            }
        }
    }

    /// Whether no request satisfies both blocks.
    pub(crate) fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::When(mine), Self::When(theirs)) => {
                mine.iter().any(|a| theirs.iter().any(|b| relation::excludes(a, b)))
            }
            _ => true,
        }
    }
}

impl Atom {
    /// The operator as it is written, as `ForAnyValue:StringLikeIfExists`.
    pub(crate) fn written_operator(&self) -> String {
        let set = match self.set {
            SetOperator::Single => "",
            SetOperator::ForAll => "ForAllValues:",
            SetOperator::ForAny => "ForAnyValue:",
        };
        let suffix = if self.if_exists { "IfExists" } else { "" };
        format!("{set}{}{suffix}", self.operator.name())
    }
}

impl fmt::Display for Atom {
    /// As a reader would say it: "StringEquals `aws:RequestedRegion` `eu-west-1`".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(|value| format!("`{value}`")).collect();
        let key = Catalogue::embedded().spelled(&self.key);
        write!(f, "{} `{key}` {}", self.written_operator(), values.join(", "))
    }
}
