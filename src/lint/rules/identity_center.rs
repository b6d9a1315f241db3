//! What is special about IAM Identity Center: its sessions, its roles, its quotas, and who administers it.

pub(super) mod control_tower_name;
pub(super) mod group_in_management;
pub(super) mod mfa_condition;
pub(super) mod reserved_role_action;
pub(super) mod reserved_role_name;
pub(super) mod too_many_permission_sets;
pub(super) mod unmapped_attribute;
pub(super) mod unused_attribute;
pub(super) mod username_variable;
