//! The bounds argue with the slow evaluator, on random policies and requests.
//!
//! `BAILIWICK_ORACLE_PAIRS=1000000 cargo test --lib oracle` compares a million pairs of policies and requests; without the
//! variable it is a quick slice.

mod peer;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::LocalKey;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::assess::{Assessor, Attached, PermissionSetPolicies, PolicyName, ServiceControls};
use super::catalogue::{ActionId, Catalogue};
use super::compare::{gained, gained_action};
use super::evaluate::{Evaluator, Reading, Request, Truth};
use super::policy::Policy;
use super::reach::{Certainty, Verdict};
use super::{Facts, Session};

/// Actions, each with resources of its formats, among them one that no pattern below names.
const RESOURCES: [(&str, &[&str]); 4] = [
    (
        "iam:PassRole",
        &[
            "arn:aws:iam::123456789012:role/app-x",
            "arn:aws:iam::123456789012:role/app",
            "arn:aws:iam::123456789012:role/zq7w0x",
            "arn:aws:iam::123456789012:role/ops/app",
        ],
    ),
    (
        "s3:GetObject",
        &["arn:aws:s3:::logs/a", "arn:aws:s3:::logs/zq7w0x", "arn:aws:s3:::zq7w0x/zq7w0x", "arn:aws:s3:::ops/a"],
    ),
    ("s3:ListAllMyBuckets", &["*"]),
    (
        "secretsmanager:GetSecretValue",
        &[
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db!x",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:zq7w0x",
        ],
    ),
];

/// How many requests one case asks.
const CONTEXTS: usize = 40;

/// How many pairs of policies and requests are compared.
fn pairs() -> usize {
    let pairs = std::env::var("BAILIWICK_ORACLE_PAIRS").ok().and_then(|pairs| pairs.parse().ok());
    pairs.unwrap_or(30_000)
}

/// Enough cases for as many pairs.
fn cases() -> u32 {
    let requests = CONTEXTS * RESOURCES.iter().map(|(_, resources)| resources.len()).sum::<usize>();
    u32::try_from(pairs().div_ceil(requests)).unwrap_or(u32::MAX)
}

/// The keys of the conditions below, and the values that requests carry; without any, the key is absent.
const KEYS: [(&str, &[&[&str]]); 7] = [
    ("aws:principaltag/team", &[&[], &["ops"], &["OPS"], &["opsx"], &["dev"]]),
    ("aws:securetransport", &[&["true"], &["false"]]),
    ("aws:tagkeys", &[&[], &["a"], &["a", "b"], &["c"], &["b", "c"]]),
    ("aws:sourceip", &[&[], &["10.1.2.3"], &["10.2.0.1"], &["192.0.2.1"], &["2001:db8::1"]]),
    ("s3:max-keys", &[&[], &["2"], &["3"], &["4"], &["10"]]),
    ("aws:currenttime", &[&["2026-01-01T00:00:00Z"], &["2026-06-01T00:00:00Z"], &["2027-01-01T00:00:00Z"]]),
    ("aws:sourcearn", &[&[], &["arn:aws:sns:eu-west-1:123456789012:a"], &["arn:aws:sns:eu-west-1:123456789012:b:c"]]),
];

fn a_context() -> impl Strategy<Value = BTreeMap<String, Vec<String>>> {
    let picks = KEYS.map(|(_, values)| 0..values.len());
    picks.prop_map(|picks| {
        let chosen = KEYS.iter().zip(picks).map(|((key, values), pick)| (*key, values[pick]));
        let present = chosen.filter(|(_, values)| !values.is_empty());
        present.map(|(key, values)| (key.to_owned(), values.iter().map(|&value| value.to_owned()).collect())).collect()
    })
}

