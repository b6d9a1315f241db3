//! The Identity Center instance and the identity store behind it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::borrow::Cow;

use crate::diagnostic::Diagnostics;
use crate::record;
use crate::syntax::decode::{AccountRef, Decode, Named, Text};
use crate::syntax::{Node, Value};

record! {
    /// The organization instance of IAM Identity Center.
    IdentityCenter, "`identity_center`" {
        /// The ARN of the instance, such as `arn:aws:sso:::instance/ssoins-1234567890abcdef`. Without it, it is looked up at deploy time.
        instance_arn: Option<Text>,
        /// The id of the identity store, such as `d-1234567890`. Without it, it is looked up at deploy time.
        identity_store_id: Option<Text>,
        /// The home Region of the instance.
        region: Option<Text>,
        /// The account that administers Identity Center by delegation; without it, the management account does.
        delegated_admin: Option<AccountRef>,
    }
}

record! {
    /// A snapshot of the identity store. Where it is given, a principal it does not list is an error.
    Directory, "`directory`" {
        /// Groups by display name, each with its id where it is pinned.
        groups: Option<Named<Pin>>,
        /// Users by user name, each with its id where it is pinned.
        users: Option<Named<Pin>>,
    }
}

/// The id of a principal, or nothing: then it is looked up at deploy time.
#[derive(Clone, Debug)]
pub struct Pin(pub Option<Text>);

impl Decode for Pin {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Empty => Some(Self(None)),
            // A principal whose id was not understood is listed all the same.
            _ => Some(Self(Text::decode(node, diagnostics))),
        }
    }
}

impl JsonSchema for Pin {
    fn schema_name() -> Cow<'static, str> {
        "PrincipalId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "The id in the identity store, such as 906713a2-0011-2233-4455-66778899aabb; empty: looked up at deploy time.",
            "type": ["string", "null"]
        })
    }
}
