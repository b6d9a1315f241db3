//! Answers argue with brute force: every principal, account, action and resource, decided one request at a time by the slow
//! evaluator, on random models.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use super::{Asked, Cases, has, who_can};
use crate::access::Access;
use crate::iam::catalogue::Catalogue;
use crate::iam::{Evaluator, Reading, Request, Truth, Verdict};
use crate::load::Overlay;
use crate::session::Session;

/// The units of the organization, each with the levels above its accounts, and the accounts.
const UNITS: [(&str, &[usize], &[&str]); 3] =
    [("A", &[0, 1], &["a1", "a2"]), ("A/B", &[0, 1, 2], &["b1", "b2"]), ("C", &[0, 3], &["c1"])];

/// The account that nothing restricts.
const MANAGEMENT: &str = "m";

const ACTIONS: [(&str, &[&str]); 4] = [
    ("iam:PassRole", &["arn:aws:iam::123456789012:role/app-x", "arn:aws:iam::123456789012:role/ops"]),
    ("s3:GetObject", &["arn:aws:s3:::logs/a", "arn:aws:s3:::ops/a"]),
    ("s3:ListAllMyBuckets", &["*"]),
    ("sqs:SendMessage", &["arn:aws:sqs:eu-west-1:123456789012:app", "arn:aws:sqs:us-east-1:123456789012:ops"]),
];

const CONDITIONS: [(&str, &str, &str); 4] = [
    ("Bool", "aws:SecureTransport", "true"),
    ("StringEquals", "aws:RequestedRegion", "eu-west-1"),
    ("StringNotEquals", "aws:RequestedRegion", "eu-west-1"),
    ("StringLike", "aws:PrincipalTag/team", "ops*"),
];

/// Every request of these keys.
fn contexts() -> Vec<BTreeMap<String, Vec<String>>> {
    let mut contexts = Vec::new();
    for secure in ["true", "false"] {
        for region in ["eu-west-1", "us-east-1"] {
            for team in [None, Some("ops-a"), Some("dev")] {
                let keys = [("aws:securetransport", Some(secure)), ("aws:requestedregion", Some(region))];
                let keys = keys.into_iter().chain([("aws:principaltag/team", team)]);
                contexts
                    .push(keys.filter_map(|(key, value)| Some((key.to_owned(), vec![value?.to_owned()]))).collect());
            }
        }
    }
    contexts
}

