//! How much is granted outright: everything, nearly everything, or all of IAM.

use std::rc::Rc;

use super::{Best, Class, Finding, MOST_PROOFS, Question, Step, denied, step};
use crate::iam::action::ActionSet;
use crate::iam::catalogue::ActionId;
use crate::iam::policy::Statement;
use crate::iam::reach::{Certainty, Grant, Origin, Placed};

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
                    let proof = if *certainty == Certainty::Possible { self.shown(&left) } else { None };
                    return Some(self.wide(class, *certainty, widest, proof));
                }
            }
        }
        None
    }

    /// For all actions that a Deny may take away, a request that shows that it need not: one for each way in which statements
    /// speak of actions.
    fn shown(&self, left: &ActionSet) -> Option<Vec<Grant<'a>>> {
        const MOST: usize = 96;
        let catalogue = self.assessor.catalogue;
        let intervals = self.layers.intervals();
        let mut shown: Vec<Grant<'a>> = Vec::new();
        let mut asked = 0;
        for interval in &intervals {
            let exists = |action: ActionId| left.contains(action) && !catalogue.is_future(action);
            for action in self.layers.speaking_for(interval.actions.clone(), &exists) {
                asked += 1;
                if asked > MOST {
                    return None;
                }
                if self.layers.full_grant(action).is_some() {
                    continue;
                }
                let mut grants = self.layers.grants(action, None);
                if grants.iter().any(|grant| grant.certainty != Certainty::Possible) {
                    continue;
                }
                let proven = grants.iter_mut().take(MOST_PROOFS).find_map(|grant| {
                    self.effective.prove(action, grant, &[]);
                    grant.proof.is_some().then(|| grant.clone())
                });
                shown.push(proven?);
            }
        }
        Some(shown)
    }

    /// The finding; `shown` are grants whose proofs show that what is possible is more than that.
    fn wide(&self, class: Class, certainty: Certainty, widest: &Placed<'a>, shown: Option<Vec<Grant<'a>>>) -> Finding {
        let statement: &Statement = widest.statement;
        let mut denies = Vec::new();
        let mut proofs = Vec::new();
        let policy = match widest.origin {
            Origin::Policy(index) => index,
            Origin::Boundary | Origin::ServiceControl(..) => 0,
        };
        let step = Step { action: None, policy, statement: statement.number, span: statement.span, limited_to: None };
        if let Some(shown) = shown {
            let conditions = widest.residue.atoms().iter().map(|atom| format!("when {atom}"));
            let mut caveats: Vec<String> = conditions.collect();
            for grant in shown {
                let (Some(proof), Some(&(origin, deny))) = (grant.proof, grant.denies.first()) else { continue };
                let place = denied(origin, deny);
                if !denies.contains(&place) {
                    caveats.push(self.passes_caveat(origin, deny, &proof));
                    denies.push(place);
                }
                proofs.push(proof);
            }
            let certainty = Certainty::Conditional;
            return Finding { class, certainty, path: None, says: "", steps: vec![step], caveats, denies, proofs };
        }
        let caveats = match certainty {
            Certainty::Proven => Vec::new(),
            Certainty::Conditional => widest.residue.atoms().iter().map(|atom| format!("when {atom}")).collect(),
            Certainty::Possible => {
                let some = |deny: &&Placed<'a>| !(deny.residue.is_always() && deny.statement.resources.is_any());
                let first = self.layers.denies().find(some);
                denies.extend(first.map(|deny| denied(deny.origin, deny.statement)));
                first.map(|deny| self.deny_caveat(deny.origin, deny.statement.number)).into_iter().collect()
            }
        };
        Finding { class, certainty, path: None, says: "", steps: vec![step], caveats, denies, proofs }
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
            if !best.is_unlimited() && !open {
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
            denies: best.denies.clone(),
            proofs: best.grant.proof.iter().cloned().collect(),
        })
    }
}

/// Whether a statement allows something on every resource, under conditions that can hold.
fn opens_everything(placed: &Placed<'_>) -> bool {
    placed.statement.allows && !placed.residue.is_never() && placed.statement.resources.is_any()
}
