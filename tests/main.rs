//! What bailiwick promises, tested from outside the crate in one binary.

mod hcl;
#[cfg(unix)]
mod write;
