//! Levels and suppressions, applied to what the run has found.

use rustc_hash::FxHashMap;

use super::{Kind, RULES, rule};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::Lint;
use crate::source::Sources;
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

    /// The level that the settings give to a rule.
    pub(super) fn of(lint: &Lint, id: &str) -> Option<Self> {
        let named = lint.levels.iter().flat_map(|levels| &levels.entries).find(|(name, _)| name.as_str() == id);
        named.and_then(|(_, word)| Self::parse(word.as_str()))
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

/// The levels that a model sets; what is wrong with them is reported.
fn levels(lint: Option<&Lint>, diagnostics: &mut Diagnostics) -> FxHashMap<String, Level> {
    let mut levels = FxHashMap::default();
    for (id, word) in lint.and_then(|lint| lint.levels.as_ref()).iter().flat_map(|named| &named.entries) {
        let finding = match (rule(id.as_str()), Level::parse(word.as_str())) {
            (None, _) => Diagnostic::error("unknown-rule", id.span, format!("no rule `{}`", id.as_str()))
                .help(unknown_rule(id.as_str())),
            (Some(rule), _) if rule.kind == Kind::Fixed => {
                Diagnostic::error("unknown-rule", id.span, format!("the rule `{}` has no level", id.as_str()))
                    .help("rules of the language and hard limits of AWS cannot be changed")
            }
            (Some(_), None) => {
                Diagnostic::error("invalid-value", word.span, format!("`{}` is not a level", word.as_str()))
                    .help("write `deny`, `warn` or `allow`")
            }
            (Some(_), Some(level)) => {
                levels.insert(id.value.clone(), level);
                continue;
            }
        };
        diagnostics.push(finding);
    }
    levels
}

/// Applies levels and suppressions, reports suppressions that serve nothing, and puts the findings in order.
pub fn finish(lint: Option<&Lint>, allows: &mut Allows, sources: &Sources, diagnostics: &mut Diagnostics) {
    let levels = levels(lint, diagnostics);
    diagnostics.retain_mut(|finding| {
        if finding.hard || rule(finding.rule).is_none_or(|rule| rule.kind == Kind::Fixed) {
            return true;
        }
        let place = finding.suppressed_at.unwrap_or(finding.span);
        let line = sources.get(place.file).line_index(place.start as usize);
        if allows.suppresses(finding.rule, place.file, line) {
            return false;
        }
        match levels.get(finding.rule) {
            Some(Level::Deny) => finding.severity = Severity::Error,
            Some(Level::Warn) => finding.severity = Severity::Warning,
            Some(Level::Allow) => return false,
            None => return rule(finding.rule).is_none_or(|rule| rule.kind != Kind::Optional),
        }
        true
    });
    // A rule that is off finds nothing to suppress today, and may be on tomorrow.
    let off = |id: &str| {
        rule(id).is_some_and(|rule| rule.kind == Kind::Optional)
            && levels.get(id).is_none_or(|&level| level == Level::Allow)
    };
    for allow in allows.iter().filter(|allow| !allow.used && !off(&allow.rule)) {
        let (message, help) = match rule(&allow.rule) {
            None => (format!("no rule `{}`", allow.rule), unknown_rule(&allow.rule)),
            Some(rule) if rule.kind == Kind::Fixed => (
                format!("the rule `{}` cannot be suppressed", allow.rule),
                "rules of the language and hard limits of AWS always hold; remove the comment".to_owned(),
            ),
            Some(_) => (
                format!("nothing is left for this suppression of `{}` to suppress", allow.rule),
                "remove the comment; it stands on the guilty line or right above it".to_owned(),
            ),
        };
        diagnostics.push(Diagnostic::warning("unused-suppression", allow.span, message).help(help));
    }
    diagnostics.sort(sources);
}
