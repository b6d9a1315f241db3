//! Levels and suppressions, applied to what the run has found.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Kind, RULES, Rule, is_adjustable, rule};
use crate::access::Access;
use crate::diagnostic::{Diagnostic, Diagnostics, Edit, Severity, SuppressedBy};
use crate::model::Lint;
use crate::source::{Sources, Span};
use crate::syntax::Allows;
use crate::syntax::decode::did_you_mean;

/// What a rule's findings weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Errors.
    Deny,
    /// Warnings.
    Warn,
    /// Not reported.
    Allow,
}

impl Level {
    /// The level of a word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "deny" => Some(Self::Deny),
            "warn" => Some(Self::Warn),
            "allow" => Some(Self::Allow),
            _ => None,
        }
    }
}

fn ids() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id)
}

fn unknown_rule(id: &str) -> String {
    match did_you_mean(id, ids()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`bailiwick explain` lists the rules".to_owned(),
    }
}

/// The levels of rules; a rule that is not named keeps its own.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    by_rule: FxHashMap<&'static str, Level>,
}

/// Why a rule cannot be given a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLevel {
    /// There is no such rule.
    Unknown,
    /// It is a rule of the language or a hard limit of AWS.
    Fixed,
}

impl Levels {
    /// All rules keep their own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a rule a level, and returns the one it had been given before.
    ///
    /// # Errors
    ///
    /// When the rule does not exist or has no level.
    pub fn set(&mut self, id: &str, level: Level) -> Result<Option<Level>, NoLevel> {
        let rule = rule(id).ok_or(NoLevel::Unknown)?;
        if rule.kind == Kind::Fixed {
            return Err(NoLevel::Fixed);
        }
        Ok(self.by_rule.insert(rule.id, level))
    }

    /// The level that a rule has been given.
    pub fn get(&self, id: &str) -> Option<Level> {
        self.by_rule.get(id).copied()
    }

    /// Whether the findings of a rule are wanted: an optional rule is off until it has a level.
    pub(super) fn is_on(&self, rule: &Rule) -> bool {
        rule.kind != Kind::Optional || self.get(rule.id).is_some_and(|level| level != Level::Allow)
    }

    /// The levels that a model sets, and above them those of the command line; what is wrong with the former is reported.
    pub fn of_model(lint: Option<&Lint>, overrides: &Self, diagnostics: &mut Diagnostics) -> Self {
        let mut levels = Self::new();
        for (id, word) in lint.and_then(|lint| lint.levels.as_ref()).iter().flat_map(|named| &named.entries) {
            // A level that is not understood is put aside here, so that the name is checked all the same.
            let level = Level::parse(word.as_str());
            let finding = match (levels.set(id.as_str(), level.unwrap_or(Level::Deny)), level) {
                (Ok(_), Some(_)) => continue,
                (Ok(_), None) => {
                    levels.by_rule.remove(id.as_str());
                    Diagnostic::error("invalid-value", word.span, format!("`{}` is not a level", word.as_str()))
                        .help("write `deny`, `warn` or `allow`")
                }
                (Err(NoLevel::Unknown), _) => {
                    Diagnostic::error("unknown-rule", id.span, format!("no rule `{}`", id.as_str()))
                        .help(unknown_rule(id.as_str()))
                }
                (Err(NoLevel::Fixed), _) => {
                    Diagnostic::error("unknown-rule", id.span, format!("the rule `{}` has no level", id.as_str()))
                        .help("rules of the language and hard limits of AWS cannot be changed")
                }
            };
            diagnostics.push(finding);
        }
        let overrides = overrides.by_rule.iter().map(|(&id, &level)| (id, level));
        levels.by_rule.extend(overrides);
        levels
    }
}

/// What suppresses a finding: a comment on its line, or, in a JSON document, which has no comments, one on every line that
/// names the document. Where only some of these lines have one, the finding says which do not.
fn suppressing(finding: &mut Diagnostic, allows: &mut Allows, sources: &Sources) -> Option<SuppressedBy> {
    let rule = finding.rule;
    let line = |place: Span| sources.get(place.file).line_index(place.start as usize);
    let serve = |allows: &mut Allows, place: Span| {
        let allow = allows.suppressing(rule, place.file, line(place))?;
        Some(SuppressedBy::Comment { span: allow.span, reason: allow.reason.clone() })
    };
    let namings = sources.get(finding.span.file).named_at();
    if let Some(by) = serve(allows, finding.suppressed_at.unwrap_or(finding.span)) {
        return Some(by);
    }
    let open: Vec<Span> =
        namings.iter().copied().filter(|&place| !allows.suppress(rule, place.file, line(place))).collect();
    let whole = open.is_empty();
    // What is about one permission set is none of the others' business.
    if !whole && finding.suppressed_at.is_some() {
        return None;
    }
    let by = namings.iter().filter_map(|&place| serve(allows, place)).fold(None, |first, by| first.or(Some(by)));
    if whole || by.is_none() {
        return by;
    }
    for place in open {
        finding.related.push((place, "names the document too, without a suppression".to_owned()));
    }
    let lines = "a suppression counts when it stands on every line that names the document";
    finding.help = Some(finding.help.take().map_or_else(|| lines.to_owned(), |help| format!("{help}; {lines}")));
    None
}

