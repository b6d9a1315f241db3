//! What bailiwick promises, tested from outside the crate in one binary.

mod example;
mod hcl;
#[cfg(unix)]
mod readme;
#[cfg(unix)]
mod write;