/// Operators, the key they are asked about, and values.
const CONDITIONS: [(&[&str], &str, &[&str]); 8] = [
    (
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "BinaryEquals",
        ],
        "aws:PrincipalTag/team",
        &["ops", "ops*", "o?s", "dev", "*", "${aws:PrincipalTag/team}", "x${aws:PrincipalTag/team, 'y'}"],
    ),
    (&["Bool"], "aws:SecureTransport", &["true", "false"]),
    (
        &[
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotEquals",
            "ForAllValues:StringLike",
            "ForAnyValue:StringLike",
            "ForAnyValue:StringNotLike",
        ],
        "aws:TagKeys",
        &["a", "b", "c", "*", "?"],
    ),
    (&["IpAddress", "NotIpAddress"], "aws:SourceIp", &["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1", "2001:db8::/32"]),
    (
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        "s3:max-keys",
        &["2", "3", "4", "3.5"],
    ),
    (
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        "aws:CurrentTime",
        &["2026-01-01", "2026-06-01T00:00:00Z", "1798761600"],
    ),
    (
        &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        "aws:SourceArn",
        &["arn:aws:sns:*:*:a", "arn:aws:sns:*", "arn:aws:*:c", "arn:aws:sns:eu-west-1:123456789012:*", "*"],
    ),
    (
        &["ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringNotLike", "StringEquals", "StringNotEquals"],
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::*:root",
            "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*",
            "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_S_*",
            "arn:aws:iam::123456789012:role/*AWSReservedSSO_S_????????????????",
            "arn:aws:iam::*:role/*AWSReservedSSO_Other_*",
            "*_0*",
            ROLES[0],
        ],
    ),
];

/// The roles that may ask, all of one permission set.
const ROLES: [&str; 2] = [
    "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_S_0123456789abcdef",
    "arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_S_fedcba9876543210",
];

/// One operator on one key: the operator as it is written, the key, the values.
fn a_condition() -> impl Strategy<Value = (String, String, Vec<String>)> {
    (
        prop::sample::select(&CONDITIONS[..]),
        any::<prop::sample::Index>(),
        0..10u8,
        prop::collection::vec(any::<prop::sample::Index>(), 1..3),
    )
        .prop_map(|((operators, key, values), operator, suffix, picks)| {
            let owned = |text: &str| text.to_owned();
            match suffix {
                0 => (owned("Null"), owned(key), vec![owned("true")]),
                1 => (owned("Null"), owned(key), vec![owned("false")]),
                _ => {
                    let suffix = if suffix < 5 { "IfExists" } else { "" };
                    let operator = format!("{}{suffix}", operator.get(operators));
                    (operator, owned(key), picks.iter().map(|pick| pick.get(values).to_string()).collect())
                }
            }
        })
}

fn patterns(all: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(all), 1..3)
}

fn a_statement() -> impl Strategy<Value = Value> {
    let conditions = prop_oneof![
        2 => Just(Vec::new()),
        3 => prop::collection::vec(a_condition(), 1..3),
    ];
    let actions = patterns(&[
        "*",
        "iam:*",
        "iam:Pass*",
        "S3:get*",
        "s3:?etObject",
        "s3:*",
        "s3:ListAllMyBuckets",
        "ec2:*",
        "secretsmanager:Get*",
    ]);
    let resources = patterns(&[
        "*",
        "*",
        "*",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::*:role/app*",
        "arn:aws:iam::*",
        "arn:aws:*:role/app",
        "arn:aws:iam::123456789012:role/app",
        "arn:aws:iam::123456789012:role/app-?",
        "arn:aws:iam::123456789012:role/${aws:PrincipalTag/team}/*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::logs/*",
        "arn:aws:s3:::logs/a",
        "arn:aws:s3:::*/a",
        "arn:aws:s3:::${aws:PrincipalTag/team, 'logs'}/*",
        "arn:aws:secretsmanager:*:*:secret:*",
        "arn:aws:secretsmanager:*:*:*db!*",
        "arn:aws:secretsmanager:*:*:db!*",
    ]);
    (prop::bool::weighted(0.65), prop::bool::weighted(0.2), actions, prop::bool::weighted(0.2), resources, conditions)
        .prop_map(|(allow, not_action, actions, not_resource, resources, conditions)| {
            let mut block = json!({});
            for (operator, key, values) in conditions {
                block[operator][key] = json!(values);
            }
            let mut statement = json!({ "Effect": if allow { "Allow" } else { "Deny" }, "Condition": block });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            statement
        })
}

