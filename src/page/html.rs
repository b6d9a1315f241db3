//! The document around the data.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Page;
use crate::emit::template;
use crate::error::Error;

/// The document.
const PAGE: &str = include_str!("../../templates/report/page.html.j2");

/// How it looks, on a screen and on paper.
const STYLES: [&str; 2] =
    [include_str!("../../templates/report/page.css"), include_str!("../../templates/report/print.css")];

/// What it does: pieces of one module, each of which uses only those before it while it is loaded.
const SCRIPTS: [&str; 9] = [
    include_str!("../../templates/report/dom.js"),
    include_str!("../../templates/report/access.js"),
    include_str!("../../templates/report/search.js"),
    include_str!("../../templates/report/list.js"),
    include_str!("../../templates/report/matrix.js"),
    include_str!("../../templates/report/details.js"),
    include_str!("../../templates/report/pictures.js"),
    include_str!("../../templates/report/views.js"),
    include_str!("../../templates/report/main.js"),
];

/// How every page begins, and nothing else does.
const OPENING: &str = "<!doctype html>\n<!-- Written by bailiwick";

/// Whether a file is a page that bailiwick has written.
pub fn is_page(contents: &[u8]) -> bool {
    contents.starts_with(OPENING.as_bytes())
}

#[derive(Serialize)]
struct Parts<'a> {
    title: &'a str,
    version: &'a str,
    policy: String,
    style: String,
    script: String,
    data: String,
}

impl Page {
    /// The page as a document that needs nothing beside itself, and may load nothing.
    ///
    /// # Errors
    ///
    /// When the template is wrong: a fault of ours that the tests find.
    pub fn html(&self) -> Result<String, Error> {
        let (style, script) = (STYLES.concat(), SCRIPTS.concat());
        // Only what stands here runs, known by its hash; nothing is loaded, sent or framed.
        let policy = format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
            source(&script),
            source(&style),
        );
        let data = embeddable(&serde_json::to_string(self).map_err(|error| Error::Print(error.into()))?);
        let parts = Parts { title: "Access to AWS", version: self.about.program, policy, style, script, data };
        template::render("page.html", PAGE, parts)
    }
}

/// A text as a source of a content security policy.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// JSON that may stand in a `<script>` element: whatever its strings hold, nothing ends the element or opens a comment in it,
/// and nothing is a line to an old reader of scripts. All of these characters only stand inside strings.
fn embeddable(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + json.len() / 64);
    for c in crate::report::escape_json(json).chars() {
        match c {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            _ => escaped.push(c),
        }
    }
    escaped
}
