//! Policy documents as values of HCL.

use serde_json::Value;

use super::hcl::Expression;
use crate::access::Document;

/// A policy document, keys in the order they are written.
pub(super) fn expression(document: &Document) -> Expression<'static> {
    // The text was printed from a tree, so it is JSON.
    value(serde_json::from_str(&document.json).unwrap_or_default())
}

fn value(json: Value) -> Expression<'static> {
    match json {
        Value::Null => Expression::Null,
        Value::Bool(value) => Expression::Bool(value),
        Value::Number(number) => Expression::Number(number),
        Value::String(text) => Expression::from(text),
        Value::Array(items) => Expression::list(items.into_iter().map(value)),
        Value::Object(entries) => Expression::object(entries.into_iter().map(|(key, entry)| (key, value(entry)))),
    }
}
