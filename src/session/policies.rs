//! Organization policies: the rule files that a model names, over the templates that it becomes.

use rustc_hash::FxHashMap;
use std::ops::Range;
use std::path::Path;

use super::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::emit::cloudformation::{self, Origin, Origins};
use crate::emit::guard::{AVAILABLE, BUILTIN, Broken, Evaluator, Failure, Trouble};
use crate::error::Error;
use crate::lint::{Level, Levels, is_adjustable};
use crate::load::{Expected, Inside, Overlay};
use crate::report::count;
use crate::source::{FileId, Sources, Span};
use crate::syntax::decode::{List, Text};
use crate::write::Sink;

/// The id of the rule that stands for all of them.
pub(super) const RULE: &str = "guard";

/// What stands in `lint.guard` for the rules that ship with bailiwick.
const BUILTIN_RULES: &str = "builtin";

/// What a rule file is.
const RULE_FILE: Expected = Expected {
    what: "a rule file",
    limit: 1 << 20,
    too_large: ("larger than a rule file may be", "divide it: a rule file has at most 1 MiB"),
    not_a_file: "name the file that holds the rules",
};

/// How many more places a finding points at.
const RELATED: usize = 8;

/// A CloudFormation output that is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct Output<'o> {
    /// Its folder, as the last build left it.
    pub out: &'o Path,
    /// Whether what that build wrote is deployed.
    pub deployed: bool,
}

/// Rules, and where the model asks for them.
struct Rules<'s> {
    name: &'s str,
    text: String,
    named_at: Span,
    /// They do not stand in a file of the model.
    builtin: bool,
}

/// The templates of a build: each file, and each template inside a StackSet as one of its own.
#[derive(Default)]
struct Templates {
    texts: Vec<String>,
    places: Vec<Place>,
}

/// Where a template stands.
enum Place {
    /// In the file of this path.
    File(String),
    /// Inside the StackSet with this logical id.
    StackSet(String),
}

impl Place {
    fn stack_set(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::StackSet(id) => Some(id),
        }
    }

    /// Where a value of the template is, for people.
    fn describe(&self, pointer: &str) -> String {
        let value = if pointer.is_empty() { String::new() } else { format!("`{pointer}` of ") };
        match self {
            Self::File(path) => format!("{value}`{path}`"),
            Self::StackSet(id) => format!("{value}the template inside `{id}`"),
        }
    }
}

impl Sink for Templates {
    fn file(&mut self, path: &str, contents: &[u8]) -> Result<(), Error> {
        if path.ends_with(".yaml") {
            self.texts.push(String::from_utf8_lossy(contents).into_owned());
            self.places.push(Place::File(path.to_owned()));
        }
        Ok(())
    }

    fn body(&mut self, stack_set: &str, template: &str) {
        self.texts.push(template.to_owned());
        self.places.push(Place::StackSet(stack_set.to_owned()));
    }
}

impl Session {
    /// The rule files that the model names, if any.
    pub(super) fn policy_files(&self) -> Option<&List<Text>> {
        let files = self.access.as_ref()?.lint.as_ref()?.guard.as_ref()?;
        (!files.value.is_empty()).then_some(files)
    }