fn a_document() -> impl Strategy<Value = String> {
    (prop::bool::weighted(0.9), prop::collection::vec(a_statement(), 1..4)).prop_map(|(new, statements)| {
        let version = if new { "2012-10-17" } else { "2008-10-17" };
        json!({ "Version": version, "Statement": statements }).to_string()
    })
}

/// A permission set in an account: its policies, its boundary, and levels of service control policies, each with whether
/// it lets everything through.
#[derive(Clone, Debug)]
struct Stack {
    identity: Vec<String>,
    boundary: Option<String>,
    levels: Vec<(bool, Vec<String>)>,
    /// Who asks.
    role: &'static str,
}

fn a_stack() -> impl Strategy<Value = Stack> {
    let level = (any::<bool>(), prop::collection::vec(a_document(), 1..3));
    (
        prop::collection::vec(a_document(), 1..3),
        prop::option::weighted(0.3, a_document()),
        prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(level, 1..3)],
        prop::sample::select(&ROLES[..]),
    )
        .prop_map(|(identity, boundary, levels, role)| Stack { identity, boundary, levels, role })
}

impl Stack {
    fn policies(&self) -> PermissionSetPolicies {
        let attached = |json: &String| {
            let policy = Policy::of_json(json);
            assert!(policy.is_complete(), "{json}");
            Attached { name: PolicyName::Inline, policy: Some(Arc::new(policy)) }
        };
        PermissionSetPolicies {
            policies: self.identity.iter().map(attached).collect(),
            boundary: self.boundary.as_ref().map(attached),
            service_controls: self
                .levels
                .iter()
                .map(|(open, policies)| ServiceControls {
                    full_aws_access: *open,
                    policies: policies.iter().map(attached).collect(),
                })
                .collect(),
            session: Some(Arc::new(Session::of("S", "aws", Some("eu-west-1"), None))),
        }
    }

    fn evaluator(&self) -> Evaluator {
        fn texts(all: &[String]) -> impl Iterator<Item = Cow<'_, str>> {
            all.iter().map(|text| Cow::Borrowed(text.as_str()))
        }
        let closed = self.levels.iter().filter(|(open, _)| !open).map(|(_, policies)| texts(policies).collect());
        let gates = self.boundary.iter().map(|text| vec![Cow::Borrowed(text.as_str())]).chain(closed);
        let open = self.levels.iter().filter(|(open, _)| *open).flat_map(|(_, policies)| texts(policies));
        let mut evaluator = Evaluator::new(texts(&self.identity), gates, open).unwrap();
        evaluator.known = vec![("aws:principalarn".to_owned(), vec![self.role.to_owned()])];
        evaluator
    }
}

/// Both readings of a wildcard inside a segment of an ARN; the answers hold under either.
const READINGS: [Reading; 2] = [Reading::Whole, Reading::Segments];

/// Requests for an action on resources, in every context.
fn requests(action: &str, resources: &[&str], contexts: &[BTreeMap<String, Vec<String>>]) -> Vec<Request> {
    let request = |resource: &str, context: &BTreeMap<String, Vec<String>>| Request {
        action: action.to_owned(),
        resources: vec![resource.to_owned()],
        context: context.clone(),
    };
    resources.iter().flat_map(|resource| contexts.iter().map(move |context| request(resource, context))).collect()
}

fn id(action: &str) -> ActionId {
    Catalogue::embedded().action_named(action).unwrap()
}

