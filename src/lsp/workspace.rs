//! The models that an editor has open: where their roots are, what was found in them, what was said of it.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use walkdir::WalkDir;

use super::names::{Entity, Indexed};
use super::protocol::{Diagnostic, Location, Position, RelatedInformation};
use super::text::{Encoding, Lines};
use super::uri;
use crate::access::{Access, Organization};
use crate::diagnostic::{self, Severity};
use crate::error::Error;
use crate::lint::Levels;
use crate::load::{Overlay, real_path};
use crate::session::Session;
use crate::source::{FileId, Sources, Span};

/// How many findings of one rule are shown in one file. Editors slow down long before anybody reads that many.
const SHOWN_PER_RULE: usize = 100;

/// How deep below a workspace folder the root of a model is looked for.
const SEARCH_DEPTH: usize = 4;

/// The file by which the root of a model is known.
const ROOT_FILES: [&str; 2] = ["bailiwick.yaml", "bailiwick.yml"];

/// A document that is open in the editor.
#[derive(Debug)]
pub(super) struct Buffer {
    /// The URI as the client writes it.
    pub uri: String,
    /// Its real path.
    pub path: PathBuf,
    pub version: i64,
    pub text: String,
}

/// One model.
#[derive(Debug)]
pub(super) struct Model {
    /// The folder, or the file, that the model is.
    path: PathBuf,
    /// The folder that paths of files start from.
    pub root: PathBuf,
    /// What the last run found; `None` before the first, and after one that could not be done.
    pub session: Option<Rc<Session>>,
    /// The last run that could be resolved: what names mean while a file is being edited.
    pub resolved: Option<Rc<Session>>,
    /// Whether something changed since the last run.
    pub stale: bool,
    /// What the last run could not do, so that it is said once.
    pub failure: Option<String>,
    /// What was published, by URI: for which version, and what.
    published: BTreeMap<String, (Option<i64>, Vec<Diagnostic>)>,
    /// The files by their path from the root, as they were last understood.
    index: RefCell<FxHashMap<String, Rc<Indexed>>>,
}

impl Model {
    fn new(path: PathBuf) -> Self {
        let folder = path.parent().filter(|_| is_model_file(&path)).unwrap_or(&path);
        Self {
            root: folder.to_owned(),
            path,
            session: None,
            resolved: None,
            stale: true,
            failure: None,
            published: BTreeMap::new(),
            index: RefCell::default(),
        }
    }

    /// What names mean.
    pub(super) fn access(&self) -> Option<&Access> {
        self.resolved.as_ref()?.access.as_ref()
    }

    pub(super) fn organization(&self) -> Option<&Organization> {
        self.access()?.organization.as_ref()
    }

    /// Looks at the model as it is now.
    pub(super) fn check(&mut self, overlay: &Overlay, as_of: Timestamp) {
        self.stale = false;
        match Session::read(&self.path, overlay, as_of) {
            Ok(mut session) => {
                session.judge(&Levels::new());
                let session = Rc::new(session);
                if session.access.is_some() {
                    self.resolved = Some(Rc::clone(&session));
                }
                self.session = Some(session);
                self.failure = None;
            }
            Err(error) => {
                self.session = None;
                self.resolved = None;
                // A folder without a model has nothing to complain about.
                self.failure = (!matches!(error, Error::NoModel(_))).then(|| error.to_string());
            }
        }
    }

