//! What permission sets may do, and should not.

pub(super) mod administrator_access;
pub(super) mod allow_not_resource;
pub(super) mod boundary_ineffective;
pub(super) mod boundary_self_editable;
pub(super) mod credentials_exposure;
pub(super) mod data_exfiltration;
pub(super) mod diverging_policy;
pub(super) mod existing_role_escalation;
pub(super) mod guardrail_tamper;
pub(super) mod pass_role_to_service;
pub(super) mod pass_role_wildcard;
pub(super) mod service_linked_role_wildcard;
pub(super) mod service_wildcard;
pub(super) mod write_on_any_resource;

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::Certainty;
use crate::iam::assess::{Class, Granted};
use crate::lint::{Context, Reach};
use crate::source::{Span, Spanned};
use crate::words::{few, listing};

/// The actions that rules of this group ask for, each assessed once for a permission set.
pub(in crate::lint) fn watched(context: &Context<'_>) -> Vec<&'static str> {
    let mut actions = vec!["iam:CreatePolicyVersion", "iam:PassRole", "iam:SetDefaultPolicyVersion"];
    actions.extend(guardrail_tamper::ACTIONS);
    for (rule, more) in [
        (&data_exfiltration::DATA_EXFILTRATION, data_exfiltration::ACTIONS),
        (&credentials_exposure::CREDENTIALS_EXPOSURE, credentials_exposure::ACTIONS),
    ] {
        if context.is_on(rule) {
            actions.extend(more);
        }
    }
    actions
}

/// A few actions in words, and how many more there are.
fn few_of(actions: &BTreeSet<&str>) -> Option<String> {
    let actions: Vec<&str> = actions.iter().copied().collect();
    match actions.len() {
        0 => None,
        1..=3 => Some(listing(&actions)),
        _ => Some(few(&actions, 3, |action| format!("`{action}`"))),
    }
}

/// Reports sets that have ways to more of one class: the first, and how many more there are.
fn ways(
    rule: &'static str,
    class: Class,
    (message, help): (&str, &str),
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) {
    let access = context.access;
    for id in access.set_ids() {
        let found = context.reach(id).iter().find_map(|reach| {
            let mut findings = reach.assessment.findings.iter().filter(|finding| finding.class == class);
            findings.next().map(|first| (reach, first, findings.count()))
        });
        let Some((reach, way, more)) = found else { continue };
        let more = match more {
            0 => String::new(),
            1 => "; there is 1 more way".to_owned(),
            more => format!("; there are {more} more ways"),
        };
        let name = &access.permission_set(id).name;
        let mut finding = Diagnostic::warning(rule, name.span, format!("`{}` {message}", name.value))
            .because(format!("it {}", way.sentence(&reach.policies)));
        for step in &way.steps {
            if let Some(place) = step.span.or_else(|| reach.places.get(step.policy).copied()) {
                finding = finding.related(place, "granted here");
            }
        }
        for (place, text) in reach.denials(way) {
            if finding.related.iter().all(|(known, _)| *known != place) {
                finding = finding.related(place, text);
            }
        }
        diagnostics.push(finding.help(format!("{help}{more}")));
    }
}

/// Actions that a permission set is granted, as far as its policies are known.
#[derive(Default)]
struct Told<'c> {
    actions: BTreeSet<&'static str>,
    /// Where they are granted.
    places: BTreeSet<Span>,
    /// Where a Deny may stand in the way.
    denies: BTreeSet<Span>,
    /// What policies that are not known leave open, for every grant; `None` as long as one grant is certain.
    caveat: Option<&'c str>,
    certain: bool,
}

impl<'c> Told<'c> {
    fn add(&mut self, action: &'static str, reach: &'c Reach, granted: &Granted) {
        self.actions.insert(action);
        self.places.extend(granted.span.or_else(|| reach.places.get(granted.policy).copied()));
        if granted.certainty != Certainty::Proven {
            self.denies.extend(granted.unless.iter().filter_map(|deny| deny.span));
        }
        match &reach.assessment.caveat {
            Some(caveat) => self.caveat = Some(caveat),
            None => self.certain = true,
        }
    }

    /// The finding, if there is one: what somebody "may" do, or "may be able to" where a policy that is not known can stop it.
    fn finding(self, rule: &'static str, name: &Spanned<String>, what: &str) -> Option<Diagnostic> {
        let listed = few_of(&self.actions)?;
        let open = self.caveat.filter(|_| !self.certain);
        let verb = if open.is_some() { "may be able to" } else { "may" };
        let message = format!("`{}` {verb} {what}", name.value);
        let mut finding = Diagnostic::warning(rule, name.span, message).because(match open {
            Some(caveat) => format!("it allows {listed}, {caveat}"),
            None => format!("it allows {listed}"),
        });
        for place in self.places.into_iter().take(3) {
            finding = finding.related(place, "granted here");
        }
        for place in self.denies.into_iter().take(1) {
            finding = finding.related(place, "denied here in part");
        }
        Some(finding)
    }
}

/// Reports sets that are granted some of the actions on every resource and without a condition.
fn unlimited(
    rule: &'static str,
    asked: &[&'static str],
    (message, help): (&str, &str),
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) {
    let access = context.access;
    for id in access.set_ids() {
        let mut told = Told::default();
        for reach in context.reach(id) {
            // Who may do everything is reported as that.
            if reach.assessment.findings.iter().any(|finding| finding.class == Class::FullAdmin) {
                continue;
            }
            for action in asked {
                for granted in reach.assessment.granted(action).filter(|granted| granted.is_open()) {
                    told.add(action, reach, granted);
                }
            }
        }
        let name = &access.permission_set(id).name;
        diagnostics.extend(told.finding(rule, name, message).map(|finding| finding.help(help)));
    }
}

#[cfg(test)]
mod tests {
    use crate::iam::catalogue::Catalogue;

    #[test]
    fn every_action_that_is_asked_for_exists() {
        let lists =
            [super::guardrail_tamper::ACTIONS, super::data_exfiltration::ACTIONS, super::credentials_exposure::ACTIONS];
        for action in lists.into_iter().flatten() {
            let known = Catalogue::embedded().action_named(action).map(|id| Catalogue::embedded().action(id));
            let known = known.map(|known| format!("{}:{}", known.service, known.name));
            assert_eq!(known.as_deref(), Some(*action));
        }
        for list in lists {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
