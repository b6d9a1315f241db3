//! From a plan to the text of the files that deploy it.
//!
//! A [`Plan`](crate::plan::Plan) comes in, files go out to a [`Sink`](crate::write::Sink), one at a time, so that memory
//! stays small whatever the size of the output. An emitter spells what the plan has decided and decides nothing.

pub mod hcl;
mod policy;
mod template;
pub mod terraform;
