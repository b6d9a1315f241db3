//! What IAM policies mean.

pub mod catalogue;
