//! Tree to typed fields.
//!
//! The types of the language are declared once, with [`record!`](crate::record): the declaration gives the struct, the
//! keys it knows, how it is read, and its JSON Schema. Reading collects everything that is wrong and goes on.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::borrow::Cow;

use super::{Node, Style, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Edit};
use crate::source::{Span, Spanned};
use crate::words::listing;

/// A type that is read from a node.
pub trait Decode: Sized {
    /// Reads `node`; reports what is wrong and returns `None` where nothing sensible is left.
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self>;
}

/// The field of a record: what it is when its key is missing, and how it is read when it is there.
pub trait Field: Sized {
    /// The value of a missing key.
    fn absent() -> Self;
    /// The value of a key that is there.
    fn present(node: &Node, diagnostics: &mut Diagnostics) -> Self;
}

impl<T: Decode> Field for Option<T> {
    fn absent() -> Self {
        None
    }

    fn present(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        T::decode(node, diagnostics)
    }
}

/// What is seldom written is kept apart, so that what always is stays small.
impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::decode(node, diagnostics).map(Self::new)
    }
}

/// Text as it was written, whatever YAML would have made of it.
pub type Text = Spanned<String>;

impl Decode for Text {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        text(node, diagnostics).map(|text| Self::new(text.to_owned(), node.span))
    }
}

/// A switch and its place.
pub type Switch = Spanned<bool>;

impl Decode for Switch {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let value = match &node.value {
            Value::Scalar(scalar) if scalar.style != Style::Quoted => match &*scalar.text {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            Value::Empty if diagnostics.unread_within(node.span) => return None,
            _ => None,
        };
        if value.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "wrong-type",
                    node.span,
                    format!("expected `true` or `false`, found {}", node.kind()),
                )
                .help("write `true` or `false`, without quotes"),
            );
        }
        value.map(|value| Self::new(value, node.span))
    }
}

/// The text of a string field.
fn text<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<&'n str> {
    match &node.value {
        Value::Scalar(_) if node.is_null() => {
            diagnostics.push(
                Diagnostic::error("wrong-type", node.span, "expected a string, found null")
                    .help("quote it if the word itself is meant, or leave the key out"),
            );
            None
        }
        Value::Scalar(scalar) => Some(&scalar.text),
        Value::Empty if diagnostics.unread_within(node.span) => None,
        _ => {
            let help = match &node.value {
                Value::Sequence(_) => Some("write one string, not a list"),
                Value::Empty => Some("write a value, or leave the key out"),
                _ => None,
            };
            diagnostics.push(wrong_type(node, "a string").maybe_help(help.map(str::to_owned)));
            None
        }
    }
}

/// A finding: `expected …, found …`.
pub fn wrong_type(node: &Node, expected: &str) -> Diagnostic {
    let help = match expected {
        "a list" => "write a list: `[one, other]`, or each element behind a `-` on a line of its own",
        "a mapping of names" => "write `Name: …` for each of them",
        "a mapping" => "write `key: value` for each key, indented below it",
        _ => "write the kind of value that is expected",
    };
    Diagnostic::error("wrong-type", node.span, format!("expected {expected}, found {}", node.kind())).help(help)
}

/// The finding for a `-` with nothing behind it.
fn empty_element(span: Span) -> Diagnostic {
    Diagnostic::error("wrong-type", span, "an element of a list without a value")
        .help("write a value behind the `-`, or remove it")
}

/// A list and its place.
pub type List<T> = Spanned<Vec<T>>;

impl<T: Decode> Decode for List<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Sequence(items) => {
                // The rows of a large model are most of it: the list is as long as they are, and no longer.
                let mut decoded = Vec::with_capacity(items.len());
                for item in items {
                    match item.value {
                        Value::Empty => diagnostics.push(empty_element(item.span)),
                        _ => decoded.extend(T::decode(item, diagnostics)),
                    }
                }
                Some(Self::new(decoded, node.span))
            }
            Value::Empty => Some(Self::new(Vec::new(), node.span)),
            _ => {
                let help = node.text().filter(|_| !node.is_null()).map(|text| format!("write a list: `[{text}]`"));
                diagnostics.push(wrong_type(node, "a list").maybe_help(help));
                None
            }
        }
    }
}

/// A mapping from names that the user chose.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// The names and what they stand for, in the order they are written; a name stands once.
    pub entries: Vec<(Text, T)>,
    /// The whole mapping.
    pub span: Span,
}

