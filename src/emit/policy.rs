//! Policy documents as values of HCL.

use super::hcl::Expression;
use crate::syntax::{Node, Style, Value};

/// A policy document, keys in the order they are written. Scalars of YAML are strings as written; numbers, booleans and
/// `null` of a JSON document stay what they are.
pub(super) fn expression(node: &Node) -> Expression<'_> {
    match &node.value {
        Value::Empty => Expression::Null,
        Value::Scalar(scalar) if scalar.style == Style::Literal => literal(&scalar.text),
        Value::Scalar(scalar) => Expression::from(&*scalar.text),
        Value::Sequence(items) => Expression::list(items.iter().map(expression)),
        Value::Mapping(entries) => {
            Expression::object(entries.iter().map(|entry| (entry.name(), expression(&entry.value))))
        }
    }
}

fn literal(text: &str) -> Expression<'_> {
    match text {
        "true" => Expression::Bool(true),
        "false" => Expression::Bool(false),
        "null" => Expression::Null,
        number => match (number.parse::<i64>(), number.parse::<f64>().ok().and_then(serde_json::Number::from_f64)) {
            (Ok(integer), _) => Expression::from(integer),
            (_, Some(float)) => Expression::Number(float),
            // IAM reads a number in quotes as that number.
            _ => Expression::from(number),
        },
    }
}