    /// The path from the root, with `/` between its parts, of a file below it.
    pub(super) fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.root).ok()?;
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    /// A text as a file of the model, understood again only if it changed.
    pub(super) fn indexed(&self, relative: &str, text: &str) -> Rc<Indexed> {
        if let Some(known) = self.index.borrow().get(relative)
            && known.text == text
        {
            return Rc::clone(known);
        }
        // What is indexed is looked at together with its own text alone.
        let file = Sources::new().add(relative.to_owned(), String::new());
        let indexed = Rc::new(match is_document(Path::new(relative)) {
            true => Indexed::policy_document(file, text),
            false => Indexed::model_file(file, text),
        });
        self.index.borrow_mut().insert(relative.to_owned(), Rc::clone(&indexed));
        indexed
    }

    /// Every file of the model with its path from the root, understood.
    pub(super) fn files(&self) -> Vec<(String, Rc<Indexed>)> {
        let Some(session) = &self.session else { return Vec::new() };
        let indexed = |(_, source): (FileId, &crate::source::Source)| {
            (source.path().to_owned(), self.indexed(source.path(), source.text()))
        };
        session.sources.iter().map(indexed).collect()
    }

    /// What names at a place stand for, everywhere in the model: the file and the name.
    pub(super) fn places_of(&self, entity: &Entity) -> Vec<(String, Rc<Indexed>, usize)> {
        let organization = self.organization();
        let mut places = Vec::new();
        for (path, file) in self.files() {
            for (at, name) in file.names.iter().enumerate() {
                if name.kind == entity.kind && Entity::of(name, organization) == *entity {
                    places.push((path.clone(), Rc::clone(&file), at));
                }
            }
        }
        places
    }
}

/// Whether a path is that of a policy document, not of a YAML file.
pub(super) fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

/// Whether a path is that of a YAML file.
fn is_model_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// A place in a file of a model that a client asks about.
pub(super) struct Asked<'w> {
    pub model: &'w Model,
    /// The path of the file from the root of the model.
    pub relative: String,
    pub file: Rc<Indexed>,
    pub lines: Lines,
    /// The byte.
    pub offset: usize,
}

