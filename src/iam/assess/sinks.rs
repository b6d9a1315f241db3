//! Roles that can be handed to a service, beyond the known ways to more.
//!
//! AWS documents of many actions that they need `iam:PassRole`. What the service then does with the role differs, and only
//! of some it is known how to turn it to one's own ends: those are paths of the catalogue. The others are told as one
//! possibility.

use std::rc::Rc;

use super::{Best, Class, Finding, Question, step};
use crate::iam::catalogue::{ActionId, PathClass};
use crate::iam::reach::Certainty;

/// How `iam:PassedToService` names the receiver, of the services of which AWS's own policies say so. A grant of
/// `iam:PassRole` to some services counts for an action of any other service whatever it names.
pub(in crate::iam) const RECEIVERS: [(&str, &[&str]); 30] = [
    ("aiops", &["aiops.amazonaws.com"]),
    ("backup", &["backup.amazonaws.com", "restore-testing.backup.amazonaws.com"]),
    ("bedrock-agentcore", &["bedrock-agentcore.amazonaws.com"]),
    ("budgets", &["budgets.amazonaws.com"]),
    ("cleanrooms", &["cleanrooms.amazonaws.com"]),
    ("codecatalyst", &["codecatalyst-runner.amazonaws.com", "codecatalyst.amazonaws.com"]),
    ("config", &["config.amazonaws.com", "ssm.amazonaws.com"]),
    ("dax", &["dax.amazonaws.com"]),
    ("ecs", &["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"]),
    ("emr-serverless", &["emr-serverless.amazonaws.com"]),
    ("greengrass", &["greengrass.amazonaws.com"]),
    ("iam", &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]),
    ("iot", &["credentials.iot.amazonaws.com", "iot.amazonaws.com"]),
    ("kafka", &["kafka.amazonaws.com"]),
    ("lambda", &["lambda.amazonaws.com"]),
    ("logs", &["logs.amazonaws.com"]),
    ("mediaconnect", &["mediaconnect.amazonaws.com"]),
    ("neptune-graph", &["neptune-graph.amazonaws.com"]),
    ("pipes", &["pipes.amazonaws.com"]),
    ("proton", &["proton.amazonaws.com"]),
    ("quicksight", &["quicksight.amazonaws.com"]),
    ("rds", &["rds.amazonaws.com"]),
    ("rolesanywhere", &["rolesanywhere.amazonaws.com"]),
    ("s3", &["s3.amazonaws.com"]),
    ("sagemaker", &["job.sagemaker.amazonaws.com", "sagemaker.amazonaws.com"]),
    ("sagemaker-geospatial", &["sagemaker-geospatial.amazonaws.com"]),
    ("scheduler", &["scheduler.amazonaws.com"]),
    ("securityagent", &["securityagent.amazonaws.com"]),
    ("states", &["states.amazonaws.com"]),
    ("transfer", &["transfer.amazonaws.com"]),
];

impl<'a> Question<'_, 'a> {
    /// The first action, in the order of the names, that hands over a role and is a part of no path that does.
    pub(super) fn role_sink(&mut self) -> Option<Finding> {
        let (catalogue, paths) = (self.assessor.catalogue, &self.assessor.paths);
        let pass = catalogue.action_named("iam:PassRole")?;
        if !self.allowed.contains(pass.0 as usize) {
            return None;
        }
        let known =
            |action: &ActionId| paths.iter().any(|path| path.class == PathClass::Pass && path.actions.contains(action));
        let allowed = |action: &ActionId| self.allowed.contains(action.0 as usize);
        let takers: Vec<ActionId> =
            catalogue.role_passing_actions().filter(|action| allowed(action) && !known(action)).collect();
        for action in takers {
            let Some(taker) = self.best_by_bounds(action, None) else { continue };
            let Some(role) = self.best_handed(pass, catalogue.action(action).service) else { continue };
            let mut caveats = role.caveats.clone();
            caveats.extend(taker.caveats.iter().filter(|caveat| !role.caveats.contains(caveat)).cloned());
            caveats.push("it depends on what the service does with it".to_owned());
            return Some(Finding {
                class: Class::RoleSink,
                certainty: Certainty::Possible,
                path: None,
                says: "handing a role to a service that acts with it",
                steps: vec![step(Some(pass), &role.grant), step(Some(action), &taker.grant)],
                caveats,
                denies: role.denies.iter().chain(&taker.denies).copied().collect(),
                proofs: Vec::new(),
            });
        }
        None
    }

    /// The best grant of `iam:PassRole` to a service.
    fn best_handed(&mut self, pass: ActionId, service: &str) -> Option<Rc<Best<'a>>> {
        let receivers = RECEIVERS.iter().find(|(known, _)| *known == service).map_or(&[][..], |(_, names)| names);
        if receivers.is_empty() {
            return self.best_by_bounds(pass, None);
        }
        receivers.iter().find_map(|name| self.best_by_bounds(pass, Some(name)))
    }
}
