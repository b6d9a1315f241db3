//! Permission sets and the policies they are made of, as declared.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::record;
use crate::source::Span;
use crate::syntax::decode::{AccountRef, Decode, List, Named, Raw, Text, report_unknown_keys, wrong_type};
use crate::syntax::{Node, Value};

record! {
    /// A permission set: what one job function may do.
    PermissionSet, "a permission set" {
        /// What the function is, 1 to 700 characters of Latin-1.
        description: Option<Text>,
        /// How long a session lasts: `2h`, `90m` or `PT2H`; from 1 to 12 hours. Without it, 1 hour.
        session_duration: Option<Text>,
        /// The console page that opens first.
        relay_state: Option<Text>,
        /// AWS-managed policies, by their ARN behind `policy/`, such as `job-function/ViewOnlyAccess`.
        aws_managed_policies: Option<List<Text>>,
        /// Customer-managed policies, by the name under `policies`, or by name and path.
        customer_managed_policies: Option<List<PolicyReference>>,
        /// The permissions boundary: a customer-managed policy, or `{ aws_managed: … }`.
        permissions_boundary: Option<Boundary>,
        /// The inline policy: the path of a JSON document, or the document itself.
        inline_policy: Option<Body>,
        /// Tags of the permission set.
        tags: Option<Named<Text>>,
        /// Where the set may be assigned; an assignment outside is an error.
        targets: Option<Targets>,
        /// The name of its twin for the management account, where administration is delegated; without it, `<Name>-mgmt`.
        management_name: Option<Text>,
    }
}

record! {
    /// A guardrail: the accounts in which a permission set may be assigned.
    Targets, "`targets`" {
        /// Organizational units by path; descendants are included, `_root_` is the whole organization.
        ous: Option<List<Text>>,
        /// Accounts by name or id.
        accounts: Option<List<AccountRef>>,
    }
}

record! {
    /// A customer-managed policy.
    Policy, "a policy" {
        /// The IAM path, such as `/security/`. Without it, `/`.
        path: Option<Text>,
        /// The description of the policy in IAM.
        description: Option<Text>,
        /// The path of a JSON document, or the document itself.
        document: Option<Body>,
        /// Other bodies under the same name and path in some places.
        variants: Option<List<Variant>>,
        /// Where somebody else keeps this policy in place; bailiwick then does not distribute it.
        external: Option<External>,
    }
}

record! {
    /// Another body of a policy in some places.
    Variant, "a variant" {
        /// Organizational units by path; descendants are included.
        ous: Option<List<Text>>,
        /// Accounts by name or id.
        accounts: Option<List<AccountRef>>,
        /// The path of a JSON document, or the document itself.
        document: Option<Body>,
    }
}

record! {
    /// Where an external policy is vouched for.
    External, "`external`" {
        /// Organizational units by path; descendants are included.
        ous: Option<List<Text>>,
        /// Accounts by name or id.
        accounts: Option<List<AccountRef>>,
    }
}

record! {
    /// A customer-managed policy by name and path.
    CustomerPolicy, "a policy reference" {
        /// The name.
        name: Option<Text>,
        /// The IAM path. Without it, the one declared under `policies`, or `/`.
        path: Option<Text>,
    }
}

record! {
    /// An AWS-managed policy.
    AwsManaged, "an AWS-managed policy" {
        /// The ARN behind `policy/`, such as `PowerUserAccess`.
        aws_managed: Option<Text>,
    }
}

/// A reference to a customer-managed policy.
#[derive(Clone, Debug)]
pub struct PolicyReference {
    /// The name.
    pub name: Text,
    /// The path, where it is written.
    pub path: Option<Text>,
    /// The whole reference.
    pub span: Span,
}

impl Decode for PolicyReference {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Value::Mapping(_) = node.value {
            let reference = CustomerPolicy::decode(node, diagnostics)?;
            let Some(name) = reference.name else {
                if node.get("name").is_none() && !reference.faulty {
                    diagnostics.push(
                        Diagnostic::error("missing-key", node.span, "a policy reference without `name`")
                            .help("write the name of a policy, or `{ name: PolicyName, path: /path/ }`"),
                    );
                }
                return None;
            };
            return Some(Self { name, path: reference.path, span: node.span });
        }
        Text::decode(node, diagnostics).map(|name| Self { name, path: None, span: node.span })
    }
}

