//! The tables of what implies and excludes what, by example.

use super::*;

fn atom(operator: &str, key: &str, values: &[&str]) -> Atom {
    Atom::new(operator, key, values.iter().map(|&value| value.into()).collect(), true).unwrap()
}

/// `StringEquals aws:x a,b` as one text.
fn parse(text: &str) -> Atom {
    let parts: Vec<&str> = text.split(' ').collect();
    atom(parts[0], "aws:x", &parts[1].split(',').collect::<Vec<_>>())
}

#[test]
fn operators_are_read_with_prefix_and_suffix() {
    let read = atom("forAnyValue:stringlikeifexists", "AWS:TagKeys", &["a"]);
    assert_eq!((read.set, read.if_exists, read.operator), (SetOperator::ForAny, true, Operator::StringLike));
    assert_eq!(&*read.key, "aws:tagkeys");
    for wrong in ["StringEqual", "ForEachValue:StringEquals", "NullIfExists", "IfExists", ""] {
        assert_eq!(Atom::new(wrong, "k", vec!["true".into()], true), None, "{wrong}");
    }
}

#[test]
fn absence_decides() {
    for (text, expected) in [
        ("StringEquals a", false),
        ("StringNotEquals a", true),
        ("StringEqualsIfExists a", true),
        ("ForAllValues:StringEquals a", true),
        ("ForAnyValue:StringEquals a", false),
        ("ForAnyValue:StringNotEquals a", false),
        ("Null true", true),
        ("Null false", false),
        ("Bool true", false),
        ("NotIpAddress 10.0.0.0/8", true),
        ("NumericLessThan 3", false),
    ] {
        assert_eq!(parse(text).when_absent(), Some(expected), "{text}");
    }
    assert_eq!(parse("ForAnyValue:StringEqualsIfExists a").when_absent(), None);
}

#[test]
fn implication() {
    for (given, wanted, expected) in [
        ("StringEquals a", "StringEquals a,b", true),
        ("StringEquals a,b", "StringEquals a", false),
        ("StringEquals ab", "StringLike a*", true),
        ("StringLike ab*", "StringLike a*", true),
        ("StringLike a*", "StringLike ab*", false),
        ("StringEquals a", "StringEqualsIgnoreCase A", true),
        ("StringEqualsIgnoreCase a", "StringEquals a", false),
        ("StringNotEquals a,b", "StringNotEquals a", true),
        ("StringNotEquals a", "StringNotEquals a,b", false),
        ("StringNotLike a*", "StringNotEquals ab", true),
        ("StringEquals a", "StringNotEquals b", true),
        ("StringEquals a", "StringNotEquals a", false),
        ("StringNotEquals b", "StringEquals a", false),
        ("StringEquals a", "StringEqualsIfExists a", true),
        ("StringEqualsIfExists a", "StringEquals a", false),
        ("StringEquals a", "Null false", true),
        ("StringNotEquals a", "Null false", false),
        ("Null true", "StringNotEquals a", true),
        ("Null true", "StringEqualsIfExists a", true),
        ("Null true", "StringEquals a", false),
        ("Null false", "StringEquals a", false),
        ("NumericLessThan 3", "NumericLessThan 5", true),
        ("NumericLessThan 5", "NumericLessThan 3", false),
        ("NumericEquals 2", "NumericLessThanEquals 2", true),
        ("NumericLessThanEquals 3", "NumericLessThan 3", false),
        ("DateGreaterThan 2026-02-01", "DateGreaterThan 2026-01-01T00:00:00Z", true),
        ("ForAnyValue:StringEquals a", "ForAnyValue:StringEquals a,b", true),
        ("ForAnyValue:StringEquals a", "ForAllValues:StringEquals a", false),
        ("ForAllValues:StringEquals a", "StringEquals a", false),
        ("IpAddress 10.1.0.0/16", "IpAddress 10.1.0.0/16,10.2.0.0/16", true),
        ("IpAddress 10.1.0.0/16", "IpAddress 10.0.0.0/8", true),
        ("IpAddress 10.0.0.0/8", "IpAddress 10.1.0.0/16", false),
        ("IpAddress 10.1.2.3", "IpAddress 10.1.0.0/16", true),
        ("ArnEquals arn:aws:iam::1:role/x", "ArnLike arn:aws:iam::*:role/*", true),
        ("StringEquals ${aws:userid}", "StringEquals ${aws:userid}", true),
        ("StringEquals ${aws:userid}", "StringNotEquals x", false),
    ] {
        assert_eq!(relation::implies(&parse(given), &parse(wanted)), expected, "{given} => {wanted}");
    }
}

#[test]
fn exclusion() {
    for (a, b, expected) in [
        ("StringEquals a", "StringEquals b", true),
        ("StringEquals a", "StringEquals a,b", false),
        ("StringEquals a", "StringNotEquals a", true),
        ("StringEquals a", "StringNotLike a*", true),
        ("StringEqualsIfExists a", "StringEqualsIfExists b", false),
        ("StringEquals a", "StringEqualsIfExists b", true),
        ("StringNotEquals a", "StringNotEquals b", false),
        ("Bool true", "Bool false", true),
        ("Bool true", "BoolIfExists false", true),
        ("BoolIfExists true", "BoolIfExists false", false),
        ("Null true", "StringEquals a", true),
        ("Null true", "StringNotEquals a", false),
        ("Null true", "Null false", true),
        ("NumericLessThan 3", "NumericGreaterThan 4", true),
        ("NumericLessThan 5", "NumericGreaterThan 4", false),
        ("NumericLessThanEquals 2,4", "NumericEquals 4", false),
        ("NumericLessThanEquals 2,4", "NumericEquals 5", true),
        ("NumericGreaterThan 3,9", "NumericLessThan 4", false),
        ("ForAnyValue:StringEquals a", "ForAnyValue:StringEquals b", false),
        ("StringLike a*", "StringEquals b", true),
    ] {
        assert_eq!(relation::excludes(&parse(a), &parse(b)), expected, "{a} / {b}");
        assert_eq!(relation::excludes(&parse(b), &parse(a)), expected, "{b} / {a}");
    }
}

#[test]
fn facts_are_put_in() {
    let fold = |text: &str, known: Known<'_>| parse(text).fold(known);
    assert_eq!(fold("StringEquals ec2.amazonaws.com", Known::Is("ec2.amazonaws.com")), Some(true));
    assert_eq!(fold("StringLike ec2.*", Known::Is("lambda.amazonaws.com")), Some(false));
    assert_eq!(fold("StringNotEquals ec2.amazonaws.com", Known::Is("lambda.amazonaws.com")), Some(true));
    assert_eq!(fold("StringEquals ${aws:userid}", Known::Is("x")), None);
    assert_eq!(fold("Null false", Known::Is("x")), Some(true));
    assert_eq!(fold("StringEquals a", Known::Absent), Some(false));
    assert_eq!(fold("StringNotEquals a", Known::Absent), Some(true));
    let now = operator::instant("2026-06-01").unwrap();
    assert_eq!(fold("DateLessThan 2020-01-01T00:00:00Z", Known::NotBefore(now)), Some(false));
    assert_eq!(fold("DateGreaterThan 2020-01-01", Known::NotBefore(now)), Some(true));
    assert_eq!(fold("DateLessThan 2030-01-01", Known::NotBefore(now)), None);
}
