//! What bailiwick promises, tested from outside the crate in one binary.

mod example;
mod hcl;
mod program;
mod rules;
#[cfg(unix)]
mod readme;
#[cfg(unix)]
mod write;
