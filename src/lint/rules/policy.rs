//! What policy documents say.

pub(super) mod allow_outside_boundary;
pub(super) mod allow_outside_service_control_policies;
pub(super) mod always_true_condition;
pub(super) mod bypassable_deny;
pub(super) mod condition_type_mismatch;
pub(super) mod contradictory_condition;
pub(super) mod dead_allow;
pub(super) mod deprecated_managed_policy;
pub(super) mod empty_policy_element;
pub(super) mod for_all_values_alone;
pub(super) mod invalid_arn;
pub(super) mod missing_set_operator;
pub(super) mod partition_mismatch;
pub(super) mod policy_syntax;
pub(super) mod policy_unknown_action;
pub(super) mod policy_version;
pub(super) mod redundant_action;
pub(super) mod redundant_resource;
pub(super) mod redundant_statement;
pub(super) mod resource_mismatch;
pub(super) mod unknown_condition_key;
pub(super) mod unknown_managed_policy;
pub(super) mod unreachable_deny;
pub(super) mod unsupported_condition_key;
pub(super) mod unsupported_resource_tag;
pub(super) mod wildcard_without_like;
