//! The known ways to escalate, asked one by one.

use std::rc::Rc;

use super::{Best, Class, Finding, Question, depends_on_target, step};
use crate::iam::catalogue::{EscalationPath, PathClass, receiver_in};
use crate::iam::effective::Denied;
use crate::iam::evaluate::Request;
use crate::iam::reach::Certainty;

impl<'a> Question<'_, 'a> {
    /// The finding of a path that is open.
    pub(super) fn path(&mut self, path: &EscalationPath) -> Option<Finding> {
        if !path.actions.iter().all(|action| self.allowed.contains(action.0 as usize)) {
            return None;
        }
        let mut steps = Vec::with_capacity(path.actions.len());
        let mut certainty = Certainty::Proven;
        let mut caveats: Vec<String> = Vec::new();
        let mut denies: Vec<Denied> = Vec::new();
        let mut proofs: Vec<Request> = Vec::new();
        let mut grants: Vec<(usize, Rc<Best<'a>>)> = Vec::with_capacity(path.actions.len());
        for (index, &action) in path.actions.iter().enumerate() {
            // What existing resources run as is not in the model: such a way is possible at most.
            if path.class == PathClass::ExistingRole {
                grants.push((index, self.best_by_bounds(action, None)?));
                continue;
            }
            if index > 0 || path.class != PathClass::Pass {
                grants.push((index, self.best(action, None)?));
                continue;
            }
            for service in &path.passed_to {
                let best = self.best(action, Some(receiver_in(&self.assessor.facts.partition, service)))?;
                // Where one statement hands over several roles, it is told once.
                if !grants.iter().any(|(_, known)| known.is_like(&best)) {
                    grants.push((index, best));
                }
            }
        }
        for (index, best) in grants {
            if !best.grant.unlimited && path.everywhere {
                return None;
            }
            certainty = certainty.min(best.certainty);
            // What is shown on resources of certain names only is possible on the others.
            if path.everywhere && best.grant.within.is_some() {
                certainty = certainty.min(Certainty::Possible);
            }
            let mut depends = |caveat: String| {
                if !caveats.contains(&caveat) {
                    caveats.push(caveat);
                }
            };
            best.caveats.iter().cloned().for_each(&mut depends);
            denies.extend(best.denies.iter().filter(|deny| !denies.contains(deny)).copied().collect::<Vec<_>>());
            proofs.extend(best.grant.proof.clone());
            let aimed = index == 0 && depends_on_target(path);
            if !best.is_unlimited() && aimed && path.class != PathClass::ExistingRole {
                certainty = certainty.min(Certainty::Possible);
                depends(format!("it depends on what `{}` may do", best.grant.within.unwrap_or(best.grant.pattern)));
            }
            steps.push(step(path.actions.get(index).copied(), &best.grant));
        }
        if path.class == PathClass::ExistingRole {
            certainty = certainty.min(Certainty::Possible);
        }
        Some(Finding {
            class: Class::from(path.class),
            certainty,
            path: Some(path.id),
            says: path.says,
            steps,
            caveats,
            denies,
            proofs,
        })
    }
}
