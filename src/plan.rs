//! Every decision the emitters will spell: the stage behind a clean [`Access`].
//!
//! Access comes in, a [`Plan`] goes out. What is deployed in which order, which policies reach which accounts by which
//! StackSet, which permission sets need a twin for the management account, and the name of every resource are settled
//! here; an emitter decides nothing.
//!
//! The waves are: customer-managed policies wherever they are needed, then permission sets with what is attached to them,
//! then assignments, then a check that nothing is left unprovisioned. Removal goes the other way.

mod assignments;
mod deliveries;
mod expiry;
mod fan_out;
mod label;
mod new_accounts;
mod permission_sets;
mod placement;
mod stacks;
mod states;

pub use assignments::{AssignmentBlock, Assignments, Move, Split, Splits};
pub use deliveries::Deliveries;
pub use expiry::{DELETE_ROLE, EVENT_AGE, Expiring, ExpiryRole, RETRIES, Scope, TIME_ZONE};
pub use fan_out::{FanOut, StackSet, StackSetPolicy, Target, Unaddressed};
pub use label::{dashed, digest, label, logical_id, pair_id, schedule_name};
pub use new_accounts::{EVENT_TYPE, Listener, ListenerArn, NewAccounts, organizations_region};
pub use permission_sets::{Administration, PlannedSet, twins};
pub use placement::{Headroom, Place, Placed, PlacedAssignments, PlacedPair, Places};
pub use stacks::{
    AssignmentPlaces, CONCURRENCY, Item, Kept, KeptInStackSet, Placement, STACK_SETS_QUOTA, Settled, StackHistory,
    Stacks, Unsettled, parse_concurrency,
};
pub use states::{States, Undividable};

use crate::access::{Access, Document, PolicyId, PrincipalId, PrincipalKind};

/// What is deployed, in which order, and what it is called.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The model behind it.
    pub access: &'a Access,
    /// Whether a delegated administrator administers Identity Center.
    pub delegated: bool,
    /// The first wave: policies in accounts.
    pub fan_out: FanOut,
    /// The second wave: permission sets, each twin behind its original.
    pub permission_sets: Vec<PlannedSet>,
    /// How the accounts of large pairs are split over blocks.
    pub splits: Splits,
    /// In which state each permission set lives.
    pub states: States,
    /// Whether an earlier build of the same output is known.
    pub has_history: bool,
    /// The hash of each account id, by account number.
    account_hashes: Vec<u32>,
}

/// What an earlier build of an output decided, and later ones keep to.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// How large pairs are split.
    pub splits: Splits,
    /// Where permission sets live.
    pub states: States,
    /// Where policies are delivered.
    pub deliveries: Deliveries,
}

/// Plans the deployment of a model by Terraform. `history` is what an earlier build of the same output decided.
///
/// # Errors
///
/// When the model wants a number of states that would move what lives in one.
pub fn plan(access: &Access, history: Option<History>) -> Result<Plan<'_>, Undividable> {
    let wanted = access.emit.as_ref().and_then(|emit| emit.terraform.as_ref()?.states.as_ref());
    let wanted = wanted.and_then(|text| States::parse(text.as_str())).unwrap_or(1);
    let names = access.permission_sets.iter().map(|set| set.name.value.as_str());
    let states = States::place(history.as_ref().map(|history| &history.states), wanted, names)?;
    let has_history = history.is_some();
    let history = history.unwrap_or_default();
    let plan = plan_stacks(access, history.deliveries);
    Ok(Plan { states, has_history, splits: history.splits, ..plan })
}

/// Plans what every backend deploys: [`Stacks`] says in which stacks CloudFormation does. `before` is what an earlier
/// build of the same output delivered.
pub fn plan_stacks(access: &Access, before: Deliveries) -> Plan<'_> {
    let fan_out = FanOut::new(access, &before);
    let permission_sets = permission_sets::plan(access, &fan_out);
    let accounts = access.organization.iter().flat_map(|organization| &organization.accounts);
    Plan {
        access,
        delegated: access.instance.delegated_admin.is_some(),
        fan_out,
        permission_sets,
        splits: Splits::default(),
        states: States::default(),
        has_history: false,
        account_hashes: accounts.map(|account| assignments::account_hash(&account.id)).collect(),
    }
}

impl Plan<'_> {
    /// The label of a principal. Groups stand as they are; users are marked, because both may have the same name.
    pub fn principal_label(&self, principal: PrincipalId) -> String {
        let principal = self.access.principal(principal);
        match principal.kind {
            PrincipalKind::Group => label(&principal.name),
            PrincipalKind::User => format!("user__{}", label(&principal.name)),
        }
    }

    /// The principals of some permission sets whose id is looked up at deploy time, in order.
    pub fn lookups(&self, sets: &[&PlannedSet]) -> Vec<PrincipalId> {
        let pairs = sets.iter().flat_map(|set| self.access.pairs_of(set.set));
        let mut lookups: Vec<_> = pairs
            .map(|pair| pair.principal)
            .filter(|&principal| self.access.principal(principal).id.is_none())
            .collect();
        lookups.sort_unstable();
        lookups.dedup();
        lookups
    }

    /// The document of a body.
    pub fn document(&self, body: &StackSetPolicy) -> Option<&Document> {
        let policy = self.access.policy(body.policy);
        match body.variant {
            Some(index) => policy.variants.get(index).map(|variant| &variant.document),
            None => policy.document.as_ref(),
        }
    }

    /// The partition of the instance: `aws`, unless its ARN or Region says otherwise.
    pub fn partition(&self) -> &str {
        self.access.instance.partition().map_or("aws", |(partition, _)| partition)
    }

    /// What the names of StackSets, stacks and exports begin with.
    pub fn prefix(&self) -> &str {
        fan_out::prefix(self.access)
    }

    /// The ARN of an AWS-managed policy, by its name behind `policy/`.
    pub fn managed_policy_arn(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", self.partition())
    }

    /// The label of a policy body: the policy's own, or that of one of its variants.
    pub fn body_label(&self, policy: PolicyId, variant: Option<usize>) -> String {
        fan_out::body_label(self.access, policy, variant)
    }
}
