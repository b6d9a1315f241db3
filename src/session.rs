//! From a path to a judged model: what everything that looks at a model does first.

mod policies;

pub use policies::Output;

use jiff::Timestamp;
use std::path::{Path, PathBuf};

use crate::access::Access;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::error::Error;
use crate::lint::{self, Context, Levels};
use crate::load::{Overlay, load};
use crate::resolve::{Documents, resolve};
use crate::source::{Sources, Span};
use crate::syntax::Allows;

/// A model, read and resolved, and what was found on the way.
#[derive(Debug)]
pub struct Session {
    /// The folder that paths of files start from.
    pub root: PathBuf,
    /// The files of the model.
    pub sources: Sources,
    /// What was found so far.
    pub diagnostics: Diagnostics,
    /// Who has what, where; `None` when nothing of the model could be understood.
    pub access: Option<Access>,
    /// Where findings stand that belong to the whole model.
    pub place: Span,
    /// Whether CloudFormation is to deploy it, which takes less than Terraform.
    pub for_cloudformation: bool,
    allows: Allows,
}

impl Session {
    /// Reads and resolves the model at `path` as of a moment; nothing is judged yet.
    ///
    /// # Errors
    ///
    /// When a file or folder cannot be read, or there is nothing to read.
    pub fn read(path: &Path, overlay: &Overlay, as_of: Timestamp) -> Result<Self, Error> {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let loaded = load(path, overlay, &mut sources, &mut diagnostics)?;
        let access = loaded.model.map(|model| {
            let mut documents = Documents::new(&loaded.root, overlay, &mut sources);
            resolve(model, &mut documents, as_of, &mut diagnostics)
        });
        let place = Span::new(loaded.first, 0..0);
        Ok(Self {
            root: loaded.root,
            sources,
            diagnostics,
            access,
            place,
            for_cloudformation: false,
            allows: loaded.allows,
        })
    }

    /// Runs the rules, applies suppressions and levels (`overrides` above those of the model), and puts the findings in
    /// order. Organization policies are left out: they take a process and the output of a build.
    pub fn judge(&mut self, overrides: &Levels) {
        let levels = self.run_rules(overrides);
        self.finish(&levels, false);
    }

    /// The same with organization policies, over the templates of `output` or, where there is none, over those that a first
    /// build would write. Rule files are read through `overlay`.
    ///
    /// # Errors
    ///
    /// When such a build would fail, or the evaluator does not work.
    pub fn judge_with_policies(
        &mut self,
        overrides: &Levels,
        overlay: &Overlay,
        output: Option<Output<'_>>,
    ) -> Result<(), Error> {
        let levels = self.run_rules(overrides);
        let evaluated = self.evaluate_policies(&levels, overlay, output)?;
        self.finish(&levels, evaluated);
        Ok(())
    }

    /// Where a comment that suppresses a finding is missing.
    pub fn suppressible_at(&self, finding: &Diagnostic) -> Vec<Span> {
        lint::suppressible_at(finding, &self.allows, &self.sources)
    }

    fn run_rules(&mut self, overrides: &Levels) -> Levels {
        let access = self.access.as_ref();
        let lint = access.and_then(|access| access.lint.as_ref());
        let levels = Levels::of_model(lint, overrides, &mut self.diagnostics);
        if let Some(access) = access {
            let mut context = Context::new(access);
            context.levels = Some(&levels);
            context.for_cloudformation = self.for_cloudformation;
            lint::run(&context, &mut self.diagnostics);
        }
        levels
    }

    fn finish(&mut self, levels: &Levels, policies_evaluated: bool) {
        if !policies_evaluated && self.policy_files().is_some() {
            self.allows.spare(policies::RULE);
        }
        lint::finish(self.access.as_ref(), levels, &mut self.allows, &self.sources, &mut self.diagnostics);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test writes its model")]
    fn an_overlay_counts_instead_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("a.yaml"), "permission_sets: { A: { inline_policy: a.json } }\n").unwrap();
        let rules = |overlay: &Overlay| {
            let session = Session::read(root, overlay, Timestamp::UNIX_EPOCH).unwrap();
            let place = |finding: &crate::diagnostic::Diagnostic| {
                (finding.rule, session.sources.get(finding.span.file).path().to_owned())
            };
            session.diagnostics.iter().map(place).filter(|(rule, _)| *rule != "partial-model").collect::<Vec<_>>()
        };
        let mut overlay = Overlay::new();
        assert_eq!(rules(&overlay), [("unreadable-document", "a.yaml".to_owned())]);
        overlay.set(&root.join("a.json"), "{".to_owned());
        assert_eq!(rules(&overlay), [("syntax", "a.json".to_owned())]);
        overlay.set(&root.join("a.yaml"), "permission_sets: {}\n".to_owned());
        assert_eq!(rules(&overlay), []);
        overlay.set(&root.join("new/b.yaml"), "policy: {}\n".to_owned());
        overlay.set(&root.join(".hidden/c.yaml"), "policy: {}\n".to_owned());
        assert_eq!(rules(&overlay), [("unknown-key", "new/b.yaml".to_owned())]);
    }
}
