//! The grants that a workload means, and the same read back from what a compiler emitted.
//!
//! The readers know nothing of bailiwick's code: they see text. They read the layout that
//! `terraform fmt` leaves, not all of HCL.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::directory::Group;

/// A multiset of (group, permission set, account): a grant that is emitted twice counts twice.
#[derive(Clone, Default, Debug)]
pub struct Expansion {
    /// Group, permission set, account ids as numbers.
    grants: BTreeMap<String, BTreeMap<String, Vec<u64>>>,
    len: usize,
}

/// The assignments that one file holds.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct FileGrants {
    /// Relative to the folder that was read.
    pub file: PathBuf,
    /// The pairs of group and permission set that have a grant in the file.
    pub pairs: BTreeSet<(String, String)>,
}

/// Why emitted grants cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file cannot be read.
    #[error("`{0}`: {1}")]
    Io(PathBuf, io::Error),
    /// The CSV is not well-formed.
    #[error("grants: {0}")]
    Csv(#[from] csv::Error),
    /// What is read is not what grants look like.
    #[error("{0}")]
    Malformed(String),
}

impl Expansion {
    /// The number of grants.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no grant at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// SHA-256, in hexadecimal, of the lines `group,permission_set,account` in the order of their bytes by column.
    pub fn sha256(&self) -> String {
        let mut digest = Sha256::new();
        for (group, permission_sets) in &self.grants {
            for (permission_set, accounts) in permission_sets {
                let mut accounts = accounts.clone();
                accounts.sort_unstable();
                for account in accounts {
                    digest.update(format!("{group},{permission_set},{account:012}\n"));
                }
            }
        }
        format!("{:x}", digest.finalize())
    }

    pub(crate) fn insert(&mut self, group: &str, permission_set: &str, account: &str) {
        let account = account.parse().expect("an account id is twelve digits");
        if !self.grants.contains_key(group) {
            self.grants.insert(group.to_owned(), BTreeMap::new());
        }
        let permission_sets = self.grants.get_mut(group).expect("inserted above");
        match permission_sets.get_mut(permission_set) {
            Some(accounts) => accounts.push(account),
            None => {
                permission_sets.insert(permission_set.to_owned(), vec![account]);
            }
        }
        self.len += 1;
    }

    /// Reads CSV with a header line and at least the columns `permission_set`, `principal_type`,
    /// `principal` and `account_id`.
    ///
    /// # Errors
    ///
    /// When a column is missing or a line is not a grant of a group in an account.
    pub fn from_csv(text: impl io::Read) -> Result<Self, ReadError> {
        let mut reader = csv::Reader::from_reader(text);
        let header = reader.headers()?.clone();
        let column = |name: &str| {
            header
                .iter()
                .position(|field| field == name)
                .ok_or_else(|| ReadError::Malformed(format!("grants: there is no column `{name}`")))
        };
        let (permission_set, principal_type) = (column("permission_set")?, column("principal_type")?);
        let (principal, account) = (column("principal")?, column("account_id")?);
        let mut expansion = Self::default();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            if &record[principal_type] != "GROUP" || !is_account_id(&record[account]) {
                return Err(ReadError::Malformed(format!(
                    "grants: not a grant of a group in an account: `{}`",
                    record.iter().collect::<Vec<_>>().join(",")
                )));
            }
            expansion.insert(&record[principal], &record[permission_set], &record[account]);
        }
        Ok(expansion)
    }

    /// Reads the `aws_ssoadmin_account_assignment` blocks of every `.tf` file below a folder.
    ///
    /// A block names its accounts in `for_each` or in `target_id`, its group by a literal
    /// `principal_id`, and its permission set by the address of a block of the same folder.
    ///
    /// # Errors
    ///
    /// When a block does not have that shape.
    pub fn from_terraform(folder: &Path, groups: &[Group]) -> Result<(Self, Vec<FileGrants>), ReadError> {
        let group_names: BTreeMap<&str, &str> =
            groups.iter().map(|group| (group.id.as_str(), group.name.as_str())).collect();
        let mut expansion = Self::default();
        let mut files = Vec::new();
        // Two walks: a permission set may stand in a file behind its assignments.
        let mut names = BTreeMap::new();
        for path in terraform_files(folder)? {
            for block in blocks(&read(&path)?) {
                if let (true, Some(name)) = (block.kind == PERMISSION_SET, block.name) {
                    let module = path.parent().unwrap_or(folder).to_owned();
                    names.insert((module, block.label), name);
                }
            }
        }
        for path in terraform_files(folder)? {
            let module = path.parent().unwrap_or(folder).to_owned();
            let mut pairs = BTreeSet::new();
            for block in blocks(&read(&path)?) {
                if block.kind != ASSIGNMENT {
                    continue;
                }
                let malformed = |what: &str| {
                    ReadError::Malformed(format!(
                        "`{}`: the assignment `{}` has no {what}",
                        path.display(),
                        block.label
                    ))
                };
                let group =
                    group_names.get(block.principal.as_str()).ok_or_else(|| malformed("known `principal_id`"))?;
                let permission_set = names
                    .get(&(module.clone(), block.permission_set.clone()))
                    .ok_or_else(|| malformed("known `permission_set_arn`"))?;
                if block.accounts.is_empty() {
                    return Err(malformed("account"));
                }
                for account in &block.accounts {
                    expansion.insert(group, permission_set, account);
                }
                pairs.insert(((*group).to_owned(), permission_set.clone()));
            }
            if !pairs.is_empty() {
                let file = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                files.push(FileGrants { file, pairs });
            }
        }
        Ok((expansion, files))
    }
}

