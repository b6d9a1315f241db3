//! Linters of policies: how each is run on the policies, and what it says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::{Report, Result, Scratch, Subject, clear, files};
use serde_json::Value;

use crate::corpus::{self, Corpus};

/// What bailiwick's own run is called.
pub(crate) const BAILIWICK: &str = "check";

/// A linter that may be at hand.
pub(crate) struct Tool {
    /// What it is called, and what its program is called by default.
    pub(crate) name: &'static str,
    /// The variable that names its program.
    variable: &'static str,
    /// The exit codes with which it has done its work.
    done: &'static [i32],
    /// Its arguments, for the folder of the policies and a folder of its own.
    arguments: fn(&Path, &Path) -> Result<Vec<OsString>>,
    /// What it wrote: its standard output, or a file in its own folder.
    written: &'static str,
    /// How it says that a policy lets its holder escalate; nothing where it does not judge that.
    pub(crate) escalations: &'static [&'static str],
    /// Reads what it wrote.
    read: fn(&str, &Corpus, &mut Findings) -> Result<()>,
}

/// What a linter says of the policies.
#[derive(Default)]
pub(crate) struct Findings {
    /// How many findings there are.
    pub(crate) count: usize,
    /// The policies with at least one.
    pub(crate) policies: BTreeSet<String>,
    /// The policies that let their holder escalate, by how the linter says so.
    pub(crate) escalations: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Findings {
    /// The policies of which it says in one way that they let their holder escalate.
    pub(crate) fn escalating(&self, kind: &str) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.escalations.get(kind).unwrap_or(&NONE)
    }

    /// Those of which it says so in any way.
    pub(crate) fn all_escalating(&self) -> BTreeSet<&String> {
        self.escalations.values().flatten().collect()
    }

    fn add(&mut self, policy: Option<&str>, escalation: Option<&'static str>) {
        self.count += 1;
        let Some(policy) = policy else { return };
        self.policies.insert(policy.to_owned());
        if let Some(escalation) = escalation {
            self.escalations.entry(escalation).or_default().insert(policy.to_owned());
        }
    }
}

/// `iam-without-boundary` as an error.
const CERTAIN: &str = "certain";
/// `iam-without-boundary` as a warning.
const POSSIBLE: &str = "possible";
/// `existing-role-escalation` alone.
const EXISTING_ROLE: &str = "through a role in use";

/// The standard output of a linter, kept in its own folder.
const OUTPUT: &str = "output";

const CHECK: Tool = Tool {
    name: "bailiwick",
    variable: "BAILIWICK_BIN",
    done: &[0, 1],
    arguments: |policies, _| {
        let fixed = ["--format", "json", "--as-of", "2026-01-01"].map(OsString::from);
        Ok(["check".into(), corpus::model(policies).into()].into_iter().chain(fixed).collect())
    },
    written: OUTPUT,
    escalations: &[CERTAIN, POSSIBLE, EXISTING_ROLE],
    read: read_bailiwick,
};

const PEERS: [Tool; 4] = [
    Tool {
        name: "parliament",
        variable: "PARLIAMENT",
        done: &[0, 1],
        arguments: |policies, _| {
            let documents = corpus::documents(policies).into();
            Ok(vec!["--json".into(), "--include-community-auditors".into(), "--directory".into(), documents])
        },
        written: OUTPUT,
        escalations: &["PRIVILEGE_ESCALATION"],
        read: read_parliament,
    },
    Tool {
        name: "cloudsplaining",
        variable: "CLOUDSPLAINING",
        done: &[0],
        arguments: |policies, own| {
            let (input, exclusions) = (corpus::authorization(policies).into(), corpus::exclusions(policies).into());
            let options = ["scan".into(), "--skip-open-report".into(), "--input-file".into(), input];
            let outputs = ["--exclusions-file".into(), exclusions, "--output".into(), own.into()];
            Ok(options.into_iter().chain(outputs).collect())
        },
        written: "iam-results-authorization.json",
        escalations: &["PrivilegeEscalation"],
        read: read_cloudsplaining,
    },
    Tool {
        name: "checkov",
        variable: "CHECKOV",
        done: &[0, 1],
        arguments: |policies, _| {
            let options =
                ["--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json"];
            let files = files(&corpus::templates(policies))?.into_iter().map(PathBuf::into_os_string);
            Ok(options.map(OsString::from).into_iter().chain(["--file".into()]).chain(files).collect())
        },
        written: OUTPUT,
        escalations: &["CKV_AWS_110"],
        read: read_checkov,
    },
    Tool {
        name: "cfn-lint",
        variable: "CFN_LINT",
        // Errors, warnings and notes are bits of it.
        done: &[0, 2, 4, 6, 8, 10, 12, 14],
        arguments: |policies, _| {
            let files = files(&corpus::templates(policies))?.into_iter().map(PathBuf::into_os_string);
            Ok(["--format".into(), "json".into()].into_iter().chain(files).collect())
        },
        written: OUTPUT,
        escalations: &[],
        read: read_cfn_lint,
    },
];

/// A linter that is at hand.
pub(crate) struct Linter {
    /// Which one it is.
    pub(crate) tool: Tool,
    /// The version it tells.
    pub(crate) version: String,
    program: OsString,
}

impl Linter {
    /// The bailiwick that is measured, if it runs.
    pub(crate) fn bailiwick(scratch: &Scratch) -> Option<Self> {
        let program = scratch.bailiwick().to_owned();
        Some(Self { tool: CHECK, version: measure::version(&program)?, program })
    }

