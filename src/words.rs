//! Lists in the words of findings and reports.

use std::borrow::Borrow;

/// `a, b and c`.
pub(crate) fn enumerated<S: Borrow<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.borrow().to_owned(),
        [rest @ .., last] => format!("{} and {}", rest.join(", "), last.borrow()),
    }
}

/// The same with each name in backticks.
pub(crate) fn listing(names: &[&str]) -> String {
    enumerated(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>())
}

/// `a, b, c`, or the first `most` and how many more there are: `a, b and 3 more`.
pub(crate) fn few<T>(all: &[T], most: usize, name: impl FnMut(&T) -> String) -> String {
    let shown: Vec<String> = all.iter().take(most).map(name).collect();
    match all.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
