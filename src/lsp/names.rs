//! Where the names of a model stand: what each declares or refers to.

use super::shape::{Kind, Language, Role};
use crate::access::Organization;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span};
use crate::syntax::{Allow, Document, Node, Value, parse_yaml};

/// A name in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The text, quotes left out.
    pub span: Span,
    /// What it names.
    pub kind: Kind,
    /// Whether it declares that or refers to it.
    pub role: Role,
    /// The text; for the declaration of a unit, its whole path.
    pub text: String,
}

/// A key of the language in a file.
#[derive(Clone, Debug)]
pub(super) struct KeyPlace {
    pub span: Span,
    /// The place in the language that knows the key.
    pub shape: usize,
    pub name: String,
}

/// A file as it is understood for editors.
#[derive(Debug)]
pub(super) struct Indexed {
    /// Its text, to know whether this still holds.
    pub text: String,
    pub tree: Node,
    /// The names in it, in order.
    pub names: Vec<Name>,
    /// The keys in it, in order.
    pub keys: Vec<KeyPlace>,
    pub allows: Vec<Allow>,
}

impl Indexed {
    /// Reads a YAML file of a model, as far as it can be understood.
    pub(super) fn model_file(file: FileId, text: &str) -> Self {
        let Document { root, allows, .. } = parse_yaml(file, text, &mut Diagnostics::new());
        let mut walk = Walk::default();
        walk.node(&root, Language::FILE, None, &mut String::new());
        walk.finish(text, root, allows)
    }

    /// Reads a policy document. JSON is YAML, and its reader goes on where the JSON reader gives up.
    pub(super) fn policy_document(file: FileId, text: &str) -> Self {
        let Document { root, .. } = parse_yaml(file, text, &mut Diagnostics::new());
        let mut walk = Walk::default();
        walk.document(&root);
        walk.finish(text, root, Vec::new())
    }

    /// The name at a byte.
    pub(super) fn name_at(&self, offset: usize) -> Option<&Name> {
        // Editors ask behind the last letter as well.
        self.names.iter().find(|name| (name.span.start as usize..=name.span.end as usize).contains(&offset))
    }

    /// The key at a byte.
    pub(super) fn key_at(&self, offset: usize) -> Option<&KeyPlace> {
        self.keys.iter().find(|key| key.span.range().contains(&offset))
    }
}

#[derive(Default)]
struct Walk {
    names: Vec<Name>,
    keys: Vec<KeyPlace>,
}

impl Walk {
    fn finish(mut self, text: &str, tree: Node, allows: Vec<Allow>) -> Indexed {
        for name in &mut self.names {
            name.span = without_quotes(name.span, text);
        }
        self.names.sort_by_key(|name| name.span);
        self.keys.sort_by_key(|key| key.span);
        Indexed { text: text.to_owned(), tree, names: self.names, keys: self.keys, allows }
    }

    fn push(&mut self, node: &Node, kind: Kind, role: Role, text: &str) {
        self.names.push(Name { span: node.span, kind, role, text: text.to_owned() });
    }

    /// `kind` is what the key above says that texts name; `unit` the path of the unit around.
    fn node(&mut self, node: &Node, shape: usize, kind: Option<Kind>, unit: &mut String) {
        let language = Language::get();
        let place = language.shape(shape);
        match &node.value {
            Value::Empty => {}
            Value::Scalar(scalar) => {
                if let Some(kind) = kind.or(place.kind) {
                    self.push(node, kind, Role::Reference, &scalar.text);
                }
            }
            Value::Sequence(items) => {
                if let Some(shape) = place.items {
                    items.iter().for_each(|item| self.node(item, shape, kind, unit));
                }
            }
            Value::Mapping(_) if place.is_document => self.document(node),
            Value::Mapping(entries) => {
                for entry in entries {
                    let Some(key) = place.key(entry.name()) else { continue };
                    self.keys.push(KeyPlace { span: entry.key.span, shape, name: key.name.clone() });
                    match (&entry.value.value, key.names, language.shape(key.shape).named) {
                        (Value::Mapping(named), Some((kind, role)), Some(below)) => {
                            named.iter().for_each(|entry| self.named(entry, kind, role, below, unit));
                        }
                        (Value::Mapping(named), None, Some(below)) => {
                            named.iter().for_each(|entry| self.node(&entry.value, below, None, unit));
                        }
                        _ => self.node(&entry.value, key.shape, key.kind, unit),
                    }
                }
            }
        }
    }

