//! AWS-managed policies: JSON that AWS has already checked, read without spans and without a tree.

use crate::iam::action::ActionSet;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::{CURRENT_VERSION, Policy, PolicyText, Statement, Written};
use crate::iam::catalogue::{Catalogue, ManagedPolicy};
use crate::iam::condition::Atom;
use crate::iam::glob::Glob;

impl Policy {
    /// The default version of an AWS-managed policy.
    pub fn aws_managed(policy: &ManagedPolicy) -> Self {
        let text = PolicyText::AwsManaged(*policy);
        Self { text, ..Self::of_json(&Catalogue::embedded().document(policy)) }
    }

    /// A document that AWS publishes; what it cannot hold makes it incomplete.
    pub(crate) fn of_json(json: &str) -> Self {
        let Ok(document) = serde_json::from_str::<Document<'_>>(json) else {
            return Self { incomplete: true, ..Self::default() };
        };
        let variables = document.version == CURRENT_VERSION;
        let mut policy = Self { text: PolicyText::Json(json.into()), ..Self::default() };
        for (index, statement) in document.statement.0.iter().enumerate() {
            let mut conditions = Vec::new();
            for (operator, keys) in &statement.condition {
                for (key, values) in keys {
                    let values = values.0.iter().map(|value| value.as_ref().into()).collect();
                    match Atom::new(operator, key, values, variables) {
                        Some(atom) => conditions.push(atom),
                        None => policy.incomplete = true,
                    }
                }
            }
            let not_action = statement.action.0.is_empty();
            let not_resource = statement.resource.0.is_empty();
            let actions = if not_action { &statement.not_action } else { &statement.action };
            let resources = if not_resource { &statement.not_resource } else { &statement.resource };
            let written = Written {
                allows: statement.effect == "Allow",
                not_action,
                named: ActionSet::of_patterns(Catalogue::embedded(), actions.0.iter().map(AsRef::as_ref)),
                not_resource,
                resources: resources.0.iter().map(|text| Glob::new(text, variables)).collect(),
                conditions: conditions.into(),
            };
            policy.statements.push(Statement::new(index + 1, statement.sid.as_deref(), None, written));
        }
        policy
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'d> {
    #[serde(borrow, default)]
    version: Cow<'d, str>,
    #[serde(borrow)]
    statement: OneOrMore<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw<'d> {
    #[serde(borrow, default)]
    sid: Option<Cow<'d, str>>,
    #[serde(borrow)]
    effect: Cow<'d, str>,
    #[serde(borrow, default)]
    action: Strings<'d>,
    #[serde(borrow, default)]
    not_action: Strings<'d>,
    #[serde(borrow, default)]
    resource: Strings<'d>,
    #[serde(borrow, default)]
    not_resource: Strings<'d>,
    #[serde(borrow, default)]
    condition: BTreeMap<Cow<'d, str>, BTreeMap<Cow<'d, str>, Strings<'d>>>,
}

/// One statement or a list of them.
struct OneOrMore<'d>(Vec<Raw<'d>>);

impl<'de: 'd, 'd> Deserialize<'de> for OneOrMore<'d> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Statements;
        impl<'de> Visitor<'de> for Statements {
            type Value = OneOrMore<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a statement or a list of statements")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Ok(OneOrMore(vec![Raw::deserialize(MapAccessDeserializer::new(map))?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut statements = Vec::new();
                while let Some(statement) = list.next_element()? {
                    statements.push(statement);
                }
                Ok(OneOrMore(statements))
            }
        }
        deserializer.deserialize_any(Statements)
    }
}

/// One text or a list of them; truth values and numbers as their text.
#[derive(Default)]
struct Strings<'d>(Vec<Cow<'d, str>>);

impl<'de: 'd, 'd> Deserialize<'de> for Strings<'d> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Strings<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Strings(vec![Cow::Borrowed(text)]))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Strings(vec![Cow::Owned(text.to_owned())]))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Strings(vec![Cow::Borrowed(if value { "true" } else { "false" })]))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Strings(vec![Cow::Owned(value.to_string())]))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Strings(vec![Cow::Owned(value.to_string())]))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Strings(vec![Cow::Owned(value.to_string())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::with_capacity(list.size_hint().unwrap_or(8));
                while let Some(Strings(more)) = list.next_element()? {
                    texts.extend(more);
                }
                Ok(Strings(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}
