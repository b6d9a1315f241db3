//! What is deployed in which order: policies, then permission sets, then assignments.

use serde::Serialize;

use super::organization::{Numbering, Ranges};
use crate::access::Access;
use crate::plan::{Administration, Deliveries, Target, plan_stacks};

/// The waves of the deployment.
#[derive(Debug, Serialize)]
pub struct Waves {
    /// The first: policies in accounts, by what they are brought by.
    pub policies: Vec<Distribution>,
    /// The second: permission sets, each twin behind its original.
    pub permission_sets: Vec<PlannedSet>,
}

/// What brings policies to accounts: a StackSet, or resources in the management account.
#[derive(Debug, Serialize)]
pub struct Distribution {
    /// The name of the StackSet; none in the management account.
    pub stack_set: Option<String>,
    /// The policies, by place in the policies of the page.
    pub policies: Vec<u32>,
    /// The unit that it targets, accounts that join later included.
    pub unit: Option<u32>,
    /// The accounts that it reaches now.
    pub accounts: Ranges,
}

/// A permission set that is created.
#[derive(Debug, Serialize)]
pub struct PlannedSet {
    /// The permission set of the model.
    pub permission_set: u32,
    /// Its name in AWS.
    pub name: String,
    /// Whether the management account administers it while another account administers the rest.
    pub is_twin: bool,
    /// What brings its policies, by place in the first wave.
    pub needs: Vec<u32>,
    /// How many assignments of it are created.
    pub assignments: usize,
    /// To how many principals.
    pub principals: usize,
}

pub(super) fn of(access: &Access, numbering: &Numbering) -> Option<Waves> {
    let organization = access.organization.as_ref()?;
    let management = organization.management_account;
    let plan = plan_stacks(access, Deliveries::default());
    let number = |body: &crate::plan::StackSetPolicy| body.policy.0;
    let mut policies: Vec<Distribution> = Vec::new();
    for stack_set in &plan.fan_out.stack_sets {
        let (unit, accounts) = match &stack_set.target {
            Target::Unit(unit) => {
                let members = organization.members_below(*unit).filter(|&account| organization.is_active(account));
                (Some(unit.0), numbering.ranges(members))
            }
            Target::Accounts(accounts) => (None, numbering.ranges(accounts.iter().copied())),
        };
        let bodies = stack_set.policies.iter().map(number).collect();
        policies.push(Distribution { stack_set: Some(stack_set.name.clone()), policies: bodies, unit, accounts });
    }
    let of_management = u32::try_from(policies.len()).unwrap_or(u32::MAX);
    if !plan.fan_out.management.is_empty() {
        policies.push(Distribution {
            stack_set: None,
            policies: plan.fan_out.management.iter().map(number).collect(),
            unit: None,
            accounts: numbering.ranges(management),
        });
    }
    let permission_sets = plan.permission_sets.iter().map(|set| {
        let takes = |pair| access.accounts_of(pair).iter().filter(|&&account| set.takes(account, management)).count();
        let assignments: Vec<usize> = access.pairs_of(set.set).iter().map(takes).filter(|&number| number > 0).collect();
        let stack_sets = set.stack_sets.iter().filter_map(|&index| u32::try_from(index).ok());
        PlannedSet {
            permission_set: set.set.0,
            name: set.name.clone(),
            is_twin: set.administration == Administration::Management,
            needs: stack_sets.chain((!set.management_policies.is_empty()).then_some(of_management)).collect(),
            assignments: assignments.iter().sum(),
            principals: assignments.len(),
        }
    });
    Some(Waves { permission_sets: permission_sets.collect(), policies })
}
