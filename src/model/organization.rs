//! The snapshot of AWS Organizations, as declared.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::borrow::Cow;

use super::Body;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::record;
use crate::source::Spanned;
use crate::syntax::decode::{AccountRef, Decode, List, Named, Text, did_you_mean};
use crate::syntax::{Node, Value};
use crate::words::listing;

record! {
    /// A snapshot of AWS Organizations.
    Organization, "`organization`" {
        /// The id, such as `o-abcdef1234`.
        id: Option<Text>,
        /// The management account.
        management_account: Option<AccountRef>,
        /// The service control policies (SCPs), by name: the path of a JSON document, or the document itself. They are
        /// part of the snapshot: bailiwick judges by them and does not deploy them. `FullAWSAccess` needs no declaration.
        service_control_policies: Option<Named<Body>>,
        /// The root of the tree.
        root: Option<Root>,
    }
}

record! {
    /// The root of the organization.
    Root, "the root" {
        /// The id, such as `r-ab12`.
        id: Option<Text>,
        /// The service control policies that are attached to the root, all of them, `FullAWSAccess` included. Without the
        /// key, nothing is known to be withheld here.
        service_control_policies: Option<List<Text>>,
        /// The accounts that stand in the root itself, by name.
        accounts: Option<Named<Account>>,
        /// The organizational units below the root, by name.
        ous: Option<Named<OrganizationalUnit>>,
    }
}

record! {
    /// An organizational unit.
    OrganizationalUnit, "an organizational unit" {
        /// The id, such as `ou-ab12-11111111`.
        id: Option<Text>,
        /// The service control policies that are attached to the unit itself, all of them, `FullAWSAccess` included, but
        /// without those of the levels above. Without the key, nothing is known to be withheld here.
        service_control_policies: Option<List<Text>>,
        /// The accounts that stand in the unit itself, by name.
        accounts: Option<Named<Account>>,
        /// The organizational units below it, by name.
        ous: Option<Named<OrganizationalUnit>>,
    }
}

record! {
    /// An account in its long form.
    AccountDetails, "an account" {
        /// The id: 12 digits in quotes.
        id: Option<AccountRef>,
        /// The status. Only `ACTIVE` accounts receive access; without it an account is active.
        status: Option<Spanned<AccountStatus>>,
        /// The tags, for `account_tags`.
        tags: Option<Named<Text>>,
        /// The service control policies that are attached to the account itself, all of them, `FullAWSAccess` included, but
        /// without those of the levels above. Without the key, nothing is known to be withheld here.
        service_control_policies: Option<Box<List<Text>>>,
    }
}

/// An account: its id alone, or the long form.
#[derive(Clone, Debug)]
pub struct Account {
    /// What is known of it.
    pub details: AccountDetails,
    /// Whether an id stands there at all; one that was not understood has been reported.
    pub id_written: bool,
}

impl Decode for Account {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Value::Mapping(_) = node.value {
            let details = AccountDetails::decode(node, diagnostics)?;
            return Some(Self { details, id_written: node.get("id").is_some() });
        }
        let id = AccountRef::decode(node, diagnostics);
        let details = AccountDetails {
            faulty: id.is_none(),
            id,
            status: None,
            tags: None,
            service_control_policies: None,
            span: node.span,
        };
        Some(Self { details, id_written: true })
    }
}

impl JsonSchema for Account {
    fn schema_name() -> Cow<'static, str> {
        "Account".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let details = generator.subschema_for::<AccountDetails>();
        schemars::json_schema!({ "anyOf": [{ "type": "string", "pattern": "^[0-9]{12}$" }, details] })
    }
}

/// The status of an account, `Status` or `State` of the Organizations API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    /// Being set up.
    PendingActivation,
    /// In use: the only status that receives access.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Being closed.
    PendingClosure,
    /// Closed.
    Closed,
}

impl AccountStatus {
    const ALL: [Self; 5] = [Self::PendingActivation, Self::Active, Self::Suspended, Self::PendingClosure, Self::Closed];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }
}

impl Decode for Spanned<AccountStatus> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let text = Text::decode(node, diagnostics)?;
        let status = AccountStatus::ALL.into_iter().find(|status| status.as_str() == text.as_str());
        if status.is_none() {
            let known = AccountStatus::ALL.map(AccountStatus::as_str);
            let help = did_you_mean(text.as_str(), known).map(|near| format!("did you mean `{near}`?"));
            diagnostics.push(
                Diagnostic::error("invalid-value", text.span, format!("`{}` is not an account status", text.as_str()))
                    .help(help.unwrap_or_else(|| format!("AWS knows {}", listing(&known)))),
            );
        }
        status.map(|status| Self::new(status, text.span))
    }
}
