//! What is wrong with the user's files, as data.
//!
//! A [`Diagnostic`] is about the model: it has a rule, a place and a remedy, and is collected so that one run shows
//! everything. That bailiwick itself could not do its work is an [`Error`](crate::error::Error), and neither becomes the other.

use std::cmp::Ordering;

use crate::source::{Sources, Span};

/// How a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The model must not be deployed like this.
    Error,
    /// Worth a look; it does not stop a build.
    Warning,
    /// Worth knowing; it never fails a run, whatever is denied.
    Note,
}

impl Severity {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A change of the text that puts a finding right, or prepares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a sentence would begin: `quote the account id`.
    pub title: String,
    /// The changes; all of them or none.
    pub edits: Vec<Edit>,
    /// Whether it can be applied without a person who looks at it: it keeps what the model means, or what is meant is
    /// beyond doubt. No safe fix writes a name, an account or a date that grants something.
    pub safe: bool,
}

/// One change of one file. Layout (indentation, the end of lines) is that of the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts a text in the place of another.
    Replace {
        /// The place.
        span: Span,
        /// What is written there now. Behind an alias of YAML it is not, and the edit is left out.
        old: String,
        /// What is written there afterwards.
        new: String,
    },
    /// Removes a comment, with its line where nothing else stands on it.
    RemoveComment {
        /// The comment, `#` included.
        span: Span,
    },
    /// Writes comments of the form `# key: …` below an entry of a block mapping, each on a line of its own; those whose
    /// key stands in a comment of the mapping already are left out.
    Annotate {
        /// The value of the entry.
        span: Span,
        /// The mapping that the entry belongs to.
        within: Span,
        /// The keys and what is said about them.
        lines: Vec<(&'static str, String)>,
    },
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The id of the rule that found it.
    pub rule: &'static str,
    /// Which check of the rule, where it holds several that know nothing of each other: the rule of an organization policy.
    pub check: Option<String>,
    /// How it weighs.
    pub severity: Severity,
    /// The guilty place.
    pub span: Span,
    /// One fact, lower case, without a full stop.
    pub message: String,
    /// What to say at the guilty place; may be empty.
    pub label: String,
    /// Other places that belong to the finding, each with what to say there.
    pub related: Vec<(Span, String)>,
    /// How it comes about, where that takes sentences.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether it states a hard limit of AWS, which no level and no suppression changes.
    pub hard: bool,
    /// Another line that suppresses the finding by itself: one inside a document that a permission set uses, about that
    /// set alone, is suppressed where the set names its policy.
    pub suppressed_at: Option<Span>,
    /// How its text can be put right.
    pub fix: Option<Box<Fix>>,
}

impl Diagnostic {
    /// An error of `rule` at `span`.
    pub fn error(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Error, span, message.into())
    }

    /// A warning of `rule` at `span`.
    pub fn warning(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Warning, span, message.into())
    }

    /// A note of `rule` at `span`.
    pub fn note(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Note, span, message.into())
    }

    fn new(rule: &'static str, severity: Severity, span: Span, message: String) -> Self {
        Self {
            rule,
            check: None,
            severity,
            span,
            message,
            label: String::new(),
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            hard: false,
            suppressed_at: None,
            fix: None,
        }
    }

    /// Comes from one of several checks of its rule.
    #[must_use]
    pub fn of_check(mut self, check: impl Into<String>) -> Self {
        self.check = Some(check.into());
        self
    }

    /// What to say at the guilty place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Another place that belongs to the finding.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }

    /// How it comes about, in a sentence.
    #[must_use]
    pub fn because(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// States a hard limit of AWS.
    #[must_use]
    pub fn hard(mut self) -> Self {
        self.hard = true;
        self
    }

    /// Is suppressed on the line of `span`, too.
    #[must_use]
    pub fn suppressed_at(mut self, span: Span) -> Self {
        self.suppressed_at = Some(span);
        self
    }

    /// How its text can be put right by anybody, without a look at it.
    #[must_use]
    pub fn safe_fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Box::new(Fix { title: title.into(), edits, safe: true }));
        self
    }

    /// What to do about it, where something is known to do.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

/// A finding that is not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Diagnostic,
    /// Why it is not reported.
    pub by: SuppressedBy,
}

/// Why a finding is not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A comment of the model says that it is right there.
    Comment {
        /// The comment.
        span: Span,
        /// The reason that it gives.
        reason: String,
    },
    /// It was there before, as the baseline says.
    Baseline,
    /// It was there before, and nothing of the change touches it.
    Untouched,
}

/// The findings of a run.
#[derive(Debug, Default)]
pub struct Diagnostics {
    findings: Vec<Diagnostic>,
    /// What is not reported.
    suppressed: Vec<Suppressed>,
    /// What the parsers left out, by place.
    unread: Vec<Span>,
}

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.rule == "syntax" {
            let at = self
                .unread
                .partition_point(|span| (span.file, span.start) <= (diagnostic.span.file, diagnostic.span.start));
            self.unread.insert(at, diagnostic.span);
        }
        self.findings.push(diagnostic);
    }

    /// Whether a parser left something out within `span`, and said so: what seems to be missing there may not be.
    pub fn unread_within(&self, span: Span) -> bool {
        let at = self.unread.partition_point(|unread| (unread.file, unread.start) < (span.file, span.start));
        self.unread.get(at).is_some_and(|unread| unread.file == span.file && unread.start <= span.end)
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// How many notes there are.
    pub fn notes(&self) -> usize {
        self.count(Severity::Note)
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The findings as they stand.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.findings.iter()
    }

    /// Keeps, drops or changes each finding.
    pub fn retain_mut(&mut self, keep: impl FnMut(&mut Diagnostic) -> bool) {
        self.findings.retain_mut(keep);
    }

    /// Takes out findings that are not to be reported, and keeps them apart: `suppressed` says which those are, and may add
    /// to the others why they are not.
    pub fn suppress(&mut self, mut suppressed: impl FnMut(&mut Diagnostic) -> Option<SuppressedBy>) {
        let mut left = Vec::with_capacity(self.findings.len());
        for mut finding in std::mem::take(&mut self.findings) {
            match suppressed(&mut finding) {
                Some(by) => self.suppressed.push(Suppressed { finding, by }),
                None => left.push(finding),
            }
        }
        self.findings = left;
    }

    /// What is not reported, in the order of reports.
    pub fn suppressed(&self) -> &[Suppressed] {
        &self.suppressed
    }

    /// Puts the findings in the one order of every report (file, place, rule, message) and drops repetitions.
    pub fn sort(&mut self, sources: &Sources) {
        self.findings.sort_by(|a, b| in_order(a, b, sources));
        self.findings.dedup();
        self.suppressed.sort_by(|a, b| in_order(&a.finding, &b.finding, sources));
        self.suppressed.dedup();
    }
}

fn in_order(a: &Diagnostic, b: &Diagnostic, sources: &Sources) -> Ordering {
    let key = |d: &Diagnostic| (d.span.start, d.span.end, d.rule, d.severity);
    let file = |d: &Diagnostic| sources.get(d.span.file).path();
    file(a).cmp(file(b)).then_with(|| key(a).cmp(&key(b))).then_with(|| a.message.cmp(&b.message))
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.findings.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
