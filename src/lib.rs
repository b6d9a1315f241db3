//! bailiwick
pub mod emit;
