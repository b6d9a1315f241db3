//! The HCL printer against two independent readers: hcl-rs, and the real Terraform where there is one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bailiwick::emit::hcl::{Element, Expression, Name, Printer, Reference};
use hcl::eval::{Context, Evaluate, FuncDef, ParamType};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use unicode_normalization::UnicodeNormalization;

/// A value with everything the printer can lay out, and a meaning that is easy to state.
#[derive(Clone, Debug)]
enum Value {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    /// Elements with the comments behind them.
    List(Vec<(Self, String)>),
    Inline(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// `first(value, …)`, which means its first argument.
    First(Vec<Self>),
}

#[derive(Clone, Debug)]
enum Item {
    Attribute(usize, Value),
    /// Written from an iterator, with or without `first(…)` around it.
    Streamed(usize, bool, Vec<(String, String)>),
    Block(usize, Vec<String>, Vec<Self>),
    Comment(String),
    Blank,
}

const NAMES: [&str; 10] = [
    "a",
    "id",
    "arn",
    "name",
    "for_each",
    "provider",
    "depends_on",
    "description",
    "instance_arn",
    "permission_set_arn",
];

/// Text that has gone wrong in one HCL writer or another, or could.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[ -~]{0,6}".prop_map(String::from),
        6 => prop::sample::select(vec![
            "${", "%{", "$${", "%%{", "$%{", "%${", "$", "%", "{", "}", "~}", "\"", "\\", "\\\"", "\\u0041", "\\n",
            "\n", "\r", "\r\n", "\t", "\0", "\u{1b}[31m", "\u{7f}", "\u{85}", "#", "//", "/*", "*/", "<<EOT\n", "EOT",
            "${path.root}", "%{if true}x%{endif}", "=", ",", "[", "]", "(", "{ a = 1 }", "é", "e\u{301}", "\u{301}",
            "\u{202e}", "\u{2066}", "\u{200d}", "\u{feff}", "\u{2028}", "東京", "🦀", "👩\u{200d}💻", "👩🏽", "🇩🇪",
            "한글", "\u{1100}\u{1161}", "क्षि", "\u{600}", "\u{e0041}", "\u{fffd}", "\u{fffe}", "\u{10ffff}", "Å", "ﬁ",
            "\u{1e00}\u{323}", "\u{ac}", "\u{ad}",
        ]).prop_map(String::from),
        3 => any::<String>(),
        1 => "\\PC{0,8}".prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z_][A-Za-z0-9_-]{0,12}".prop_map(String::from),
        1 => prop::sample::select(vec!["for", "in", "if", "null", "true", "aws:username"]).prop_map(String::from),
        2 => hostile(),
    ]
}

fn comment() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z-]{1,12}".prop_map(String::from), hostile()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        // Both readers hold larger numbers as floating point.
        2 => (-(1_i64 << 52)..1_i64 << 52).prop_map(Value::Number),
        8 => hostile().prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            3 => prop::collection::vec((inner.clone(), comment()), 0..5).prop_map(Value::List),
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Inline),
            3 => prop::collection::vec((key(), inner.clone()), 0..5).prop_map(|mut entries| {
                // Terraform compares keys after NFC normalization.
                let mut seen = std::collections::BTreeSet::new();
                entries.retain(|(key, _)| seen.insert(key.nfc().collect::<String>()));
                Value::Object(entries)
            }),
            1 => prop::collection::vec(inner, 1..4).prop_map(Value::First),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<Item>> {
    let streamed = prop::collection::vec((prop_oneof!["[0-9]{12}".prop_map(String::from), hostile()], comment()), 0..6);
    let item = prop_oneof![
        6 => (0..NAMES.len(), value()).prop_map(|(name, value)| Item::Attribute(name, value)),
        2 => (0..NAMES.len(), any::<bool>(), streamed).prop_map(|(name, call, list)| Item::Streamed(name, call, list)),
        1 => hostile().prop_map(Item::Comment),
        1 => Just(Item::Blank),
    ];
    let flat = prop::collection::vec(item, 0..6);
    flat.prop_recursive(3, 20, 4, |inner| {
        let block = (0..NAMES.len(), prop::collection::vec("[A-Za-z_][A-Za-z0-9_-]{0,8}", 0..3), inner.clone())
            .prop_map(|(name, labels, body)| vec![Item::Block(name, labels, body)]);
        prop::collection::vec(prop_oneof![inner, block], 0..4).prop_map(|bodies| bodies.concat())
    })
    .prop_map(unambiguous)
}

