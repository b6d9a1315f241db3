//! What it costs to judge policies and to decide about requests, without reading a model.
//!
//! Each step is a process of its own, so that its CPU time is known whatever else the machine does; the time of a step
//! that prepares is taken off that of the one that decides as well.

use bailiwick::iam::assess::{Assessor, PermissionSetPolicies};
use bailiwick::iam::catalogue::{ActionId, Catalogue, ManagedLookup};
use bailiwick::iam::{Decisions, Facts, Verdict, gained};
use measure::{Line, Measurements, Named, Result, Subject, Unit, line, worker};

/// Every step, in the order in which they take turns.
const STEPS: [&str; 6] = ["read", "assess", "decide", "decide and look up", "decide on resources", "compare"];

/// How many decisions are looked up.
const LOOKED_UP: usize = 50_000_000;

/// How often each permission set is asked about each resource.
const TIMES: usize = 100;

/// Concrete resources that are asked about, each with an action on it.
const RESOURCES: [(&str, &str); 6] = [
    ("s3:GetObject", "arn:aws:s3:::data-lake/2026/part-0001.parquet"),
    ("iam:PassRole", "arn:aws:iam::123456789012:role/service-role/app"),
    ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:app"),
    ("ec2:TerminateInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/0123abcd"),
    ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/app:log-stream:x"),
];

/// Runs a step and counts what came of it, so that nothing of it can be left out.
pub(crate) fn run(step: &str) -> Result<usize> {
    let catalogue = Catalogue::embedded();
    let mut assessor = Assessor::new(Facts::default());
    let sets: Vec<PermissionSetPolicies> = catalogue
        .managed_policies()
        .map(|policy| PermissionSetPolicies {
            policies: vec![assessor.attach_aws_managed(&policy)],
            ..PermissionSetPolicies::default()
        })
        .collect();
    Ok(match step {
        "read" => sets.len(),
        "assess" => sets.iter().map(|set| assessor.assess(set).findings.len()).sum(),
        "decide" => decide(&assessor, &sets).len(),
        "decide and look up" => look_up(catalogue, &decide(&assessor, &sets)),
        "decide on resources" => decide_on_resources(catalogue, &assessor, &sets),
        "compare" => compare(catalogue, &assessor, &sets)?,
        _ => return Err(format!("no such step: {step}").into()),
    })
}

/// The verdict on every action, for each permission set.
fn decide(assessor: &Assessor, sets: &[PermissionSetPolicies]) -> Vec<Decisions> {
    sets.iter().map(|set| assessor.effective(set).decisions()).collect()
}

/// Of very many pairs of a permission set and an action, those that are allowed.
fn look_up(catalogue: &Catalogue, tables: &[Decisions]) -> usize {
    let actions: Vec<ActionId> = catalogue.action_ids().collect();
    // A stride that meets every set and action in no order that a cache would like.
    let is_allowed = |number: &usize| {
        let set = number.wrapping_mul(7919) % tables.len();
        let action = actions[number.wrapping_mul(104_729) % actions.len()];
        tables[set].verdict(action) != Verdict::None
    };
    (0..LOOKED_UP).filter(is_allowed).count()
}

/// The same of permission sets, actions and resources; each set is prepared for them.
fn decide_on_resources(catalogue: &Catalogue, assessor: &Assessor, sets: &[PermissionSetPolicies]) -> usize {
    let asked: Vec<(ActionId, &str)> =
        RESOURCES.iter().filter_map(|(action, resource)| Some((catalogue.action_named(action)?, *resource))).collect();
    let mut allowed = 0;
    for set in sets {
        let effective = assessor.effective(set);
        for _ in 0..TIMES {
            for (action, resource) in &asked {
                allowed += usize::from(effective.verdict_on(*action, resource) != Verdict::None);
            }
        }
    }
    allowed
}

/// How many permission sets allow nothing that `SecurityAudit` does not.
fn compare(catalogue: &Catalogue, assessor: &Assessor, sets: &[PermissionSetPolicies]) -> Result<usize> {
    let ManagedLookup::Found(reference) = catalogue.managed_policy("SecurityAudit") else {
        return Err("AWS has no `SecurityAudit`".into());
    };
    let reference = catalogue.managed_policies().position(|policy| policy.name == reference.name).unwrap_or_default();
    let old = assessor.effective(&sets[reference]);
    Ok(sets.iter().filter(|set| gained(&old, &assessor.effective(set)).is_empty()).count())
}

/// A process for every step.
pub(crate) fn subjects() -> Result<Vec<Subject>> {
    STEPS
        .into_iter()
        .map(|step| {
            let recipe = measure::Recipe::of(worker::command(step)?);
            Ok(Subject::new(step, move || Ok(vec![recipe.command()])))
        })
        .collect()
}

/// The figures that are promised of so many policies.
pub(crate) fn lines(measurements: &Measurements, policies: usize) -> Vec<Line> {
    let of = |step: &str| Named::new(measurements, step);
    let actions = Catalogue::embedded().action_ids().count();
    // At least a million a second, better ten.
    let rate = |what: &str, step: &str, before: &str, decisions: usize| {
        let each = of(step).paired(&of(before), |with, without| (with - without) / decisions as f64)?;
        Some(line(what, Unit::Rate, each, Some(1e-6), Some(1e-7)))
    };
    let asked = policies * RESOURCES.len() * TIMES;
    [
        of("assess").cpu(&format!("assess {policies} policies as permission sets"), Some(1.0), None),
        of("compare").cpu("compare each with `SecurityAudit`", None, None),
        rate("decisions (set, action)", "decide", "read", policies * actions),
        rate("decisions (set, action), looked up again", "decide and look up", "decide", LOOKED_UP),
        rate("decisions (set, action, resource)", "decide on resources", "read", asked),
    ]
    .into_iter()
    .flatten()
    .collect()
}
