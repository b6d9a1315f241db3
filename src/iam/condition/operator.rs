//! The condition operators, and what their values are.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An operator without its prefix and suffix.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

impl Operator {
    /// Every operator and its name (IAM User Guide, "IAM JSON policy elements: Condition operators").
    const ALL: [(&'static str, Self); 27] = [
        ("StringEquals", Self::StringEquals),
        ("StringNotEquals", Self::StringNotEquals),
        ("StringEqualsIgnoreCase", Self::StringEqualsIgnoreCase),
        ("StringNotEqualsIgnoreCase", Self::StringNotEqualsIgnoreCase),
        ("StringLike", Self::StringLike),
        ("StringNotLike", Self::StringNotLike),
        ("NumericEquals", Self::NumericEquals),
        ("NumericNotEquals", Self::NumericNotEquals),
        ("NumericLessThan", Self::NumericLessThan),
        ("NumericLessThanEquals", Self::NumericLessThanEquals),
        ("NumericGreaterThan", Self::NumericGreaterThan),
        ("NumericGreaterThanEquals", Self::NumericGreaterThanEquals),
        ("DateEquals", Self::DateEquals),
        ("DateNotEquals", Self::DateNotEquals),
        ("DateLessThan", Self::DateLessThan),
        ("DateLessThanEquals", Self::DateLessThanEquals),
        ("DateGreaterThan", Self::DateGreaterThan),
        ("DateGreaterThanEquals", Self::DateGreaterThanEquals),
        ("Bool", Self::Bool),
        ("BinaryEquals", Self::BinaryEquals),
        ("IpAddress", Self::IpAddress),
        ("NotIpAddress", Self::NotIpAddress),
        ("ArnEquals", Self::ArnEquals),
        ("ArnNotEquals", Self::ArnNotEquals),
        ("ArnLike", Self::ArnLike),
        ("ArnNotLike", Self::ArnNotLike),
        ("Null", Self::Null),
    ];

    /// The operator of a name, whatever its capitals.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, operator)| *operator)
    }

    /// The names of all operators.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    /// The operator that a negated one negates.
    pub(crate) fn positive(self) -> Option<Self> {
        match self {
            Self::StringNotEquals => Some(Self::StringEquals),
            Self::StringNotEqualsIgnoreCase => Some(Self::StringEqualsIgnoreCase),
            Self::StringNotLike => Some(Self::StringLike),
            Self::NumericNotEquals => Some(Self::NumericEquals),
            Self::DateNotEquals => Some(Self::DateEquals),
            Self::NotIpAddress => Some(Self::IpAddress),
            Self::ArnNotEquals => Some(Self::ArnEquals),
            Self::ArnNotLike => Some(Self::ArnLike),
            _ => None,
        }
    }

    /// Whether the operator holds for an absent key.
    pub(crate) fn is_negated(self) -> bool {
        self.positive().is_some()
    }

    /// The operator that holds for a present value exactly when this one does not.
    pub(crate) fn opposite(self) -> Option<Self> {
        Some(match self {
            Self::StringEquals => Self::StringNotEquals,
            Self::StringEqualsIgnoreCase => Self::StringNotEqualsIgnoreCase,
            Self::StringLike => Self::StringNotLike,
            Self::NumericEquals => Self::NumericNotEquals,
            Self::NumericLessThan => Self::NumericGreaterThanEquals,
            Self::NumericLessThanEquals => Self::NumericGreaterThan,
            Self::NumericGreaterThan => Self::NumericLessThanEquals,
            Self::NumericGreaterThanEquals => Self::NumericLessThan,
            Self::DateEquals => Self::DateNotEquals,
            Self::DateLessThan => Self::DateGreaterThanEquals,
            Self::DateLessThanEquals => Self::DateGreaterThan,
            Self::DateGreaterThan => Self::DateLessThanEquals,
            Self::DateGreaterThanEquals => Self::DateLessThan,
            Self::IpAddress => Self::NotIpAddress,
            Self::ArnEquals => Self::ArnNotEquals,
            Self::ArnLike => Self::ArnNotLike,
            Self::Bool | Self::BinaryEquals | Self::Null => return None,
            negated => return negated.positive(),
        })
    }
}

/// A date of a policy in seconds of the Unix epoch: a timestamp, a day, or the seconds themselves.
pub(crate) fn instant(written: &str) -> Option<i64> {
    if let Ok(timestamp) = written.parse::<Timestamp>() {
        return Some(timestamp.as_second());
    }
    if let Ok(day) = written.parse::<Date>() {
        return day.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp().as_second());
    }
    written.parse().ok()
}
