//! What several tests of this binary share.

pub(crate) mod command;
pub(crate) mod deploy;
pub(crate) mod generate;
pub(crate) mod module;
pub(crate) mod oracle;
pub(crate) mod scenario;
pub(crate) mod stacks;
pub(crate) mod state;
