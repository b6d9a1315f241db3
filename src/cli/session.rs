//! From a path to a judged model: what every command that reads a model does first.

use std::io::Write;

use super::{Deny, ModelArgs, Outcome};
use crate::access::Access;
use crate::diagnostic::{Diagnostics, Severity};
use crate::error::Error;
use crate::lint::{self, Context};
use crate::load::load;
use crate::report;
use crate::resolve::{Documents, resolve};
use crate::source::{Sources, Span};
use crate::syntax::Allows;

/// A model, read and resolved, and what was found on the way.
pub(super) struct Session {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    /// `None` when nothing of the model could be understood.
    pub access: Option<Access>,
    /// Where findings stand that belong to the whole model.
    pub place: Span,
    allows: Allows,
}

impl Session {
    /// Reads and resolves the model; nothing is judged yet.
    pub(super) fn open(arguments: &ModelArgs) -> Result<Self, Error> {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let loaded = load(&arguments.model, &mut sources, &mut diagnostics)?;
        let access = loaded.model.map(|model| {
            let mut documents = Documents::new(&loaded.root, &mut sources);
            resolve(model, &mut documents, arguments.as_of(), &mut diagnostics)
        });
        let place = Span::new(loaded.first, 0..0);
        Ok(Self { sources, diagnostics, access, place, allows: loaded.allows })
    }

    /// Runs the rules, applies levels and suppressions, and puts the findings in order.
    pub(super) fn judge(&mut self) {
        if let Some(access) = &self.access {
            lint::run(&Context::new(access), &mut self.diagnostics);
        }
        let lint = self.access.as_ref().and_then(|access| access.lint.as_ref());
        lint::finish(lint, &mut self.allows, &self.sources, &mut self.diagnostics);
    }

    /// How the findings let the run end.
    pub(super) fn outcome(&self, deny: Option<Deny>) -> Outcome {
        let errors = self.diagnostics.errors() > 0;
        let warnings = deny == Some(Deny::Warnings) && self.diagnostics.warnings() > 0;
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
