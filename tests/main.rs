//! What bailiwick promises, tested from outside the crate in one binary.

mod hcl;
mod random_models;
mod support;
#[cfg(unix)]
mod write;
