//! Findings in words.

use super::{Class, Finding, PermissionSetPolicies, Step};
use crate::iam::catalogue::Catalogue;
use crate::iam::reach::Certainty;

impl Finding {
    /// The finding as one sentence about the set, lower case and without a full stop: what is granted, by which
    /// statement, what it allows and what it depends on.
    pub fn sentence(&self, set: &PermissionSetPolicies) -> String {
        let verb = if self.certainty == Certainty::Possible { "may grant" } else { "grants" };
        let place = |step: &Step| match set.policies.get(step.policy) {
            Some(attached) => format!("{}, statement {}", attached.name, step.statement),
            None => format!("statement {}", step.statement),
        };
        let name = |step: &Step| match step.action {
            Some(action) => {
                let action = Catalogue::embedded().action(action);
                format!("`{}:{}`", action.service, action.name)
            }
            None => "`*`".to_owned(),
        };
        let granted = |step: &Step| {
            let limit = step.limited_to.as_ref().map_or(String::new(), |limit| format!(" on `{limit}`"));
            format!("{}{limit} ({})", name(step), place(step))
        };
        let first = self.steps.first();
        let place_of_first = first.map(place).unwrap_or_default();
        let mut sentence = match self.class {
            Class::FullAdmin => format!("{verb} every action on every resource ({place_of_first})"),
            Class::NearAdmin => format!("{verb} nearly every service ({place_of_first})"),
            Class::IamWildcard => format!("{verb} the whole of `iam:*` ({place_of_first})"),
            _ => {
                let first = first.map(granted).unwrap_or_default();
                let others: Vec<String> = self.steps.iter().skip(1).map(granted).collect();
                if others.is_empty() {
                    format!("{verb} {first}, which allows {}", self.says)
                } else {
                    format!("{verb} {first}; with {} this allows {}", others.join(" and "), self.says)
                }
            }
        };
        if !self.caveats.is_empty() {
            sentence.push_str(": ");
            sentence.push_str(&self.caveats.join(", "));
        }
        sentence
    }
}