/// An assessor for all cases of a run: what it prepares once is shared.
fn assessor() -> &'static Assessor {
    thread_local! {
        static ASSESSOR: &'static Assessor = Box::leak(Box::new(Assessor::new(Facts::default())));
    }
    ASSESSOR.with(|assessor| *assessor)
}

/// An assessor that judges whole permission sets.
fn judge() -> &'static LocalKey<RefCell<Assessor>> {
    thread_local! {
        static JUDGE: RefCell<Assessor> = RefCell::new(Assessor::new(Facts::default()));
    }
    &JUDGE
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// What may happen contains what happens, what must happen is contained in it, and a witness happens.
    #[test]
    fn the_truth_lies_between_the_bounds(
        stack in a_stack(),
        whole in prop::bool::weighted(0.02),
        contexts in prop::collection::vec(a_context(), CONTEXTS),
    ) {
        let (set, evaluator, assessor) = (stack.policies(), stack.evaluator(), assessor());
        let effective = assessor.effective(&set);
        let assessment = judge().with_borrow_mut(|judge| judge.assess(&set));
        for proof in assessment.findings.iter().flat_map(|finding| &finding.proofs) {
            for reading in READINGS {
                let truth = evaluator.about(&proof.action).allows(proof, reading);
                prop_assert!(truth == Truth::Yes, "the proof {proof:?} of a finding is refused ({reading:?})");
            }
        }
        // The table of all actions takes longer than all the rest.
        let decisions = whole.then(|| effective.decisions());
        for (action, resources) in RESOURCES {
            let (number, verdict) = (id(action), effective.verdict(id(action)));
            if let Some(decisions) = &decisions {
                prop_assert_eq!(decisions.verdict(number), verdict, "{} in the table", action);
            }
            prop_assert_eq!(effective.answer(number).grants.is_empty(), verdict == Verdict::None);
            let about = evaluator.about(action);
            let all = requests(action, resources, &contexts);
            let witnesses = [None, Some(resources[0])].map(|resource| effective.witness(number, resource));
            for reading in READINGS {
                let truth = |request: &Request| about.allows(request, reading);
                match verdict {
                    Verdict::None => {
                        let slipped = all.iter().find(|request| truth(request) != Truth::No);
                        prop_assert!(slipped.is_none(), "{action} is never allowed, but {slipped:?} is ({reading:?})");
                    }
                    Verdict::Full => {
                        let refused = all.iter().find(|request| truth(request) != Truth::Yes);
                        prop_assert!(refused.is_none(), "{action} is always allowed, but {refused:?} is not ({reading:?})");
                    }
                    Verdict::Scoped => {
                        let grants = effective.layers.grants(number, None);
                        let proven = grants.iter().filter(|grant| grant.certainty == Certainty::Proven);
                        let on: Vec<&str> = proven.flat_map(|g| g.witnesses.iter().map(|(_, arn)| &**arn)).collect();
                        prop_assert!(!on.is_empty());
                        let refused = requests(action, &on, &contexts).into_iter().find(|request| truth(request) != Truth::Yes);
                        prop_assert!(refused.is_none(), "{action} is certainly allowed, but {refused:?} is not ({reading:?})");
                    }
                    Verdict::Conditional | Verdict::Possible => {}
                }
                for resource in resources {
                    let of_one = requests(action, &[resource], &contexts);
                    let answer = effective.verdict_on(number, resource);
                    let wrong = of_one.iter().find(|request| match answer {
                        Verdict::None => truth(request) != Truth::No,
                        Verdict::Full => truth(request) != Truth::Yes,
                        _ => false,
                    });
                    prop_assert!(wrong.is_none(), "{answer:?} on {resource}, but not {wrong:?} ({reading:?})");
                }
                for mut grant in effective.layers.grants(number, None) {
                    let before = grant.certainty;
                    effective.prove(number, &mut grant, &[]);
                    prop_assert_eq!(grant.certainty != before, grant.proof.is_some());
                    let refused = grant.proof.filter(|proof| truth(proof) != Truth::Yes);
                    prop_assert!(refused.is_none(), "the proof {refused:?} is refused ({reading:?})");
                }
                for witness in &witnesses {
                    let refused = witness.as_ref().filter(|witness| truth(witness) != Truth::Yes);
                    prop_assert!(refused.is_none(), "the witness {refused:?} is refused ({reading:?})");
                    prop_assert!(witness.is_none() || verdict != Verdict::None);
                }
            }
        }
    }

    /// Where no gain is told, none is found; what is proven is one.
    #[test]
    fn no_access_is_gained_in_silence(
        old in a_stack(),
        new in a_stack(),
        shared in any::<bool>(),
        whole in prop::bool::weighted(0.02),
        contexts in prop::collection::vec(a_context(), CONTEXTS),
    ) {
        // Sets that have most of their policies in common are those that are compared.
        let new = if shared {
            Stack { identity: [old.identity.clone(), new.identity].concat(), ..old.clone() }
        } else {
            Stack { role: old.role, ..new }
        };
        let assessor = assessor();
        let (old_set, new_set) = (old.policies(), new.policies());
        let (before, after) = (assessor.effective(&old_set), assessor.effective(&new_set));
        let (refusing, allowing) = (old.evaluator(), new.evaluator());
        let gains = whole.then(|| gained(&before, &after));
        prop_assert!(!whole || gained(&after, &after).is_empty(), "a set gains nothing over itself");
        for (action, resources) in RESOURCES {
            let told = gained_action(&before, &after, id(action));
            if let Some(gains) = &gains {
                let among = gains.iter().any(|gain| gain.actions.contains(&id(action)));
                prop_assert_eq!(among, told.is_some(), "{} among all gains", action);
            }
            let (refusing, allowing) = (refusing.about(action), allowing.about(action));
            let itself = gained_action(&after, &after, id(action));
            prop_assert!(itself.is_none(), "{action} gains over itself: {itself:?}");
            let witness = told.as_ref().and_then(|gain| gain.prove(id(action), &before, &after));
            for reading in READINGS {
                let gain = |request: &Request| {
                    allowing.allows(request, reading) == Truth::Yes && refusing.allows(request, reading) == Truth::No
                };
                if told.is_none() {
                    let all = requests(action, resources, &contexts);
                    let slipped = all.iter().find(|request| gain(request));
                    prop_assert!(slipped.is_none(), "{action} gains nothing, but {slipped:?} ({reading:?})");
                }
                prop_assert!(witness.iter().all(gain), "{witness:?} is no gain ({reading:?})");
            }
        }
    }
}

