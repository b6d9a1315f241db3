//! What was written, typed: the second stage of the pipeline.
//!
//! The sections of all files come in, one [`Model`] goes out, in which every section stands once and every name is
//! declared once. Names that refer to something still may refer to nothing; that is the business of
//! [`resolve`](crate::resolve).

mod assignment;
mod identity;
mod merge;
mod organization;
mod permission_set;
mod settings;

pub use assignment::{Assignment, Exclude};
pub use identity::{Directory, IdentityCenter, Pin};
pub use merge::read;
pub use organization::{Account, AccountDetails, AccountStatus, Organization, OrganizationalUnit, Root};
pub use permission_set::{
    AwsManaged, Body, Boundary, CustomerPolicy, External, PermissionSet, Policy, PolicyReference, Targets, Variant,
};
pub use settings::{Cap, Emit, Levels, Lint, Quotas, Sessions, Terraform};

use crate::record;
use crate::source::Spanned;
use crate::syntax::decode::{List, Named, Text};

record! {
    /// A bailiwick access model: who may do what in which AWS accounts. Any section may stand in any file; the sections
    /// of all files are merged.
    Model, "the model" {
        /// The IAM Identity Center instance.
        identity_center: Option<IdentityCenter>,
        /// A snapshot of AWS Organizations.
        organization: Option<Organization>,
        /// A snapshot of the identity store.
        directory: Option<Directory>,
        /// Attributes for access control: session tag to identity source attribute, such as `${path:enterprise.department}`.
        attributes: Option<Named<Text>>,
        /// Customer-managed policies, by name.
        policies: Option<Named<Policy>>,
        /// Permission sets, by name.
        permission_sets: Option<Named<PermissionSet>>,
        /// The matrix: rows of principal, permission set and targets.
        assignments: Option<List<Assignment>>,
        /// Levels and settings of the rules.
        lint: Option<Lint>,
        /// Options of the output.
        emit: Option<Emit>,
    }
}

impl Model {
    /// The permission sets, in the order they were read.
    pub fn permission_sets(&self) -> &[(Text, PermissionSet)] {
        self.permission_sets.as_ref().map_or(&[], |named| &named.entries)
    }

    /// The customer-managed policies, in the order they were read.
    pub fn policies(&self) -> &[(Text, Policy)] {
        self.policies.as_ref().map_or(&[], |named| &named.entries)
    }

    /// The rows of the matrix, in the order they were read.
    pub fn assignments(&self) -> &[Assignment] {
        self.assignments.as_ref().map_or(&[], |rows| &rows.value)
    }

    /// The attributes for access control, in the order they were read.
    pub fn attributes(&self) -> &[(Text, Spanned<String>)] {
        self.attributes.as_ref().map_or(&[], |named| &named.entries)
    }
}

/// The JSON Schema of a model file, generated from the types above: editors complete and check with it.
pub fn schema() -> serde_json::Value {
    let schema = schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Model>();
    schema.to_value()
}
