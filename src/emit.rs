//! From a plan to the text of the files that deploy it.

pub mod hcl;