    /// Evaluates the organization policies, and adds what they find. `false` if they were not looked at: there are none, they
    /// are off, or the model is not one that becomes templates.
    pub(super) fn evaluate_policies(
        &mut self,
        levels: &Levels,
        overlay: &Overlay,
        output: Option<Output<'_>>,
    ) -> Result<bool, Error> {
        let Some(files) = self.policy_files().cloned().filter(|_| levels.get(RULE) != Some(Level::Allow)) else {
            return Ok(false);
        };
        if !AVAILABLE {
            let message = "this bailiwick was built without CloudFormation Guard";
            let help = "build it with its feature `guard`, or leave `lint.guard` out";
            self.diagnostics.push(Diagnostic::error(RULE, files.span, message).help(help).hard());
            return Ok(false);
        }
        let Self { access: Some(access), sources, diagnostics, root, .. } = self else { return Ok(false) };
        // What is not whole, or breaks a limit of AWS, becomes no templates; rule files are looked at all the same.
        let fails = |finding: &Diagnostic| finding.severity == Severity::Error && !is_adjustable(finding);
        let whole = access.missing_sections.is_empty() && !diagnostics.iter().any(fails);
        let rules = read(&files, root, overlay, diagnostics);
        let (out, deployed) = output.map_or((None, false), |output| (Some(output.out), output.deployed));
        let settled = whole.then(|| cloudformation::settle(access, out, deployed)).transpose()?;
        let mut templates = Templates::default();
        if let Some((plan, stacks)) = &settled {
            // A first build keeps nothing of an earlier one, and does not look for it.
            cloudformation::emit(plan, stacks, out.unwrap_or(Path::new("")), &mut templates)?;
        }
        let evaluator = Evaluator::of_this_program().map_err(|cause| Error::Evaluator { cause })?;
        let texts: Vec<_> = rules.iter().map(|rules| rules.text.as_str()).collect();
        let documents: Vec<_> = templates.texts.iter().map(String::as_str).collect();
        let outcome = evaluator.evaluate(&texts, &documents).map_err(|cause| Error::Evaluator { cause })?;
        let mut files = Files { rules, ids: FxHashMap::default(), sources };
        for (at, trouble) in &outcome.troubles {
            diagnostics.push(files.trouble(*at, trouble));
        }
        if let Some((plan, stacks)) = settled.as_ref().filter(|_| !outcome.failures.is_empty()) {
            let origins = Origins::new(plan, stacks);
            for group in groups(&outcome.failures, &templates.places, &origins) {
                diagnostics.push(files.finding(&group, &templates.places));
            }
        }
        Ok(whole)
    }
}

/// Reads the rule files; one that cannot be read is reported.
fn read<'f>(files: &'f List<Text>, root: &Path, overlay: &Overlay, diagnostics: &mut Diagnostics) -> Vec<Rules<'f>> {
    let mut inside = Inside::new(root, overlay);
    let mut rules = Vec::new();
    for named in &files.value {
        let (name, named_at) = (named.as_str(), named.span);
        if name == BUILTIN_RULES {
            rules.push(Rules { name, text: BUILTIN.to_owned(), named_at, builtin: true });
            continue;
        }
        match inside.text(name, RULE_FILE) {
            Ok(text) => rules.push(Rules { name, text, named_at, builtin: false }),
            Err((message, help)) => diagnostics.push(Diagnostic::error(RULE, named_at, message).help(help).hard()),
        }
    }
    rules
}

/// Failures of one rule for one reason that come from one place of the model: a finding.
struct Group<'f> {
    /// The rule file.
    rules: usize,
    /// The first of them, and the template that it is in.
    first: &'f Failure,
    template: usize,
    /// Where they come from, the most telling place first; none when they are about the output's own frame.
    places: Vec<Span>,
    /// How many there are.
    count: usize,
}

/// Failures by where they come from, in the order in which they are met. What the model no longer holds is left out.
fn groups<'f>(failures: &'f [(usize, usize, Failure)], places: &[Place], origins: &Origins<'_>) -> Vec<Group<'f>> {
    let mut groups: Vec<Group<'f>> = Vec::new();
    let mut known = FxHashMap::default();
    for (rules, template, failure) in failures {
        let places = match origins.of(places[*template].stack_set(), &failure.path) {
            Origin::Written(places) => places,
            Origin::Frame => Vec::new(),
            Origin::Kept => continue,
        };
        let what = (*rules, failure.rule.as_str(), said(failure), places.first().copied());
        let at = *known.entry(what).or_insert_with(|| {
            groups.push(Group { rules: *rules, first: failure, template: *template, places, count: 0 });
            groups.len() - 1
        });
        groups[at].count += 1;
    }
    groups
}

