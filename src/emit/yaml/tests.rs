use proptest::prelude::*;
use serde_yaml::Value as Yaml;

use super::*;

fn print(value: &Value<'_>) -> String {
    let mut out = String::new();
    entry(&mut out, 0, "key", value);
    out
}

/// What a reader of YAML 1.2 makes of the value behind `key`.
fn read(text: &str) -> Yaml {
    let yaml: Yaml = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    yaml.get("key").cloned().unwrap_or_else(|| panic!("no key in {text}"))
}

#[test]
fn what_could_be_read_as_something_else_is_quoted() {
    for text in [
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "null",
        "~",
        "1_000",
        "1:30",
        "012",
        "0x1f",
        "1e3",
        "2012-10-17",
        "=",
        "<<",
        "",
        " a",
        "a ",
        "a: b",
        "a #b",
        "*",
        "&a",
        "!Ref x",
        "%a",
        "@a",
        "`a",
        "- a",
        "? a",
        "[a",
        "{a",
        "a,b",
        "#",
        "|",
        ">",
        "'a'",
        ".inf",
        "a:",
    ] {
        let printed = print(&text.into());
        assert!(printed.starts_with("key: \""), "{printed}");
        assert_eq!(read(&printed), Yaml::from(text));
    }
}

#[test]
fn plain_strings_stand_as_they_are() {
    for text in [
        "AWS::SSO::Assignment",
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
        "/teams/",
        "Incident response",
        "yesterday",
    ] {
        assert_eq!(print(&text.into()), format!("key: {text}\n"));
        assert_eq!(read(&print(&text.into())), Yaml::from(text));
    }
}

#[test]
fn a_template_inside_a_template_is_its_lines() {
    let body = "A: 1\n\nB:\n  - x\n";
    assert_eq!(print(&Value::Block(body.into())), "key: |\n  A: 1\n\n  B:\n    - x\n");
    assert_eq!(read(&print(&Value::Block(body.into()))), Yaml::from(body));
}

#[test]
fn lists_of_mappings_begin_with_their_dash() {
    let value = Value::List(vec![
        Value::map([("A", "x".into()), ("B", Value::flow(["z", "1"]))]),
        Value::reference("Z").commented("why: # not"),
    ]);
    assert_eq!(print(&value), "key:\n  - A: x\n    B: [z, \"1\"]\n  - !Ref Z # why: # not\n");
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![any::<String>(), "[a-z:# ,{}\\[\\]!&*|>'\"%@`~=-]{0,6}"];
    let leaf = prop_oneof![
        text.prop_map(serde_json::Value::from),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(value in json()) {
        let printed = print(&Value::from(value.clone()));
        prop_assert_eq!(serde_json::to_value(read(&printed)).unwrap(), value, "{}", printed);
    }

    #[test]
    fn a_comment_ends_with_its_line(value in any::<String>(), comment in any::<String>()) {
        let printed = print(&Value::from(value.as_str()).commented(comment));
        prop_assert_eq!(printed.lines().count(), 1);
        prop_assert_eq!(read(&printed), Yaml::from(value));
    }
}
