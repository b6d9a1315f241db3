//! The known ways to escalate, asked one by one.

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
            let mut best = if index == 0 && path.class == PathClass::Pass {
                self.best_pass(path)?
            } else {
                self.best(action, None)?
            };
            if !best.grant.unlimited && path.everywhere {
                return None;
            }
            let aimed = index == 0 && depends_on_target(path);
            if !best.grant.unlimited && aimed && path.class != PathClass::ExistingRole {
                best.certainty = best.certainty.min(Certainty::Possible);
                best.caveats.push(format!("it depends on what `{}` may do", best.grant.pattern));
            }
            certainty = certainty.min(best.certainty);
            caveats.extend(best.caveats.into_iter().filter(|caveat| !caveats.contains(caveat)).collect::<Vec<_>>());
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
    fn best_pass(&mut self, path: &EscalationPath) -> Option<Best<'a>> {
        let action = *path.actions.first()?;
        let answers = path.passed_to.iter().filter_map(|&service| self.best(action, Some(service)));
        let mut best: Option<Best<'a>> = None;
        for answer in answers.collect::<Vec<_>>() {
            let rank = |best: &Best<'a>| (best.certainty, best.grant.unlimited);
            if best.as_ref().is_none_or(|known| rank(&answer) > rank(known)) {
                best = Some(answer);
            }
        }
        best
    }
}