/// Everything that is open.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub encoding: Encoding,
    /// The root that the client configured.
    pub configured: Option<PathBuf>,
    /// The workspace folders.
    pub folders: Vec<PathBuf>,
    /// The same folders as the client writes them, which may be through links.
    aliases: Vec<(PathBuf, PathBuf)>,
    /// The open documents, by the URI as the client writes it.
    pub buffers: BTreeMap<String, Buffer>,
    pub overlay: Overlay,
    /// The models that were met, by their roots.
    pub models: BTreeMap<PathBuf, Model>,
    /// For each workspace folder, the roots that were found below it.
    found: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Workspace {
    /// The models that can be known without an open document.
    pub(super) fn find_models(&mut self) {
        self.found.clear();
        if let Some(root) = &self.configured {
            let root = root.clone();
            self.models.entry(root.clone()).or_insert_with(|| Model::new(root));
            return;
        }
        for folder in self.folders.clone() {
            let roots = roots_below(&folder);
            for root in &roots {
                self.models.entry(root.clone()).or_insert_with(|| Model::new(root.clone()));
            }
            self.found.insert(folder, roots);
        }
    }

    /// The root of the model that a file belongs to: what the client configured, or a folder above it with a
    /// `bailiwick.yaml`, or the workspace folder unless it has models further down.
    fn root_of(&self, path: &Path) -> Option<PathBuf> {
        if let Some(root) = &self.configured {
            return path.starts_with(root).then(|| root.clone());
        }
        let folders = self.folders.iter().filter(|folder| path.starts_with(folder));
        let folder = folders.max_by_key(|folder| folder.as_os_str().len());
        let marks = |above: &&Path| {
            let is_there = |file: &Path| file.is_file() || self.overlay.paths().any(|open| open == file);
            ROOT_FILES.iter().any(|name| is_there(&above.join(name)))
        };
        let mut above = path.ancestors().skip(1);
        let marked = match folder {
            // Whatever lies below a root belongs to its model.
            Some(folder) => above.take_while(|above| above.starts_with(folder)).filter(marks).last(),
            None => above.find(marks),
        };
        if let Some(marked) = marked {
            return Some(marked.to_owned());
        }
        match folder {
            Some(folder) if self.found.get(folder).is_some_and(|roots| !roots.is_empty()) => None,
            Some(folder) => Some(folder.clone()),
            // A file by itself is a model by itself; a document is not.
            None => is_model_file(path).then(|| path.to_owned()),
        }
    }

    /// The place that a client asks about, in a file that belongs to a model.
    pub(super) fn asked(&self, uri: &str, position: Position) -> Option<Asked<'_>> {
        let (model, relative, text) = self.text_of(uri)?;
        let file = model.indexed(&relative, text);
        let lines = Lines::new(text, self.encoding);
        let offset = lines.offset(text, position);
        Some(Asked { model, relative, file, lines, offset })
    }

    /// The text of a file, its path from the root of its model, and the model.
    pub(super) fn text_of(&self, uri: &str) -> Option<(&Model, String, &str)> {
        let buffer = self.buffers.get(uri)?;
        let model = self.known_model_of(&buffer.path)?;
        Some((model, model.relative(&buffer.path)?, &buffer.text))
    }

    /// The model that a file belongs to; it is made when it is first met.
    pub(super) fn model_of(&mut self, path: &Path) -> Option<&mut Model> {
        let root = self.root_of(path)?;
        // A document that is named by its path makes no model by itself.
        let is_new = !self.models.contains_key(&root);
        if is_new && is_document(path) {
            return None;
        }
        Some(self.models.entry(root.clone()).or_insert_with(|| Model::new(root)))
    }

    /// The model that a file belongs to, if it was met.
    pub(super) fn known_model_of(&self, path: &Path) -> Option<&Model> {
        self.models.get(&self.root_of(path)?)
    }

    /// Adds a workspace folder.
    pub(super) fn add_folder(&mut self, uri: &str) {
        let Some(path) = uri::to_path(uri) else { return };
        let real = real_path(&path);
        self.folders.push(real.clone());
        self.aliases.push((real, path));
    }

    /// Removes a workspace folder.
    pub(super) fn remove_folder(&mut self, uri: &str) {
        let Some(real) = uri::to_path(uri).map(|path| real_path(&path)) else { return };
        self.folders.retain(|folder| *folder != real);
        self.aliases.retain(|(folder, _)| *folder != real);
    }

    /// The URI of a file as the client writes it.
    pub(super) fn uri_of(&self, path: &Path) -> String {
        if let Some(open) = self.buffers.values().find(|buffer| buffer.path == path) {
            return open.uri.clone();
        }
        let below = self.aliases.iter().find_map(|(real, alias)| Some(alias.join(path.strip_prefix(real).ok()?)));
        uri::from_path(below.as_deref().unwrap_or(path))
    }

    fn version_of(&self, uri: &str) -> Option<i64> {
        self.buffers.get(uri).map(|buffer| buffer.version)
    }

    /// What changed in the findings of a model since it was last asked: the files and what is now found in them.
    pub(super) fn news(&mut self, root: &Path) -> Vec<(String, Option<i64>, Vec<Diagnostic>)> {
        let Some(model) = self.models.get(root) else { return Vec::new() };
        let mut now: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        if let Some(session) = &model.session {
            let places = Places::new(self, root, session);
            let mut shown: FxHashMap<(FileId, &str), usize> = FxHashMap::default();
            for finding in &session.diagnostics {
                let seen = shown.entry((finding.span.file, finding.rule)).or_default();
                *seen += 1;
                if *seen <= SHOWN_PER_RULE {
                    now.entry(places.uri(finding.span.file).to_owned()).or_default().push(places.diagnostic(finding));
                }
            }
        }
        for uri in model.published.keys() {
            now.entry(uri.clone()).or_default();
        }
        let versioned: Vec<_> = now.into_iter().map(|(uri, findings)| (self.version_of(&uri), uri, findings)).collect();
        let Some(model) = self.models.get_mut(root) else { return Vec::new() };
        let mut news = Vec::new();
        for (version, uri, findings) in versioned {
            let known = model.published.get(&uri);
            let same =
                known.is_some_and(|(said, before)| *before == findings && (said == &version || findings.is_empty()));
            if same || (known.is_none() && findings.is_empty()) {
                continue;
            }
            model.published.insert(uri.clone(), (version, findings.clone()));
            news.push((uri, version, findings));
        }
        model.published.retain(|_, (_, findings)| !findings.is_empty());
        news
    }

    /// Forgets the models that no folder and no open document belongs to; what was said of them is to be taken back.
    pub(super) fn forget_models(&mut self) -> Vec<String> {
        let mut needed: Vec<PathBuf> = self.found.values().flatten().cloned().collect();
        needed.extend(self.configured.clone());
        needed.extend(self.buffers.values().filter_map(|buffer| self.root_of(&buffer.path)));
        let mut gone = Vec::new();
        self.models.retain(|root, model| {
            let keep = needed.contains(root);
            if !keep {
                gone.extend(std::mem::take(&mut model.published).into_keys());
            }
            keep
        });
        gone
    }
}

