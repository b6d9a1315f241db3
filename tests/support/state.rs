//! What AWS holds: the form in which the oracle, the generated module and the emulated AWS are compared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value as Json;

/// Everything a deployment leaves in AWS.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// Permission sets by name, twins included.
    pub(crate) permission_sets: BTreeMap<String, PermissionSet>,
    /// The account assignments.
    pub(crate) assignments: BTreeSet<AssignmentOf>,
    /// The assignments that a schedule deletes, and when.
    pub(crate) schedules: BTreeMap<AssignmentOf, Timestamp>,
    /// The customer-managed policies that were distributed, by account and name.
    pub(crate) policies: BTreeMap<(String, String), CustomerPolicy>,
    /// Attributes for access control.
    pub(crate) attributes: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PermissionSet {
    pub(crate) description: Option<String>,
    pub(crate) session_seconds: u64,
    pub(crate) relay_state: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// By ARN.
    pub(crate) aws_managed_policies: BTreeSet<String>,
    /// By name and path.
    pub(crate) customer_managed_policies: BTreeSet<(String, String)>,
    pub(crate) boundary: Option<Boundary>,
    pub(crate) inline_policy: Option<Json>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Boundary {
    /// By ARN.
    AwsManaged(String),
    /// By name and path.
    Customer(String, String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AssignmentOf {
    pub(crate) permission_set: String,
    pub(crate) principal_type: String,
    /// By name.
    pub(crate) principal: String,
    pub(crate) account: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CustomerPolicy {
    pub(crate) path: String,
    pub(crate) description: Option<String>,
    pub(crate) document: Json,
}

/// The moment of `at(2027-02-01T00:00:00)`, in UTC.
pub(crate) fn moment(expression: &str) -> Timestamp {
    let text = expression.strip_prefix("at(").and_then(|rest| rest.strip_suffix(")")).expect("a moment");
    assert_eq!(text.len(), 19, "{text}");
    format!("{text}Z").parse().expect("a moment")
}

/// The seconds of `PT8H`, `PT1H30M`.
pub(crate) fn iso_seconds(text: &str) -> u64 {
    let duration: jiff::SignedDuration = text.parse().expect("an ISO 8601 duration");
    u64::try_from(duration.as_secs()).expect("not negative")
}

/// Fails with the parts that differ, and only those.
#[track_caller]
pub(crate) fn assert_same(found: &State, expected: &State, what: &str) {
    if found == expected {
        return;
    }
    let mut differences = Vec::new();
    differ("permission set", &found.permission_sets, &expected.permission_sets, &mut differences);
    differ("schedule", &found.schedules, &expected.schedules, &mut differences);
    differ("policy", &found.policies, &expected.policies, &mut differences);
    differ("attribute", &found.attributes, &expected.attributes, &mut differences);
    for assignment in found.assignments.difference(&expected.assignments) {
        differences.push(format!("unwanted assignment: {assignment:?}"));
    }
    for assignment in expected.assignments.difference(&found.assignments) {
        differences.push(format!("missing assignment: {assignment:?}"));
    }
    panic!("{what}:\n{}", differences.join("\n"));
}

fn differ<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &BTreeMap<K, V>,
    expected: &BTreeMap<K, V>,
    differences: &mut Vec<String>,
) {
    for (key, value) in found {
        match expected.get(key) {
            None => differences.push(format!("unwanted {what} {key:?}: {value:?}")),
            Some(other) if other != value => {
                differences.push(format!("{what} {key:?}:\n   found {value:?}\nexpected {other:?}"));
            }
            Some(_) => {}
        }
    }
    for (key, value) in expected.iter().filter(|(key, _)| !found.contains_key(*key)) {
        differences.push(format!("missing {what} {key:?}: {value:?}"));
    }
}
