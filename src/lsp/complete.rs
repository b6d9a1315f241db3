//! What may stand at the cursor.
//!
//! The text around a cursor is half written, so it is parsed with a mark at the cursor: first as it stands, then with what
//! an author would type next. The first reading in which the mark is found says where in the language the cursor is.

use super::names::elements;
use super::protocol::{AtPosition, CompletionItem, CompletionList, Markup, Range, TextEdit};
use super::shape::{Key, Kind, Language, Role};
use super::text::Lines;
use super::workspace::{Model, Workspace, is_document};
use crate::access::OrganizationalUnit;
use crate::diagnostic::Diagnostics;
use crate::iam::catalogue::{Catalogue, ResourceType, Service};
use crate::iam::policy;
use crate::lint::{self, RULES};
use crate::source::Sources;
use crate::syntax::{Node, Style, Value, parse_yaml};

/// What makes an editor ask although no word was begun.
pub(super) const TRIGGERS: [&str; 6] = [":", " ", "[", "\"", "/", "*"];

/// A character that no text has: it is reserved for private use.
const MARK: char = '\u{e000}';

/// How many items are sent at once. Whoever types on gets those that are left out.
const LONGEST_LIST: usize = 1_000;

/// The largest text that is parsed whole; of a larger one, what is near the cursor.
const LARGEST_TEXT: usize = 128 << 10;

/// The kinds of item of the protocol, as far as they are used.
mod item {
    pub(super) const FUNCTION: u8 = 3;
    pub(super) const CLASS: u8 = 7;
    pub(super) const INTERFACE: u8 = 8;
    pub(super) const MODULE: u8 = 9;
    pub(super) const PROPERTY: u8 = 10;
    pub(super) const VALUE: u8 = 12;
    pub(super) const ENUM_MEMBER: u8 = 20;
    pub(super) const FILE: u8 = 17;
    pub(super) const FOLDER: u8 = 19;
    pub(super) const CONSTANT: u8 = 21;
}

/// What may stand at a position.
pub(super) fn complete(workspace: &Workspace, snippets: bool, at: &AtPosition) -> CompletionList {
    let Some((model, relative, text)) = workspace.text_of(&at.text_document.uri) else {
        return CompletionList::default();
    };
    let lines = Lines::new(text, workspace.encoding);
    let cursor = lines.offset(text, at.position);
    let mut list =
        List { cursor, snippets, text, lines: &lines, line: at.position.line, out: CompletionList::default() };
    let line = &text[lines.range_of(text, at.position.line as usize).start..cursor];
    if let Some(comment) = line.find('#').map(|at| &line[at..])
        && let Some((before, written)) = comment.rsplit_once("allow[")
        && before.contains("bailiwick:")
    {
        if !written.contains(']') {
            list.rules(&Token::plain(written, cursor));
        }
        return list.out;
    }
    if line.trim_start().starts_with('#') {
        return list.out;
    }
    if is_document(std::path::Path::new(&relative)) {
        list.document(&Reading::of(text, cursor, Place::Document));
    } else {
        list.model(model, &Reading::of(text, cursor, Place::Model));
    }
    list.out
}

/// What the text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Model,
    Document,
}

/// The word that is being written.
#[derive(Clone, Debug, Default)]
struct Token {
    /// What of it stands in front of the cursor.
    written: String,
    /// Where it begins, behind an opening quote.
    start: usize,
    quoted: bool,
    /// Whether it is the key of a mapping.
    is_key: bool,
}

impl Token {
    fn plain(written: &str, cursor: usize) -> Self {
        Self { written: written.to_owned(), start: cursor - written.len(), quoted: false, is_key: false }
    }
}

/// A step from the root of a tree to the mark.
#[derive(Clone, Debug)]
enum Step {
    /// Into the value of a key.
    Key(String),
    /// Into an element of a list.
    Element,
}

/// Where in the tree the mark is.
#[derive(Debug, Default)]
struct Reading {
    token: Token,
    path: Vec<Step>,
    /// The collection around the mark.
    around: Option<Node>,
}

