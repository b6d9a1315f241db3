//! Prose around values: minijinja, strict, with no value that could be code.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

use crate::error::Error;

/// Renders a built-in template.
///
/// # Errors
///
/// When the template is wrong: a fault of ours that the tests find.
pub(crate) fn render(name: &'static str, template: &'static str, context: impl Serialize) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        minijinja::syntax::SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()?,
    );
    environment.add_template(name, template)?;
    let context = Value::from(Serde(&context));
    Ok(environment.get_template(name)?.render(context)?)
}