/// The permissions boundary of a set.
#[derive(Clone, Debug)]
pub enum Boundary {
    /// A customer-managed policy.
    Customer(PolicyReference),
    /// An AWS-managed policy, by its ARN behind `policy/`.
    AwsManaged(Text),
}

impl Boundary {
    /// The whole declaration.
    pub fn span(&self) -> Span {
        match self {
            Self::Customer(reference) => reference.span,
            Self::AwsManaged(name) => name.span,
        }
    }
}

impl Decode for Boundary {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match (node.get("aws_managed"), node.get("name")) {
            (Some(_), Some(name)) => {
                diagnostics.push(
                    Diagnostic::error("conflicting-keys", name.span, "a permissions boundary is one policy")
                        .help("keep `aws_managed`, or `name` and `path`"),
                );
                None
            }
            (Some(_), None) => AwsManaged::decode(node, diagnostics)?.aws_managed.map(Self::AwsManaged),
            (None, None) if matches!(node.value, Value::Mapping(_)) => {
                let before = diagnostics.len();
                report_unknown_keys(node, "a permissions boundary", &["aws_managed", "name", "path"], diagnostics);
                if diagnostics.len() == before {
                    diagnostics.push(
                        Diagnostic::error("missing-key", node.span, "a permissions boundary that names no policy")
                            .help("write `{ aws_managed: PowerUserAccess }`, or the name of a customer-managed policy"),
                    );
                }
                None
            }
            _ => PolicyReference::decode(node, diagnostics).map(Self::Customer),
        }
    }
}

/// A policy document: the path of a file, or the document itself.
#[derive(Clone, Debug)]
pub enum Body {
    /// The path of a JSON file, relative to the model's root.
    Path(Text),
    /// The document, written as YAML.
    Document(Raw),
}

impl Body {
    /// Where it is written in the model.
    pub fn span(&self) -> Span {
        match self {
            Self::Path(path) => path.span,
            Self::Document(raw) => raw.0.span,
        }
    }
}

impl Decode for Body {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Mapping(_) => Raw::decode(node, diagnostics).map(Self::Document),
            Value::Scalar(scalar) if scalar.text.trim_start().starts_with('{') => {
                diagnostics.push(
                    wrong_type(node, "the path of a JSON document, or the document as YAML")
                        .help("write the document without the `|` in front of it (JSON is YAML), or put it in a file"),
                );
                None
            }
            Value::Scalar(_) => Text::decode(node, diagnostics).map(Self::Path),
            _ => {
                diagnostics.push(
                    wrong_type(node, "the path of a JSON document, or the document as YAML")
                        .help("write `policies/name.json`, relative to the root of the model"),
                );
                None
            }
        }
    }
}

/// `T`, or a plain string that stands for it.
fn string_or<T: JsonSchema>(generator: &mut SchemaGenerator, description: &str) -> Schema {
    let long = generator.subschema_for::<T>();
    schemars::json_schema!({ "description": description, "anyOf": [{ "type": "string" }, long] })
}

impl JsonSchema for PolicyReference {
    fn schema_name() -> Cow<'static, str> {
        "PolicyReference".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        string_or::<CustomerPolicy>(generator, "A customer-managed policy: its name, or its name and path.")
    }
}

impl JsonSchema for Boundary {
    fn schema_name() -> Cow<'static, str> {
        "PermissionsBoundary".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let customer = generator.subschema_for::<CustomerPolicy>();
        let managed = generator.subschema_for::<AwsManaged>();
        schemars::json_schema!({
            "description": "The permissions boundary: a customer-managed or an AWS-managed policy.",
            "anyOf": [{ "type": "string" }, customer, managed]
        })
    }
}

impl JsonSchema for Body {
    fn schema_name() -> Cow<'static, str> {
        "PolicyBody".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        string_or::<Raw>(generator, "The path of a JSON policy document, or the document itself.")
    }
}
