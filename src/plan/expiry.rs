//! Access that ends by itself: schedules that delete assignments, and what the role behind them may do.
//!
//! A build drops what has expired, but only when somebody builds and deploys. With `emit.expiry_schedules`, AWS itself
//! deletes each assignment at its end; the build that comes after that forgets both the assignment and its schedule.

use jiff::tz::TimeZone;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::{Administration, Plan, PlannedSet};
use crate::access::{Account, AccountId, PrincipalId};

/// How many permission sets and accounts a role names before it takes in all of them: an inline policy of a role holds
/// 10,240 characters. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MOST_SETS: usize = 30;
const MOST_ACCOUNTS: usize = 80;

/// What Identity Center does, with the rights of its caller, to the role of a permission set in the management account
/// when its last assignment goes there. In other accounts it has rights of its own.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html>
pub const DELETE_ROLE: [&str; 7] = [
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
];

/// The time zone of schedules.
pub const TIME_ZONE: &str = "UTC";

/// For how long, in seconds, and how often the scheduler tries again what was refused, such as for its rate: as long and as
/// often as it ever does. <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html>
pub const EVENT_AGE: u32 = 86_400;
/// See [`EVENT_AGE`].
pub const RETRIES: u32 = 185;

/// An assignment that ends.
#[derive(Clone, Debug)]
pub struct Expiring {
    /// The permission set, by its place in [`Plan::permission_sets`].
    pub set: u32,
    /// Who.
    pub principal: PrincipalId,
    /// Where.
    pub account: AccountId,
    /// When, in the words of a schedule, in UTC: `at(2027-02-01T00:00:00)`.
    pub at: String,
}

/// Some of the things of one kind, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope<T> {
    /// These.
    Each(Vec<T>),
    /// All, because naming each takes more room than there is.
    Any,
}

/// What the role behind some schedules has to reach.
#[derive(Clone, Debug)]
pub struct ExpiryRole {
    /// The permission sets, by their place in [`Plan::permission_sets`].
    pub sets: Scope<u32>,
    /// The accounts.
    pub accounts: Scope<AccountId>,
    /// The permission sets whose assignment ends in the management account; an empty list where none does.
    pub in_management: Scope<u32>,
}

impl ExpiryRole {
    /// The least role for some schedules.
    pub fn new<'s>(plan: &Plan<'_>, schedules: impl IntoIterator<Item = &'s Expiring>) -> Self {
        let management = plan.access.management_account();
        let (mut sets, mut accounts, mut in_management) = (Vec::new(), Vec::new(), Vec::new());
        for schedule in schedules {
            sets.push(schedule.set);
            accounts.push(schedule.account);
            if Some(schedule.account) == management {
                in_management.push(schedule.set);
            }
        }
        Self {
            sets: scope(sets, MOST_SETS),
            accounts: scope(accounts, MOST_ACCOUNTS),
            in_management: scope(in_management, MOST_SETS),
        }
    }

    /// Whether an assignment in the management account is among what ends.
    pub fn reaches_management(&self) -> bool {
        self.in_management != Scope::Each(Vec::new())
    }
}

fn scope<T: Ord>(mut items: Vec<T>, most: usize) -> Scope<T> {
    items.sort_unstable();
    items.dedup();
    if items.len() > most { Scope::Any } else { Scope::Each(items) }
}

/// A moment for a schedule, which knows whole seconds: never before access ends.
fn at(moment: Timestamp) -> String {
    let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
    let moment = moment.round(whole).unwrap_or(moment);
    format!("at({})", TimeZone::UTC.to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S"))
}

impl Plan<'_> {
    /// Whether access that expires is taken away by schedules.
    pub fn schedules_expiry(&self) -> bool {
        let emit = self.access.emit.as_ref();
        emit.and_then(|emit| emit.expiry_schedules.as_ref()).is_some_and(|switch| switch.value)
    }

    /// What a schedule calls, as the scheduler names the operations of AWS.
    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html>
    pub fn delete_assignment_arn(&self, partition: &str) -> String {
        format!("arn:{partition}:scheduler:::aws-sdk:ssoadmin:deleteAccountAssignment")
    }

    /// What is told of a schedule to those who see it in AWS, which takes 512 characters.
    pub fn expiry_description(&self, set: &PlannedSet, principal: PrincipalId) -> String {
        let text = format!("Ends {} of {}", set.name, self.access.principal(principal).name);
        text.chars().take(512).collect()
    }

    /// The account from which something is administered.
    pub fn administrator(&self, administration: Administration) -> Option<&Account> {
        let organization = self.access.organization.as_ref()?;
        let delegated = self.access.instance.delegated_admin.as_ref().map(|admin| admin.value);
        let delegated = delegated.filter(|_| administration == Administration::Central);
        Some(organization.account(delegated.or(organization.management_account)?))
    }

    /// The roles in the management account that go with the assignments a role ends there: path and name behind
    /// `role/`. The path holds a Region, except in us-east-1.
    pub fn roles_in_management(&self, role: &ExpiryRole) -> Vec<String> {
        let of = |name: &str| format!("aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{name}_*");
        match &role.in_management {
            Scope::Each(sets) => sets.iter().map(|&set| of(&self.permission_sets[set as usize].name)).collect(),
            Scope::Any => vec!["aws-reserved/sso.amazonaws.com/*".to_owned()],
        }
    }

    /// What ends of a permission set, by principal, then account; nothing where schedules are not wanted.
    ///
    /// INVARIANT (nothing is scheduled for the past): a grant is live while the time of the run is before its end.
    pub fn expiring(&self, set: &PlannedSet) -> Vec<Expiring> {
        let mut expiring = Vec::new();
        if !self.schedules_expiry() {
            return expiring;
        }
        let management = self.access.management_account();
        for pair in self.access.pairs_of(set.set) {
            if pair.rows.iter().all(|&row| self.access.row(row).expires.is_none()) {
                continue;
            }
            for grant in self.access.grants_of(pair) {
                if let Some(expiry) = self.access.expiry(&grant.rows)
                    && set.takes(grant.account, management)
                {
                    let (principal, account) = (pair.principal, grant.account);
                    expiring.push(Expiring { set: set.index, principal, account, at: at(expiry.at) });
                }
            }
        }
        expiring
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_runs_in_utc_at_the_end_or_right_behind_it() {
        let of = |text: &str| at(text.parse().unwrap());
        assert_eq!(of("2027-02-01T00:00:00Z"), "at(2027-02-01T00:00:00)");
        assert_eq!(of("2027-02-01T00:00:00+02:00"), "at(2027-01-31T22:00:00)");
        assert_eq!(of("2027-01-31T23:59:59.000001Z"), "at(2027-02-01T00:00:00)");
    }

    #[test]
    fn a_role_names_what_it_reaches_while_there_is_room() {
        assert_eq!(scope(vec![3, 1, 3], 2), Scope::Each(vec![1, 3]));
        assert_eq!(scope(vec![3, 1, 2], 2), Scope::Any);
    }
}
