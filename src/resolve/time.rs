//! Moments and durations as users write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A date in the one form the language has, `YYYY-MM-DD`.
fn parse_date(text: &str) -> Option<Date> {
    // The library's parser also takes a date with a time behind it.
    if text.len() != 10 {
        return None;
    }
    text.parse().ok()
}

/// Midnight UTC at the beginning of a date.
fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// The time of a run: a date means its beginning in UTC, a timestamp carries its offset.
pub fn parse_as_of(text: &str) -> Option<Timestamp> {
    match parse_date(text) {
        Some(date) => midnight(date),
        None => text.parse().ok(),
    }
}

/// The first moment at which a row that `expires` so no longer counts: the midnight behind a date, or the timestamp.
pub(super) fn parse_expiry(text: &str) -> Option<Timestamp> {
    match parse_date(text) {
        Some(date) => midnight(date.checked_add(1.day()).ok()?),
        None => text.parse().ok(),
    }
}

/// A duration in seconds: `2h`, `90m`, `1h 30m` or `PT2H`. Units above the hour are refused for sessions, and days are
/// days of 24 hours elsewhere.
pub fn parse_duration(text: &str) -> Option<i64> {
    // A day has no fixed length on a calendar, so the library refuses it in a duration; here it is 24 hours.
    if let Some(days) = text.strip_suffix('d') {
        return days.parse::<u16>().ok().map(|days| i64::from(days) * 86_400);
    }
    text.parse::<SignedDuration>().ok().map(|duration| duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_expires_at_the_next_midnight_and_begins_at_its_own() {
        assert_eq!(parse_expiry("2027-01-31"), Some(at("2027-02-01T00:00:00Z")));
        assert_eq!(parse_as_of("2027-01-31"), Some(at("2027-01-31T00:00:00Z")));
    }

    #[test]
    fn a_timestamp_needs_an_offset() {
        assert_eq!(parse_expiry("2027-01-31T12:00:00+02:00"), Some(at("2027-01-31T10:00:00Z")));
        assert_eq!(parse_expiry("2027-01-31T12:00:00"), None);
        assert_eq!(parse_expiry("2027-02-30"), None);
        assert_eq!(parse_expiry("tomorrow"), None);
    }

    #[test]
    fn durations_are_friendly_or_iso() {
        assert_eq!(parse_duration("2h"), Some(7_200));
        assert_eq!(parse_duration("90m"), Some(5_400));
        assert_eq!(parse_duration("PT2H"), Some(7_200));
        assert_eq!(parse_duration("PT1H30M"), Some(5_400));
        assert_eq!(parse_duration("90d"), Some(7_776_000));
        assert_eq!(parse_duration("banana"), None);
        assert_eq!(parse_duration(""), None);
    }
}
