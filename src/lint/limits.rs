//! Hard limits of AWS that neither `terraform validate` nor a template linter checks.
//!
//! The patterns and sizes are those of the service models of `sso-admin`, `identitystore`, `organizations` and `iam`, and
//! of the quota pages of IAM Identity Center and IAM. They are not settings.

mod identity;
mod names;
mod policies;

pub(crate) use identity::{INVALID_ATTRIBUTE, INVALID_ID, NOT_NORMALIZED};
pub(crate) use names::{INVALID_DESCRIPTION, INVALID_NAME, INVALID_PATH, INVALID_RELAY_STATE, INVALID_TAG};
pub(crate) use policies::{POLICY_CHARACTERS, POLICY_TOO_LARGE, TOO_MANY_POLICIES};

/// `\w` of the AWS service models.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `[\w+=,.@-]`, the alphabet of names in IAM.
fn is_iam_name(c: char) -> bool {
    is_word(c) || matches!(c, '+' | '=' | ',' | '.' | '@' | '-')
}

/// The first character of a text that is not allowed.
fn stray(text: &str, allowed: impl Fn(char) -> bool) -> Option<char> {
    text.chars().find(|&c| !allowed(c))
}

/// A character as a message can show it.
fn show(c: char) -> String {
    if c.is_control() || !c.is_ascii() { format!("U+{:04X}", c as u32) } else { format!("`{c}`") }
}
