//! What IAM policies mean.

mod action;
pub mod assess;
pub mod catalogue;
mod condition;
mod facts;
mod glob;
#[cfg(test)]
mod oracle;
pub mod policy;
mod reach;
mod resource;

pub use facts::Facts;
pub use reach::{Certainty, Verdict};
