//! From a name to its declaration, from a declaration to its uses, and what a file holds.

use super::names::{Entity, Indexed, elements};
use super::protocol::{AtPosition, DocumentSymbol, Location, References};
use super::shape::{Kind, Role};
use super::text::Lines;
use super::workspace::{Asked, Model, Workspace};
use crate::source::Span;
use crate::syntax::{Entry, Node, Value};

/// Where what stands at a place is declared.
pub(super) fn definition(workspace: &Workspace, at: &AtPosition) -> Vec<Location> {
    let Some(asked) = workspace.asked(&at.text_document.uri, at.position) else { return Vec::new() };
    let Some(entity) = entity_at(&asked) else { return Vec::new() };
    if entity.kind == Kind::Document {
        return document(workspace, asked.model, &entity.name).into_iter().collect();
    }
    locations(workspace, asked.model, &entity, |role| role == Role::Declaration)
}

/// Where what stands at a place is named.
pub(super) fn references(workspace: &Workspace, at: &References) -> Vec<Location> {
    let Some(asked) = workspace.asked(&at.text_document.uri, at.position) else { return Vec::new() };
    // A document has no name of its own: it is meant wherever in it one asks.
    let entity = entity_at(&asked).or_else(|| {
        let is_document = asked.file.keys.is_empty() && asked.file.names.iter().all(|name| name.kind == Kind::Action);
        is_document.then(|| Entity { kind: Kind::Document, name: asked.relative.clone() })
    });
    let Some(entity) = entity else { return Vec::new() };
    locations(workspace, asked.model, &entity, |role| at.context.include_declaration || role == Role::Reference)
}

/// What the name at a place stands for.
pub(super) fn entity_at(asked: &Asked<'_>) -> Option<Entity> {
    let name = asked.file.name_at(asked.offset)?;
    Some(Entity::of(name, asked.model.organization()))
}

fn locations(workspace: &Workspace, model: &Model, entity: &Entity, wanted: impl Fn(Role) -> bool) -> Vec<Location> {
    let places = model.places_of(entity).into_iter().filter_map(|(path, file, at)| {
        let name = &file.names[at];
        wanted(name.role).then(|| location(workspace, model, &path, &file, name.span))
    });
    places.collect()
}

fn location(workspace: &Workspace, model: &Model, path: &str, file: &Indexed, span: Span) -> Location {
    let lines = Lines::new(&file.text, workspace.encoding);
    Location { uri: workspace.uri_of(&model.root.join(path)), range: lines.range(&file.text, span.range()) }
}

/// The beginning of a document that the model names by its path.
fn document(workspace: &Workspace, model: &Model, path: &str) -> Option<Location> {
    let path = crate::load::real_path(&model.root.join(path));
    let is_there = path.is_file() || workspace.overlay.text(&path).is_some();
    (is_there && path.starts_with(&model.root))
        .then(|| Location { uri: workspace.uri_of(&path), range: super::protocol::Range::default() })
}

/// The kinds of symbol of the protocol, as far as they are used.
mod symbol {
    pub(super) const NAMESPACE: u8 = 3;
    pub(super) const CLASS: u8 = 5;
    pub(super) const INTERFACE: u8 = 11;
    pub(super) const CONSTANT: u8 = 14;
    pub(super) const ARRAY: u8 = 18;
    pub(super) const OBJECT: u8 = 19;
    pub(super) const KEY: u8 = 20;
    pub(super) const EVENT: u8 = 24;
}

/// What a file holds, as a tree.
pub(super) fn symbols(workspace: &Workspace, uri: &str) -> Vec<DocumentSymbol> {
    let Some((model, relative, text)) = workspace.text_of(uri) else { return Vec::new() };
    let file = model.indexed(&relative, text);
    let outline = Outline { text, lines: Lines::new(text, workspace.encoding) };
    let Value::Mapping(sections) = &file.tree.value else { return Vec::new() };
    if file.tree.get("Statement").is_some() {
        return sections
            .iter()
            .filter(|section| section.name() == "Statement")
            .map(|s| outline.statements(s))
            .collect();
    }
    sections.iter().map(|section| outline.section(section)).collect()
}

