//! The workload in the access model language.
//!
//! The text is laid out line by line, without a YAML library, so that the bytes never depend on the
//! version of one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::organization::{Account, Organization, Status};
use crate::permission_set::{Boundary, PermissionSet};
use crate::{Row, Workload};

impl Workload {
    /// Writes the model into a folder, which is made if it does not exist.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or written to.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder.join("policies"))?;
        fs::create_dir_all(folder.join("inline"))?;
        put(
            &folder.join("bailiwick.yaml"),
            &format!(
                "identity_center:\n  instance_arn: {}\n  identity_store_id: {}\n  region: us-east-1\n",
                self.instance_arn, self.identity_store_id
            ),
        )?;
        put(&folder.join("organization.yaml"), &organization(&self.organization))?;
        let mut directory = "directory:\n  groups:\n".to_owned();
        for group in &self.groups {
            directory += &format!("    {}: {}\n", quote(&group.name), group.id);
        }
        put(&folder.join("directory.yaml"), &directory)?;
        put(&folder.join("policies.yaml"), &self.policy_section())?;
        for (name, document) in &self.policies {
            let text = document.to_json() + "\n";
            put(&folder.join(format!("policies/{name}.json")), &text)?;
        }
        let mut permission_sets = "permission_sets:\n".to_owned();
        for set in &self.permission_sets {
            permission_sets += &permission_set(set);
            if let Some(document) = &set.inline_policy {
                let text = document.to_json() + "\n";
                put(&folder.join(format!("inline/{}.json", set.name)), &text)?;
            }
        }
        put(&folder.join("permission_sets.yaml"), &permission_sets)?;
        put(&folder.join("assignments.yaml"), &assignments(&self.rows))
    }

    /// The customer-managed policies that a permission set names, ordered by name.
    fn policy_section(&self) -> String {
        let mut named: Vec<_> = self
            .permission_sets
            .iter()
            .flat_map(|set| {
                let boundary = match &set.permissions_boundary {
                    Some(Boundary::CustomerManaged(policy)) => Some(policy),
                    _ => None,
                };
                set.customer_managed_policies.iter().chain(boundary)
            })
            .collect();
        named.sort_by(|a, b| a.name.cmp(&b.name));
        named.dedup();
        let mut text = "policies:\n".to_owned();
        for policy in named {
            let name = quote(&policy.name);
            text += &format!("  {name}:\n    path: {}\n    document: policies/{}.json\n", policy.path, policy.name);
        }
        text
    }
}

pub(crate) fn put(path: &Path, text: &str) -> io::Result<()> {
    fs::File::create(path)?.write_all(text.as_bytes())
}

/// A YAML (and JSON) string in double quotes; no name of the workload needs an escape.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{text}\"")
}

fn organization(organization: &Organization) -> String {
    let mut text = format!(
        "organization:\n  id: {}\n  management_account: {}\n  root:\n    id: {}\n",
        organization.id,
        quote(&organization.management_account().id),
        organization.ous[0].id
    );
    tree(organization, 0, "    ", &mut text);
    text
}

fn tree(organization: &Organization, ou: usize, pad: &str, text: &mut String) {
    let ou = &organization.ous[ou];
    if !ou.accounts.is_empty() {
        *text += &format!("{pad}accounts:\n");
        for account in &ou.accounts {
            *text += &format!("{pad}  {}\n", account_entry(account));
        }
    }
    if !ou.children.is_empty() {
        *text += &format!("{pad}ous:\n");
        for &child in &ou.children {
            let (name, id) = (organization.ous[child].name(), &organization.ous[child].id);
            *text += &format!("{pad}  {}:\n{pad}    id: {id}\n", quote(name));
            tree(organization, child, &format!("{pad}    "), text);
        }
    }
}

fn account_entry(account: &Account) -> String {
    let status = match account.status {
        Status::Active => String::new(),
        other => format!(", status: {}", other.as_str()),
    };
    format!("{}: {{ id: {}{status}, tags: {{ {} }} }}", quote(&account.name), quote(&account.id), tags(&account.tags))
}

fn tags(tags: &[(&str, String)]) -> String {
    let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{}: {}", quote(key), quote(value))).collect();
    tags.join(", ")
}

fn permission_set(set: &PermissionSet) -> String {
    let mut text = format!("  {}:\n", quote(&set.name));
    text += &format!("    description: {}\n", quote(&set.description));
    text += &format!("    session_duration: {}\n", quote(set.session_duration));
    if let Some(relay_state) = set.relay_state {
        text += &format!("    relay_state: {}\n", quote(relay_state));
    }
    if !set.aws_managed_policies.is_empty() {
        let policies = set.aws_managed_policies.join(", ");
        text += &format!("    aws_managed_policies: [{policies}]\n");
    }
    if !set.customer_managed_policies.is_empty() {
        let policies: Vec<String> = set.customer_managed_policies.iter().map(|policy| quote(&policy.name)).collect();
        text += &format!("    customer_managed_policies: [{}]\n", policies.join(", "));
    }
    match &set.permissions_boundary {
        Some(Boundary::AwsManaged(name)) => {
            text += &format!("    permissions_boundary: {{ aws_managed: {name} }}\n");
        }
        Some(Boundary::CustomerManaged(policy)) => {
            text += &format!("    permissions_boundary: {}\n", quote(&policy.name));
        }
        None => {}
    }
    if set.inline_policy.is_some() {
        text += &format!("    inline_policy: inline/{}.json\n", set.name);
    }
    text + &format!("    tags: {{ {} }}\n", tags(&set.tags))
}

fn assignments(rows: &[Row]) -> String {
    let mut text = "assignments:\n".to_owned();
    for row in rows {
        text += &format!(
            "  - group: {}\n    permission_set: {}\n    ous: [{}]\n",
            row.group,
            row.permission_set,
            row.ous.join(", ")
        );
    }
    text
}