impl<T: Decode> Decode for Named<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Value::Mapping(entries) = &node.value else {
            if matches!(node.value, Value::Empty) {
                return Some(Self { entries: Vec::new(), span: node.span });
            }
            diagnostics.push(wrong_type(node, "a mapping of names"));
            return None;
        };
        let mut named: Vec<(Text, T)> = Vec::with_capacity(entries.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for entry in entries {
            if !seen.insert(entry.name()) {
                continue;
            }
            if entry.name().is_empty() {
                diagnostics.push(
                    Diagnostic::error("wrong-type", entry.key.span, "an empty name")
                        .help("write a name in front of the colon"),
                );
                continue;
            }
            if let Some(value) = T::decode(&entry.value, diagnostics) {
                named.push((Spanned::new(entry.name().to_owned(), entry.key.span), value));
            }
        }
        Some(Self { entries: named, span: node.span })
    }
}

/// A value or a list of values.
#[derive(Clone, Debug)]
pub struct OneOrMany(pub Vec<Text>);

impl Decode for OneOrMany {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Sequence(items) => {
                Some(Self(items.iter().filter_map(|item| Text::decode(item, diagnostics)).collect()))
            }
            _ => Text::decode(node, diagnostics).map(|text| Self(vec![text])),
        }
    }
}

/// A node that is read later: a policy document.
#[derive(Clone, Debug)]
pub struct Raw(pub Node);

impl Decode for Raw {
    fn decode(node: &Node, _: &mut Diagnostics) -> Option<Self> {
        Some(Self(node.clone()))
    }
}

/// The name or id of an account, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRef(pub Text);

impl Decode for AccountRef {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let text = Text::decode(node, diagnostics)?;
        if let Value::Scalar(scalar) = &node.value
            && scalar.style == Style::Plain
            && is_number(&scalar.text)
        {
            diagnostics.push(unquoted_account_id(&text));
            // What was meant is clear, so nothing that follows from it is reported as well.
            return is_account_id(text.as_str()).then_some(Self(text));
        }
        Some(Self(text))
    }
}

/// Whether a text has the form of an account id: 12 digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The finding for an account id that a YAML reader would take for a number.
fn unquoted_account_id(text: &Text) -> Diagnostic {
    let written = text.as_str();
    let help = if is_account_id(written) {
        format!("write \"{written}\": without quotes, other YAML readers make a number of it and lose leading zeros")
    } else {
        "an account id is a quoted string of exactly 12 digits, leading zeros included; an account name that looks \
         like a number is quoted as well"
            .to_owned()
    };
    let finding =
        Diagnostic::error("unquoted-account-id", text.span, format!("the account id `{written}` is not quoted"))
            .label("a number, as YAML sees it")
            .help(help);
    if !is_account_id(written) {
        return finding;
    }
    let (old, new) = (written.to_owned(), format!("\"{written}\""));
    finding.safe_fix("quote the account id", vec![Edit::Replace { span: text.span, old, new }])
}

/// Whether some YAML reader (1.1 or 1.2) would read a plain scalar as a number.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some(first) = unsigned.bytes().next() else { return false };
    if !(first.is_ascii_digit() || first == b'.') || !unsigned.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let radix = |prefix: &str, digit: fn(&u8) -> bool| {
        unsigned.strip_prefix(prefix).is_some_and(|rest| rest.bytes().all(|byte| byte == b'_' || digit(&byte)))
    };
    radix("0x", u8::is_ascii_hexdigit)
        || radix("0o", u8::is_ascii_digit)
        || radix("0b", u8::is_ascii_digit)
        // Decimal, octal with a leading zero, underscores and the base-60 numbers of YAML 1.1.
        || unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b':' | b'.'))
        || unsigned.replace('_', "").parse::<f64>().is_ok()
}

/// Reports the keys of a mapping that nobody reads, with the nearest known one.
pub fn report_unknown_keys(node: &Node, what: &str, known: &[&str], diagnostics: &mut Diagnostics) {
    let Value::Mapping(entries) = &node.value else { return };
    let unknown = entries.iter().filter(|entry| !known.contains(&entry.name()));
    let unknown: Vec<_> = unknown.map(|entry| (entry, only_candidate(entry.name(), known))).collect();
    if unknown.is_empty() {
        return;
    }
    // The keys of the language are few and known: where one is meant beyond doubt, and nothing else in the mapping is or
    // may be meant so, writing it right is safe. Names are not: a wrong guess would give access to somebody else.
    let is_wanted_once = |name: &&&str| {
        !entries.iter().any(|entry| entry.name() == **name)
            && unknown.iter().filter(|(_, meant)| *meant == Some(**name)).count() == 1
    };
    let wanted_once: Vec<_> = known.iter().filter(is_wanted_once).collect();
    for (entry, meant) in &unknown {
        let name = entry.name();
        let help = did_you_mean(name, known.iter().copied())
            .map(|near| format!("did you mean `{near}`?"))
            .unwrap_or_else(|| format!("{what} has the keys {}", listing(known)));
        let finding = Diagnostic::error("unknown-key", entry.key.span, format!("{what} has no key `{name}`"))
            .label("not part of the language")
            .help(help);
        diagnostics.push(match meant.filter(|meant| wanted_once.contains(&meant)) {
            Some(meant) => {
                let edit = Edit::Replace { span: entry.key.span, old: name.to_owned(), new: meant.to_owned() };
                finding.safe_fix(format!("write `{meant}`"), vec![edit])
            }
            None => finding,
        });
    }
}

