//! The slow, obvious answer: one concrete request against the text of policies. It shares nothing with the analysis that
//! it is compared with, and lets the bounds of [`reach`](super::reach) be argued with on random policies.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Facts;
use super::catalogue::Catalogue;
use super::policy::Policy;
use super::reach::{Certainty, Layers, Verdict};
use super::resource::KnownFormats;

/// One request: an action on a resource, with the values of two condition keys.
#[derive(Clone, Copy, Debug)]
struct Request<'r> {
    action: &'static str,
    resource: &'r str,
    team: Option<&'static str>,
    secure: Option<&'static str>,
}

/// Whether identity policies within a boundary allow a request.
fn allowed(identity: &[Value], boundary: Option<&Value>, request: Request<'_>) -> bool {
    let says = |document: &Value, effect: &str| {
        let statements = document["Statement"].as_array().unwrap();
        statements.iter().any(|s| s["Effect"] == effect && applies(s, request))
    };
    let denied = identity.iter().chain(boundary).any(|document| says(document, "Deny"));
    let within = boundary.is_none_or(|document| says(document, "Allow"));
    !denied && within && identity.iter().any(|document| says(document, "Allow"))
}

fn applies(statement: &Value, request: Request<'_>) -> bool {
    let any = |element: &str, text: &str| {
        let patterns = statement[element].as_array()?;
        Some(patterns.iter().any(|pattern| matches(pattern.as_str().unwrap(), text)))
    };
    let element = |name: &str, text: &str| any(name, text).or_else(|| any(&format!("Not{name}"), text).map(|hit| !hit));
    let conditions = statement["Condition"].as_object().unwrap();
    element("Action", request.action).unwrap()
        && element("Resource", request.resource).unwrap()
        && conditions.iter().all(|(operator, keys)| {
            keys.as_object().unwrap().iter().all(|(key, values)| {
                let value = if key == "aws:PrincipalTag/team" { request.team } else { request.secure };
                holds(operator, value, values.as_array().unwrap())
            })
        })
}

fn holds(operator: &str, value: Option<&str>, wanted: &[Value]) -> bool {
    let wanted: Vec<&str> = wanted.iter().map(|value| value.as_str().unwrap()).collect();
    let (operator, if_exists) = operator.strip_suffix("IfExists").map_or((operator, false), |bare| (bare, true));
    match (operator, value) {
        ("Null", _) => (wanted[0] == "true") == value.is_none(),
        (_, None) => if_exists || operator.contains("Not"),
        ("StringEquals" | "Bool", Some(value)) => wanted.contains(&value),
        ("StringNotEquals", Some(value)) => !wanted.contains(&value),
        ("StringLike", Some(value)) => wanted.iter().any(|pattern| matches(pattern, value)),
        ("StringNotLike", Some(value)) => !wanted.iter().any(|pattern| matches(pattern, value)),
        other => panic!("{other:?}"),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|skip| matches(&pattern[1..], &text[skip..])),
        Some('?') => !text.is_empty() && matches(&pattern[1..], &text[1..]),
        Some(first) => text.starts_with(first) && matches(&pattern[1..], &text[1..]),
    }
}

/// Each action with resources of its formats, among them one that no pattern below names.
const RESOURCES: [(&str, &[&str]); 3] = [
    (
        "iam:PassRole",
        &[
            "arn:aws:iam::123456789012:role/app-x",
            "arn:aws:iam::123456789012:role/app",
            "arn:aws:iam::123456789012:role/zq7w0x",
            "arn:aws:iam::123456789012:role/app-zq7w0x",
        ],
    ),
    (
        "s3:GetObject",
        &["arn:aws:s3:::logs/a", "arn:aws:s3:::logs/zq7w0x", "arn:aws:s3:::zq7w0x/zq7w0x", "arn:aws:s3:::zq7w0x/a"],
    ),
    ("s3:ListAllMyBuckets", &["*"]),
];

/// Requests for an action on each resource, with every combination of the condition keys.
fn requests<'r>(action: &'static str, resources: &[&'r str]) -> Vec<Request<'r>> {
    let mut requests = Vec::new();
    for &resource in resources {
        for team in [None, Some("ops"), Some("opsx"), Some("dev")] {
            for secure in [None, Some("true"), Some("false")] {
                requests.push(Request { action, resource, team, secure });
            }
        }
    }
    requests
}

fn patterns(all: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(all), 1..3)
}

