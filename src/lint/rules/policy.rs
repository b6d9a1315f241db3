//! What policy documents say.

pub(super) mod policy_syntax;
pub(super) mod policy_unknown_action;
pub(super) mod policy_version;
pub(super) mod unknown_managed_policy;