/// Where a comment that suppresses a finding is missing: on its line, or on lines that name the document it is in.
pub fn suppressible_at(finding: &Diagnostic, allows: &Allows, sources: &Sources) -> Vec<Span> {
    let line = |place: Span| sources.get(place.file).line_index(place.start as usize);
    let own = [finding.suppressed_at.unwrap_or(finding.span)];
    let places = match sources.get(finding.span.file).named_at() {
        namings @ [_, ..] if finding.suppressed_at.is_none() => namings,
        _ => &own,
    };
    let mut lines = FxHashSet::default();
    let mut places = places.to_vec();
    places.retain(|&place| {
        !allows.suppress(finding.rule, place.file, line(place)) && lines.insert((place.file, line(place)))
    });
    places
}

/// Applies suppressions and levels, reports suppressions that serve nothing, and puts the findings in order. A suppression comes before any level: one whose rule is allowed elsewhere still serves.
///
/// Without `access` nothing has been judged, so that nobody can say which suppressions serve.
pub fn finish(
    access: Option<&Access>,
    levels: &Levels,
    allows: &mut Allows,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    diagnostics.suppress(|finding| if is_adjustable(finding) { suppressing(finding, allows, sources) } else { None });
    diagnostics.retain_mut(|finding| {
        match levels.get(finding.rule).filter(|_| is_adjustable(finding)) {
            Some(Level::Deny) => finding.severity = Severity::Error,
            Some(Level::Warn) => finding.severity = Severity::Warning,
            Some(Level::Allow) => return false,
            None => return rule(finding.rule).is_none_or(|rule| rule.kind != Kind::Optional),
        }
        true
    });
    // What was left out of the model was not judged, and may be what a suppression is for.
    let fixed = |finding: &Diagnostic| finding.severity == Severity::Error && !is_adjustable(finding);
    let whole = access.is_some_and(|access| access.missing_sections.is_empty()) && !diagnostics.iter().any(fixed);
    // A rule that is off finds nothing to suppress today, and may be on tomorrow.
    let off = |id: &str| rule(id).is_some_and(|rule| rule.kind == Kind::Optional && !levels.is_on(rule));
    for allow in allows.iter().filter(|allow| !allow.used && access.is_some() && !off(&allow.rule)) {
        let (message, help) = match rule(&allow.rule) {
            None if allow.rule.contains(',') => {
                let rules = allow.rule.split(',').map(|id| format!("`# bailiwick: allow[{}] {}`", id.trim(), allow.reason));
                let comments = rules.collect::<Vec<_>>().join(" and ");
                (
                    format!("a suppression of several rules, `{}`", allow.rule),
                    format!("a comment names one rule: write {comments}, each on a line of its own above"),
                )
            }
            None => (format!("no rule `{}`", allow.rule), unknown_rule(&allow.rule)),
            Some(rule) if rule.kind == Kind::Fixed => (
                format!("the rule `{}` cannot be suppressed", allow.rule),
                "rules of the language and hard limits of AWS always hold; remove the comment".to_owned(),
            ),
            Some(_) => (
                format!("nothing is left for this suppression of `{}` to suppress", allow.rule),
                "remove the comment; it stands on the guilty line or right above it, or on the line that names the document"
                    .to_owned(),
            ),
        };
        let finding = Diagnostic::warning("unused-suppression", allow.span, message).help(help);
        // A suppression of a rule that does not exist may be a slip of the hand, and what it is for is still there.
        let stale = whole && rule(&allow.rule).is_some();
        diagnostics.push(match stale {
            true => finding.safe_fix("remove the comment", vec![Edit::RemoveComment { span: allow.span }]),
            false => finding,
        });
    }
    diagnostics.sort(sources);
}
