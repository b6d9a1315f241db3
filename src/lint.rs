//! Judging a resolved model: the rules, their levels, and what suppresses them.
//!
//! [`Access`](crate::access::Access) comes in, findings go out. A rule is a file that holds its page, its id and its
//! check; the list [`RULES`] is the registry from which `explain`, levels and completions follow.

mod context;
mod level;
mod overlap;
pub mod reach;
mod rules;
mod statements;

pub use context::Context;
pub use level::{Level, Levels, NoLevel, finish, suppressible_at};
pub use reach::{Reach, assessor, policies_in, reach_of};
pub use rules::RULES;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// A rule: what it finds, and the page that says so.
#[derive(Debug)]
pub struct Rule {
    /// The id, which reads as English in `allow[…]`.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The page: what it finds, why it matters, an example that fires, the same put right.
    pub docs: &'static str,
    /// What may change its findings.
    pub kind: Kind,
    /// The check; `None` for rules that are found on the way, while files are read and names resolved.
    pub check: Option<fn(&Context<'_>, &mut Diagnostics)>,
}

/// What may change the findings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rule of the language, or a hard limit of AWS: always an error or a warning as it says.
    Fixed,
    /// A matter of judgement: levels and suppressions apply.
    Adjustable,
    /// A matter of taste, or noisy: off until a level is set.
    Optional,
}

impl Rule {
    /// How its findings weigh unless a level says otherwise: what the example on its page says, which is run as a test.
    pub fn severity(&self) -> Severity {
        let noted = |severity: &Severity| self.docs.contains(&format!("# {}: [{}]", severity.as_str(), self.id));
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().find(noted).unwrap_or(Severity::Error)
    }

    /// A section of the page, without its heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        let page = self.page();
        let (_, section) = page.split_once(&format!("## {heading}\n"))?;
        Some(section.split("\n## ").next()?.trim().to_owned())
    }

    /// The page as it is printed: each line without the space that a doc comment puts in front of it.
    pub fn page(&self) -> String {
        let lines = self.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

/// Finds a rule by its id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// Whether levels, suppressions and baselines apply to a finding: it is a matter of judgement.
pub fn is_adjustable(finding: &Diagnostic) -> bool {
    !finding.hard && rule(finding.rule).is_some_and(|rule| rule.kind != Kind::Fixed)
}

/// Runs every check that is on.
pub fn run(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for rule in RULES {
        if let Some(check) = rule.check
            && context.is_on(rule)
        {
            check(context, diagnostics);
        }
    }
}

/// Declares a rule. The doc comment is its page.
macro_rules! declare_rule {
    ($(#[doc = $doc:expr])+ $name:ident { id: $id:literal, summary: $summary:literal, kind: $kind:ident, check: $check:expr $(,)? }) => {
        $(#[doc = $doc])+
        pub(crate) static $name: $crate::lint::Rule = $crate::lint::Rule {
            id: $id,
            summary: $summary,
            docs: concat!($($doc, "\n"),+),
            kind: $crate::lint::Kind::$kind,
            check: $check,
        };
    };
}
pub(crate) use declare_rule;