/// What a failure says: the words of the rule's author or, where there are none, the clause that does not hold.
fn said(failure: &Failure) -> String {
    let Failure { rule, message, clause, .. } = failure;
    match (message.is_empty(), clause.is_empty()) {
        (false, _) => format!("`{rule}`: {message}"),
        (true, false) => format!("`{rule}`: `{clause}` does not hold"),
        (true, true) => format!("`{rule}` does not hold"),
    }
}

/// The rule files, and those of them that findings point into.
struct Files<'f> {
    rules: Vec<Rules<'f>>,
    ids: FxHashMap<usize, FileId>,
    sources: &'f mut Sources,
}

impl Files<'_> {
    /// A place in a rule file; `None` for the rules that ship with bailiwick.
    fn span(&mut self, at: usize, range: Range<usize>) -> Option<Span> {
        let rules = &self.rules[at];
        if rules.builtin {
            return None;
        }
        let sources = &mut self.sources;
        let file = *self.ids.entry(at).or_insert_with(|| sources.add(rules.name.to_owned(), rules.text.clone()));
        Some(Span::new(file, range))
    }

    /// What is wrong with a rule file, where its author will look for it.
    fn trouble(&mut self, at: usize, trouble: &Trouble) -> Diagnostic {
        let Rules { name, named_at, .. } = self.rules[at];
        let error = |span, message| Diagnostic::error(RULE, span, message).hard();
        match trouble {
            Trouble::Broken(Broken { reason, offset }) => {
                let help = "correct the rules: nothing is written that they have not judged";
                let place = offset.and_then(|offset| self.span(at, offset..offset));
                let finding = match place {
                    Some(place) => error(place, format!("the rules of `{name}` are not understood from here on"))
                        .related(named_at, "they are asked for here"),
                    None => error(named_at, format!("the rules of `{name}` cannot be evaluated")),
                };
                let finding = if reason.is_empty() { finding } else { finding.because(reason.clone()) };
                finding.help(help)
            }
            Trouble::Crashed => error(named_at, format!("the rules of `{name}` bring the evaluator down"))
                .help("correct the rules: one that refers to itself, through others too, never ends"),
            Trouble::TooLong(limit) => {
                let limit = limit.as_secs();
                error(named_at, format!("the rules of `{name}` take more than {limit} seconds for one template"))
                    .help("write rules that look at fewer values, or that call fewer others")
            }
        }
    }

    fn finding(&mut self, group: &Group<'_>, places: &[Place]) -> Diagnostic {
        let Rules { name, named_at, builtin, .. } = self.rules[group.rules];
        let failure = group.first;
        let declaration = declaration(&self.rules[group.rules].text, &failure.rule);
        let declaration = declaration.and_then(|range| self.span(group.rules, range));
        let place = group.places.first().copied().unwrap_or(named_at);
        let mut finding = Diagnostic::error(RULE, place, said(failure)).of_check(&failure.rule);
        if let Some(value) = &failure.value {
            finding = finding.label(format!("deployed as `{value}`"));
        }
        for &other in group.places.iter().skip(1).take(RELATED) {
            finding = finding.related(other, "and from here");
        }
        if let Some(declaration) = declaration {
            finding = finding.related(declaration, "the rule");
        }
        let first = places[group.template].describe(&failure.path);
        finding = finding.because(match group.count - 1 {
            0 => format!("it is about {first}"),
            more => format!("it is about {first}, and {}", count(more, "more value")),
        });
        finding.help(match builtin {
            true => format!("change the model; the rule ships with bailiwick (`{name}`)"),
            false => format!("change the model, or the rule in `{name}`"),
        })
    }
}

/// Where a rule is declared: its name.
fn declaration(text: &str, rule: &str) -> Option<Range<usize>> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let name = line.trim_start().strip_prefix("rule").filter(|rest| rest.starts_with([' ', '\t']));
        if let Some(name) = name.map(str::trim_start)
            && let Some(rest) = name.strip_prefix(rule)
            && !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        {
            let start = offset + line.len() - name.len();
            return Some(start..start + rule.len());
        }
        offset += line.len();
    }
    None
}
