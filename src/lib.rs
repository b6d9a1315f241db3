//! bailiwick
pub mod access;
pub mod diagnostic;
pub mod error;
pub mod lint;
pub mod model;
pub mod plan;
pub mod resolve;
pub mod source;
pub mod syntax;