/// The folders with a `bailiwick.yaml` at or a little below a folder, none inside another.
fn roots_below(folder: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(folder).max_depth(SEARCH_DEPTH).sort_by_file_name();
    let visible = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || matches!(&*name, "node_modules" | "target"))
    };
    let mut roots: Vec<PathBuf> = walk
        .into_iter()
        .filter_entry(visible)
        .flatten()
        .filter(|entry| ROOT_FILES.iter().any(|name| entry.file_name() == *name))
        .filter_map(|entry| entry.path().parent().map(Path::to_owned))
        .collect();
    roots.sort();
    // Whatever lies below a root belongs to its model.
    roots.dedup_by(|below, above| below.starts_with(&*above));
    roots
}

/// The files of a run with their URIs and lines.
pub(super) struct Places<'s> {
    session: &'s Session,
    files: RefCell<FxHashMap<FileId, Rc<(String, Lines)>>>,
    workspace: &'s Workspace,
    root: &'s Path,
}

impl<'s> Places<'s> {
    pub(super) fn new(workspace: &'s Workspace, root: &'s Path, session: &'s Session) -> Self {
        Self { session, files: RefCell::default(), workspace, root }
    }

    fn file(&self, file: FileId) -> Rc<(String, Lines)> {
        let known = self.files.borrow().get(&file).map(Rc::clone);
        known.unwrap_or_else(|| {
            let source = self.session.sources.get(file);
            let uri = self.workspace.uri_of(&real_path(&self.root.join(source.path())));
            let made = Rc::new((uri, Lines::new(source.text(), self.workspace.encoding)));
            self.files.borrow_mut().insert(file, Rc::clone(&made));
            made
        })
    }

    pub(super) fn uri(&self, file: FileId) -> String {
        self.file(file).0.clone()
    }

    /// A place as the client counts it.
    pub(super) fn location(&self, span: Span) -> Location {
        let file = self.file(span.file);
        let text = self.session.sources.get(span.file).text();
        Location { uri: file.0.clone(), range: file.1.range(text, span.range()) }
    }

    /// The white space that a line begins with.
    pub(super) fn indentation(&self, span: Span) -> &'s str {
        let text = self.session.sources.get(span.file).text();
        let line = self.file(span.file).1.line(span.start as usize);
        let line = &text[self.file(span.file).1.range_of(text, line)];
        &line[..line.len() - line.trim_start().len()]
    }

    /// A finding as editors show it.
    pub(super) fn diagnostic(&self, finding: &diagnostic::Diagnostic) -> Diagnostic {
        let mut message = finding.message.clone();
        for note in &finding.notes {
            message.push('\n');
            message.push_str(note);
        }
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(help);
        }
        let related = finding.related.iter().map(|(span, text)| RelatedInformation {
            location: self.location(*span),
            message: if text.is_empty() { "belongs to it".to_owned() } else { text.clone() },
        });
        Diagnostic {
            range: self.location(finding.span).range,
            severity: match finding.severity {
                Severity::Error => 1,
                Severity::Warning => 2,
                Severity::Note => 3,
            },
            code: finding.rule,
            source: "bailiwick",
            message,
            // What serves nothing any more is shown faded.
            tags: if matches!(finding.rule, "unused-suppression" | "expired-assignment") {
                vec![1]
            } else {
                Vec::new()
            },
            related_information: related.collect(),
        }
    }
}