    /// An entry of a mapping from names.
    fn named(&mut self, entry: &crate::syntax::Entry, kind: Kind, role: Role, below: usize, unit: &mut String) {
        let name = entry.name();
        match kind {
            Kind::Unit => {
                let length = unit.len();
                if length > 0 {
                    unit.push('/');
                }
                unit.push_str(name);
                self.push(&entry.key, kind, role, unit);
                self.node(&entry.value, below, None, unit);
                unit.truncate(length);
            }
            Kind::Account => {
                self.push(&entry.key, kind, role, name);
                let Value::Mapping(details) = &entry.value.value else { return };
                for detail in details {
                    let Some(key) = Language::get().shape(below).key(detail.name()) else { continue };
                    self.keys.push(KeyPlace { span: detail.key.span, shape: below, name: key.name.clone() });
                    // The id of an account is said of it and no reference to it.
                    if key.name != "id" {
                        self.node(&detail.value, key.shape, key.kind, unit);
                    }
                }
            }
            _ => {
                self.push(&entry.key, kind, role, name);
                self.node(&entry.value, below, None, unit);
            }
        }
    }

    /// The actions of a policy document.
    fn document(&mut self, document: &Node) {
        let Some(statements) = document.get("Statement") else { return };
        for statement in elements(statements) {
            for element in ["Action", "NotAction"].iter().filter_map(|key| statement.get(key)) {
                for action in elements(element) {
                    if let Some(text) = action.text() {
                        self.push(action, Kind::Action, Role::Reference, text);
                    }
                }
            }
        }
    }
}

/// A node, or the elements of its list.
pub(super) fn elements(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(list) => list,
        _ => std::slice::from_ref(node),
    }
}

/// The text inside the quotes of a scalar.
fn without_quotes(span: Span, text: &str) -> Span {
    let Some(written) = text.get(span.range()) else { return span };
    let quoted =
        written.len() >= 2 && ['"', '\''].iter().any(|&quote| written.starts_with(quote) && written.ends_with(quote));
    if quoted { Span { start: span.start + 1, end: span.end - 1, ..span } } else { span }
}

/// What a name stands for, whichever of its spellings is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entity {
    pub kind: Kind,
    /// An account is known by its id where the organization has it, everything else by its name.
    pub name: String,
}

impl Entity {
    /// What a name means.
    pub(super) fn of(name: &Name, organization: Option<&Organization>) -> Self {
        let text = match name.kind {
            Kind::Account => organization
                .and_then(|organization| {
                    let account = organization.account_named(&name.text).ok()?;
                    Some(organization.account(account).id.clone())
                })
                .unwrap_or_else(|| name.text.clone()),
            Kind::AwsManaged => match name.text.split_once(":iam::aws:policy/") {
                Some((_, reference)) => reference.to_owned(),
                None => name.text.clone(),
            },
            Kind::Action => name.text.to_ascii_lowercase(),
            _ => name.text.clone(),
        };
        Self { kind: name.kind, name: text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn every_name_is_known_by_what_it_names() {
        let text = r#"
organization:
  management_account: "111111111111"
  service_control_policies: { Region: scp.json }
  root:
    accounts: { management: { id: "111111111111", status: ACTIVE, service_control_policies: [Region] } }
    ous: { Workloads: { ous: { Prod: { accounts: { shop: "222222222222" } } } } }
directory: { groups: { admins: 906713a2 }, users: { eve: } }
policies:
  P: { document: a.json, variants: [{ ous: [Workloads], document: { Statement: { Action: "s3:*" } } }] }
permission_sets:
  Admin:
    customer_managed_policies: [P, { name: Q, path: / }]
    permissions_boundary: { aws_managed: PowerUserAccess }
assignments:
  - { group: admins, permission_sets: [Admin], ous: [Workloads/Prod], exclude: { accounts: ['shop'] } }
lint: { levels: { empty-ou: deny } }
"#;
        let mut sources = Sources::new();
        let file = sources.add("a.yaml".to_owned(), text.to_owned());
        let indexed = Indexed::model_file(file, text);
        let found: Vec<_> = indexed
            .names
            .iter()
            .map(|name| {
                let written = &text[name.span.range()];
                assert!(name.text.ends_with(written), "{name:?}");
                let role = if name.role == Role::Declaration { "declares" } else { "names" };
                format!("{role} {:?} {}", name.kind, name.text)
            })
            .collect();
        assert_eq!(
            found,
            [
                "names Account 111111111111",
                "declares ServiceControl Region",
                "names Document scp.json",
                "declares Account management",
                "names ServiceControl Region",
                "declares Unit Workloads",
                "declares Unit Workloads/Prod",
                "declares Account shop",
                "declares Group admins",
                "declares User eve",
                "declares Policy P",
                "names Document a.json",
                "names Unit Workloads",
                "names Action s3:*",
                "declares PermissionSet Admin",
                "names Policy P",
                "names Policy Q",
                "names AwsManaged PowerUserAccess",
                "names Group admins",
                "names PermissionSet Admin",
                "names Unit Workloads/Prod",
                "names Account shop",
                "names Rule empty-ou",
            ]
        );
        assert!(indexed.keys.iter().any(|key| key.name == "status"));
        let offset = text.find("Workloads/Prod").unwrap();
        assert_eq!(indexed.name_at(offset + 3).unwrap().kind, Kind::Unit);
        assert_eq!(indexed.key_at(text.find("levels").unwrap()).unwrap().name, "levels");
    }
}
