//! Text to tree: the first stage of the pipeline.
//!
//! A file comes in, a [`Document`] goes out. YAML and JSON become the same [`Node`] tree, in which every key and value
//! keeps its span, and order, duplicates and the way a scalar was quoted are not lost. Parsing never fails: what cannot
//! be read is reported, and the rest is handed on.
//!
//! Only this module knows which crates read YAML and JSON.

mod allow;
pub mod decode;
mod json;
mod node;
mod yaml;

pub use allow::{Allow, Allows};
pub use json::parse_json;
pub use node::{Entry, Node, Scalar, Style, Value};
pub use yaml::parse_yaml;

use crate::source::FileId;

/// A parsed YAML file.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub file: FileId,
    /// Its content; [`Value::Empty`] for a file without any.
    pub root: Node,
    /// Whether the parser gave up before the end of the file.
    pub broken_off: bool,
    /// The suppressions in its comments.
    pub allows: Vec<Allow>,
}
