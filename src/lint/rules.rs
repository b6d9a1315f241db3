//! The registry, and the rules in groups.
//!
//! A rule is one file, named for its id: its page, its declaration and, unless the place that meets the mistake reports
//! it, its check. It is listed in the file of its group and in [`RULES`].

mod access;
mod language;
mod limits;
mod policy;

use super::Rule;

/// Every rule, in reading order: what the product exists for, then what else is judged, then the limits of AWS, then the
/// language.
pub static RULES: &[&Rule] = &[
    &access::user_without_expiry::USER_WITHOUT_EXPIRY,
    &access::iam_without_boundary::IAM_WITHOUT_BOUNDARY,
    &access::session_too_long::SESSION_TOO_LONG,
    &access::customer_policy_missing::CUSTOMER_POLICY_MISSING,
    &access::outside_targets::OUTSIDE_TARGETS,
    &policy::unknown_managed_policy::UNKNOWN_MANAGED_POLICY,
    &access::service_control_policies_allow_nothing::SERVICE_CONTROL_POLICIES_ALLOW_NOTHING,
    &access::service_control_policy_without_effect::SERVICE_CONTROL_POLICY_WITHOUT_EFFECT,
    &access::unused_service_control_policy::UNUSED_SERVICE_CONTROL_POLICY,
    &access::expired_assignment::EXPIRED_ASSIGNMENT,
    &access::empty_selection::EMPTY_SELECTION,
    &access::empty_ou::EMPTY_OU,
    &access::narrowed_account::NARROWED_ACCOUNT,
    &access::inactive_account::INACTIVE_ACCOUNT,
    &access::skipped_accounts::SKIPPED_ACCOUNTS,
    &access::root_spares_management::ROOT_SPARES_MANAGEMENT,
    &access::repeated_value::REPEATED_VALUE,
    &limits::invalid_name::INVALID_NAME,
    &limits::invalid_description::INVALID_DESCRIPTION,
    &limits::invalid_relay_state::INVALID_RELAY_STATE,
    &limits::invalid_tag::INVALID_TAG,
    &limits::dynamic_reference::DYNAMIC_REFERENCE,
    &limits::invalid_path::INVALID_PATH,
    &limits::invalid_id::INVALID_ID,
    &limits::invalid_attribute::INVALID_ATTRIBUTE,
    &limits::not_normalized::NOT_NORMALIZED,
    &policy::policy_syntax::POLICY_SYNTAX,
    &policy::policy_version::POLICY_VERSION,
    &policy::policy_unknown_action::POLICY_UNKNOWN_ACTION,
    &limits::policy_too_large::POLICY_TOO_LARGE,
    &limits::policy_characters::POLICY_CHARACTERS,
    &limits::too_many_policies::TOO_MANY_POLICIES,
    &limits::too_many_service_control_policies::TOO_MANY_SERVICE_CONTROL_POLICIES,
    &limits::invalid_session_duration::INVALID_SESSION_DURATION,
    &language::syntax::SYNTAX,
    &language::duplicate_key::DUPLICATE_KEY,
    &language::declared_twice::DECLARED_TWICE,
    &language::unknown_key::UNKNOWN_KEY,
    &language::wrong_type::WRONG_TYPE,
    &language::missing_key::MISSING_KEY,
    &language::conflicting_keys::CONFLICTING_KEYS,
    &language::invalid_value::INVALID_VALUE,
    &language::invalid_expiry::INVALID_EXPIRY,
    &language::unquoted_account_id::UNQUOTED_ACCOUNT_ID,
    &language::unknown_account::UNKNOWN_ACCOUNT,
    &language::ambiguous_account::AMBIGUOUS_ACCOUNT,
    &language::unknown_ou::UNKNOWN_OU,
    &language::ambiguous_ou::AMBIGUOUS_OU,
    &language::unknown_principal::UNKNOWN_PRINCIPAL,
    &language::unknown_permission_set::UNKNOWN_PERMISSION_SET,
    &language::unknown_service_control_policy::UNKNOWN_SERVICE_CONTROL_POLICY,
    &language::invalid_organization::INVALID_ORGANIZATION,
    &language::invalid_delegated_admin::INVALID_DELEGATED_ADMIN,
    &language::overlapping_variants::OVERLAPPING_VARIANTS,
    &language::unreadable_document::UNREADABLE_DOCUMENT,
    &language::partial_model::PARTIAL_MODEL,
    &language::malformed_suppression::MALFORMED_SUPPRESSION,
    &language::unused_suppression::UNUSED_SUPPRESSION,
    &language::unknown_rule::UNKNOWN_RULE,
];