impl Reading {
    /// Reads a text with a mark at the cursor.
    fn of(text: &str, cursor: usize, place: Place) -> Option<Self> {
        let (before, after) = (&text[..cursor], &text[cursor..]);
        let (before, after) = match place {
            Place::Model => near(before, after),
            Place::Document => (before.to_owned(), after),
        };
        // What is left of the word behind the cursor does not matter, what is left of its line does.
        let rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '*'));
        let below = rest.find('\n').map_or("", |end| &rest[end..]);
        let file = Sources::new().add(String::new(), String::new());
        // A list or mapping on one line is only read when it is closed.
        let closed = closers(if place == Place::Document { &before } else { before.rsplit('\n').next().unwrap_or("") });
        let readings = ["", &closed, ":", "]", "}", "\":"];
        let endings = [rest, below, ""];
        let tried = endings.iter().flat_map(|end| readings.iter().map(move |typed| format!("{typed}{end}")));
        for ending in tried {
            let marked = format!("{before}{MARK}{ending}");
            let root = parse_yaml(file, &marked, &mut Diagnostics::new()).root;
            if let Some(mut reading) = Self::find(&root, &marked, before.len()) {
                reading.token.start = cursor - reading.token.written.len();
                return Some(reading);
            }
        }
        None
    }

    fn find(root: &Node, marked: &str, mark: usize) -> Option<Self> {
        let mut reading = Self::default();
        reading.descend(root, marked, mark).then_some(reading)
    }

    fn descend(&mut self, node: &Node, marked: &str, mark: usize) -> bool {
        match &node.value {
            Value::Empty => false,
            Value::Scalar(_) => self.token_in(node, marked, mark),
            Value::Sequence(items) => items.iter().any(|item| {
                self.path.push(Step::Element);
                let found = self.descend(item, marked, mark);
                if !found {
                    self.path.pop();
                } else if self.around.is_none() {
                    self.around = Some(node.clone());
                }
                found
            }),
            Value::Mapping(entries) => entries.iter().any(|entry| {
                if self.token_in(&entry.key, marked, mark) {
                    self.token.is_key = true;
                    self.around = Some(node.clone());
                    return true;
                }
                self.path.push(Step::Key(entry.name().to_owned()));
                let found = self.descend(&entry.value, marked, mark);
                if !found {
                    self.path.pop();
                } else if self.around.is_none() {
                    self.around = Some(node.clone());
                }
                found
            }),
        }
    }

    /// Whether the mark is in a scalar, as the one word that is being written.
    fn token_in(&mut self, node: &Node, marked: &str, mark: usize) -> bool {
        let span = node.span.range();
        let Value::Scalar(scalar) = &node.value else { return false };
        if !span.contains(&mark) || !scalar.text.contains(MARK) {
            return false;
        }
        let quoted = scalar.style == Style::Quoted;
        let start = if quoted { span.start + 1 } else { span.start };
        let Some(written) = marked.get(start..mark) else { return false };
        // A word does not go on over several lines; what looks like it is a key without its colon.
        if written.contains(['\n', '\r']) || (!quoted && written.starts_with(['|', '>'])) {
            return false;
        }
        self.token = Token { written: written.to_owned(), start, quoted, is_key: false };
        true
    }

    /// The names of the keys beside the mark.
    fn siblings(&self) -> Vec<&str> {
        match self.around.as_ref().map(|around| &around.value) {
            Some(Value::Mapping(entries)) => {
                entries.iter().map(crate::syntax::Entry::name).filter(|name| !name.contains(MARK)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What closes the quotes and brackets that a text leaves open.
fn closers(text: &str) -> String {
    let mut open = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    let mut previous = ' ';
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(opened) if c == opened => quote = None,
            Some(_) => {}
            // Behind a letter it is an apostrophe.
            None if matches!(c, '"' | '\'') && !previous.is_alphanumeric() => quote = Some(c),
            None => match c {
                '[' => open.push(']'),
                '{' => open.push('}'),
                ']' | '}' => drop(open.pop()),
                _ => {}
            },
        }
        previous = c;
    }
    quote.into_iter().chain(open.into_iter().rev()).collect()
}

/// What of a large text is near the cursor: the section it is in, and of that the element it is in.
fn near<'t>(before: &'t str, after: &'t str) -> (String, &'t str) {
    if before.len() + after.len() <= LARGEST_TEXT {
        return (before.to_owned(), after);
    }
    // A section begins with a key that is not indented.
    let begins_section = |line: &str| line.starts_with(|c: char| c.is_alphanumeric() || c == '"');
    let mut section = 0;
    let mut at = 0;
    for line in before.split_inclusive('\n') {
        if begins_section(line) {
            section = at;
        }
        at += line.len();
    }
    let mut end = after.len();
    let mut at = 0;
    for (number, line) in after.split_inclusive('\n').enumerate() {
        if number > 0 && begins_section(line) {
            end = at;
            break;
        }
        at += line.len();
    }
    let (before, after) = (&before[section..], &after[..end]);
    if before.len() + after.len() <= LARGEST_TEXT {
        return (before.to_owned(), after);
    }
    // The rows of the matrix, or whatever stands on the first level of the section.
    let Some(head) = before.find('\n').map(|end| end + 1) else { return (before.to_owned(), after) };
    let indentation: String = before[head..].chars().take_while(|&c| c == ' ').collect();
    let begins = |line: &str| {
        line.strip_prefix(indentation.as_str())
            .is_some_and(|rest| rest.starts_with(|c: char| c == '-' || c.is_alphanumeric()))
    };
    let mut element = head;
    let mut at = head;
    for line in before[head..].split_inclusive('\n') {
        if begins(line) {
            element = at;
        }
        at += line.len();
    }
    let mut end = after.len();
    let mut at = 0;
    for (number, line) in after.split_inclusive('\n').enumerate() {
        if number > 0 && begins(line) {
            end = at;
            break;
        }
        at += line.len();
    }
    (format!("{}{}", &before[..head], &before[element..]), &after[..end])
}

/// The items, as they are put together.
struct List<'t> {
    cursor: usize,
    snippets: bool,
    text: &'t str,
    lines: &'t Lines,
    line: u32,
    out: CompletionList,
}

