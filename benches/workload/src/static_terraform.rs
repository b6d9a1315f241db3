//! The yardstick of `terraform plan`: the same access as a script would emit it, one block for each
//! account assignment and no `for_each`. Permissions boundaries and the distribution of
//! customer-managed policies are left out, so the yardstick has a little less to plan.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Workload;
use crate::permission_set::PermissionSet;
use crate::write::put;

/// A provider that never calls AWS while new resources are planned.
const PROVIDER: &str = r#"terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "benchmark"
  secret_key                  = "benchmark"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}
"#;

impl Workload {
    /// Writes a root module with one block for each account assignment into an existing folder.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written to.
    pub fn write_static_terraform(&self, folder: &Path) -> io::Result<()> {
        let locals = format!("\nlocals {{\n  instance_arn = \"{}\"\n}}\n", self.instance_arn);
        put(&folder.join("providers.tf"), &(PROVIDER.to_owned() + &locals))?;
        let sets: Vec<String> = self.permission_sets.iter().map(permission_set).collect();
        put(&folder.join("permission_sets.tf"), &sets.concat())?;

        let mut file = BufWriter::new(fs::File::create(folder.join("assignments.tf"))?);
        for (row, accounts) in self.accounts_of_rows() {
            let group = self.groups.iter().find(|group| group.name == row.group);
            let principal = group.map_or("", |group| &group.id);
            let set = pascal(&row.permission_set);
            for account in accounts {
                writeln!(
                    file,
                    r#"resource "aws_ssoadmin_account_assignment" "A{}{set}{account}" {{
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.{set}.arn
  principal_type     = "GROUP"
  principal_id       = "{principal}"
  target_type        = "AWS_ACCOUNT"
  target_id          = "{account}"
}}
"#,
                    pascal(&row.group)
                )?;
            }
        }
        file.flush()
    }
}

fn permission_set(set: &PermissionSet) -> String {
    let label = pascal(&set.name);
    let mut text = format!(
        r#"resource "aws_ssoadmin_permission_set" "{label}" {{
  instance_arn     = local.instance_arn
  name             = "{}"
  description      = "{}"
  session_duration = "{}"
}}

"#,
        set.name, set.description, set.session_duration
    );
    // What every attachment begins with.
    let attached = format!(
        "  instance_arn       = local.instance_arn\n  \
         permission_set_arn = aws_ssoadmin_permission_set.{label}.arn\n"
    );
    if let Some(document) = &set.inline_policy {
        let lines: Vec<String> =
            document.to_json().replace("${", "$${").lines().map(|line| format!("    {line}\n")).collect();
        text += &format!(
            "resource \"aws_ssoadmin_permission_set_inline_policy\" \"{label}\" {{\n{attached}  \
             inline_policy      = <<-EOT\n{}  EOT\n}}\n\n",
            lines.concat()
        );
    }
    for (number, name) in set.aws_managed_policies.iter().enumerate() {
        text += &format!(
            "resource \"aws_ssoadmin_managed_policy_attachment\" \"{label}_{number}\" {{\n{attached}  \
             managed_policy_arn = \"arn:aws:iam::aws:policy/{name}\"\n}}\n\n"
        );
    }
    for (number, policy) in set.customer_managed_policies.iter().enumerate() {
        text += &format!(
            "resource \"aws_ssoadmin_customer_managed_policy_attachment\" \"{label}_{number}\" {{\n{attached}  \
             customer_managed_policy_reference {{\n    name = \"{}\"\n    path = \"{}\"\n  }}\n}}\n\n",
            policy.name, policy.path
        );
    }
    text
}

/// `aws-shop-dev` as `AwsShopDev`.
fn pascal(name: &str) -> String {
    name.split(|char: char| !char.is_alphanumeric())
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|char| char.to_ascii_uppercase());
            first.into_iter().chain(chars)
        })
        .collect()
}
