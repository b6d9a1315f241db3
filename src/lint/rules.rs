//! The registry.

mod customer_policy_missing;
mod iam_without_boundary;
mod outside_targets;
mod session_too_long;
mod unknown_managed_policy;
mod user_without_expiry;

use super::{Rule, language, limits};

/// Every rule, in reading order: what the product exists for, then what else is judged, then the limits of AWS, then the
/// language.
pub static RULES: &[&Rule] = &[
    &user_without_expiry::USER_WITHOUT_EXPIRY,
    &iam_without_boundary::IAM_WITHOUT_BOUNDARY,
    &session_too_long::SESSION_TOO_LONG,
    &customer_policy_missing::CUSTOMER_POLICY_MISSING,
    &outside_targets::OUTSIDE_TARGETS,
    &unknown_managed_policy::UNKNOWN_MANAGED_POLICY,
    &language::EXPIRED_ASSIGNMENT,
    &language::EMPTY_SELECTION,
    &language::EMPTY_OU,
    &language::NARROWED_ACCOUNT,
    &language::INACTIVE_ACCOUNT,
    &language::SKIPPED_ACCOUNTS,
    &language::ROOT_SPARES_MANAGEMENT,
    &language::REPEATED_VALUE,
    &limits::INVALID_NAME,
    &limits::INVALID_DESCRIPTION,
    &limits::INVALID_RELAY_STATE,
    &limits::INVALID_TAG,
    &limits::INVALID_PATH,
    &limits::INVALID_ID,
    &limits::INVALID_ATTRIBUTE,
    &limits::NOT_NORMALIZED,
    &language::POLICY_SYNTAX,
    &language::POLICY_VERSION,
    &language::POLICY_UNKNOWN_ACTION,
    &limits::POLICY_TOO_LARGE,
    &limits::POLICY_CHARACTERS,
    &limits::TOO_MANY_POLICIES,
    &language::INVALID_SESSION_DURATION,
    &language::SYNTAX,
    &language::DUPLICATE_KEY,
    &language::DECLARED_TWICE,
    &language::UNKNOWN_KEY,
    &language::WRONG_TYPE,
    &language::MISSING_KEY,
    &language::CONFLICTING_KEYS,
    &language::INVALID_VALUE,
    &language::INVALID_EXPIRY,
    &language::UNQUOTED_ACCOUNT_ID,
    &language::UNKNOWN_ACCOUNT,
    &language::AMBIGUOUS_ACCOUNT,
    &language::UNKNOWN_OU,
    &language::AMBIGUOUS_OU,
    &language::UNKNOWN_PRINCIPAL,
    &language::UNKNOWN_PERMISSION_SET,
    &language::INVALID_ORGANIZATION,
    &language::INVALID_DELEGATED_ADMIN,
    &language::OVERLAPPING_VARIANTS,
    &language::UNREADABLE_DOCUMENT,
    &language::PARTIAL_MODEL,
    &language::MALFORMED_SUPPRESSION,
    &language::UNUSED_SUPPRESSION,
    &language::UNKNOWN_RULE,
];