const ASSIGNMENT: &str = "aws_ssoadmin_account_assignment";
const PERMISSION_SET: &str = "aws_ssoadmin_permission_set";

/// The attributes that matter, of one `resource` or `data` block.
#[derive(Default)]
struct Block {
    kind: String,
    label: String,
    name: Option<String>,
    principal: String,
    /// The label of the block that `permission_set_arn` refers to.
    permission_set: String,
    accounts: Vec<String>,
}

fn terraform_files(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| ReadError::Io(folder.to_owned(), error.into()))?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|e| e == "tf") {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String, ReadError> {
    fs::read_to_string(path).map_err(|error| ReadError::Io(path.to_owned(), error))
}

/// The permission sets and assignments of a file.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut in_list = false;
    for line in text.lines() {
        if line == "}" {
            blocks.extend(open.take());
            in_list = false;
        } else if let Some(block) = &mut open {
            let line = without_comment(line);
            let (key, value) = line.split_once('=').unwrap_or(("", line));
            let value = value.trim();
            match key.trim() {
                "for_each" => in_list = true,
                "name" => block.name = quoted(value).next().map(str::to_owned),
                "principal_id" => block.principal = quoted(value).next().unwrap_or("").to_owned(),
                "target_id" => block.accounts.extend(account_ids(value)),
                "permission_set_arn" => {
                    block.permission_set =
                        value.split('.').skip_while(|part| *part != PERMISSION_SET).nth(1).unwrap_or("").to_owned();
                }
                _ => {}
            }
            if in_list {
                block.accounts.extend(account_ids(line));
                in_list = !line.contains(']');
            }
        } else if line.starts_with("resource ") || line.starts_with("data ") {
            let mut labels = quoted(line);
            let kind = labels.next().unwrap_or("");
            if kind == ASSIGNMENT || kind == PERMISSION_SET {
                open = Some(Block {
                    kind: kind.to_owned(),
                    label: labels.next().unwrap_or("").to_owned(),
                    ..Block::default()
                });
            }
        }
    }
    blocks
}

/// The line up to a `#` that no quotes enclose.
fn without_comment(line: &str) -> &str {
    let mut in_quotes = false;
    for (at, char) in line.char_indices() {
        match char {
            '"' => in_quotes = !in_quotes,
            '#' if !in_quotes => return &line[..at],
            _ => {}
        }
    }
    line
}

/// What stands between quotes.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