fn a_document() -> impl Strategy<Value = Value> {
    let actions = vec!["*", "iam:*", "iam:PassRole", "s3:Get*", "s3:*", "sqs:SendMessage", "sqs:*"];
    let resources = vec![
        "*",
        "arn:aws:iam::*:role/app-*",
        "arn:aws:iam::123456789012:role/ops",
        "arn:aws:s3:::logs/*",
        "arn:aws:s3:::*",
        "arn:aws:sqs:*:*:app",
        "arn:aws:sqs:eu-west-1:*:*",
    ];
    let statement = (
        prop::bool::weighted(0.75),
        prop::bool::weighted(0.15),
        subsequence(actions, 1..3),
        prop::bool::weighted(0.15),
        prop_oneof![2 => Just(vec!["*"]), 3 => subsequence(resources, 1..3)],
        prop::option::weighted(0.35, select(&CONDITIONS[..])),
    )
        .prop_map(|(allow, not_action, actions, not_resource, resources, condition)| {
            let mut statement = json!({ "Effect": if allow { "Allow" } else { "Deny" } });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if let Some((operator, key, value)) = condition {
                statement["Condition"] = json!({ operator: { key: value } });
            }
            statement
        });
    prop::collection::vec(statement, 1..4)
        .prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// A permission set: whether each of two policies is attached, an inline policy, which policy is the boundary.
#[derive(Clone, Debug)]
struct Set {
    attached: [bool; 2],
    inline: Option<Value>,
    boundary: Option<usize>,
}

/// A model small enough to be decided by hand.
#[derive(Clone, Debug)]
struct Model {
    /// Two policies: a body, and another in `A/B`.
    policies: [(Value, Option<Value>); 2],
    /// Two service control policies.
    controls: [Value; 2],
    /// At the root, `A`, `A/B` and `C`: whether `FullAWSAccess` is attached, and which of the two; nothing is said at some.
    levels: [Option<(bool, Vec<usize>)>; 4],
    sets: Vec<Set>,
    /// Group, permission set, units, accounts.
    rows: Vec<(usize, usize, Vec<usize>, Vec<&'static str>)>,
}

fn a_model() -> impl Strategy<Value = Model> {
    let policy = || (a_document(), prop::option::weighted(0.5, a_document()));
    let level = || {
        prop_oneof![
            2 => Just(None),
            3 => subsequence(vec![0_usize, 1], 0..=2).prop_map(|some| Some((true, some))),
            2 => subsequence(vec![0_usize, 1], 1..=2).prop_map(|some| Some((false, some))),
        ]
    };
    let set = (any::<[bool; 2]>(), prop::option::weighted(0.6, a_document()), prop::option::weighted(0.3, 0..2_usize))
        .prop_map(|(attached, inline, boundary)| Set { attached, inline, boundary });
    let accounts = vec!["a1", "a2", "b1", "b2", "c1", MANAGEMENT];
    let row = (0..3_usize, any::<Index>(), subsequence(vec![0_usize, 1, 2], 1..=2), subsequence(accounts, 0..=2));
    (
        [policy(), policy()],
        [a_document(), a_document()],
        [level(), level(), level(), level()],
        prop::collection::vec(set, 1..4),
        prop::collection::vec(row, 1..5),
    )
        .prop_map(|(policies, controls, levels, sets, rows)| {
            let count = sets.len();
            let rows = rows.into_iter().map(|(group, set, units, accounts)| (group, set.index(count), units, accounts));
            Model { policies, controls, levels, rows: rows.collect(), sets }
        })
}

impl Model {
    /// As the language has it; JSON is YAML.
    fn written(&self) -> Value {
        let list = |level: usize| {
            let (full, some) = self.levels[level].clone()?;
            let names = some.iter().map(|control| format!("control-{control}"));
            Some(names.chain(full.then(|| "FullAWSAccess".to_owned())).collect::<Vec<_>>())
        };
        let unit = |unit: usize, level: usize| {
            let accounts = UNITS[unit].2.iter();
            let mut written = json!({ "accounts": accounts.map(|name| (name.to_string(), json!(id(name)))).collect::<BTreeMap<_, _>>() });
            if let Some(list) = list(level) {
                written["service_control_policies"] = json!(list);
            }
            written
        };
        let mut a = unit(0, 1);
        a["ous"] = json!({ "B": unit(1, 2) });
        let mut root = json!({ "accounts": { MANAGEMENT: id(MANAGEMENT) }, "ous": { "A": a, "C": unit(2, 3) } });
        if let Some(list) = list(0) {
            root["service_control_policies"] = json!(list);
        }
        let policy = |number: usize| {
            let (body, variant) = &self.policies[number];
            let mut written = json!({ "document": body });
            if let Some(variant) = variant {
                written["variants"] = json!([{ "ous": ["A/B"], "document": variant }]);
            }
            written
        };
        let set = |set: &Set| {
            let names = (0..2).filter(|&number| set.attached[number]).map(|number| format!("policy-{number}"));
            let mut written = json!({ "customer_managed_policies": names.collect::<Vec<_>>() });
            if let Some(inline) = &set.inline {
                written["inline_policy"] = inline.clone();
            }
            if let Some(boundary) = set.boundary {
                written["permissions_boundary"] = json!(format!("policy-{boundary}"));
            }
            written
        };
        let row = |(group, set, units, accounts): &(usize, usize, Vec<usize>, Vec<&str>)| {
            let ous: Vec<&str> = units.iter().map(|&unit| UNITS[unit].0).collect();
            json!({ "group": format!("group-{group}"), "permission_set": format!("set-{set}"), "ous": ous, "accounts": accounts })
        };
        json!({
            "organization": {
                "management_account": MANAGEMENT,
                "service_control_policies": { "control-0": self.controls[0], "control-1": self.controls[1] },
                "root": root,
            },
            "policies": { "policy-0": policy(0), "policy-1": policy(1) },
            "permission_sets": self.sets.iter().enumerate().map(|(n, s)| (format!("set-{n}"), set(s))).collect::<BTreeMap<_, _>>(),
            "assignments": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    fn access(&self) -> Access {
        let folder = tempfile::tempdir().unwrap();
        let mut overlay = Overlay::new();
        overlay.set(&folder.path().join("a.yaml"), self.written().to_string());
        let session = Session::read(folder.path(), &overlay, jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(session.diagnostics.errors(), 0, "{:?}", session.diagnostics);
        session.access.unwrap()
    }

    /// Group, permission set, account: unit by unit, row by row.
    fn grants(&self) -> BTreeSet<(usize, usize, &'static str)> {
        let mut grants = BTreeSet::new();
        for (group, set, units, accounts) in &self.rows {
            let below = |&unit: &usize| UNITS.iter().filter(move |other| other.0.starts_with(UNITS[unit].0));
            let of_units = units.iter().flat_map(below).flat_map(|unit| unit.2.iter().copied());
            grants.extend(of_units.chain(accounts.iter().copied()).map(|account| (*group, *set, account)));
        }
        grants
    }

    /// The documents that decide for a permission set in an account.
    fn evaluator(&self, set: usize, account: &str) -> Evaluator {
        let unit = UNITS.iter().find(|unit| unit.2.contains(&account));
        let body = |number: usize| {
            let (body, variant) = &self.policies[number];
            let varied = unit.is_some_and(|unit| unit.0 == "A/B");
            Cow::Owned(variant.as_ref().filter(|_| varied).unwrap_or(body).to_string())
        };
        let set = &self.sets[set];
        let attached = (0..2).filter(|&number| set.attached[number]).map(body);
        let identity = attached.chain(set.inline.iter().map(|inline| Cow::Owned(inline.to_string())));
        let mut gates: Vec<Vec<Cow<'_, str>>> = set.boundary.iter().map(|&number| vec![body(number)]).collect();
        let mut guards = Vec::new();
        for (full, some) in unit.into_iter().flat_map(|unit| unit.1).filter_map(|&level| self.levels[level].as_ref()) {
            let documents = some.iter().map(|&control| Cow::Owned(self.controls[control].to_string()));
            if *full { guards.extend(documents) } else { gates.push(documents.collect()) }
        }
        Evaluator::new(identity, gates, guards).unwrap()
    }
}

fn id(account: &str) -> String {
    let all = UNITS.iter().flat_map(|unit| unit.2).copied().chain([MANAGEMENT]);
    format!("{:012}", all.take_while(|name| *name != account).count())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Who can is who brute force says can: nobody is left out, who certainly can is never refused, and where is where.
    #[test]
    fn who_can_is_what_brute_force_says(model in a_model()) {
        let access = model.access();
        let organization = access.organization.as_ref().unwrap();
        let cases = Cases::of(&access, access.set_ids());
        let granted = model.grants();
        let contexts = contexts();
        for (action, resources) in ACTIONS {
            let actions = [Catalogue::embedded().action_named(action).unwrap()];
            for resource in std::iter::once(None).chain(resources.iter().copied().map(Some)) {
                let answer = who_can(&access, &cases, Asked { actions: &actions, resource, accounts: None });
                let mut told: BTreeMap<(usize, usize, String), Verdict> = BTreeMap::new();
                let number = |name: &str| name.rsplit('-').next().unwrap().parse::<usize>().unwrap();
                for able in &answer.able {
                    let set = number(&access.permission_set(able.set).name.value);
                    for holder in &able.holders {
                        let group = number(&access.principal(holder.pair.principal).name);
                        for grant in &holder.grants {
                            let key = (group, set, organization.account(grant.account).name.clone());
                            prop_assert!(granted.contains(&(key.0, key.1, key.2.as_str())), "{key:?} is nobody's");
                            prop_assert!(told.insert(key, able.verdict).is_none(), "a grant is told once");
                        }
                    }
                }
                let obstructed: usize = answer.obstructed.iter().flat_map(|o| &o.holders).map(|h| h.grants.len()).sum();
                prop_assert!(obstructed + told.len() <= granted.len());
                let mut decided: BTreeMap<(usize, &str), Vec<bool>> = BTreeMap::new();
                for (group, set, account) in &granted {
                    let truths = decided.entry((*set, account)).or_insert_with(|| {
                        let evaluator = model.evaluator(*set, account);
                        let about = evaluator.about(action);
                        let asked = resource.map_or(resources.to_vec(), |resource| vec![resource]);
                        let requests = asked.iter().flat_map(|resource| contexts.iter().map(|context| Request {
                            action: action.to_owned(),
                            resources: vec![(*resource).to_owned()],
                            context: context.clone(),
                        }));
                        requests.map(|request| about.allows(&request, Reading::Both) == Truth::Yes).collect()
                    });
                    let verdict = told.get(&(*group, *set, (*account).to_owned())).copied().unwrap_or(Verdict::None);
                    match verdict {
                        Verdict::None => prop_assert!(
                            !truths.contains(&true),
                            "group-{group} can {action} on {resource:?} by set-{set} in {account}, and is not told"
                        ),
                        Verdict::Full => prop_assert!(
                            !truths.contains(&false),
                            "group-{group} is refused {action} on {resource:?} by set-{set} in {account}"
                        ),
                        _ => {}
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// What somebody has adds up to the best of what each grant allows.
    #[test]
    fn what_somebody_has_is_the_best_of_all_grants(model in a_model(), group in 0..3_usize) {
        let access = model.access();
        let organization = access.organization.as_ref().unwrap();
        let name = format!("group-{group}");
        let principal: Vec<_> = access.pairs.iter().map(|pair| pair.principal).filter(|&id| access.principal(id).name == name).take(1).collect();
        let cases = Cases::of(&access, access.set_ids());
        let has = has(&access, &cases, Some(&principal), None);
        let told: BTreeSet<(String, String)> = has.cases.iter().flat_map(|(case, holdings)| {
            let set = &access.permission_set(cases.all[*case].set).name.value;
            let accounts = holdings.iter().flat_map(|holding| &holding.grants);
            accounts.map(move |grant| (set.clone(), organization.account(grant.account).name.clone()))
        }).collect();
        let granted = model.grants().into_iter().filter(|grant| grant.0 == group);
        let granted: BTreeSet<_> = granted.map(|(_, set, account)| (format!("set-{set}"), account.to_owned())).collect();
        prop_assert_eq!(&told, &granted);
        for (action, _) in ACTIONS {
            let action = Catalogue::embedded().action_named(action).unwrap();
            let able = |(case, _): &(usize, Vec<_>)| cases.effective(&cases.all[*case]).verdict(action) != Verdict::None;
            prop_assert!(has.sum.actions > 0 || !has.cases.iter().any(able));
        }
        let of_levels: usize = has.sum.levels.iter().flat_map(|level| &level.services).map(|service| service.actions).sum();
        prop_assert_eq!(of_levels, has.sum.actions);
    }
}
