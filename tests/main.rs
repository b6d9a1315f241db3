//! What bailiwick promises, tested from outside the crate in one binary.

mod calibration;
mod changes;
mod cli;
mod cloudformation;
mod editor;
mod example;
mod growth;
mod hcl;
mod hostile;
mod hostile_strings;
mod program;
mod random_models;
#[cfg(unix)]
mod readme;
mod reformatting;
mod rendering;
mod rules;
mod stacks;
mod support;
mod terraform;
#[cfg(unix)]
mod write;
