//! How much is granted outright: everything, nearly everything, or all of IAM.

use std::rc::Rc;

use super::{Best, Class, Finding, Question, Step, step};
use crate::iam::action::ActionSet;
use crate::iam::policy::Statement;
use crate::iam::reach::{Certainty, Origin, Placed};

/// The share of the services that a grant must leave open to be near administration, in percent.
const NEARLY_ALL: usize = 90;

impl<'a> Question<'_, 'a> {
    /// [`Class::FullAdmin`] or [`Class::NearAdmin`].
    pub(super) fn width(&self) -> Option<Finding> {
        let catalogue = self.assessor.catalogue;
        let allows: Vec<&Placed<'a>> = self.layers.identity.iter().filter(|p| opens_everything(p)).collect();
        // Few statements name most actions; most permission sets are done here.
        let widest = allows.iter().max_by_key(|placed| placed.statement.actions.len())?;
        let named: u64 = allows.iter().map(|placed| u64::from(placed.statement.actions.len())).sum();
        if named * 100 < u64::from(catalogue.universe()) * NEARLY_ALL as u64 / 2 {
            return None;
        }

        let always = |placed: &Placed<'_>| placed.residue.is_always();
        let any_time = |_: &Placed<'_>| true;
        let certain = self.denied(&|placed| placed.residue.is_always() && placed.statement.resources.is_any());
        let possible = self.denied(&any_time);
        let levels = [
            (Certainty::Proven, self.opened(&always), &possible),
            (Certainty::Conditional, self.opened(&any_time), &possible),
            (Certainty::Possible, self.opened(&any_time), &certain),
        ];
        for class in [Class::FullAdmin, Class::NearAdmin] {
            for (certainty, opened, denied) in &levels {
                let left = opened.difference(denied, catalogue);
                let reached = match class {
                    Class::FullAdmin => left.is_all(catalogue),
                    _ => {
                        let services = catalogue.services();
                        let (open, all) = services.fold((0, 0), |(open, all), service| {
                            (open + usize::from(left.contains(service.future())), all + 1)
                        });
                        open * 100 >= all * NEARLY_ALL
                    }
                };
                if reached {
                    return Some(self.wide(class, *certainty, widest));
                }
            }
        }
        None
    }

    fn wide(&self, class: Class, certainty: Certainty, widest: &Placed<'a>) -> Finding {
        let statement: &Statement = widest.statement;
        let caveats = match certainty {
            Certainty::Proven => Vec::new(),
            Certainty::Conditional => widest.residue.atoms().iter().map(|atom| format!("when {atom}")).collect(),
            Certainty::Possible => self
                .layers
                .denies()
                .filter(|deny| !(deny.residue.is_always() && deny.statement.resources.is_any()))
                .map(|deny| self.deny_caveat(deny.origin, deny.statement.number))
                .take(1)
                .collect(),
        };
        let policy = match widest.origin {
            Origin::Policy(index) => index,
            Origin::Boundary | Origin::ServiceControl(..) => 0,
        };
        let step = Step { action: None, policy, statement: statement.number, span: statement.span, limited_to: None };
        Finding { class, certainty, path: None, says: "", steps: vec![step], caveats }
    }

    /// What the identity opens on every resource and the boundary lets through, by the statements that `counts`.
    fn opened(&self, counts: &dyn Fn(&Placed<'_>) -> bool) -> ActionSet {
        let open = |layer: &[Placed<'a>]| {
            let statements = layer.iter().filter(|placed| opens_everything(placed) && counts(placed));
            ActionSet::union(statements.map(|placed| &placed.statement.actions))
        };
        let identity = open(&self.layers.identity);
        self.layers.gates.iter().fold(identity, |left, gate| left.intersection(&open(gate)))
    }

    /// What the Deny statements that `counts` name.
    fn denied(&self, counts: &dyn Fn(&Placed<'_>) -> bool) -> ActionSet {
        ActionSet::union(self.layers.denies().filter(|deny| counts(deny)).map(|deny| &deny.statement.actions))
    }

    /// [`Class::IamWildcard`]: the whole administration of IAM, or every part of it by one open pattern.
    pub(super) fn iam_wildcard(&mut self) -> Option<Finding> {
        let administration = &self.assessor.administration;
        if !administration.iter().all(|action| self.allowed.contains(action.0 as usize)) {
            return None;
        }
        let future = self.assessor.catalogue.service("iam")?.future();
        let open = self.allowed.contains(future.0 as usize) && !self.layers.grants(future, None).is_empty();
        let mut weakest: Option<Rc<Best<'a>>> = None;
        for &action in administration {
            let best = self.best(action, None)?;
            if !best.grant.unlimited && !open {
                return None;
            }
            if weakest.as_ref().is_none_or(|known| best.certainty < known.certainty) {
                weakest = Some(best);
            }
        }
        let best = weakest?;
        let steps = vec![step(None, &best.grant)];
        Some(Finding {
            class: Class::IamWildcard,
            certainty: best.certainty,
            path: None,
            says: "",
            steps,
            caveats: best.caveats.clone(),
        })
    }
}

/// Whether a statement allows something on every resource, under conditions that can hold.
fn opens_everything(placed: &Placed<'_>) -> bool {
    placed.statement.allows && !placed.residue.is_never() && placed.statement.resources.is_any()
}
