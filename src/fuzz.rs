//! What has to hold for any input, however hostile.
//!
//! A target takes bytes as a fuzzer makes them up, and panics where bailiwick does not keep a promise about them. The
//! crate in the folder `fuzz` runs the targets under libFuzzer; the tests run them on every machine, over the same corpus
//! with mutations of their own.

mod globs;
mod lsp;
mod model;
mod policy;
mod suppressions;
#[cfg(test)]
mod tests;

pub use globs::globs;
pub use lsp::lsp;
pub use model::model;
pub use policy::policy;
pub use suppressions::suppressions;

use std::path::Path;

use jiff::Timestamp;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::lint::Levels;
use crate::lint::rule;
use crate::load::Overlay;
use crate::session::Session;
use crate::source::{Sources, Span};

/// A promise about some kind of input.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its corpus and of its libFuzzer program.
    pub name: &'static str,
    /// Panics when the promise does not hold for the input.
    pub run: fn(&[u8]),
}

/// Every target.
pub static TARGETS: &[Target] = &[
    Target { name: "model", run: model },
    Target { name: "policy", run: policy },
    Target { name: "globs", run: globs },
    Target { name: "suppressions", run: suppressions },
    Target { name: "lsp", run: lsp },
];

/// The findings about a model of one file, judged as `check` does on the first of December 2026.
fn judge(text: &str) -> Session {
    // The folder does not exist, so that no input reads a file of the machine.
    let path = Path::new("no-such-folder").join("model.yaml");
    let mut overlay = Overlay::new();
    overlay.set(&path, text.to_owned());
    let as_of = Timestamp::from_second(1_796_083_200).expect("a moment of this century");
    let mut session = Session::read(&path, &overlay, as_of).expect("the text is in the overlay");
    session.for_cloudformation = true;
    session.judge(&Levels::new());
    session
}

/// A finding names a rule, points at characters of a file, and says what is wrong; an error says what to do about it.
fn check_findings(diagnostics: &Diagnostics, sources: &Sources) {
    for finding in diagnostics {
        assert!(rule(finding.rule).is_some(), "no such rule: {finding:?}");
        assert!(!finding.message.is_empty(), "{finding:?}");
        assert!(
            finding.severity != Severity::Error || finding.help.is_some(),
            "an error without a remedy: {finding:?}"
        );
        let others = finding.related.iter().map(|(span, _)| span).chain(&finding.suppressed_at);
        for span in std::iter::once(&finding.span).chain(others) {
            check_span(*span, finding, sources);
        }
    }
}

fn check_span(span: Span, finding: &Diagnostic, sources: &Sources) {
    let text = sources.get(span.file).text();
    assert!(text.get(span.range()).is_some(), "{span:?} is no text of the file: {finding:?}");
}

/// No line of a report steers a terminal, but for the colours of the report itself.
fn check_report(text: &[u8]) {
    let text = std::str::from_utf8(text).expect("reports are UTF-8");
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    for (number, part) in text.split("\u{1b}[").enumerate() {
        let colour =
            part.split_once('m').filter(|(colour, _)| matches!(*colour, "0" | "1" | "31" | "32" | "33" | "34"));
        let plain = if number == 0 { Some(part) } else { colour.map(|(_, plain)| plain) };
        assert!(plain.is_some_and(|plain| !plain.contains(steers)), "{part:?} in {text:?}");
    }
}
