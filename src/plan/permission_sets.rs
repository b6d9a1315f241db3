//! The second wave: permission sets, and twins for the management account.

use super::{FanOut, label};
use crate::access::{Access, AccountId, SetId};

/// From which account a permission set is administered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Administration {
    /// The account that administers Identity Center: the delegated administrator where there is one.
    Central,
    /// The management account, because the set reaches it and administration is delegated.
    Management,
}

/// A permission set that is created: an original, or its twin.
#[derive(Clone, Debug)]
pub struct PlannedSet {
    /// Its place in [`Plan::permission_sets`](super::Plan::permission_sets).
    pub index: u32,
    /// The set of the model.
    pub set: SetId,
    /// The name in AWS.
    pub name: String,
    /// The label of its resources.
    pub label: String,
    /// From where.
    pub administration: Administration,
    /// Whether this or another set takes what reaches the management account.
    has_twin: bool,
    /// The StackSets that bring its policies, by index; they come before anything is attached.
    pub stack_sets: Vec<usize>,
    /// The policies it needs in the management account, by index of [`FanOut::management`].
    pub management_policies: Vec<usize>,
}

impl PlannedSet {
    /// Whether an assignment in `account` belongs to this set.
    pub fn takes(&self, account: AccountId, management: Option<AccountId>) -> bool {
        match self.administration {
            Administration::Management => Some(account) == management,
            Administration::Central => !self.has_twin || Some(account) != management,
        }
    }
}

/// The name of the twin of a set.
fn twin_name(access: &Access, set: SetId) -> String {
    let set = access.permission_set(set);
    match &set.management_name {
        Some(name) => name.value.clone(),
        None => format!("{}-mgmt", set.name.value),
    }
}

/// The sets that need a twin, and its name.
///
/// A delegated administrator can neither assign to the management account nor use, anywhere, a permission set that is
/// provisioned there: <https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html>.
pub fn twins(access: &Access) -> Vec<(SetId, String)> {
    let Some(management) = access.management_account() else { return Vec::new() };
    if access.instance.delegated_admin.is_none() {
        return Vec::new();
    }
    access
        .set_ids()
        .filter(|&set| access.is_assigned(set, management))
        .map(|set| (set, twin_name(access, set)))
        .collect()
}

pub(super) fn plan(access: &Access, fan_out: &FanOut) -> Vec<PlannedSet> {
    let twins = twins(access);
    let delegated = access.instance.delegated_admin.is_some();
    let mut planned = Vec::with_capacity(access.permission_sets.len() + twins.len());
    let index = |planned: &Vec<PlannedSet>| u32::try_from(planned.len()).unwrap_or(u32::MAX);
    for set in access.set_ids() {
        let name = access.permission_set(set).name.value.clone();
        let twin = twins.iter().find(|(original, _)| *original == set);
        planned.push(PlannedSet {
            index: index(&planned),
            set,
            label: label(&name),
            name,
            administration: Administration::Central,
            has_twin: twin.is_some(),
            stack_sets: fan_out.stack_sets_of(set),
            management_policies: if delegated { Vec::new() } else { fan_out.management_policies_of(set) },
        });
        if let Some((_, name)) = twin {
            planned.push(PlannedSet {
                index: index(&planned),
                set,
                label: label(name),
                name: name.clone(),
                administration: Administration::Management,
                has_twin: true,
                stack_sets: Vec::new(),
                management_policies: fan_out.management_policies_of(set),
            });
        }
    }
    planned
}