    /// A run over the policies in a folder, under a name.
    pub(crate) fn subject(&self, policies: &Path, name: &str) -> Subject {
        let (program, policies, own) = (self.program.clone(), policies.to_owned(), self.own(policies));
        let arguments = self.tool.arguments;
        let commands = move || {
            clear(&own)?;
            fs::create_dir_all(&own)?;
            let mut command = Command::new(&program);
            command.args(arguments(&policies, &own)?).stdout(File::create(own.join(OUTPUT))?);
            Ok(vec![command])
        };
        Subject { done: self.tool.done, ..Subject::new(name, commands) }
    }

    /// What its last run found.
    pub(crate) fn findings(&self, policies: &Path, corpus: &Corpus) -> Result<Findings> {
        let text = fs::read_to_string(self.own(policies).join(self.tool.written))?;
        let mut findings = Findings::default();
        (self.tool.read)(&text, corpus, &mut findings)?;
        Ok(findings)
    }

    fn own(&self, policies: &Path) -> PathBuf {
        policies.join(self.tool.name)
    }
}

/// The peers that are at hand; of the others it is said how to name them.
pub(crate) fn peers(report: &Report) -> Result<Vec<Linter>> {
    let mut peers = Vec::new();
    for tool in PEERS {
        let named = env::var_os(tool.variable).filter(|program| !program.is_empty());
        let program = named.unwrap_or_else(|| tool.name.into());
        match measure::version(&program) {
            Some(version) => peers.push(Linter { tool, version, program }),
            None => {
                report.skipped(tool.name, &format!("${} does not name it, nor is it on the path", tool.variable))?
            }
        }
    }
    Ok(peers)
}

fn read_bailiwick(text: &str, corpus: &Corpus, findings: &mut Findings) -> Result<()> {
    let report: Value = serde_json::from_str(text)?;
    for finding in report["findings"].as_array().ok_or("a report without findings")? {
        let file = Path::new(finding["file"].as_str().unwrap_or_default());
        let line = finding["line"].as_u64().and_then(|line| usize::try_from(line).ok()).unwrap_or_default();
        let policy = match file.file_name().and_then(|name| name.to_str()) {
            Some("permission_sets.yaml") => corpus.at_line(line),
            _ => stem(file).filter(|_| file.extension().is_some_and(|extension| extension == "json")),
        };
        let escalation = match finding["rule"].as_str() {
            Some("iam-without-boundary") if finding["level"] == "error" => Some(CERTAIN),
            Some("iam-without-boundary") => Some(POSSIBLE),
            Some("existing-role-escalation") => Some(EXISTING_ROLE),
            _ => None,
        };
        findings.add(policy, escalation);
    }
    // The way that needs least stands for the policy.
    let graver: BTreeSet<String> = findings.escalating(CERTAIN).union(findings.escalating(POSSIBLE)).cloned().collect();
    if let Some(through_roles) = findings.escalations.get_mut(EXISTING_ROLE) {
        through_roles.retain(|policy| !graver.contains(policy));
    }
    Ok(())
}

fn read_parliament(text: &str, _: &Corpus, findings: &mut Findings) -> Result<()> {
    // It ends with the same exit code where it finds something and where it fails, but then it has found nothing.
    if text.is_empty() {
        return Err("it wrote nothing".into());
    }
    for finding in text.lines() {
        let finding: Value = serde_json::from_str(finding)?;
        let policy = finding["location"]["filepath"].as_str().and_then(|path| stem(Path::new(path)));
        findings.add(policy, (finding["issue"] == "PRIVILEGE_ESCALATION").then_some("PRIVILEGE_ESCALATION"));
    }
    Ok(())
}

fn read_cloudsplaining(text: &str, corpus: &Corpus, findings: &mut Findings) -> Result<()> {
    let results: Value = serde_json::from_str(text)?;
    let policies = results["customer_managed_policies"].as_object().ok_or("results without policies")?;
    expect_all(policies.len(), corpus)?;
    for policy in policies.values() {
        let name = policy["PolicyName"].as_str();
        for (kind, risk) in policy.as_object().into_iter().flatten() {
            let escalation = (kind == "PrivilegeEscalation").then_some("PrivilegeEscalation");
            for _ in risk["findings"].as_array().into_iter().flatten() {
                findings.add(name, escalation);
            }
        }
    }
    Ok(())
}

fn read_checkov(text: &str, corpus: &Corpus, findings: &mut Findings) -> Result<()> {
    let report: Value = serde_json::from_str(text)?;
    // It drops what it cannot read and succeeds all the same.
    let read = report["summary"]["resource_count"].as_u64().and_then(|count| usize::try_from(count).ok());
    expect_all(read.unwrap_or_default(), corpus)?;
    for check in report["results"]["failed_checks"].as_array().ok_or("a report without checks")? {
        let id = check["resource"].as_str().and_then(|resource| resource.rsplit('.').next());
        let escalation = (check["check_id"] == "CKV_AWS_110").then_some("CKV_AWS_110");
        findings.add(id.and_then(|id| corpus.with_logical_id(id)), escalation);
    }
    Ok(())
}

fn read_cfn_lint(text: &str, corpus: &Corpus, findings: &mut Findings) -> Result<()> {
    let report: Value = serde_json::from_str(text)?;
    for finding in report.as_array().ok_or("a report that is no list")? {
        if finding["Rule"]["Id"] == "E0000" {
            return Err(format!("it cannot read a template: {}", finding["Message"]).into());
        }
        let id = finding["Location"]["Path"][1].as_str();
        findings.add(id.and_then(|id| corpus.with_logical_id(id)), None);
    }
    Ok(())
}

fn expect_all(read: usize, corpus: &Corpus) -> Result<()> {
    let given = corpus.names.len();
    if read == given { Ok(()) } else { Err(format!("it read {read} of {given} policies").into()) }
}

fn stem(file: &Path) -> Option<&str> {
    file.file_stem()?.to_str()
}