/// The one name among the known that a written one is a slip of: at most two letters off, where no other is near.
fn only_candidate<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let mut near = known.iter().filter(|name| did_you_mean(written, [**name]).is_some());
    match (near.next(), near.next()) {
        (Some(&name), None) => (strsim::damerau_levenshtein(written, name) <= 2 && name.len() > 4).then_some(name),
        _ => None,
    }
}

/// The known name nearest to a written one, if it is near enough to be a slip of the hand: one that differs in capitals
/// alone before any other, and of those equally near the one with the same capitals.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Nobody slips more often than that in one name, and long texts would be compared with everything there is.
    near_names(written, known, (2 + written.chars().count() / 5).min(8)).into_iter().next()
}

/// The known names that differ from a written one by at most `limit` letters, the nearest first.
pub(crate) fn near_names<'k>(written: &str, known: impl IntoIterator<Item = &'k str>, limit: usize) -> Vec<&'k str> {
    if written.is_empty() {
        return Vec::new();
    }
    let lower = written.to_lowercase();
    let mut near: Vec<_> = known
        .into_iter()
        // A name that differs by more letters than the limit cannot be near; measuring it would be a waste.
        .filter(|name| name.len().abs_diff(written.len()) <= limit * 4)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|&(distance, name)| distance <= limit && distance < name.chars().count().max(2))
        // Of those equally near, one that goes on where the written one ends was not written to its end.
        .map(|(distance, name)| {
            let goes_on = name.to_lowercase().starts_with(&lower);
            (distance, !goes_on, strsim::damerau_levenshtein(written, name), name)
        })
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(.., name)| name).collect()
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": ["object", "null"], "additionalProperties": value })
    }
}

impl JsonSchema for OneOrMany {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

impl JsonSchema for AccountRef {
    fn schema_name() -> Cow<'static, str> {
        "AccountRef".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "The name of an account, or its id in quotes: exactly 12 digits.",
            "type": "string",
            "minLength": 1
        })
    }
}

impl JsonSchema for Raw {
    fn schema_name() -> Cow<'static, str> {
        "PolicyDocument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "description": "An IAM policy document.", "type": "object" })
    }
}

/// Declares a mapping of the language: a struct whose fields are its keys, read by [`Decode`] and described by a JSON
/// Schema that refuses other keys. Every record has a `span`, that of the whole mapping, and says whether something in it
/// was `faulty`: what is then missing was reported already.
#[macro_export]
#[doc(hidden)]
macro_rules! record {
    ($(#[doc = $doc:expr])+ $name:ident, $what:literal { $($(#[doc = $field_doc:expr])+ $field:ident: $type:ty,)* }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $field_doc])+ pub $field: $type,)*
            /// The whole mapping.
            #[schemars(skip)]
            pub span: $crate::source::Span,
            /// Whether something in the mapping was reported and left out. One mistake is one finding: what a faulty
            /// record seems to lack may just not have been understood.
            #[schemars(skip)]
            pub faulty: bool,
        }

        impl $name {
            /// The keys, in reading order.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($field)),*];
        }

        impl $crate::syntax::decode::Decode for $name {
            fn decode(
                node: &$crate::syntax::Node,
                diagnostics: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                use $crate::syntax::{Value, decode::{Field, report_unknown_keys, wrong_type}};
                let before = diagnostics.len();
                if !matches!(node.value, Value::Mapping(_) | Value::Empty) {
                    // The record stays known, so that its name is not reported as unknown wherever it is used.
                    diagnostics.push(wrong_type(node, "a mapping"));
                }
                report_unknown_keys(node, $what, Self::KEYS, diagnostics);
                $(let $field = match node.get(stringify!($field)) {
                    Some(value) => Field::present(value, diagnostics),
                    None => Field::absent(),
                };)*
                Some(Self { $($field,)* span: node.span, faulty: diagnostics.len() > before || diagnostics.unread_within(node.span) })
            }
        }
    };
}
