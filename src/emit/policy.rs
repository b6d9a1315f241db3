//! Policy documents as values of HCL and of YAML.

use serde_json::Value;

use super::hcl::Expression;
use super::yaml;
use crate::access::Document;

/// A policy document for HCL, keys in the order they are written.
pub(super) fn expression(document: &Document) -> Expression<'static> {
    hcl(json(document))
}

/// A policy document for YAML, keys in the order they are written.
pub(super) fn value(document: &Document) -> yaml::Value<'static> {
    json(document).into()
}

fn json(document: &Document) -> Value {
    // The text was printed from a tree, so it is JSON.
    serde_json::from_str(&document.json).unwrap_or_default()
}

/// JSON as a value of HCL.
pub(super) fn hcl(json: Value) -> Expression<'static> {
    match json {
        Value::Null => Expression::Null,
        Value::Bool(value) => Expression::Bool(value),
        Value::Number(number) => Expression::Number(number),
        Value::String(text) => Expression::from(text),
        Value::Array(items) => Expression::list(items.into_iter().map(hcl)),
        Value::Object(entries) => Expression::object(entries.into_iter().map(|(key, entry)| (key, hcl(entry)))),
    }
}
