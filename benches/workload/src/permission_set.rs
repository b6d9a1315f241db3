//! Permission sets and the customer-managed policies they name.

use std::collections::BTreeMap;

use crate::policy::Document;
use crate::python_random::PythonRandom;
use crate::{BUSINESS_UNITS, TEAMS};

/// A permission set.
#[derive(Debug)]
pub struct PermissionSet {
    /// At most 32 characters.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// ISO 8601, whole hours.
    pub session_duration: &'static str,
    /// Where a session begins.
    pub relay_state: Option<&'static str>,
    /// The part of the ARNs of AWS managed policies behind `:policy/`.
    pub aws_managed_policies: Vec<&'static str>,
    /// In the order in which they are attached.
    pub customer_managed_policies: Vec<CustomerManagedPolicy>,
    /// The permissions boundary, if there is one.
    pub permissions_boundary: Option<Boundary>,
    /// The inline policy, about 2 kB if there is one.
    pub inline_policy: Option<Document>,
    /// Keys and values, in the order in which they are written.
    pub tags: [(&'static str, String); 2],
}

/// A customer-managed policy, as a permission set names it.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct CustomerManagedPolicy {
    /// Unique in the workload.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: &'static str,
}

/// A permissions boundary.
#[derive(Debug)]
pub enum Boundary {
    /// The part of the ARN behind `:policy/`.
    AwsManaged(&'static str),
    /// A customer-managed policy.
    CustomerManaged(CustomerManagedPolicy),
}

const BASES: [&str; 20] = [
    "AppDeveloper",
    "ReadOnly",
    "PowerUser",
    "DatabaseAdmin",
    "NetworkAdmin",
    "SecurityAudit",
    "Billing",
    "Operator",
    "Release",
    "DataScientist",
    "SupportDesk",
    "BreakGlass",
    "PlatformAdmin",
    "ObservabilityRO",
    "QueueOperator",
    "ContainerAdmin",
    "ServerlessDev",
    "SecretsSteward",
    "BackupOperator",
    "CostAnalyst",
];

const AWS_MANAGED: [&str; 12] = [
    "ReadOnlyAccess",
    "SecurityAudit",
    "job-function/ViewOnlyAccess",
    "job-function/SupportUser",
    "job-function/DatabaseAdministrator",
    "job-function/NetworkAdministrator",
    "job-function/Billing",
    "PowerUserAccess",
    "CloudWatchReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AWSCloudTrail_ReadOnlyAccess",
    "AmazonS3ReadOnlyAccess",
];

/// Bytes of compact JSON.
const INLINE_TARGET: usize = 2_000;
/// Bytes of compact JSON; IAM allows 6,144.
const POLICY_TARGET: usize = 2_600;

pub(crate) fn draw(random: &mut PythonRandom, count: usize) -> (Vec<PermissionSet>, BTreeMap<String, Document>) {
    let mut policies = BTreeMap::new();
    let permission_sets = (0..count).map(|i| draw_one(random, i, &mut policies)).collect();
    policies.insert("workload-boundary".to_owned(), Document::draw(random, "shared", POLICY_TARGET));
    (permission_sets, policies)
}

fn draw_one(random: &mut PythonRandom, index: usize, policies: &mut BTreeMap<String, Document>) -> PermissionSet {
    let base = BASES[index % BASES.len()];
    let (mut name, team) = match index / BASES.len() {
        0 => (base.to_owned(), "shared".to_owned()),
        round => {
            let round = round % (BUSINESS_UNITS.len() + TEAMS.len());
            let team =
                *BUSINESS_UNITS.iter().chain(&TEAMS).nth(round).expect("the round is taken modulo the number of names");
            (format!("{base}-{team}"), team.to_lowercase())
        }
    };
    name.truncate(32);
    let session_duration = *random.choice(&["PT1H", "PT4H", "PT8H", "PT12H"]);
    let managed = random.below(3);
    let aws_managed_policies = random.sample(&AWS_MANAGED, managed);
    let relay_state = (random.random() < 0.2).then_some("https://eu-west-1.console.aws.amazon.com/cloudwatch/home");
    let customer_managed_policies = (0..random.below(3))
        .map(|k| {
            let policy = CustomerManagedPolicy {
                name: format!("{name}-{}", if k == 0 { "base" } else { "extra" }),
                path: random.choice::<&str>(&["/", "/sso/", "/platform/guardrails/"]),
            };
            policies.insert(policy.name.clone(), Document::draw(random, &team, POLICY_TARGET));
            policy
        })
        .collect();
    let permissions_boundary = (random.random() < 0.3).then(|| {
        if random.random() < 0.3 {
            Boundary::AwsManaged("PowerUserAccess")
        } else {
            Boundary::CustomerManaged(CustomerManagedPolicy {
                name: "workload-boundary".to_owned(),
                path: "/platform/",
            })
        }
    });
    let inline_policy = (random.random() < 0.8).then(|| Document::draw(random, &team, INLINE_TARGET));
    PermissionSet {
        description: format!("{base} access for {team}"),
        name,
        session_duration,
        relay_state,
        aws_managed_policies,
        customer_managed_policies,
        permissions_boundary,
        inline_policy,
        tags: [("owner", team), ("managed-by", "iac".to_owned())],
    }
}