/// An item before it is spelled for its place.
struct Offer<'o> {
    label: &'o str,
    kind: u8,
    detail: Option<String>,
    doc: Option<String>,
}

impl<'o> Offer<'o> {
    fn new(label: &'o str, kind: u8) -> Self {
        Self { label, kind, detail: None, doc: None }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into()).filter(|detail: &String| !detail.is_empty());
        self
    }

    fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = Some(doc.into()).filter(|doc: &String| !doc.is_empty());
        self
    }
}

impl List<'_> {
    /// Adds an item that fits what is written; `insert` is what it becomes, where that is not its label.
    fn offer(&mut self, token: &Token, offer: Offer<'_>, insert: Option<&str>) {
        if !fits(offer.label, &token.written) && !offer.detail.as_deref().is_some_and(|d| fits(d, &token.written)) {
            return;
        }
        if self.out.items.len() >= LONGEST_LIST {
            self.out.is_incomplete = true;
            return;
        }
        let position = |offset: usize| self.lines.position(self.text, offset);
        let (start, end) = (position(token.start.min(self.cursor)), position(self.cursor));
        let new_text = insert.unwrap_or(offer.label).to_owned();
        let is_snippet = self.snippets && new_text.contains("$0");
        self.out.items.push(CompletionItem {
            label: offer.label.to_owned(),
            kind: offer.kind,
            detail: offer.detail,
            documentation: offer.doc.map(Markup::markdown),
            filter_text: None,
            insert_text_format: if is_snippet { 2 } else { 1 },
            text_edit: TextEdit { range: Range { start, end }, new_text },
        });
    }

    /// Adds a name that users chose, quoted where YAML would read it as something else.
    fn name(&mut self, token: &Token, offer: Offer<'_>) {
        let label = offer.label;
        let insert = if token.quoted || is_plain(label) { label.to_owned() } else { quoted(label) };
        self.offer(token, offer, Some(&insert));
    }

    fn rules(&mut self, token: &Token) {
        for rule in RULES.iter().filter(|rule| rule.kind == lint::Kind::Adjustable) {
            self.offer(token, Offer::new(rule.id, item::ENUM_MEMBER).detail(rule.summary), None);
        }
    }

    /// Adds what fits a place of the model.
    fn model(&mut self, model: &Model, reading: &Option<Reading>) {
        let Some(reading) = reading else { return };
        let language = Language::get();
        let mut shape = Language::FILE;
        let mut key: Option<&Key> = None;
        for (depth, step) in reading.path.iter().enumerate() {
            let place = language.shape(shape);
            let next = match step {
                Step::Key(name) if !place.keys.is_empty() && place.key(name).is_some() => {
                    key = place.key(name);
                    key.map(|key| key.shape)
                }
                Step::Key(_) if place.is_document => {
                    return self.in_document(&reading.path[depth..], reading);
                }
                Step::Key(_) => {
                    // Below a name that users chose, what the key above says no longer counts.
                    key = None;
                    place.named
                }
                Step::Element => place.items,
            };
            match next {
                Some(next) => shape = next,
                None => return,
            }
        }
        let place = language.shape(shape);
        let token = &reading.token;
        let names = key.and_then(|key| key.names);
        match names {
            // The name of a rule; names that are declared here are the author's to choose.
            Some((Kind::Rule, Role::Reference)) => return self.rule_keys(token),
            Some(_) if token.is_key => return,
            _ => {}
        }
        if place.named.is_some() && token.is_key {
            return;
        }
        let in_mapping = token.is_key || (self.begins_line(token) && !place.keys.is_empty());
        if in_mapping {
            let siblings = if token.is_key { reading.siblings() } else { Vec::new() };
            for key in place.keys.iter().filter(|key| !siblings.contains(&key.name.as_str())) {
                self.key(token, key);
            }
            if place.is_document {
                self.in_document(&[], reading);
            }
            // What can be a mapping may be a name as well.
            if token.is_key || place.kind.is_none() {
                return;
            }
        }
        let words: Vec<&str> = place.words.iter().map(String::as_str).collect();
        self.words(token, &words, item::ENUM_MEMBER, "");
        if matches!(reading.path.last(), Some(Step::Key(_))) && matches!(parent_key(reading, 1), Some("levels")) {
            self.words(token, &["deny", "warn", "allow"], item::ENUM_MEMBER, "");
        }
        if let Some(kind) = key.and_then(|key| key.kind).or(place.kind)
            && place.items.is_none()
        {
            self.names(model, kind, token, reading);
        } else if let (Some(items), Some(key)) = (place.items, key)
            && self.begins_line(token)
            && let Some(kind) = key.kind.or(language.shape(items).kind)
        {
            // A list whose first `-` is still to be written.
            let before = self.out.items.len();
            self.names(model, kind, token, reading);
            for item in &mut self.out.items[before..] {
                item.text_edit.new_text.insert_str(0, "- ");
            }
        }
    }

    /// Whether nothing stands in front of the token on its line but white space and the mark of an element.
    fn begins_line(&self, token: &Token) -> bool {
        let line = self.lines.range_of(self.text, self.line as usize).start;
        self.text
            .get(line..token.start)
            .is_some_and(|before| before.trim_start().trim_start_matches("- ").trim().is_empty())
    }

    fn rule_keys(&mut self, token: &Token) {
        for rule in RULES.iter().filter(|rule| rule.kind == lint::Kind::Adjustable) {
            let insert = format!("{}: ", rule.id);
            self.offer(token, Offer::new(rule.id, item::ENUM_MEMBER).detail(rule.summary), Some(&insert));
        }
    }

    /// Adds a key of the language, with what follows it.
    fn key(&mut self, token: &Token, key: &Key) {
        let place = Language::get().shape(key.shape);
        let is_text = place.named.is_none() && place.keys.is_empty() && place.items.is_none();
        let is_list =
            place.items.is_some_and(|items| Language::get().shape(items).keys.is_empty() || key.kind.is_some());
        let insert = match (is_text || !place.words.is_empty() || place.kind.is_some(), is_list) {
            (_, true) if self.snippets => format!("{}: [$0]", key.name),
            (_, true) => format!("{}: []", key.name),
            (true, _) => format!("{}: ", key.name),
            _ => format!("{}:", key.name),
        };
        self.offer(token, Offer::new(&key.name, item::PROPERTY).doc(key.doc.as_str()), Some(&insert));
    }

    fn words(&mut self, token: &Token, words: &[&str], kind: u8, behind: &str) {
        for word in words {
            self.offer(token, Offer::new(word, kind), Some(&format!("{word}{behind}")));
        }
    }

    /// Adds the names of a kind.
    fn names(&mut self, model: &Model, kind: Kind, token: &Token, reading: &Reading) {
        let taken: Vec<&str> = match reading.around.as_ref().map(|around| &around.value) {
            Some(Value::Sequence(items)) => items.iter().filter_map(Node::text).collect(),
            _ => Vec::new(),
        };
        match kind {
            Kind::AwsManaged => {
                let attachable = Catalogue::embedded().managed_policies().filter(|policy| policy.is_attachable());
                for policy in attachable {
                    let reference = policy.reference();
                    if !taken.contains(&reference.as_str()) {
                        self.name(token, Offer::new(&reference, item::CONSTANT).detail(policy.version));
                    }
                }
            }
            Kind::Rule => self.rules(token),
            Kind::Document => self.documents(model, token),
            Kind::Action => self.actions(token),
            Kind::ServiceControl => {
                let mut names = declared(model, kind);
                names.push("FullAWSAccess".to_owned());
                for name in names.iter().filter(|name| !taken.contains(&name.as_str())) {
                    self.name(token, Offer::new(name, item::INTERFACE));
                }
            }
            Kind::Group | Kind::User => {
                let mut names: Vec<String> = declared(model, kind);
                if let Some(access) = model.access() {
                    let used =
                        access.principals.iter().filter(|p| (p.kind.as_str() == "GROUP") == (kind == Kind::Group));
                    names.extend(used.map(|principal| principal.name.clone()));
                }
                names.sort();
                names.dedup();
                for name in names.iter().filter(|name| !taken.contains(&name.as_str())) {
                    self.name(token, Offer::new(name, item::CONSTANT));
                }
            }
            Kind::PermissionSet | Kind::Policy | Kind::Unit | Kind::Account => {
                let Some(access) = model.access() else { return };
                let free = |name: &&str| !taken.contains(name);
                match (kind, &access.organization) {
                    (Kind::PermissionSet, _) => {
                        for set in access.permission_sets.iter().filter(|set| free(&set.name.value.as_str())) {
                            let detail = set.description.as_ref().map_or("", |text| text.as_str());
                            self.name(token, Offer::new(&set.name.value, item::CLASS).detail(detail));
                        }
                    }
                    (Kind::Policy, _) => {
                        for policy in access.policies.iter().filter(|policy| free(&policy.name.value.as_str())) {
                            self.name(
                                token,
                                Offer::new(&policy.name.value, item::INTERFACE).detail(policy.path.as_str()),
                            );
                        }
                    }
                    (Kind::Unit, Some(organization)) => {
                        self.name(
                            token,
                            Offer::new(OrganizationalUnit::ROOT_PATH, item::MODULE).detail("the whole organization"),
                        );
                        for unit in organization.units.iter().skip(1).filter(|unit| free(&unit.path.as_str())) {
                            let detail = unit.id.as_ref().map_or("", |id| id.as_str());
                            self.name(token, Offer::new(&unit.path, item::MODULE).detail(detail));
                        }
                    }
                    (Kind::Account, Some(organization)) => {
                        for account in organization.accounts.iter().filter(|account| free(&account.name.as_str())) {
                            // Whoever types the id gets the id, by the name that goes with it.
                            let by_id = token.written.starts_with(|c: char| c.is_ascii_digit())
                                && account.id.starts_with(&token.written);
                            let (label, detail) =
                                if by_id { (&account.id, &account.name) } else { (&account.name, &account.id) };
                            self.name(token, Offer::new(label, item::VALUE).detail(detail.as_str()));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Adds the JSON files of the model.
    fn documents(&mut self, model: &Model, token: &Token) {
        let visible =
            |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
        // What no person looks through needs no completion either.
        let walk = walkdir::WalkDir::new(&model.root).max_depth(6).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(visible).flatten().take(10_000) {
            if entry.file_type().is_file()
                && is_document(entry.path())
                && let Some(path) = model.relative(entry.path())
            {
                self.name(token, Offer::new(&path, item::FILE));
            }
        }
    }

    /// Adds services while a service is written, and actions behind it.
    fn actions(&mut self, token: &Token) {
        let catalogue = Catalogue::embedded();
        let Some((prefix, name)) = token.written.split_once(':') else {
            for service in catalogue.services() {
                let count = service.actions().count();
                let label = format!("{}:", service.name);
                let insert = if token.quoted { label.clone() } else { format!("\"{label}$0\"") };
                let insert = if token.quoted || self.snippets { insert } else { label.clone() };
                let offer = Offer::new(&label, item::FOLDER).detail(format!("{count} actions"));
                self.offer(token, offer, Some(&insert));
            }
            return;
        };
        let Some(service) = catalogue.service(prefix) else { return };
        let all = format!("{}:*", service.name);
        self.action(token, &all, "every action of the service".to_owned(), String::new());
        for id in service.actions() {
            let action = catalogue.action(id);
            if !fits(action.name, name) {
                continue;
            }
            let types: Vec<&str> = catalogue.resource_types(id).map(|kind: ResourceType| kind.name).collect();
            let doc = if types.is_empty() { String::new() } else { format!("on {}", types.join(", ")) };
            self.action(token, &format!("{}:{}", service.name, action.name), action.level.as_str().to_owned(), doc);
        }
    }

    fn action(&mut self, token: &Token, name: &str, detail: String, doc: String) {
        let insert = if token.quoted { name.to_owned() } else { format!("\"{name}\"") };
        self.offer(token, Offer::new(name, item::FUNCTION).detail(detail).doc(doc), Some(&insert));
    }

    /// Adds what fits a place of a JSON document.
    fn document(&mut self, reading: &Option<Reading>) {
        if let Some(reading) = reading {
            self.in_document(&reading.path, reading);
        }
    }

    /// Adds what fits a place of a policy document; `path` leads there from its root.
    fn in_document(&mut self, path: &[Step], reading: &Reading) {
        let token = &reading.token;
        let keys: Vec<&str> = path
            .iter()
            .filter_map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                Step::Element => None,
            })
            .collect();
        let siblings = reading.siblings();
        let in_mapping = token.is_key || self.begins_line(token);
        match keys.as_slice() {
            [] | ["Statement"] if in_mapping => {
                let elements: &[&str] = if keys.is_empty() { &policy::ELEMENTS } else { &policy::STATEMENT_ELEMENTS };
                for element in elements.iter().filter(|name| !siblings.contains(name) && !name.ends_with("Principal")) {
                    self.element(token, element);
                }
            }
            ["Version"] => self.texts(token, ["2012-10-17"]),
            ["Statement", "Effect"] => self.texts(token, ["Allow", "Deny"]),
            ["Statement", "Action" | "NotAction"] => self.actions(token),
            ["Statement", "Condition"] if in_mapping => {
                let operators: Vec<&str> = policy::operators().collect();
                for operator in operators.into_iter().filter(|name| !siblings.contains(name)) {
                    self.element(token, operator);
                }
            }
            ["Statement", "Condition", _] if in_mapping => {
                for known in Catalogue::embedded().condition_keys() {
                    let (key, kind) = (known.name, known.documented_type);
                    // A part that is the user's own is left to be written.
                    let fixed = key.find("${").map_or(key, |hole| &key[..hole]);
                    let insert = if token.quoted { fixed.to_owned() } else { format!("\"{fixed}\": ") };
                    self.offer(token, Offer::new(key, item::PROPERTY).detail(kind), Some(&insert));
                }
            }
            ["Statement", "Resource" | "NotResource"] => self.resources(token, reading),
            _ => {}
        }
    }

    fn texts<'w>(&mut self, token: &Token, words: impl IntoIterator<Item = &'w str>) {
        for word in words {
            let insert = if token.quoted { word.to_owned() } else { format!("\"{word}\"") };
            self.offer(token, Offer::new(word, item::ENUM_MEMBER), Some(&insert));
        }
    }

    fn element(&mut self, token: &Token, name: &str) {
        let insert = if token.quoted { name.to_owned() } else { format!("{name}: ") };
        self.offer(token, Offer::new(name, item::PROPERTY), Some(&insert));
    }

    /// Adds `*`, and the forms of ARN of the services that are spoken of everywhere.
    fn resources(&mut self, token: &Token, reading: &Reading) {
        self.texts(token, ["*"]);
        let catalogue = Catalogue::embedded();
        let around = reading.around.as_ref();
        let actions = around.and_then(|statement| statement.get("Action")).map(elements).unwrap_or_default();
        let mut forms: Vec<&str> = Vec::new();
        for action in actions.iter().filter_map(Node::text) {
            let Some((prefix, _)) = action.split_once(':') else { continue };
            let ids = match (catalogue.action_named(action), catalogue.service(prefix)) {
                (Some(id), _) => vec![id],
                (None, Some(service)) => Service::actions(&service).collect(),
                (None, None) => Vec::new(),
            };
            forms.extend(ids.into_iter().flat_map(|id| catalogue.resource_types(id)).map(|kind| kind.arn));
        }
        forms.sort_unstable();
        forms.dedup();
        for form in forms {
            let arn = form.replace("${Partition}", "aws").replace("${Region}", "*").replace("${Account}", "*");
            let arn = with_stars(&arn);
            self.texts(token, [arn.as_str()]);
        }
    }
}

/// An ARN with `*` for each placeholder.
fn with_stars(form: &str) -> String {
    let mut arn = String::new();
    let mut rest = form;
    while let Some((before, hole)) = rest.split_once("${") {
        arn.push_str(before);
        arn.push('*');
        rest = hole.split_once('}').map_or("", |(_, behind)| behind);
    }
    arn.push_str(rest);
    arn
}

/// The key that is `back` steps above the mark's own.
fn parent_key(reading: &Reading, back: usize) -> Option<&str> {
    match reading.path.iter().rev().nth(back)? {
        Step::Key(key) => Some(key),
        Step::Element => None,
    }
}

/// The names of a kind that the files of a model declare.
fn declared(model: &Model, kind: Kind) -> Vec<String> {
    let files = model.files();
    let names = files.iter().flat_map(|(_, file)| &file.names);
    names.filter(|name| name.kind == kind && name.role == Role::Declaration).map(|name| name.text.clone()).collect()
}

/// Whether the letters of what is written stand in a label in their order: how editors choose among items.
fn fits(label: &str, written: &str) -> bool {
    let mut letters = label.chars().flat_map(char::to_lowercase);
    written.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}

/// Whether YAML reads a name as it is written, and every version of it as text.
fn is_plain(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/'));
    let rest = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '+' | '@' | '='));
    let word = matches!(
        name.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    first && rest && !word
}

/// A name in double quotes, which JSON and YAML spell alike.
fn quoted(name: &str) -> String {
    serde_json::to_string(name).unwrap_or_default()
}
