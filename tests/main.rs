//! What bailiwick promises, tested from outside the crate in one binary.

mod cli;
mod hcl;
mod hostile;
mod program;
mod rules;
#[cfg(unix)]
mod write;
