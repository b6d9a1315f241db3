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

use crate::diff::Side;
use crate::report::origin::Origin;
use crate::source::{Sources, Span};

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

impl<'a> Origins<'a> {
    /// Where something begins that a side wrote.
    fn place(&self, side: Side, span: Span) -> Origin<'a> {
        let sources = match side {
            Side::Old => self.old,
            Side::New => self.new,
        };
        Origin::of(span, sources)
    }
}
