//! What bailiwick promises, tested from outside the crate in one binary.

mod example;
mod hcl;
mod program;
#[cfg(unix)]
mod readme;
mod rules;
#[cfg(unix)]
mod write;
