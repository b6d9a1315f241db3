//! The language as a graph: which keys a mapping knows, and what the texts in it name.
//!
//! It is made of the JSON Schema, which is made of the declarations of the types that are read, so that a key is spelled
//! and described in one place.

use rustc_hash::FxHashMap;
use serde_json::Value;
use std::sync::LazyLock;

/// What a text of a model can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// A permission set.
    PermissionSet,
    /// A customer-managed policy.
    Policy,
    /// An AWS-managed policy.
    AwsManaged,
    /// A service control policy.
    ServiceControl,
    /// An account, by name or id.
    Account,
    /// An organizational unit, by its path.
    Unit,
    /// A group.
    Group,
    /// A user.
    User,
    /// A rule.
    Rule,
    /// A JSON document, by its path.
    Document,
    /// An action, or a pattern of actions, in a policy document.
    Action,
}

/// A kind of place in a model.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The keys of a record, in reading order.
    pub keys: Vec<Key>,
    /// What stands behind the names of a mapping from names that users choose.
    pub named: Option<usize>,
    /// The elements of a list.
    pub items: Option<usize>,
    /// The only words that may stand here.
    pub words: Vec<String>,
    /// Whether this is a policy document.
    pub is_document: bool,
    /// What a text here names, wherever the place stands.
    pub kind: Option<Kind>,
}

/// A key of a record.
#[derive(Debug)]
pub(super) struct Key {
    pub name: String,
    pub doc: String,
    pub shape: usize,
    /// What the texts below it name: itself, or the elements of its list.
    pub kind: Option<Kind>,
    /// What the names of the mapping below it declare or, for levels of rules, name.
    pub names: Option<(Kind, Role)>,
}

/// What a name in a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It declares something.
    Declaration,
    /// It stands for something that is declared elsewhere.
    Reference,
}

/// The language.
#[derive(Debug)]
pub(super) struct Language {
    shapes: Vec<Shape>,
}

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| Language::of(&crate::model::schema()));

impl Language {
    /// The place of a whole file of the model.
    pub(super) const FILE: usize = 0;

    pub(super) fn get() -> &'static Self {
        &LANGUAGE
    }

    pub(super) fn shape(&self, id: usize) -> &Shape {
        &self.shapes[id]
    }

    fn of(schema: &Value) -> Self {
        let mut builder = Builder { schema, shapes: Vec::new(), known: FxHashMap::default() };
        builder.place(schema);
        Self { shapes: builder.shapes }
    }
}

impl Shape {
    /// A key of the record.
    pub(super) fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

struct Builder<'s> {
    schema: &'s Value,
    shapes: Vec<Shape>,
    /// The definitions that have a shape already; they may hold themselves.
    known: FxHashMap<&'s str, usize>,
}

impl<'s> Builder<'s> {
    fn definition(&self, name: &str) -> Option<&'s Value> {
        self.schema.get("$defs")?.get(name)
    }

    /// The shape of a schema.
    fn place(&mut self, schema: &'s Value) -> usize {
        if let Some(name) = reference(schema) {
            if let Some(&known) = self.known.get(name) {
                return known;
            }
            let id = self.fresh();
            self.known.insert(name, id);
            self.fill(id, schema);
            return id;
        }
        // `Option<Record>` is the record or null.
        let choices: Vec<_> =
            alternatives(schema).filter(|choice| choice.get("type") != Some(&"null".into())).collect();
        if let [only] = choices.as_slice() {
            return self.place(only);
        }
        let id = self.fresh();
        self.fill(id, schema);
        id
    }

    fn fresh(&mut self) -> usize {
        self.shapes.push(Shape::default());
        self.shapes.len() - 1
    }

    /// Adds what a schema says to a shape; a choice is everything that any of its alternatives says.
    fn fill(&mut self, id: usize, schema: &'s Value) {
        if let Some(name) = reference(schema) {
            self.shapes[id].is_document |= name == "PolicyDocument";
            let kind = match name {
                "AccountRef" => Some(Kind::Account),
                "PolicyReference" | "PermissionsBoundary" => Some(Kind::Policy),
                "PolicyBody" => Some(Kind::Document),
                _ => None,
            };
            self.shapes[id].kind = self.shapes[id].kind.or(kind);
            if let Some(definition) = self.definition(name) {
                let before = self.shapes[id].keys.len();
                self.fill(id, definition);
                if name == "CustomerPolicy" {
                    let names = self.shapes[id].keys[before..].iter_mut().filter(|key| key.name == "name");
                    names.for_each(|key| key.kind = Some(Kind::Policy));
                }
            }
        }
        for alternative in alternatives(schema) {
            self.fill(id, alternative);
        }
        for word in schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const")) {
            self.shapes[id].words.extend(word.as_str().map(str::to_owned));
        }
        for choice in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
            self.fill(id, choice);
        }
        if let Some(items) = schema.get("items") {
            self.shapes[id].items = Some(self.place(items));
        }
        if let Some(named) = schema.get("additionalProperties").filter(|named| named.is_object()) {
            self.shapes[id].named = Some(self.place(named));
        }
        for (name, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if self.shapes[id].key(name).is_some() {
                continue;
            }
            let shape = self.place(schema);
            let doc = schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            let is_named = self.shapes[shape].named.is_some();
            let key = Key {
                name: name.clone(),
                doc,
                shape,
                kind: named_by(name),
                names: if is_named { names_below(name) } else { None },
            };
            self.shapes[id].keys.push(key);
        }
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("anyOf").and_then(Value::as_array).into_iter().flatten()
}

