//! How two atoms relate: implication and exclusion.

use super::operator::{Operator, instant};
use super::{Atom, SetOperator};
use crate::iam::evaluate::network;
use crate::iam::glob::Glob;
use crate::iam::resource::includes;

/// Whether `wanted` holds in every request in which `given` does.
pub(super) fn implies(given: &Atom, wanted: &Atom) -> bool {
    if given == wanted {
        return true;
    }
    if given.key != wanted.key {
        return false;
    }
    match (given.operator, wanted.operator) {
        (Operator::Null, Operator::Null) => given.null().is_some() && given.null() == wanted.null(),
        // Known to be absent: all that matters is what absence means to the other.
        (Operator::Null, _) => given.null() == Some(true) && wanted.when_absent() == Some(true),
        // Holding only for a present key proves its presence.
        (_, Operator::Null) => wanted.null() == Some(false) && given.when_absent() == Some(false),
        _ => {
            let absence = given.when_absent() == Some(false) || wanted.when_absent() == Some(true);
            absence && given.set == wanted.set && values_imply(given, wanted.operator, wanted)
        }
    }
}

/// Whether no request satisfies both atoms.
pub(crate) fn excludes(a: &Atom, b: &Atom) -> bool {
    if a.key != b.key {
        return false;
    }
    if a.when_absent() != Some(false) && b.when_absent() != Some(false) {
        return false;
    }
    match (a.operator, b.operator) {
        (Operator::Null, Operator::Null) => a.null().is_some() && b.null().is_some() && a.null() != b.null(),
        // One wants the key absent; the other needs it.
        (Operator::Null, _) => a.null() == Some(true),
        (_, Operator::Null) => b.null() == Some(true),
        _ if a.set != SetOperator::Single || b.set != SetOperator::Single => false,
        (Operator::Bool, Operator::Bool) => {
            let differ = |x: &str, y: &str| is_bool(x) && is_bool(y) && !x.eq_ignore_ascii_case(y);
            !a.values.is_empty() && a.values.iter().all(|x| b.values.iter().all(|y| differ(x, y)))
        }
        _ => {
            let denies = |given: &Atom, other: &Atom| {
                let Some(opposite) = other.operator.opposite() else { return false };
                if other.operator.is_negated() || other.values.len() < 2 {
                    return values_imply(given, opposite, other);
                }
                // Several values are alternatives, all of which have to be denied.
                let alone = |value: &str| Atom { values: [value.into()].into(), ..other.clone() };
                other.values.iter().all(|value| values_imply(given, opposite, &alone(value)))
            };
            denies(a, b) || denies(b, a)
        }
    }
}

fn is_bool(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

/// For a present key: whether every value that `given` accepts is accepted by `operator` with the values of `other`.
fn values_imply(given: &Atom, operator: Operator, other: &Atom) -> bool {
    // Several values under a set operator are each compared alone, which these rules say for the positive ones.
    if given.set != SetOperator::Single && (given.operator.is_negated() || operator.is_negated()) {
        return false;
    }
    if given.values.is_empty() || other.values.is_empty() {
        return false;
    }
    let (mine, theirs) = (Shape::of(given.operator), Shape::of(operator));
    match (mine, theirs) {
        (Some(Shape::Text(x)), Some(Shape::Text(y))) => texts_imply(given, x, other, y),
        (Some(Shape::Order(x, family)), Some(Shape::Order(y, other_family))) if family == other_family => {
            let read =
                |atom: &Atom| -> Option<Vec<f64>> { atom.values.iter().map(|value| number(value, family)).collect() };
            match (read(given), read(other)) {
                (Some(mine), Some(theirs)) => orders_imply(&mine, x, &theirs, y),
                _ => false,
            }
        }
        _ => {
            let same = given.operator == operator && !operator.is_negated();
            let within = |value: &str| {
                other.values.iter().any(|wide| match (network(wide), network(value)) {
                    (Some(wide), Some(narrow)) if operator == Operator::IpAddress => wide.contains(&narrow),
                    _ => **wide == *value,
                })
            };
            same && given.values.iter().all(|value| within(value))
        }
    }
}

/// How texts are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Text {
    like: bool,
    /// The values are ARNs, compared segment by segment.
    arn: bool,
    ignore_case: bool,
    negated: bool,
}

/// How numbers and dates are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Family {
    Number,
    Date,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    Text(Text),
    Order(Order, Family),
}

impl Shape {
    fn of(operator: Operator) -> Option<Self> {
        let text = |like, ignore_case, negated| Some(Self::Text(Text { like, arn: false, ignore_case, negated }));
        let arn = |negated| Some(Self::Text(Text { like: true, arn: true, ignore_case: false, negated }));
        let number = |order| Some(Self::Order(order, Family::Number));
        let date = |order| Some(Self::Order(order, Family::Date));
        match operator {
            Operator::StringEquals => text(false, false, false),
            Operator::StringNotEquals => text(false, false, true),
            Operator::StringEqualsIgnoreCase | Operator::Bool => text(false, true, false),
            Operator::StringNotEqualsIgnoreCase => text(false, true, true),
            // `ArnEquals` behaves as `ArnLike` does.
            Operator::ArnEquals | Operator::ArnLike => arn(false),
            Operator::ArnNotEquals | Operator::ArnNotLike => arn(true),
            Operator::StringLike => text(true, false, false),
            Operator::StringNotLike => text(true, false, true),
            Operator::NumericEquals => number(Order::Equal),
            Operator::NumericNotEquals => number(Order::NotEqual),
            Operator::NumericLessThan => number(Order::Less),
            Operator::NumericLessThanEquals => number(Order::LessEqual),
            Operator::NumericGreaterThan => number(Order::Greater),
            Operator::NumericGreaterThanEquals => number(Order::GreaterEqual),
            Operator::DateEquals => date(Order::Equal),
            Operator::DateNotEquals => date(Order::NotEqual),
            Operator::DateLessThan => date(Order::Less),
            Operator::DateLessThanEquals => date(Order::LessEqual),
            Operator::DateGreaterThan => date(Order::Greater),
            Operator::DateGreaterThanEquals => date(Order::GreaterEqual),
            Operator::BinaryEquals | Operator::IpAddress | Operator::NotIpAddress | Operator::Null => None,
        }
    }
}

