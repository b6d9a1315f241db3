//! bailiwick
pub mod diagnostic;
pub mod error;
pub mod iam;
pub mod model;
pub mod source;
pub mod syntax;
