//! bailiwick
pub mod access;
pub mod diagnostic;
pub mod error;
pub mod model;
pub mod resolve;
pub mod source;
pub mod syntax;
