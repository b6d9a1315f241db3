//! What bailiwick promises, tested from outside the crate in one binary.

#[cfg(unix)]
mod access_diff;
mod browser;
mod calibration;
mod changes;
mod cli;
mod cloudformation;
mod diff_laws;
mod editor;
mod example;
#[cfg(unix)]
mod fixes;
mod growth;
#[cfg(feature = "guard")]
mod guard;
mod hcl;
#[cfg(unix)]
mod hooks;
mod hostile;
mod hostile_strings;
#[cfg(unix)]
mod known;
mod new_accounts;
mod organizations;
mod page;
mod profiles;
mod program;
mod queries;
mod random_models;
#[cfg(unix)]
mod readme;
mod reformatting;
mod rendering;
mod reports;
mod rules;
mod stacks;
mod support;
mod terraform;
#[cfg(unix)]
mod write;
