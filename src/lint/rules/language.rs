//! The language itself.
//!
//! These rules have no check of their own: the place that meets the mistake, while files are read and names resolved,
//! reports it. Their pages are here.

pub(super) mod ambiguous_account;
pub(super) mod ambiguous_ou;
pub(super) mod conflicting_keys;
pub(super) mod declared_twice;
pub(super) mod duplicate_key;
pub(super) mod invalid_delegated_admin;
pub(super) mod invalid_expiry;
pub(super) mod invalid_organization;
pub(super) mod invalid_value;
pub(super) mod malformed_suppression;
pub(super) mod missing_key;
pub(super) mod overlapping_variants;
pub(super) mod partial_model;
pub(super) mod syntax;
pub(super) mod unknown_account;
pub(super) mod unknown_key;
pub(super) mod unknown_ou;
pub(super) mod unknown_permission_set;
pub(super) mod unknown_principal;
pub(super) mod unknown_rule;
pub(super) mod unknown_service_control_policy;
pub(super) mod unquoted_account_id;
pub(super) mod unreadable_document;
pub(super) mod unused_suppression;
pub(super) mod wrong_type;
