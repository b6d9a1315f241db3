//! What verdicts add up to, by access level and service.

use std::collections::BTreeMap;

use crate::iam::Verdict;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};

/// What is allowed, of the actions that AWS has.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// How many actions.
    pub actions: usize,
    /// Of how many services.
    pub services: usize,
    /// By access level, the gravest first; levels without actions are left out.
    pub levels: Vec<LevelSum>,
}

/// What is allowed of one access level.
#[derive(Clone, Debug)]
pub struct LevelSum {
    /// The level.
    pub level: AccessLevel,
    /// The services, those with the most actions first, then by name.
    pub services: Vec<ServiceSum>,
}

/// What is allowed of one access level of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSum {
    /// The prefix of its actions.
    pub service: &'static str,
    /// How many actions.
    pub actions: usize,
    /// How many of them only under conditions, or only possibly.
    pub conditional: usize,
}

/// What is most of two verdicts on one action.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::None => 0,
        Verdict::Possible => 1,
        Verdict::Conditional => 2,
        Verdict::Scoped => 3,
        Verdict::Full => 4,
    }
}

/// Of two verdicts the one that allows more.
pub(super) fn wider(a: Verdict, b: Verdict) -> Verdict {
    if rank(b) > rank(a) { b } else { a }
}

impl Sum {
    /// Adds up verdicts, each on another action.
    pub fn of(verdicts: impl IntoIterator<Item = (ActionId, Verdict)>) -> Self {
        let catalogue = Catalogue::embedded();
        let mut levels: [BTreeMap<&'static str, ServiceSum>; AccessLevel::ALL.len()] = Default::default();
        let mut sum = Self::default();
        for (id, verdict) in verdicts {
            let action = catalogue.action(id);
            // Actions to come have no name.
            if verdict == Verdict::None || action.name.is_empty() {
                continue;
            }
            sum.actions += 1;
            let level = AccessLevel::ALL.iter().position(|level| *level == action.level).unwrap_or_default();
            let service = levels[level].entry(action.service).or_insert(ServiceSum {
                service: action.service,
                actions: 0,
                conditional: 0,
            });
            service.actions += 1;
            service.conditional += usize::from(matches!(verdict, Verdict::Conditional | Verdict::Possible));
        }
        let services: std::collections::BTreeSet<&str> =
            levels.iter().flat_map(|services| services.keys().copied()).collect();
        sum.services = services.len();
        for (level, services) in AccessLevel::ALL.into_iter().zip(levels) {
            let mut services: Vec<ServiceSum> = services.into_values().collect();
            services.sort_by_key(|service| std::cmp::Reverse(service.actions));
            if !services.is_empty() {
                sum.levels.push(LevelSum { level, services });
            }
        }
        sum
    }
}
