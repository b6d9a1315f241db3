//! Policy documents that the model names by path.

use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

use crate::access::Document;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::{Policy, PolicyKind};
use crate::load::{Expected, Inside, Overlay};
use crate::model::Body;
use crate::source::{FileId, Sources};
use crate::syntax::decode::Text;
use crate::syntax::{Node, parse_json};

/// The largest policy IAM takes has 6,144 characters that are not white space; a document of a mebibyte is not one.
const DOCUMENT: Expected = Expected {
    what: "a document",
    limit: 1 << 20,
    too_large: ("larger than any policy can be", "a policy has at most 10,240 characters"),
    not_a_file: "name the JSON file that holds the document",
};

/// A document as every place that names it shares it.
type Understood = (Arc<str>, Arc<Policy>);

/// The file of a document, and what it says, where either can be read.
type Read = Option<(FileId, Option<Understood>)>;

/// Reads policy documents below the root of the model, each file once.
#[derive(Debug)]
pub struct Documents<'s> {
    files: Inside<'s>,
    sources: &'s mut Sources,
    read: FxHashMap<(PolicyKind, String), Read>,
}

impl<'s> Documents<'s> {
    /// Documents below `root`, an existing directory; their text, which may be that of the overlay, goes to `sources`.
    pub fn new(root: &Path, overlay: &'s Overlay, sources: &'s mut Sources) -> Self {
        Self { files: Inside::new(root, overlay), sources, read: FxHashMap::default() }
    }

    /// The document of a body, checked as an IAM policy; `None` when it cannot be read, which is then reported.
    pub(super) fn load(&mut self, body: &Body, diagnostics: &mut Diagnostics) -> Option<Document> {
        self.load_as(PolicyKind::Identity, body, diagnostics)
    }

    /// The document of a body, checked as a service control policy; `None` when it cannot be read, which is then reported.
    pub(super) fn load_service_control(&mut self, body: &Body, diagnostics: &mut Diagnostics) -> Option<Document> {
        self.load_as(PolicyKind::ServiceControl, body, diagnostics)
    }

    fn load_as(&mut self, kind: PolicyKind, body: &Body, diagnostics: &mut Diagnostics) -> Option<Document> {
        let (json, policy) = match body {
            Body::Document(raw) => understand(kind, &raw.0, diagnostics),
            Body::Path(path) => self.file(kind, path, diagnostics)?,
        };
        Some(Document { json, policy, named_at: body.span() })
    }

    fn file(&mut self, kind: PolicyKind, path: &Text, diagnostics: &mut Diagnostics) -> Option<Understood> {
        let key = (kind, path.value.clone());
        let read = match self.read.get(&key) {
            Some(read) => read.clone(),
            None => {
                let read = match self.text(path.as_str()) {
                    Ok(text) => {
                        let file = self.sources.add(path.value.clone(), text);
                        let node = parse_json(file, self.sources.get(file).text(), diagnostics);
                        Some((file, node.map(|node| understand(kind, &node, diagnostics))))
                    }
                    Err((message, help)) => {
                        diagnostics.push(Diagnostic::error("unreadable-document", path.span, message).help(help));
                        None
                    }
                };
                self.read.insert(key, read.clone());
                read
            }
        };
        let (file, understood) = read?;
        self.sources.name(file, path.span);
        understood
    }

    /// The text of a document, or what is wrong and what to do.
    fn text(&mut self, path: &str) -> Result<String, (String, &'static str)> {
        if matches!(Path::new(path).extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml")) {
            return Err((
                format!("`{path}` is a YAML file, and every YAML file below the root is part of the model"),
                "write the document as JSON in a `.json` file, or in place as YAML",
            ));
        }
        self.files.text(path, DOCUMENT)
    }
}

/// What a document says, and what it means. The tree is not kept: ten thousand accounts have a thousand documents.
fn understand(kind: PolicyKind, node: &Node, diagnostics: &mut Diagnostics) -> Understood {
    let policy = Policy::read_as(kind, node, diagnostics);
    (policy.json(), Arc::new(policy))
}
