//! The same policies in the form that each linter reads.
//!
//! Everything below one folder: a model of bailiwick's, whose documents parliament reads as they are; the answer of
//! `aws iam get-account-authorization-details` for cloudsplaining; CloudFormation templates for cfn-lint and checkov.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bailiwick::iam::catalogue::Catalogue;
use bailiwick::lint::{Kind, RULES};
use measure::{Report, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The most characters, white space left out, that IAM takes of a customer-managed policy.
const LARGEST: usize = 6_144;

/// Policies at which a linter ends without a word about any other, and the linter.
const UNREADABLE: [(&str, &str); 1] = [("SageMakerStudioEMRContainersSystemNamespaceRolePolicy", "parliament 1.6.4")];

/// The most resources that CloudFormation takes in one template.
const RESOURCES_A_TEMPLATE: usize = 500;

/// How many permission sets are assigned in one account.
const SETS_AN_ACCOUNT: usize = 100;

/// The account that the policies belong to where a form has only one.
const ACCOUNT: &str = "123456789012";

/// What was written.
#[derive(Serialize, Deserialize)]
pub(crate) struct Corpus {
    /// The policies; each is also known by its number in this list.
    pub(crate) names: Vec<String>,
    /// How many AWS-managed policies there are.
    pub(crate) all: usize,
    /// How many of them IAM would not take as a customer-managed policy.
    pub(crate) too_large: usize,
    /// Those that were left out because a linter does not survive them.
    pub(crate) unreadable: Vec<String>,
}

impl Corpus {
    /// Writes all policies that every linter can read, or so many of them.
    pub(crate) fn write(folder: &Path, sample: Option<usize>) -> Result<Self> {
        let catalogue = Catalogue::embedded();
        let mut policies: Vec<(&str, String)> = Vec::new();
        let mut corpus = Self { names: Vec::new(), all: 0, too_large: 0, unreadable: Vec::new() };
        for policy in catalogue.managed_policies() {
            corpus.all += 1;
            let document = catalogue.document(&policy);
            if UNREADABLE.iter().any(|(name, _)| *name == policy.name) {
                corpus.unreadable.push(policy.name.to_owned());
            } else if document.chars().filter(|character| !character.is_whitespace()).count() > LARGEST {
                corpus.too_large += 1;
            } else {
                policies.push((policy.name, document));
            }
        }
        if let Some(sample) = sample {
            let every = policies.len().div_ceil(sample.min(policies.len()).max(1));
            policies = policies.into_iter().step_by(every).collect();
        }
        corpus.names = policies.iter().map(|(name, _)| (*name).to_owned()).collect();
        write_model(&model(folder), &policies)?;
        write_authorization(folder, &policies)?;
        write_templates(folder, &policies)?;
        Ok(corpus)
    }

    /// Whether no policy was left out that could be read.
    pub(crate) fn is_whole(&self) -> bool {
        self.names.len() + self.too_large + self.unreadable.len() == self.all
    }

    /// Says what linters are given.
    pub(crate) fn tell(&self, report: &Report) -> Result<()> {
        let Self { names, all, too_large, .. } = self;
        report.say(&format!(
            "linters are given {} of {all} AWS-managed policies, as customer-managed ones",
            names.len()
        ))?;
        report.say(&format!("left out {too_large}: longer than a customer-managed policy may be"))?;
        for name in &self.unreadable {
            let at_fault =
                UNREADABLE.iter().find(|(policy, _)| policy == name).map_or("a linter", |(_, linter)| linter);
            report.say(&format!("left out {name}: {at_fault} ends there"))?;
        }
        if !self.is_whole() {
            let others = all - names.len() - too_large - self.unreadable.len();
            report.say(&format!("left out {others}: a sample was asked for"))?;
        }
        Ok(())
    }

    /// The policy whose resource has this logical id in a template.
    pub(crate) fn with_logical_id(&self, id: &str) -> Option<&str> {
        let number: usize = id.strip_prefix('P')?.parse().ok()?;
        self.names.get(number).map(String::as_str)
    }

    /// The policy whose permission set stands at this line, from 1, of `permission_sets.yaml`.
    pub(crate) fn at_line(&self, line: usize) -> Option<&str> {
        self.names.get(line.checked_sub(2)?).map(String::as_str)
    }
}

/// The folder of the model.
pub(crate) fn model(folder: &Path) -> PathBuf {
    folder.join("model")
}

/// The folder of the documents.
pub(crate) fn documents(folder: &Path) -> PathBuf {
    model(folder).join("policies")
}

/// The file of `aws iam get-account-authorization-details`.
pub(crate) fn authorization(folder: &Path) -> PathBuf {
    folder.join("authorization.json")
}

/// What cloudsplaining is to leave out: nothing. By default it would leave out policies by their names.
pub(crate) fn exclusions(folder: &Path) -> PathBuf {
    folder.join("exclusions.yaml")
}

/// The folder of the templates.
pub(crate) fn templates(folder: &Path) -> PathBuf {
    folder.join("templates")
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    File::create(path)?.write_all(text.as_bytes())
}

/// A model in which every policy is the only one of a permission set that is assigned, with every rule on.
fn write_model(folder: &Path, policies: &[(&str, String)]) -> Result<()> {
    fs::create_dir_all(folder.join("policies"))?;
    let mut settings = "identity_center:\n  instance_arn: arn:aws:sso:::instance/ssoins-6508f1c27b9e4d3a\n  \
                        identity_store_id: d-9367a1b2c3\n  region: eu-west-1\nlint:\n  levels:\n"
        .to_owned();
    for rule in RULES.iter().filter(|rule| rule.kind == Kind::Optional) {
        settings += &format!("    {}: warn\n", rule.id);
    }
    let mut organization = format!(
        "organization:\n  id: o-abcdef1234\n  management_account: management\n  root:\n    id: r-ab12\n    accounts: \
         {{ management: \"{ACCOUNT}\" }}\n    ous:\n      Workloads:\n        id: ou-ab12-11111111\n        accounts:\n"
    );
    for number in 0..policies.len().div_ceil(SETS_AN_ACCOUNT) {
        organization += &format!("          workload-{number}: {{ id: \"2000000000{number:02}\" }}\n");
    }
    let directory = "directory:\n  groups:\n    engineers: 9367a1b2c3-0a4be710-3c55-4d0e-9a61-5b2f8d7e1c01\n";
    let (mut policy_section, mut sets) = ("policies:\n".to_owned(), "permission_sets:\n".to_owned());
    let mut assignments = "assignments:\n".to_owned();
    for (number, (name, document)) in policies.iter().enumerate() {
        put(&folder.join("policies").join(format!("{name}.json")), document)?;
        policy_section += &format!("  {name:?}: {{ document: \"policies/{name}.json\" }}\n");
        sets += &format!("  P{number:04}: {{ customer_managed_policies: [{name:?}] }}\n");
        let account = number / SETS_AN_ACCOUNT;
        assignments +=
            &format!("  - {{ group: engineers, permission_set: P{number:04}, accounts: [workload-{account}] }}\n");
    }
    put(&folder.join("bailiwick.yaml"), &settings)?;
    put(&folder.join("organization.yaml"), &organization)?;
    put(&folder.join("directory.yaml"), directory)?;
    put(&folder.join("policies.yaml"), &policy_section)?;
    put(&folder.join("permission_sets.yaml"), &sets)?;
    Ok(put(&folder.join("assignments.yaml"), &assignments)?)
}

/// The policies as an account would list them.
fn write_authorization(folder: &Path, policies: &[(&str, String)]) -> Result<()> {
    const DAY: &str = "2026-01-01T00:00:00+00:00";
    let policies: Vec<Value> = policies
        .iter()
        .enumerate()
        .map(|(number, (name, document))| {
            Ok(json!({
                "PolicyName": name, "PolicyId": format!("ANPA{number:017}"), "Path": "/",
                "Arn": format!("arn:aws:iam::{ACCOUNT}:policy/{name}"), "DefaultVersionId": "v1",
                "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
                "CreateDate": DAY, "UpdateDate": DAY,
                "PolicyVersionList": [{
                    "Document": serde_json::from_str::<Value>(document)?,
                    "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": DAY,
                }],
            }))
        })
        .collect::<Result<_>>()?;
    let details = json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": policies });
    put(&authorization(folder), &details.to_string())?;
    // The actions that it counts as data exfiltration by default.
    let actions = "s3:GetObject, ssm:GetParameter, ssm:GetParameters, ssm:GetParametersByPath, \
                   secretsmanager:GetSecretValue, rds:CopyDBSnapshot, rds:CreateDBSnapshot";
    let nothing =
        format!("policies: []\nroles: []\nusers: []\ngroups: []\ninclude-actions: [{actions}]\nexclude-actions: []\n");
    Ok(put(&exclusions(folder), &nothing)?)
}

/// Templates with as many policies as each may hold.
fn write_templates(folder: &Path, policies: &[(&str, String)]) -> Result<()> {
    fs::create_dir_all(templates(folder))?;
    let numbered: Vec<(usize, &(&str, String))> = policies.iter().enumerate().collect();
    for (template, policies) in numbered.chunks(RESOURCES_A_TEMPLATE).enumerate() {
        let mut resources = Map::new();
        for (number, (name, document)) in policies {
            let document: Value = serde_json::from_str(document)?;
            let properties = json!({ "ManagedPolicyName": name, "PolicyDocument": document });
            let resource = json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": properties });
            resources.insert(format!("P{number:04}"), resource);
        }
        let text = json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources });
        put(&templates(folder).join(format!("{template}.json")), &text.to_string())?;
    }
    Ok(())
}
