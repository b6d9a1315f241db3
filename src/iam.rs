//! What IAM policies mean.

mod action;
pub mod catalogue;
mod condition;
mod glob;
pub mod policy;
mod resource;
