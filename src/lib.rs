//! bailiwick
pub mod access;
pub mod cli;
pub mod diagnostic;
pub mod emit;
pub mod error;
pub mod iam;
pub mod lint;
pub mod load;
pub mod model;
pub mod plan;
pub mod report;
pub mod resolve;
pub mod source;
pub mod syntax;
pub mod write;
