//! Who gets what where, and how long: the matrix, the sessions, the boundaries and the policies that must be in place.

pub(super) mod confusable_names;
pub(super) mod customer_policy_missing;
pub(super) mod empty_ou;
pub(super) mod empty_selection;
pub(super) mod expired_assignment;
pub(super) mod guard;
pub(super) mod iam_without_boundary;
pub(super) mod inactive_account;
pub(super) mod narrowed_account;
pub(super) mod near_duplicate_sets;
pub(super) mod outside_targets;
pub(super) mod redundant_grant;
pub(super) mod redundant_target;
pub(super) mod repeated_value;
pub(super) mod root_spares_management;
pub(super) mod service_control_policies_allow_nothing;
pub(super) mod service_control_policy_without_effect;
pub(super) mod session_too_long;
pub(super) mod shadowed_row;
pub(super) mod skipped_accounts;
pub(super) mod unassigned_permission_set;
pub(super) mod unused_policy;
pub(super) mod unused_service_control_policy;
pub(super) mod user_without_expiry;
pub(super) mod users_without_group;
