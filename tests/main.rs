//! What bailiwick promises, tested from outside the crate in one binary.

mod hcl;
mod program;
mod rules;
#[cfg(unix)]
mod write;
