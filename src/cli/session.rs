//! What every command that reads a model does with it.

use std::io::Write;

use super::{LintArgs, ModelArgs, Outcome, Streams};
use crate::diagnostic::Severity;
use crate::error::Error;
use crate::load::Overlay;
use crate::report::{self, Repository};
pub(super) use crate::session::Session;

impl Session {
    /// Reads and resolves the model of a command; nothing is judged yet.
    pub(super) fn open(arguments: &ModelArgs) -> Result<Self, Error> {
        Self::read(&arguments.model, &Overlay::new(), arguments.as_of())
    }

    /// Reads and resolves the model of a command whose result is not the findings. `None`, with the errors printed, where
    /// the model has any; one without errors has an [`Access`](crate::access::Access).
    pub(super) fn open_resolved(arguments: &ModelArgs, streams: &mut Streams<'_>) -> Result<Option<Self>, Error> {
        let mut session = Self::open(arguments)?;
        session.diagnostics.sort(&session.sources);
        if session.diagnostics.errors() > 0 {
            session.print_errors(streams.err)?;
            return Ok(None);
        }
        Ok(Some(session))
    }

    /// The repository around the model.
    pub(super) fn repository(&self) -> Repository {
        Repository::around(&self.root)
    }

    /// How the findings let the run end.
    pub(super) fn outcome(&self, lint: &LintArgs) -> Outcome {
        let errors = self.diagnostics.errors() > 0;
        let warnings = lint.denies_warnings() && self.diagnostics.warnings() > 0;
        if errors || warnings { Outcome::Findings } else { Outcome::Clean }
    }

    /// Prints the findings for a person, and their number.
    pub(super) fn print(&self, out: &mut dyn Write) -> Result<(), Error> {
        report::terminal(&self.diagnostics, &self.sources, out).map_err(Error::Print)
    }

    /// Prints only what stops the work, for a command whose result is something else.
    pub(super) fn print_errors(&mut self, out: &mut dyn Write) -> Result<(), Error> {
        self.diagnostics.retain_mut(|finding| finding.severity == Severity::Error);
        self.print(out)
    }
}