/// Attributes are named once in a body.
fn unambiguous(body: Vec<Item>) -> Vec<Item> {
    let mut seen = [false; NAMES.len()];
    body.into_iter()
        .filter_map(|item| match item {
            Item::Attribute(name, _) | Item::Streamed(name, ..) if std::mem::replace(&mut seen[name], true) => None,
            Item::Block(name, labels, body) => Some(Item::Block(name, labels, unambiguous(body))),
            item => Some(item),
        })
        .collect()
}

fn expression(value: &Value) -> Expression<'_> {
    match value {
        Value::Null => Expression::Null,
        Value::Bool(value) => Expression::Bool(*value),
        Value::Number(number) => Expression::from(*number),
        Value::Text(text) => Expression::from(text.as_str()),
        Value::List(elements) => Expression::List(
            elements
                .iter()
                .map(|(value, comment)| Element { value: expression(value), comment: comment.into() })
                .collect(),
        ),
        Value::Inline(values) => Expression::inline(values.iter().map(expression)),
        Value::Object(entries) => {
            Expression::object(entries.iter().map(|(key, value)| (key.as_str(), expression(value))))
        }
        Value::First(arguments) => Expression::Call("first", arguments.iter().map(expression).collect()),
    }
}

fn write(hcl: &mut Printer, body: &[Item]) {
    for item in body {
        match item {
            Item::Attribute(name, value) => hcl.attribute(NAMES[*name], expression(value)),
            Item::Streamed(name, call, elements) => {
                let elements = elements.iter().map(|(text, comment)| (text.as_str(), comment.as_str()));
                hcl.list(NAMES[*name], call.then_some("first"), elements);
            }
            Item::Block(name, labels, body) => {
                let labels: Vec<_> = labels.iter().filter_map(Name::new).collect();
                hcl.block(NAMES[*name], &labels, |hcl| write(hcl, body));
            }
            Item::Comment(text) => hcl.comment(text),
            Item::Blank => hcl.blank(),
        }
    }
}

fn printed(body: &[Item]) -> String {
    let mut hcl = Printer::new();
    write(&mut hcl, body);
    hcl.finish()
}

/// What a value means, in the types of the reader.
fn meaning(value: &Value) -> hcl::Value {
    match value {
        Value::Null => hcl::Value::Null,
        Value::Bool(value) => hcl::Value::Bool(*value),
        Value::Number(number) => hcl::Value::from(*number),
        Value::Text(text) => hcl::Value::from(text.as_str()),
        Value::List(elements) => elements.iter().map(|(value, _)| meaning(value)).collect(),
        Value::Inline(values) => values.iter().map(meaning).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), meaning(value))).collect(),
        Value::First(arguments) => meaning(&arguments[0]),
    }
}

/// Compares a body as it was meant with a body as it was read.
fn assert_read_back(meant: &[Item], read: &hcl::Body, text: &str) {
    let mut context = Context::new();
    let first = |args: hcl::eval::FuncArgs| Ok(args[0].clone());
    context.declare_func("first", FuncDef::builder().variadic_param(ParamType::Any).build(first));
    let mut structures = read.iter();
    for item in meant {
        let (name, value) = match item {
            Item::Comment(_) | Item::Blank => continue,
            Item::Block(name, labels, body) => {
                let block = structures.next().and_then(hcl::Structure::as_block).expect("a block");
                assert_eq!(block.identifier(), NAMES[*name]);
                assert_eq!(block.labels().iter().map(hcl::BlockLabel::as_str).collect::<Vec<_>>(), *labels);
                assert_read_back(body, block.body(), text);
                continue;
            }
            Item::Attribute(name, value) => (*name, meaning(value)),
            Item::Streamed(name, _, elements) => {
                (*name, elements.iter().map(|(text, _)| hcl::Value::from(text.as_str())).collect())
            }
        };
        let attribute = structures.next().and_then(hcl::Structure::as_attribute).expect("an attribute");
        assert_eq!(attribute.key(), NAMES[name]);
        assert_eq!(attribute.expr().evaluate(&context).expect("only literals and `first`"), value, "{text}");
    }
    assert!(structures.next().is_none(), "{text}");
}

