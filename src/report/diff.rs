//! What a change does to access, told: to a person at a terminal, in a comment on a pull request, or to a program.
//!
//! What is told is decided once, as a `Story` of sections and sentences; text and Markdown lay it out. JSON
//! has all of the difference, whatever its size.

mod json;
mod markdown;
mod story;
mod text;
mod words;

pub use json::json;
pub use markdown::markdown;
pub use text::text;

use crate::source::Sources;

/// How the two models are called.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The model before.
    pub old: &'a str,
    /// The model after.
    pub new: &'a str,
}

/// The files of the two models.
#[derive(Clone, Copy, Debug)]
pub struct Origins<'a> {
    /// Those of the model before.
    pub old: &'a Sources,
    /// Those of the model after.
    pub new: &'a Sources,
}