/// Whether one statement allows a request; the rest of a policy is plain.
fn decides(statement: Value, request: &Request) -> bool {
    let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let evaluator = Evaluator::new([Cow::Owned(document)], [], []).unwrap();
    evaluator.about(&request.action).allows(request, Reading::Both) == Truth::Yes
}

#[test]
fn the_evaluator_knows_the_rules() {
    let request = |resource: &str, context: &[(&str, &str)]| Request {
        action: "iam:PassRole".to_owned(),
        resources: vec![resource.to_owned()],
        context: context.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect(),
    };
    let document = |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let allow = document(json!([{ "Effect": "Allow", "Action": ["iam:*"], "Resource": ["*"], "Condition": {} }]));
    let deny = document(json!([{ "Effect": "Deny", "Action": "iam:pass*", "NotResource": "arn:aws:iam::*:role/app",
        "Condition": { "StringNotEquals": { "aws:PrincipalTag/team": ["ops"] } } }]));
    let nothing = document(json!([]));
    let with = |identity: &[&String], gates: &[Vec<&String>]| {
        let owned = |text: &&String| Cow::Owned((*text).clone());
        let gates: Vec<Vec<Cow<'_, str>>> = gates.iter().map(|gate| gate.iter().map(owned).collect()).collect();
        Evaluator::new(identity.iter().map(owned), gates, []).unwrap()
    };
    let (app, other) = ("arn:aws:iam::123456789012:role/app", "arn:aws:iam::123456789012:role/other");
    let team = [("aws:principaltag/team", "ops")];
    let says =
        |evaluator: &Evaluator, request: &Request| evaluator.about(&request.action).allows(request, Reading::Both);
    let both = with(&[&allow, &deny], &[]);
    assert_eq!(says(&both, &request(app, &[])), Truth::Yes);
    assert_eq!(says(&both, &request(other, &[])), Truth::No, "a negated operator holds for an absent key");
    assert_eq!(says(&both, &request(other, &team)), Truth::Yes);
    assert_eq!(says(&with(&[&deny], &[]), &request(app, &[])), Truth::No, "nothing is allowed by default");
    assert_eq!(says(&with(&[&allow], &[vec![&nothing]]), &request(app, &[])), Truth::No, "a boundary must allow too");
    assert_eq!(says(&with(&[&allow], &[vec![&nothing, &allow]]), &request(app, &[])), Truth::Yes);
    assert_eq!(
        says(&with(&[&allow], &[vec![&allow], vec![&nothing]]), &request(app, &[])),
        Truth::No,
        "as must each level"
    );
    let mut guarded = both;
    guarded.unknown = vec!["aws:principaltag/team".to_owned()];
    assert_eq!(says(&guarded, &request(other, &team)), Truth::Open, "nobody knows the tag");
    assert_eq!(says(&guarded, &request(app, &[])), Truth::Yes);

    let plain = |resource: &str| json!({ "Effect": "Allow", "Action": "*", "Resource": resource });
    assert!(decides(plain("arn:aws:iam::*:role/ap?"), &request(app, &[])));
    assert!(decides(plain("arn:aws:iam::*"), &request(app, &[])), "a last wildcard runs on");
    assert!(!decides(plain("arn:aws:*:role/app"), &request(app, &[])), "one inside may not");
    assert!(decides(
        plain("arn:aws:iam::*:role/${aws:PrincipalTag/team}"),
        &request("arn:aws:iam::123456789012:role/ops", &team)
    ));
    assert!(!decides(plain("arn:aws:iam::*:role/${aws:PrincipalTag/team}"), &request(app, &[])));
    assert!(decides(plain("arn:aws:iam::*:role/${aws:PrincipalTag/team, 'app'}"), &request(app, &[])));

    for (operator, wanted, value, expected) in [
        ("StringEquals", "a", Some("a"), true),
        ("StringEquals", "a*", Some("ab"), false),
        ("StringLike", "a*", Some("ab"), true),
        ("StringEqualsIgnoreCase", "A", Some("a"), true),
        ("StringNotEquals", "a", None, true),
        ("StringEqualsIfExists", "a", None, true),
        ("NumericLessThan", "10", Some("9"), true),
        ("NumericLessThan", "10", Some("x"), false),
        ("DateGreaterThan", "2026-01-01", Some("2026-01-02T00:00:00Z"), true),
        ("Bool", "true", Some("TRUE"), true),
        ("IpAddress", "10.0.0.0/8", Some("10.1.2.3"), true),
        ("NotIpAddress", "10.0.0.0/8", Some("10.1.2.3"), false),
        ("ArnLike", "arn:aws:iam::*:role/*", Some("arn:aws:iam::1:role/x"), true),
        ("Null", "true", None, true),
        ("Null", "false", None, false),
        ("ForAllValues:StringEquals", "a", None, true),
        ("ForAnyValue:StringEquals", "a", None, false),
        ("ForAnyValue:StringNotEquals", "a", Some("b"), true),
    ] {
        let mut statement = plain("*");
        statement["Condition"] = json!({ operator: { "aws:X": wanted } });
        let context: Vec<(&str, &str)> = value.map(|value| ("aws:x", value)).into_iter().collect();
        assert_eq!(decides(statement, &request(app, &context)), expected, "{operator} {wanted} on {value:?}");
    }
}
