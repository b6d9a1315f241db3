//! What stands in the way of an action that a policy allows.

use super::{ANY, Layers, Live, Origin, Statement};
use crate::iam::catalogue::{Action, ActionId};
use crate::iam::glob::Glob;
use crate::iam::resource::Resources;

/// Why an Allow of the identity gives nothing.
#[derive(Clone, Debug)]
pub(crate) enum Stop<'a> {
    /// A Deny takes all of it away.
    Denied(Origin, &'a Statement),
    /// A gate, by number, has no Allow for any of it.
    NotLetThrough(usize),
}

impl<'a> Layers<'a> {
    /// For every Allow of the identity that names an action, on one resource or on any that it can name, what takes it away
    /// whole; each reason once. Where the action is granted by one Allow, others may still be stopped.
    pub(crate) fn stops(&self, action: ActionId, resource: Option<&str>) -> Vec<Stop<'a>> {
        let allows = self.allows_of(action);
        if allows.is_empty() {
            return Vec::new();
        }
        let (denies, gates) = (self.denies_of(action), self.gates_of(action));
        let formats = self.formats_of(action);
        let Action { service, name, .. } = self.catalogue.action(action);
        let absent = |variable: &str| self.facts.is_absent(variable);
        let mut stops: Vec<Stop<'a>> = Vec::new();
        let mut add = |stop: Stop<'a>| {
            let known = |other: &Stop<'a>| match (other, &stop) {
                (Stop::Denied(_, a), Stop::Denied(_, b)) => std::ptr::eq(*a, *b),
                (Stop::NotLetThrough(a), Stop::NotLetThrough(b)) => a == b,
                _ => false,
            };
            if !stops.iter().any(known) {
                stops.push(stop);
            }
        };
        for (_, statement, residue) in &allows {
            let one = resource.map(|arn| Glob::new(arn, false));
            let (patterns, holes): (Vec<&Glob>, &[Glob]) = match (&statement.resources, &one) {
                (resources, Some(one)) => match resource.is_some_and(|arn| resources.possibly_match(arn)) {
                    true => (vec![one], &[]),
                    false => continue,
                },
                (Resources::Only(patterns), None) => (patterns.iter().collect(), &[]),
                (Resources::Except(holes), None) => (vec![&*ANY], holes),
            };
            for pattern in patterns {
                let impossible = pattern.variables().any(absent)
                    || (resource.is_none() && !formats.apply_to(pattern))
                    || self.facts.is_harmless(service, name, pattern);
                if impossible {
                    continue;
                }
                let swallows = |deny: &&Live<'a>| {
                    residue.implies(&deny.2)
                        && match resource {
                            Some(arn) => deny.1.resources.certainly_match(arn),
                            None => deny.1.resources.include(pattern, holes, &absent, &formats),
                        }
                };
                if let Some((origin, deny, _)) = denies.iter().find(swallows) {
                    add(Stop::Denied(*origin, deny));
                    continue;
                }
                let open = |gate: &Live<'a>| {
                    !residue.contradicts(&gate.2)
                        && match resource {
                            Some(arn) => gate.1.resources.possibly_match(arn),
                            None => gate.1.resources.overlap(pattern, holes, &absent, &formats),
                        }
                };
                if let Some(closed) = gates.iter().position(|gate| !gate.iter().any(open)) {
                    add(Stop::NotLetThrough(closed));
                }
            }
        }
        stops
    }
}
