//! The slow evaluator argues with the simulator of the npm package `@cloud-copilot/iam-simulate`, which others wrote from
//! the same documentation.
//!
//! It needs Node.js and a folder in which the package is installed, named by `BAILIWICK_IAM_SIMULATE`; without, the test
//! says that it was skipped.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::{READINGS, RESOURCES, Stack, a_context, a_stack, pairs};
use crate::iam::evaluate::{Request, Truth};

/// In how many contexts each stack of policies is asked.
const CONTEXTS: usize = 4;

/// What a level of service control policies that withholds nothing holds beside others.
const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// What policies say that the two read differently. Theirs takes no pattern of an ARN that has fewer than six segments, no
/// seconds since 1970 in a date, and no text in `BinaryEquals`. The IAM User Guide has the second, and says of the others
/// neither that they match nor that they do not. Who asks is not told to theirs.
const DIFFERENT: [&str; 7] = [
    "\"arn:aws:iam::*\"",
    "\"arn:aws:*:role/app\"",
    "\"arn:aws:sns:*\"",
    "\"arn:aws:*:c\"",
    "1798761600",
    "BinaryEquals",
    "aws:PrincipalArn",
];

/// Whether the two read a document differently: theirs also knows variables in the old version of the language.
fn is_different(document: &str) -> bool {
    let any_source = |values: &str| values.split(']').next().is_some_and(|values| values.contains("\"*\""));
    DIFFERENT.iter().any(|different| document.contains(different))
        || document.split("\"aws:SourceArn\":[").skip(1).any(any_source)
        || (document.contains("2008-10-17") && document.contains("${"))
}

/// A request under a stack of policies, as the script takes it.
fn case(stack: &Stack, request: &Request) -> Value {
    let documents =
        |texts: &[String]| -> Vec<Value> { texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect() };
    let levels = stack.levels.iter().map(|(open, policies)| {
        let full = open.then(|| FULL_ACCESS.to_owned());
        documents(&policies.iter().cloned().chain(full).collect::<Vec<_>>())
    });
    let context = request.context.iter().map(|(key, values)| {
        // Only a key that may have several values has a list of them.
        let value = if key == "aws:tagkeys" { json!(values) } else { json!(values[0]) };
        (key.clone(), value)
    });
    json!({
        "action": request.action,
        "resource": request.resources[0],
        "context": context.collect::<serde_json::Map<_, _>>(),
        "identity": documents(&stack.identity),
        "boundary": stack.boundary.iter().map(|text| documents(std::slice::from_ref(text))).next(),
        "levels": levels.collect::<Vec<_>>(),
    })
}

#[test]
fn another_simulator_says_the_same() {
    let Ok(folder) = std::env::var("BAILIWICK_IAM_SIMULATE") else {
        let skipped = "skipped: BAILIWICK_IAM_SIMULATE names no folder with @cloud-copilot/iam-simulate";
        std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        return;
    };
    let mut runner = TestRunner::deterministic();
    let mut cases: Vec<(String, [Truth; 2])> = Vec::new();
    // It takes its time.
    while cases.len() < pairs() / 5 {
        let stack = a_stack().new_tree(&mut runner).unwrap().current();
        let texts =
            || stack.identity.iter().chain(&stack.boundary).chain(stack.levels.iter().flat_map(|(_, texts)| texts));
        if texts().any(|text| is_different(text)) {
            continue;
        }
        let evaluator = stack.evaluator();
        for (action, resources) in RESOURCES {
            let about = evaluator.about(action);
            for resource in resources {
                for _ in 0..CONTEXTS {
                    let mut context = a_context().new_tree(&mut runner).unwrap().current();
                    // The simulator leaves out keys that the actions do not have.
                    context.remove("s3:max-keys");
                    // To it, no address of IPv6 is outside a network of IPv4.
                    if context.get("aws:sourceip").is_some_and(|addresses| addresses[0].contains(':')) {
                        context.remove("aws:sourceip");
                    }
                    let request =
                        Request { action: action.to_owned(), resources: vec![(*resource).to_owned()], context };
                    let says = READINGS.map(|reading| about.allows(&request, reading));
                    cases.push((case(&stack, &request).to_string(), says));
                }
            }
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/iam-simulate.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js runs");
    let mut input = node.stdin.take().unwrap();
    let answers: Vec<String> = thread::scope(|scope| {
        scope.spawn(|| {
            for (case, _) in &cases {
                writeln!(input, "{case}").unwrap();
            }
            drop(input);
        });
        BufReader::new(node.stdout.take().unwrap()).lines().map(Result::unwrap).collect()
    });
    assert!(node.wait().unwrap().success());
    assert_eq!(answers.len(), cases.len());
    let mut different: Vec<String> = Vec::new();
    for ((case, says), answer) in cases.iter().zip(&answers) {
        let contradicts = match answer.as_str() {
            "Allowed" => Truth::No,
            "ImplicitlyDenied" | "ExplicitlyDenied" => Truth::Yes,
            other => panic!("{other}\n{case}"),
        };
        if says.iter().all(|&ours| ours == contradicts) {
            different.push(format!("{answer}, but we say {says:?}: {case}"));
        }
    }
    assert!(
        different.is_empty(),
        "{} of {}:\n{}",
        different.len(),
        cases.len(),
        different[..different.len().min(12)].join("\n")
    );
}
