//! The known ways to escalate, asked one by one.

use std::rc::Rc;

use super::{Best, Class, Finding, Question, depends_on_target, step};
use crate::iam::catalogue::{EscalationPath, PathClass};
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
        for (index, &action) in path.actions.iter().enumerate() {
            let best = if index == 0 && path.class == PathClass::Pass {
                self.best_pass(path)?
            } else {
                self.best(action, None)?
            };
            if !best.grant.unlimited && path.everywhere {
                return None;
            }
            certainty = certainty.min(best.certainty);
            let mut depends = |caveat: String| {
                if !caveats.contains(&caveat) {
                    caveats.push(caveat);
                }
            };
            best.caveats.iter().cloned().for_each(&mut depends);
            let aimed = index == 0 && depends_on_target(path);
            if !best.grant.unlimited && aimed && path.class != PathClass::ExistingRole {
                certainty = certainty.min(Certainty::Possible);
                depends(format!("it depends on what `{}` may do", best.grant.pattern));
            }
            steps.push(step(Some(action), &best.grant));
        }
        // What existing resources run as is not in the model.
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
        })
    }

    /// The best grant of `iam:PassRole` to one of the services that the path hands the role to.
    fn best_pass(&mut self, path: &EscalationPath) -> Option<Rc<Best<'a>>> {
        let action = *path.actions.first()?;
        let mut best: Option<Rc<Best<'a>>> = None;
        for &service in &path.passed_to {
            let Some(answer) = self.best(action, Some(service)) else { continue };
            let rank = |best: &Best<'a>| (best.certainty, best.grant.unlimited);
            if best.as_ref().is_none_or(|known| rank(&answer) > rank(known)) {
                best = Some(answer);
            }
        }
        best
    }
}
