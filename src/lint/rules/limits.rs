//! Hard limits of AWS that neither `terraform validate` nor a template linter checks.
//!
//! The patterns and sizes are those of the service models of `sso-admin`, `identitystore`, `organizations` and `iam`, and
//! of the quota pages of IAM Identity Center and IAM. They are not settings.

pub(super) mod dynamic_reference;
pub(super) mod invalid_attribute;
pub(super) mod invalid_description;
pub(super) mod invalid_id;
pub(super) mod invalid_name;
pub(super) mod invalid_path;
pub(super) mod invalid_relay_state;
pub(super) mod invalid_session_duration;
pub(super) mod invalid_tag;
pub(super) mod not_normalized;
pub(super) mod policy_characters;
pub(super) mod policy_too_large;
pub(super) mod too_many_policies;
pub(super) mod too_many_service_control_policies;

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
