//! The known ways from some permissions to more.

use super::Catalogue;
use super::actions::ActionId;

/// One known way to escalate: who may perform all its actions can use it.
#[derive(Clone, Debug)]
pub struct EscalationPath {
    /// Its stable name, as `pass-role-lambda-invoke`.
    pub id: &'static str,
    /// What it leads through.
    pub class: PathClass,
    /// The actions it takes; for [`PathClass::Pass`], `iam:PassRole` is the first.
    pub actions: Vec<ActionId>,
    /// Completes "this allows …".
    pub says: &'static str,
    /// Whose permissions it gives.
    pub gains: Gains,
    /// It counts only where the grant is not limited to named resources.
    pub everywhere: bool,
    /// The service that receives each role that is handed over, all of them needed, as `iam:PassedToService` names it in
    /// the partition `aws`; empty for a path that passes none.
    pub passed_to: Vec<&'static str>,
    /// Where it is described.
    pub source: &'static str,
}

/// What an escalation path leads through.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum PathClass {
    /// Another principal is changed, or its place is taken.
    Direct,
    /// A role is handed to a service that acts as that role.
    Pass,
    /// What already runs with a role is changed or entered.
    ExistingRole,
    /// Identity Center, in the account that administers it.
    IdentityCenter,
    /// The organization, in the account that administers it.
    Organizations,
}

/// Whose permissions an escalation path gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gains {
    /// Any: the path writes permissions itself.
    Anything,
    /// Those of whatever it is aimed at.
    Target,
}

/// The services that `iam:PassedToService` names differently outside the partition `aws`, as AWS's own policies for all
/// partitions do: the partition, the name in `aws`, the name there.
pub(super) const RENAMED: [(&str, &str, &str); 3] = [
    ("aws-cn", "ec2.amazonaws.com", "ec2.amazonaws.com.cn"),
    ("aws-cn", "elasticmapreduce.amazonaws.com", "elasticmapreduce.amazonaws.com.cn"),
    ("aws-us-gov", "cognito-identity.amazonaws.com", "cognito-identity-us-gov.amazonaws.com"),
];

/// How `iam:PassedToService` names a service in a partition.
pub(crate) fn receiver_in(partition: &str, service: &'static str) -> &'static str {
    let renamed = RENAMED.iter().find(|(there, here, _)| (*there, *here) == (partition, service));
    renamed.map_or(service, |(_, _, name)| name)
}

const PATH_ROW: usize = 40;

impl Catalogue {
    /// Every escalation path, the most direct first.
    pub fn escalation_paths(&self) -> impl Iterator<Item = EscalationPath> {
        (0..self.paths.rows(PATH_ROW)).map(|row| {
            let row = row * PATH_ROW;
            let (start, count) = (self.paths.number(row + 32), self.paths.short(row + 36));
            let action = |at: usize| ActionId(u32::try_from(self.path_actions.number(at * 4)).unwrap_or(u32::MAX));
            let flags = self.paths.byte(row + 39);
            EscalationPath {
                id: self.paths.string(row),
                says: self.paths.string(row + 8),
                source: self.paths.string(row + 16),
                passed_to: self.paths.string(row + 24).split_terminator(',').collect(),
                class: match self.paths.byte(row + 38) {
                    0 => PathClass::Direct,
                    1 => PathClass::Pass,
                    2 => PathClass::ExistingRole,
                    3 => PathClass::IdentityCenter,
                    _ => PathClass::Organizations,
                },
                actions: (start..start + count).map(action).collect(),
                gains: if flags & 1 != 0 { Gains::Target } else { Gains::Anything },
                everywhere: flags & 2 != 0,
            }
        })
    }

    /// What an administrator of IAM can do and a user who looks after their own credentials cannot: the write actions
    /// of `iam` without self-service and upkeep.
    pub fn administration_of_iam(&self) -> impl Iterator<Item = ActionId> {
        let rows = self.administration.rows(4);
        (0..rows).map(|row| ActionId(u32::try_from(self.administration.number(row * 4)).unwrap_or(u32::MAX)))
    }
}
