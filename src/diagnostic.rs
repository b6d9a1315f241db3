//! What is wrong with the user's files, as data.
//!
//! A [`Diagnostic`] is about the model: it has a rule, a place and a remedy, and is collected so that one run shows
//! everything. That bailiwick itself could not do its work is an [`Error`](crate::error::Error), and neither becomes the other.

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

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The id of the rule that found it.
    pub rule: &'static str,
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
    /// The line that suppresses the finding where it is not the guilty one: a finding inside a JSON document is
    /// suppressed on the line of the model that names the document.
    pub suppressed_at: Option<Span>,
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
            severity,
            span,
            message,
            label: String::new(),
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            hard: false,
            suppressed_at: None,
        }
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

    /// Is suppressed on the line of `span`, not on its own.
    #[must_use]
    pub fn suppressed_at(mut self, span: Span) -> Self {
        self.suppressed_at = Some(span);
        self
    }

    /// What to do about it, where something is known to do.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

/// The findings of a run.
#[derive(Debug, Default)]
pub struct Diagnostics {
    findings: Vec<Diagnostic>,
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

    /// Puts the findings in the one order of every report (file, place, rule, message) and drops repetitions.
    pub fn sort(&mut self, sources: &Sources) {
        self.findings.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.span.start, d.span.end, d.rule, d.severity);
            let file = |d: &Diagnostic| sources.get(d.span.file).path();
            file(a).cmp(file(b)).then_with(|| key(a).cmp(&key(b))).then_with(|| a.message.cmp(&b.message))
        });
        self.findings.dedup();
    }
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
