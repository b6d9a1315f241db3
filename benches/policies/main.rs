//! The benchmark of the policy engine: every AWS-managed policy as a permission set of its own.
//!
//! `cargo bench --bench policies` prints, for one core: how long it takes to assess all of them, to decide every action for
//! each of them, to compare each with `SecurityAudit`; and how many access decisions a second come out of it. Times are
//! CPU-bound wall times, the least of a few runs.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use bailiwick::iam::assess::{Assessor, PermissionSetPolicies};
use bailiwick::iam::catalogue::{ActionId, Catalogue, ManagedLookup};
use bailiwick::iam::{Decisions, Facts, Verdict, gained};

/// How often each step is measured; the least time counts.
const RUNS: usize = 3;

/// How many decisions are taken at a time.
const DECISIONS: usize = 5_000_000;

/// Concrete resources that are asked about, each with an action on it.
const RESOURCES: [(&str, &str); 6] = [
    ("s3:GetObject", "arn:aws:s3:::data-lake/2026/part-0001.parquet"),
    ("iam:PassRole", "arn:aws:iam::123456789012:role/service-role/app"),
    ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:app"),
    ("ec2:TerminateInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/0123abcd"),
    ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/app:log-stream:x"),
];

/// The least time of a few runs.
fn least<T>(mut run: impl FnMut() -> T) -> Duration {
    let time = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..RUNS).map(time).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let catalogue = Catalogue::embedded();
    let mut out = io::stdout().lock();

    let assess_all = || {
        let mut assessor = Assessor::new(Facts::default());
        let mut findings = 0;
        for policy in catalogue.managed_policies() {
            let attached = assessor.attach_aws_managed(&policy);
            let set = PermissionSetPolicies { policies: vec![attached], ..PermissionSetPolicies::default() };
            findings += assessor.assess(&set).findings.len();
        }
        findings
    };
    let count = catalogue.managed_policies().count();
    writeln!(
        out,
        "assess {count} AWS-managed policies as permission sets, reading them included: {:.0?}",
        least(assess_all)
    )?;

    let mut assessor = Assessor::new(Facts::default());
    let sets: Vec<PermissionSetPolicies> = catalogue
        .managed_policies()
        .map(|policy| PermissionSetPolicies {
            policies: vec![assessor.attach_aws_managed(&policy)],
            ..PermissionSetPolicies::default()
        })
        .collect();
    let decide_all = || -> Vec<Decisions> { sets.iter().map(|set| assessor.effective(set).decisions()).collect() };
    let actions: Vec<ActionId> = catalogue.action_ids().collect();
    writeln!(out, "decide every action ({}) for each of them: {:.0?}", actions.len(), least(decide_all))?;

    let ManagedLookup::Found(reference) = catalogue.managed_policy("SecurityAudit") else {
        return Err("AWS has no `SecurityAudit`".into());
    };
    let reference = catalogue.managed_policies().position(|policy| policy.name == reference.name).unwrap_or_default();
    let compare_all = || {
        let old = assessor.effective(&sets[reference]);
        let silent = sets.iter().filter(|set| gained(&old, &assessor.effective(set)).is_empty());
        silent.count()
    };
    writeln!(out, "compare each with `SecurityAudit`: {:.0?}; {} gain nothing", least(compare_all), compare_all())?;

    let tables = decide_all();
    let look_up = || {
        // A stride that meets every set and action in no order that a cache would like.
        let hit = |number: &usize| {
            let set = number.wrapping_mul(7919) % tables.len();
            let action = actions[number.wrapping_mul(104_729) % actions.len()];
            tables[set].verdict(action) != Verdict::None
        };
        (0..DECISIONS).filter(hit).count()
    };
    let rate = |decisions: usize, time: Duration| decisions as f64 / time.as_secs_f64() / 1e6;
    writeln!(out, "decisions on (set, action): {:.0} million a second", rate(DECISIONS, least(look_up)))?;

    let asked: Vec<(ActionId, &str)> =
        RESOURCES.iter().filter_map(|(action, resource)| Some((catalogue.action_named(action)?, *resource))).collect();
    let on_resources = || {
        let mut allowed = 0;
        for set in &sets {
            let effective = assessor.effective(set);
            for _ in 0..20 {
                for (action, resource) in &asked {
                    allowed += usize::from(effective.verdict_on(*action, resource) != Verdict::None);
                }
            }
        }
        allowed
    };
    let decisions = sets.len() * asked.len() * 20;
    writeln!(
        out,
        "decisions on (set, action, resource), sets prepared anew: {:.1} million a second",
        rate(decisions, least(on_resources))
    )?;
    Ok(())
}