/// What the texts below a key name. The language calls one thing by one name wherever it stands.
fn named_by(key: &str) -> Option<Kind> {
    match key {
        "ous" => Some(Kind::Unit),
        "group" | "groups" => Some(Kind::Group),
        "user" => Some(Kind::User),
        "permission_set" | "permission_sets" | "break_glass" => Some(Kind::PermissionSet),
        "aws_managed" | "aws_managed_policies" => Some(Kind::AwsManaged),
        "service_control_policies" => Some(Kind::ServiceControl),
        _ => None,
    }
}

/// What the names of a mapping below a key declare or name.
fn names_below(key: &str) -> Option<(Kind, Role)> {
    match key {
        "permission_sets" => Some((Kind::PermissionSet, Role::Declaration)),
        "policies" => Some((Kind::Policy, Role::Declaration)),
        "service_control_policies" => Some((Kind::ServiceControl, Role::Declaration)),
        "groups" => Some((Kind::Group, Role::Declaration)),
        "users" => Some((Kind::User, Role::Declaration)),
        "ous" => Some((Kind::Unit, Role::Declaration)),
        "accounts" => Some((Kind::Account, Role::Declaration)),
        "levels" => Some((Kind::Rule, Role::Reference)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &[&str]) -> (&'static Shape, Option<&'static Key>) {
        let language = Language::get();
        let mut shape = language.shape(Language::FILE);
        let mut last = None;
        for part in path {
            shape = match *part {
                "*" => language.shape(shape.named.unwrap()),
                "-" => language.shape(shape.items.unwrap()),
                name => {
                    last = shape.key(name);
                    language.shape(last.unwrap_or_else(|| panic!("no key {name}")).shape)
                }
            };
        }
        (shape, last)
    }

    #[test]
    fn the_schema_says_which_keys_there_are_and_what_they_name() {
        let kinds = [
            (&["assignments", "-", "ous"][..], Kind::Unit),
            (&["assignments", "-", "exclude", "ous"], Kind::Unit),
            (&["assignments", "-", "permission_set"], Kind::PermissionSet),
            (&["permission_sets", "*", "aws_managed_policies"], Kind::AwsManaged),
            (&["permission_sets", "*", "permissions_boundary", "aws_managed"], Kind::AwsManaged),
            (&["permission_sets", "*", "permissions_boundary", "name"], Kind::Policy),
        ];
        for (path, kind) in kinds {
            assert_eq!(at(path).1.unwrap().kind, Some(kind), "{path:?}");
        }
        let shapes = [
            (&["assignments", "-", "accounts", "-"][..], Kind::Account),
            (&["identity_center", "delegated_admin"], Kind::Account),
            (&["permission_sets", "*", "customer_managed_policies", "-"], Kind::Policy),
            (&["permission_sets", "*", "permissions_boundary"], Kind::Policy),
            (&["policies", "*", "document"], Kind::Document),
            (&["policies", "*", "variants", "-", "document"], Kind::Document),
        ];
        for (path, kind) in shapes {
            assert_eq!(at(path).0.kind, Some(kind), "{path:?}");
        }
        let deep = at(&["organization", "root", "ous", "*", "ous", "*", "ous"]).1.unwrap();
        assert_eq!(deep.names, Some((Kind::Unit, Role::Declaration)));
        assert!(at(&["policies", "*", "document"]).0.is_document);
        let status = at(&["organization", "root", "accounts", "*", "status"]).0;
        assert!(status.words.contains(&"SUSPENDED".to_owned()), "{status:?}");
        assert!(at(&["assignments", "-", "group"]).1.unwrap().doc.starts_with("A group"));
    }
}