fn account_ids(line: &str) -> impl Iterator<Item = String> {
    quoted(line).filter(|text| is_account_id(text)).map(str::to_owned)
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, id: &str) -> Group {
        Group { name: name.to_owned(), id: id.to_owned() }
    }

    fn one_grant_each() -> Expansion {
        let mut expansion = Expansion::default();
        expansion.insert("ops", "Admin", "012345678901");
        expansion.insert("ops", "Admin", "222222222222");
        expansion.insert("dev", "Viewer", "012345678901");
        expansion
    }

    #[test]
    fn csv_is_read_by_column_name() {
        let csv = "permission_set,principal_type,principal,account_id,account,expires,origins\n\
                   Viewer,GROUP,dev,012345678901,shop,,a.yaml:1:1\n\
                   Admin,GROUP,ops,222222222222,\"with, comma\",,a.yaml:2:1\n\
                   Admin,GROUP,ops,012345678901,shop,,a.yaml:2:1\n";
        let expansion = Expansion::from_csv(csv.as_bytes()).unwrap();
        assert_eq!(expansion.len(), 3);
        assert_eq!(expansion.sha256(), one_grant_each().sha256());
    }

    #[test]
    fn a_grant_of_a_user_is_refused() {
        let csv = "permission_set,principal_type,principal,account_id\nViewer,USER,ann,012345678901\n";
        assert!(Expansion::from_csv(csv.as_bytes()).is_err());
    }

    #[test]
    fn an_account_id_that_lost_its_zero_is_refused() {
        let csv = "permission_set,principal_type,principal,account_id\nViewer,GROUP,dev,12345678901\n";
        assert!(Expansion::from_csv(csv.as_bytes()).is_err());
    }

    #[test]
    fn a_doubled_grant_changes_the_digest() {
        let mut doubled = one_grant_each();
        doubled.insert("ops", "Admin", "222222222222");
        assert_ne!(doubled.sha256(), one_grant_each().sha256());
    }

    const TERRAFORM: &str = r#"resource "aws_ssoadmin_permission_set" "admin" {
  instance_arn = local.instance_arn
  name         = "Admin"
}

resource "aws_ssoadmin_account_assignment" "admin__ops" {
  for_each = toset([
    "012345678901", # shop "000000000000"
    "222222222222", # security
  ])

  permission_set_arn = aws_ssoadmin_permission_set.admin.arn
  principal_id       = "id-ops"
  target_id          = each.key
}

resource "aws_ssoadmin_permission_set" "viewer" {
  name = "Viewer"
}

resource "aws_ssoadmin_account_assignment" "viewer__dev" {
  permission_set_arn = aws_ssoadmin_permission_set.viewer.arn
  principal_id       = "id-dev"
  target_id          = "012345678901"
}
"#;

    #[test]
    fn assignments_are_read_from_lists_and_single_targets() {
        let found = blocks(TERRAFORM);
        let accounts: Vec<&[String]> = found.iter().map(|block| &block.accounts[..]).collect();
        assert_eq!(accounts.len(), 4);
        assert_eq!(accounts[1], ["012345678901", "222222222222"]);
        assert_eq!(found[1].permission_set, "admin");
        assert_eq!(accounts[3], ["012345678901"]);
    }

    #[test]
    fn static_terraform_reads_back_as_the_expansion() {
        let workload = crate::Workload::generate(crate::Size::S, 1);
        let folder = tempfile::tempdir().unwrap();
        workload.write_static_terraform(folder.path()).unwrap();
        let (read, files) = Expansion::from_terraform(folder.path(), &workload.groups).unwrap();
        assert_eq!(read.sha256(), crate::Size::S.expanded_sha256());
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].pairs.len(), workload.rows.len());
    }

    #[test]
    fn an_unknown_principal_is_refused() {
        let workload = crate::Workload::generate(crate::Size::S, 1);
        let folder = tempfile::tempdir().unwrap();
        workload.write_static_terraform(folder.path()).unwrap();
        let nobody = [group("dev", "id-dev")];
        assert!(Expansion::from_terraform(folder.path(), &nobody).is_err());
    }
}
