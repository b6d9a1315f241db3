//! What is known already, so that only what is new is reported: a baseline, or the model before a change.

use similar::{DiffTag, TextDiff};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::session::Session;
use crate::baseline::Baseline;
use crate::diagnostic::{Diagnostic, SuppressedBy};
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::git::Revision;
use crate::load::{Overlay, read_text};
use crate::source::{FileId, Sources, Span};

/// What is known before a run.
#[derive(Debug, Default)]
pub(super) struct Known {
    baseline: Option<Baseline>,
    before: Option<Before>,
}

/// The model before a change.
#[derive(Debug)]
struct Before {
    findings: Baseline,
    revision: Revision,
}

impl Known {
    /// What a baseline holds, where there is one.
    pub(super) fn of_baseline(path: Option<&Path>) -> Result<Self, Error> {
        Ok(Self { baseline: path.map(read).transpose()?, before: None })
    }

    /// The model at `path` as it was at a revision; `judge` reads and judges it there.
    pub(super) fn before(
        mut self,
        revision: &str,
        path: &Path,
        judge: impl FnOnce(&Path) -> Result<Session, Error>,
    ) -> Result<Self, Error> {
        let (root, file) = match fs::metadata(path).map_err(Error::io("read", path))?.is_dir() {
            true => (path.to_owned(), None),
            false => (folder_of(path), path.file_name()),
        };
        let revision = Revision::since(revision, &root)?;
        let earlier = file.map_or_else(
            || revision.root(),
            |file| revision.root().join(revision.earlier(file.to_str().unwrap_or_default()).map_or(file, OsStr::new)),
        );
        let findings = match earlier.exists().then(|| judge(&earlier)) {
            Some(Ok(session)) => Baseline::of_all(&session.diagnostics, &session.sources, &revision.renamed()),
            // What could not be read before cannot excuse anything.
            None | Some(Err(_)) => Baseline::default(),
        };
        self.before = Some(Before { findings, revision });
        Ok(self)
    }

    /// Takes what is known out of the report, and returns the entries of the baseline that are not there any more.
    pub(super) fn apply(&self, session: &mut Session) -> Vec<Fingerprint> {
        let (diagnostics, sources) = (&mut session.diagnostics, &session.sources);
        let stale = match &self.baseline {
            Some(baseline) => baseline.apply(diagnostics, sources, &SuppressedBy::Baseline, |_| false),
            None => Vec::new(),
        };
        if let Some(before) = &self.before {
            let changes = Changes::new(&before.revision, sources);
            before.findings.apply(diagnostics, sources, &SuppressedBy::Untouched, |finding| changes.touch(finding));
        }
        stale
    }

    /// Whether findings are compared with those of before.
    pub(super) fn compares(&self) -> bool {
        self.baseline.is_some() || self.before.is_some()
    }
}

/// The folder that holds a file.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn read(path: &Path) -> Result<Baseline, Error> {
    Baseline::parse(&read_text(path)?).map_err(|(line, reason)| Error::Baseline { path: path.to_owned(), line, reason })
}

/// Writes down what a session has found. A file that says so already is not touched.
pub(super) fn write(path: &Path, session: &Session) -> Result<Baseline, Error> {
    if matches!(path.extension().and_then(|end| end.to_str()), Some("yaml" | "yml")) {
        return Err(Error::Arguments {
            message: "a baseline in a `*.yaml` file would become part of the model",
            help: "give it another name, such as `bailiwick-baseline.jsonl`",
        });
    }
    let baseline = Baseline::of(&session.diagnostics, &session.sources);
    let text = baseline.to_text();
    let current = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    if current.as_deref() != Some(text.as_bytes()) {
        crate::write::replace(path, text.as_bytes())?;
    }
    Ok(baseline)
}

/// Which lines of the model a change touches.
struct Changes<'s> {
    /// The files as they were.
    before: &'s Revision,
    sources: &'s Sources,
    /// By file, ranges of new or changed lines, counted from 0; found out for the first finding in it.
    lines: RefCell<BTreeMap<FileId, Vec<Range<usize>>>>,
}

impl<'s> Changes<'s> {
    fn new(before: &'s Revision, sources: &'s Sources) -> Self {
        Self { before, sources, lines: RefCell::default() }
    }

    /// Whether a finding points at a line of the change.
    fn touch(&self, finding: &Diagnostic) -> bool {
        let related = finding.related.iter().map(|(span, _)| *span);
        let source = self.sources.get(finding.span.file);
        // Where a document has another name, the lines that name it say so, and nothing else need be new there.
        let namings = if self.before.earlier(source.path()).is_some() { &[] } else { source.named_at() };
        let namings = namings.iter().copied();
        related.chain([finding.span]).chain(finding.suppressed_at).chain(namings).any(|span| self.hold(span))
    }

    fn hold(&self, span: Span) -> bool {
        let source = self.sources.get(span.file);
        let (first, last) = (source.line_index(span.start as usize), source.line_index(span.end as usize));
        let mut known = self.lines.borrow_mut();
        let lines = known.entry(span.file).or_insert_with(|| {
            let path = self.before.earlier(source.path()).unwrap_or(source.path());
            let old = read_text(&self.before.root().join(path)).unwrap_or_default();
            let diff = TextDiff::from_lines(old.as_str(), source.text());
            let changed = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
            changed.map(|op| op.new_range()).filter(|lines| !lines.is_empty()).collect()
        });
        lines.iter().any(|lines| lines.start <= last && first < lines.end)
    }
}

/// The model of a command line on which a file may have the content of standard input.
pub(super) fn on_stdin(file: &Path, model: &Path) -> Result<Overlay, Error> {
    let root = if model.is_dir() { model.to_owned() } else { folder_of(model) };
    let real = crate::load::real_path(file);
    if !real.starts_with(crate::load::real_path(&root)) {
        let meant = Some(root.join(file)).filter(|meant| file.is_relative() && meant.is_file());
        return Err(Error::NotInModel { file: file.to_owned(), meant });
    }
    let mut overlay = Overlay::new();
    overlay.set(file, crate::load::read_stdin()?);
    Ok(overlay)
}
