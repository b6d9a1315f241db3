//! The same access as configurations of `aws-sso-util admin cfn`, one file a row.

use std::fs;
use std::io;
use std::path::Path;

use crate::Workload;
use crate::write::put;

impl Workload {
    /// Writes one configuration a row, with accounts as targets: these are the ones that the tool
    /// compiles without asking AWS for anything.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or written to.
    pub fn write_aws_sso_util(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let instance = self.instance_arn.rsplit('/').next().unwrap_or_default();
        for (number, (row, accounts)) in self.accounts_of_rows().enumerate() {
            let group = self.groups.iter().find(|group| group.name == row.group);
            let principal = group.map_or("", |group| &group.id);
            let sets = &self.permission_sets;
            // The tool wants an ARN, which only AWS gives; any stable one compiles to the same work.
            let set = sets.iter().position(|set| set.name == row.permission_set);
            let set = set.map_or(0, |index| index + 1);
            let mut text = format!(
                "Groups: {principal}\n\
                 PermissionSets: arn:aws:sso:::permissionSet/{instance}/ps-{set:016x}\n\
                 Accounts:\n"
            );
            for account in &accounts {
                text += &format!("- '{account}'\n");
            }
            // Above its default of assignments for one template, the tool asks for the number.
            if accounts.len() > 400 {
                text += &format!("MaxAssignmentsAllocation: {}\n", accounts.len() * 2);
            }
            put(&folder.join(format!("row{number:05}.yaml")), &text)?;
        }
        Ok(())
    }
}