fn a_statement() -> impl Strategy<Value = Value> {
    let condition = prop::sample::select(&[
        ("", "", ""),
        ("", "", ""),
        ("StringEquals", "aws:PrincipalTag/team", "ops"),
        ("StringNotEquals", "aws:PrincipalTag/team", "ops"),
        ("StringLike", "aws:PrincipalTag/team", "ops*"),
        ("StringNotLike", "aws:PrincipalTag/team", "ops*"),
        ("StringEqualsIfExists", "aws:PrincipalTag/team", "dev"),
        ("Null", "aws:PrincipalTag/team", "true"),
        ("Null", "aws:PrincipalTag/team", "false"),
        ("Bool", "aws:SecureTransport", "true"),
        ("BoolIfExists", "aws:SecureTransport", "false"),
    ]);
    let conditions = prop::collection::vec(condition, 1..3);
    let actions =
        patterns(&["*", "iam:*", "iam:Pass*", "s3:Get*", "s3:?etObject", "s3:*", "s3:ListAllMyBuckets", "ec2:*"]);
    let resources = patterns(&[
        "*",
        "*",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::*:role/app*",
        "arn:aws:iam::123456789012:role/app",
        "arn:aws:iam::123456789012:role/app-?",
        "arn:aws:s3:::*",
        "arn:aws:s3:::logs/*",
        "arn:aws:s3:::logs/a",
        "arn:aws:s3:::*/a",
    ]);
    (prop::bool::weighted(0.65), prop::bool::weighted(0.2), actions, prop::bool::weighted(0.2), resources, conditions)
        .prop_map(|(allow, not_action, actions, not_resource, resources, conditions)| {
            let mut block = json!({});
            for (operator, key, value) in conditions {
                if !operator.is_empty() {
                    block[operator][key] = json!([value]);
                }
            }
            let mut statement = json!({ "Effect": if allow { "Allow" } else { "Deny" }, "Condition": block });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            statement
        })
}

fn a_document() -> impl Strategy<Value = Value> {
    prop::collection::vec(a_statement(), 1..4)
        .prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What may happen contains what happens, and what must happen is contained in it.
    #[test]
    fn the_truth_lies_between_the_bounds(
        identity in prop::collection::vec(a_document(), 1..3),
        boundary in prop::option::weighted(0.4, a_document()),
    ) {
        let read = |document: &Value| Policy::of_json(&document.to_string());
        let bodies: Vec<Policy> = identity.iter().map(read).collect();
        let limit = boundary.as_ref().map(read);
        let (facts, formats) = (Facts::default(), KnownFormats::default());
        let layers = Layers::new(bodies.iter().enumerate(), limit.as_ref(), [], &facts, &formats);
        for (action, resources) in RESOURCES {
            let id = Catalogue::embedded().action_named(action).unwrap();
            let all = requests(action, resources);
            let truth = |request: &Request<'_>| allowed(&identity, boundary.as_ref(), *request);
            let verdict = layers.verdict(id);
            match verdict {
                Verdict::None => {
                    let slipped = all.iter().find(|request| truth(request));
                    prop_assert!(slipped.is_none(), "{action} is never allowed, but {slipped:?} is");
                }
                Verdict::Full => {
                    let refused = all.iter().find(|request| !truth(request));
                    prop_assert!(refused.is_none(), "{action} is always allowed, but {refused:?} is not");
                }
                Verdict::Scoped => {
                    let grants = layers.grants(id, None);
                    let proven = grants.iter().filter(|grant| grant.certainty == Certainty::Proven);
                    let witnesses: Vec<&str> = proven.flat_map(|g| g.witnesses.iter().map(|(_, arn)| &**arn)).collect();
                    prop_assert!(!witnesses.is_empty());
                    for resource in witnesses {
                        let refused = requests(action, &[resource]).into_iter().find(|request| !truth(request));
                        prop_assert!(refused.is_none(), "{action} is certainly allowed, but {refused:?} is not");
                    }
                }
                Verdict::Conditional | Verdict::Possible => {}
            }
        }
    }
}

#[test]
fn the_oracle_knows_the_rules() {
    let document = |statements: Value| json!({ "Statement": statements });
    let allow = document(json!([{ "Effect": "Allow", "Action": ["iam:*"], "Resource": ["*"], "Condition": {} }]));
    let deny = document(json!([{ "Effect": "Deny", "Action": ["iam:Pass*"], "NotResource": ["*role/app"],
        "Condition": { "StringNotEquals": { "aws:PrincipalTag/team": ["ops"] } } }]));
    let request = |resource, team| Request { action: "iam:PassRole", resource, team, secure: None };
    let both = [allow.clone(), deny];
    assert!(allowed(&both, None, request("x:role/app", None)));
    assert!(!allowed(&both, None, request("x:role/other", None)), "a negated operator holds for an absent key");
    assert!(allowed(&both, None, request("x:role/other", Some("ops"))));
    assert!(!allowed(&both[1..], None, request("x:role/app", None)), "nothing is allowed by default");
    assert!(!allowed(&both, Some(&document(json!([]))), request("x:role/app", None)), "a boundary must allow too");
    assert!(allowed(&both, Some(&allow), request("x:role/app", None)));
}