fn texts_imply(given: &Atom, mine: Text, other: &Atom, theirs: Text) -> bool {
    let has_variable = |atom: &Atom| atom.variables && atom.values.iter().any(|value| value.contains("${"));
    // Whether everything that value `v` of a `v_text` accepts is accepted by `w` of a `w_text`, both positive.
    let within = |v: &str, v_text: Text, v_atom: &Atom, w: &str, w_text: Text, w_atom: &Atom| -> bool {
        if v_text.ignore_case && !w_text.ignore_case {
            return false;
        }
        match (v_text.like, w_text.like) {
            (_, true) if w == "*" => true,
            // Whether a text is an ARN that another reading would tell apart is not known.
            (false, true) if w_text.arn => includes(&Glob::new(w, w_atom.variables), &literal(v, v_atom)),
            (true, true) if w_text.arn || v_text.arn => {
                v_text.arn == w_text.arn && includes(&Glob::new(w, w_atom.variables), &Glob::new(v, v_atom.variables))
            }
            (false, false) if w_text.ignore_case => v.eq_ignore_ascii_case(w),
            (false, false) => v == w,
            (false, true) => Glob::new(w, w_atom.variables).includes(&literal(v, v_atom)),
            (true, true) => Glob::new(w, w_atom.variables).includes(&Glob::new(v, v_atom.variables)),
            (true, false) => Glob::new(v, v_atom.variables).is_literal() && v == w,
        }
    };
    match (mine.negated, theirs.negated) {
        (false, false) => {
            given.values.iter().all(|v| other.values.iter().any(|w| within(v, mine, given, w, theirs, other)))
        }
        // Fewer values are excluded on the right: each of them must be excluded on the left.
        (true, true) => {
            other.values.iter().all(|w| given.values.iter().any(|v| within(w, theirs, other, v, mine, given)))
        }
        // Accepted values must be none of the excluded ones; patterns and variables could be any.
        (false, true) => {
            if mine.like && given.values.iter().any(|v| !Glob::new(v, given.variables).is_literal()) {
                return false;
            }
            if has_variable(given) || has_variable(other) {
                return false;
            }
            given.values.iter().all(|v| {
                other.values.iter().all(|w| {
                    let ignore_case = mine.ignore_case || theirs.ignore_case;
                    if theirs.like {
                        !ignore_case && !Glob::new(w, other.variables).matches(v)
                    } else if ignore_case {
                        !v.eq_ignore_ascii_case(w)
                    } else {
                        v != w
                    }
                })
            })
        }
        (true, false) => theirs.like && other.values.iter().any(|w| &**w == "*"),
    }
}

/// A value of an exact operator as a pattern: its `*` is a character.
fn literal(value: &str, atom: &Atom) -> Glob {
    let escaped = value.replace('*', "${*}").replace('?', "${?}");
    if atom.variables { Glob::new(&escaped, true) } else { Glob::new(value, false) }
}

fn number(value: &str, family: Family) -> Option<f64> {
    match family {
        Family::Number => value.parse().ok(),
        // Seconds of any date that is written fit.
        Family::Date => instant(value).map(|seconds| seconds as f64),
    }
}

/// Implication between comparisons; several values are alternatives, except behind `NotEqual`.
fn orders_imply(mine: &[f64], x: Order, theirs: &[f64], y: Order) -> bool {
    let pair = |a: f64, b: f64| match (x, y) {
        (Order::Equal, Order::Equal) => a == b,
        (Order::Equal, Order::NotEqual) => a != b,
        (Order::Equal | Order::LessEqual, Order::Less) => a < b,
        (Order::Equal | Order::LessEqual | Order::Less, Order::LessEqual) | (Order::Less, Order::Less) => a <= b,
        (Order::Equal | Order::GreaterEqual, Order::Greater) => a > b,
        (Order::Equal | Order::GreaterEqual | Order::Greater, Order::GreaterEqual)
        | (Order::Greater, Order::Greater) => a >= b,
        (Order::LessEqual, Order::NotEqual) => a < b,
        (Order::Less, Order::NotEqual) => a <= b,
        (Order::GreaterEqual, Order::NotEqual) => a > b,
        (Order::Greater, Order::NotEqual) => a >= b,
        _ => false,
    };
    match (x, y) {
        (Order::NotEqual, Order::NotEqual) => theirs.iter().all(|b| mine.contains(b)),
        (Order::NotEqual, _) => false,
        (_, Order::NotEqual) => mine.iter().all(|&a| theirs.iter().all(|&b| pair(a, b))),
        _ => mine.iter().all(|&a| theirs.iter().any(|&b| pair(a, b))),
    }
}
