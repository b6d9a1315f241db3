//! The findings that an old model is known to have, so that only new ones fail.
//!
//! A baseline is a file beside the model that is committed with it: JSON Lines, one known finding on each, in order. Two
//! branches that each repair findings remove different lines, which merges by itself; a person can read what is owed, and
//! delete a line to be told of it again. It names no line of the model (see [`fingerprint`](crate::fingerprint)).
//!
//! Only what levels and suppressions apply to can be known: rules of the language and hard limits of AWS always hold. Notes
//! never fail a run, so they are not recorded.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SuppressedBy};
use crate::fingerprint::{Fingerprint, Fingerprints};
use crate::lint::is_adjustable;
use crate::source::Sources;

/// The version of the file format.
const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    bailiwick_baseline: u32,
}

/// Any other line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    rule: String,
    at: String,
    text: String,
    /// How many findings are alike; one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

/// Known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// How many findings of each fingerprint there are.
    known: BTreeMap<Fingerprint, usize>,
}

impl Baseline {
    /// What of these findings can be known in a file.
    pub fn of(diagnostics: &Diagnostics, sources: &Sources) -> Self {
        Self::counting(diagnostics.iter().filter(|finding| can_be_known(finding)), Fingerprints::new(sources))
    }

    /// All of these findings, in files that have other names by now: `renamed` says which.
    pub fn of_all(diagnostics: &Diagnostics, sources: &Sources, renamed: &BTreeMap<String, String>) -> Self {
        Self::counting(diagnostics.iter(), Fingerprints::renamed(sources, renamed))
    }

    fn counting<'d>(findings: impl Iterator<Item = &'d Diagnostic>, mut fingerprints: Fingerprints<'_>) -> Self {
        let mut known = BTreeMap::new();
        for finding in findings {
            *known.entry(fingerprints.of(finding)).or_default() += 1;
        }
        Self { known }
    }

    /// How many findings are known.
    pub fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When a line is not understood: its number, counted from 1, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let header = lines.next().map(|(_, line)| serde_json::from_str::<Header>(line));
        match header {
            Some(Ok(header)) if header.bailiwick_baseline == VERSION => {}
            Some(Ok(header)) => return Err((1, format!("version {} is not known", header.bailiwick_baseline))),
            _ => return Err((1, "it does not begin as a baseline does".to_owned())),
        }
        let mut known = BTreeMap::new();
        for (index, line) in lines {
            let entry: Known = serde_json::from_str(line).map_err(|error| (index + 1, error.to_string()))?;
            // A merge may leave two lines for one finding; the larger of the two is what either side knew.
            let fingerprint = Fingerprint { rule: entry.rule, at: entry.at, text: entry.text };
            let count: &mut usize = known.entry(fingerprint).or_default();
            *count = entry.count.unwrap_or(1).max(*count);
        }
        Ok(Self { known })
    }

    /// The content of a file.
    pub fn to_text(&self) -> String {
        let header = serde_json::to_string(&Header { bailiwick_baseline: VERSION });
        let known = self.known.iter().map(|(fingerprint, &count)| {
            let Fingerprint { rule, at, text } = fingerprint.clone();
            serde_json::to_string(&Known { rule, at, text, count: Some(count).filter(|&count| count > 1) })
        });
        // Texts and numbers always serialize.
        std::iter::once(header).chain(known).flatten().map(|line| line + "\n").collect()
    }

    /// Takes known findings out of the report, but for those that are `wanted` all the same, and returns what is known and
    /// not there any more.
    pub fn apply(
        &self,
        diagnostics: &mut Diagnostics,
        sources: &Sources,
        by: &SuppressedBy,
        wanted: impl Fn(&Diagnostic) -> bool,
    ) -> Vec<Fingerprint> {
        let mut left = self.known.clone();
        let mut fingerprints = Fingerprints::new(sources);
        diagnostics.suppress(|finding| {
            let left = left.get_mut(&fingerprints.of(finding)).filter(|left| **left > 0)?;
            *left -= 1;
            (!wanted(finding)).then(|| by.clone())
        });
        diagnostics.sort(sources);
        left.into_iter().flat_map(|(fingerprint, count)| std::iter::repeat_n(fingerprint, count)).collect()
    }
}

fn can_be_known(finding: &Diagnostic) -> bool {
    is_adjustable(finding) && finding.severity != Severity::Note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn found(text: &str, needles: &[&str]) -> (Sources, Diagnostics) {
        let mut sources = Sources::new();
        let file = sources.add("m.yaml".to_owned(), text.to_owned());
        let mut diagnostics = Diagnostics::new();
        for needle in needles {
            let start = text.find(needle).expect("the text holds it");
            let span = Span::new(file, start..start + needle.len());
            diagnostics.push(Diagnostic::warning("session-too-long", span, "message"));
        }
        (sources, diagnostics)
    }

    #[test]
    fn what_is_written_is_read_back_and_sorted() {
        let (sources, diagnostics) = found("b: 10h\na: 11h\n", &["10h", "11h"]);
        let baseline = Baseline::of(&diagnostics, &sources);
        let text = baseline.to_text();
        assert_eq!(
            text,
            "{\"bailiwick_baseline\":1}\n\
             {\"rule\":\"session-too-long\",\"at\":\"a\",\"text\":\"11h\"}\n\
             {\"rule\":\"session-too-long\",\"at\":\"b\",\"text\":\"10h\"}\n"
        );
        assert_eq!(Baseline::parse(&text), Ok(baseline));
    }

    #[test]
    fn what_is_known_is_taken_out_and_what_is_gone_is_told() {
        let (sources, mut diagnostics) = found("b: 10h\na: 11h\n", &["10h", "11h"]);
        let (other, known) = found("c: 9h\nb: 10h\n", &["10h", "9h"]);
        let stale = Baseline::of(&known, &other).apply(&mut diagnostics, &sources, &SuppressedBy::Baseline, |_| false);
        assert_eq!(stale.iter().map(|stale| stale.at.as_str()).collect::<Vec<_>>(), ["c"]);
        assert_eq!((diagnostics.len(), diagnostics.suppressed().len()), (1, 1));
    }

    #[test]
    fn a_second_finding_that_is_alike_is_new() {
        let (sources, known) = found("a: 11h\n", &["11h"]);
        let (_, mut twice) = found("a: 11h\n", &["11h", "11h"]);
        assert!(
            Baseline::of(&known, &sources).apply(&mut twice, &sources, &SuppressedBy::Baseline, |_| false).is_empty()
        );
        assert_eq!(twice.len(), 1);
    }

    #[test]
    fn a_file_that_is_not_understood_is_refused_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("[]\n", 1),
            ("{\"bailiwick_baseline\":2}\n", 1),
            ("{\"bailiwick_baseline\":1}\n\n<<<<<<< ours\n", 3),
            ("{\"bailiwick_baseline\":1}\n{\"rule\":\"a\"}\n", 2),
        ] {
            assert_eq!(Baseline::parse(text).unwrap_err().0, line, "{text}");
        }
        let twice = "{\"rule\":\"a\",\"at\":\"b\",\"text\":\"c\"}\n".repeat(2);
        let merged = Baseline::parse(&format!("{{\"bailiwick_baseline\":1}}\n{twice}"));
        assert_eq!(merged.map(|merged| merged.len()), Ok(1));
    }
}