proptest! {
    #![proptest_config(Config { cases: 500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn hcl_rs_reads_back_what_was_meant(body in body()) {
        let text = printed(&body);
        match hcl::parse(&text) {
            Ok(read) => assert_read_back(&body, &read, &text),
            Err(error) => panic!("{error}\n{text}"),
        }
    }
}

/// Runs Terraform, or says that there is none.
fn terraform(directory: &Path, arguments: &[&str]) -> Option<Output> {
    let program = crate::support::deploy::terraform();
    let output = Command::new(&program)
        .args(arguments)
        .current_dir(directory)
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1")
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) => {
            crate::support::deploy::say(&format!("skipped: `{}` does not run: {error}", program.display()));
            None
        }
    }
}

fn samples<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("nothing is rejected").current()).collect()
}

#[expect(clippy::disallowed_methods, reason = "input of a test")]
fn put(path: &Path, text: &str) {
    fs::write(path, text).expect("a temporary file is writable");
}

#[test]
fn terraform_fmt_changes_nothing() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (index, body) in samples(body(), 400).into_iter().enumerate() {
        put(&directory.path().join(format!("body-{index}.tf")), &printed(&body));
    }
    // Comments behind elements whose widths differ, and everything that has a width in a key or a list.
    for (index, pairs) in samples(prop::collection::vec((hostile(), comment()), 40), 50).into_iter().enumerate() {
        let mut hcl = Printer::new();
        hcl.list("for_each", Some("toset"), pairs.iter().map(|(text, comment)| (text.as_str(), comment.as_str())));
        let number = Expression::from(1);
        hcl.attribute("keys", Expression::object(pairs.iter().map(|(text, _)| (text.as_str(), number.clone()))));
        let references = pairs.iter().map(|(text, comment)| Element {
            value: Reference::new("local").attribute("x").key(text.as_str()).index(0).into(),
            comment: comment.into(),
        });
        hcl.attribute("references", Expression::List(references.collect()));
        put(&directory.path().join(format!("widths-{index}.tf")), &hcl.finish());
    }
    let Some(output) = terraform(directory.path(), &["fmt", "-check", "-diff"]) else { return };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
}

#[test]
fn terraform_evaluates_to_what_was_meant() {
    let texts = samples(hostile(), 2_000);
    let mut hcl = Printer::new();
    hcl.comment("*/ }\noutput \"injected\" { value = 1 }\u{85}\u{2028}");
    hcl.block("output", &["texts".into()], |hcl| {
        let comment = "# */ ]) }\noutput \"injected\" {";
        hcl.list("value", None, texts.iter().map(|text| (text.as_str(), comment)));
    });
    hcl.block("output", &["keys".into()], |hcl| {
        let keys = |(index, text): (usize, &String)| (format!("{index}{text}"), Expression::Null);
        hcl.attribute("value", Expression::call("keys", Expression::object(texts.iter().enumerate().map(keys))));
    });
    hcl.block("output", &["document".into()], |hcl| {
        hcl.attribute("value", Expression::call("jsonencode", Expression::list(texts.iter().map(String::as_str))));
    });
    let directory = tempfile::tempdir().expect("a temporary directory");
    put(&directory.path().join("main.tf"), &hcl.finish());

    let Some(applied) = terraform(directory.path(), &["apply", "-auto-approve", "-no-color"]) else { return };
    let said = String::from_utf8_lossy(&applied.stderr);
    assert!(applied.status.success(), "{}", said.chars().take(4_000).collect::<String>());
    let output = terraform(directory.path(), &["output", "-json"]).expect("it ran before");
    let outputs: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");

    let meant: Vec<String> = texts.iter().map(|text| text.nfc().collect()).collect();
    let strings = |value: &serde_json::Value| -> Vec<String> {
        let list = value.as_array().expect("a list").iter();
        list.map(|text| text.as_str().expect("a string").to_owned()).collect()
    };
    assert_eq!(outputs.as_object().expect("an object").len(), 3);
    assert_eq!(strings(&outputs["texts"]["value"]), meant);
    let mut keys: Vec<String> =
        texts.iter().enumerate().map(|(index, text)| format!("{index}{text}").nfc().collect()).collect();
    keys.sort();
    assert_eq!(strings(&outputs["keys"]["value"]), keys);
    let document = outputs["document"]["value"].as_str().expect("a string");
    assert_eq!(strings(&serde_json::from_str(document).expect("JSON")), meant);
}