struct Outline<'t> {
    text: &'t str,
    lines: Lines,
}

impl Outline<'_> {
    fn symbol(&self, name: &str, kind: u8, whole: Span, head: Span, children: Vec<DocumentSymbol>) -> DocumentSymbol {
        // A symbol without a name is refused by some clients.
        let name = if name.trim().is_empty() { "…" } else { name };
        let whole = head.to(whole);
        DocumentSymbol {
            name: name.chars().take(200).collect(),
            detail: None,
            kind,
            range: self.lines.range(self.text, whole.range()),
            selection_range: self.lines.range(self.text, head.range()),
            children,
        }
    }

    fn entry(&self, entry: &Entry, kind: u8, children: Vec<DocumentSymbol>) -> DocumentSymbol {
        self.symbol(entry.name(), kind, entry.value.span, entry.key.span, children)
    }

    fn section(&self, section: &Entry) -> DocumentSymbol {
        let named = |node: &Node, kind: u8| -> Vec<DocumentSymbol> {
            entries(node).iter().map(|entry| self.entry(entry, kind, Vec::new())).collect()
        };
        let value = &section.value;
        let children = match section.name() {
            "permission_sets" => named(value, symbol::CLASS),
            "policies" => named(value, symbol::INTERFACE),
            "attributes" => named(value, symbol::CONSTANT),
            "directory" => {
                let lists = entries(value).iter();
                lists.map(|list| self.entry(list, symbol::KEY, named(&list.value, symbol::CONSTANT))).collect()
            }
            "organization" => value.get("root").map(|root| self.unit(root)).unwrap_or_default(),
            "assignments" => match &value.value {
                Value::Sequence(rows) => rows.iter().map(|row| self.row(row)).collect(),
                _ => Vec::new(),
            },
            _ => named(value, symbol::KEY),
        };
        self.entry(section, symbol::NAMESPACE, children)
    }

    fn unit(&self, unit: &Node) -> Vec<DocumentSymbol> {
        let accounts = unit.get("accounts").map(entries).unwrap_or_default().iter();
        let accounts = accounts.map(|account| self.entry(account, symbol::OBJECT, Vec::new()));
        let below = unit.get("ous").map(entries).unwrap_or_default().iter();
        accounts.chain(below.map(|unit| self.entry(unit, symbol::NAMESPACE, self.unit(&unit.value)))).collect()
    }

    fn row(&self, row: &Node) -> DocumentSymbol {
        let texts = |keys: &[&str]| -> String {
            let found = keys.iter().filter_map(|key| row.get(key)).flat_map(elements).filter_map(Node::text);
            found.collect::<Vec<_>>().join(", ")
        };
        let (who, what) = (texts(&["group", "groups", "user"]), texts(&["permission_set", "permission_sets"]));
        let first = entries(row).first().map_or(row.span.at_start(), |entry| entry.key.span);
        let head = Span { start: row.span.start.min(first.start), ..first };
        self.symbol(&format!("{who} → {what}"), symbol::EVENT, row.span, head, Vec::new())
    }

    fn statements(&self, section: &Entry) -> DocumentSymbol {
        let statements = elements(&section.value).iter().enumerate().map(|(at, statement)| {
            let sid = statement.get("Sid").and_then(Node::text).unwrap_or_default();
            let effect = statement.get("Effect").and_then(Node::text).unwrap_or_default();
            let name = format!("{effect} {}", if sid.is_empty() { format!("#{}", at + 1) } else { sid.to_owned() });
            let head = entries(statement).first().map_or(statement.span.at_start(), |entry| entry.key.span);
            let head = Span { start: statement.span.start.min(head.start), ..head };
            self.symbol(name.trim(), symbol::OBJECT, statement.span, head, Vec::new())
        });
        self.entry(section, symbol::ARRAY, statements.collect())
    }
}

fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Mapping(entries) => entries,
        _ => &[],
    }
}
