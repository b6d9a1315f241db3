//! The steps that run in a process of their own.

use std::fs;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use measure::Result;
use serde::{Deserialize, Serialize};
use workload::{Expansion, Size, Workload};

/// The seed of every workload that is measured.
const SEED: u32 = 1;

/// What a reader found.
#[derive(Serialize, Deserialize)]
pub(crate) struct Found {
    /// The number of grants.
    pub(crate) grants: usize,
    /// The digest of the expansion.
    pub(crate) sha256: String,
    /// The files that hold grants of the row that was asked for.
    pub(crate) holding: Vec<PathBuf>,
}

/// Runs a step: its name and its arguments. What it found goes to standard output, as JSON.
pub(crate) fn run(step: &[String]) -> Result<()> {
    let step: Vec<&str> = step.iter().map(String::as_str).collect();
    match step[..] {
        ["generate", size, folder] => generate(size.parse()?, Path::new(folder)),
        ["static-terraform", size, folder] => {
            fs::create_dir_all(folder)?;
            Ok(workload(size)?.write_static_terraform(Path::new(folder))?)
        }
        ["aws-sso-util", size, folder] => Ok(workload(size)?.write_aws_sso_util(Path::new(folder))?),
        ["read-csv"] => {
            let expansion = Expansion::from_csv(BufReader::new(io::stdin()))?;
            answer(&expansion, Vec::new())
        }
        ["read-terraform", size, folder, ref row @ ..] => {
            let groups = workload(size)?.groups;
            let (expansion, files) = Expansion::from_terraform(Path::new(folder), &groups)?;
            let holding = files
                .into_iter()
                .filter(|file| file.pairs.iter().any(|(group, set)| [group, set] == *row))
                .map(|file| file.file)
                .collect();
            answer(&expansion, holding)
        }
        _ => Err(format!("no such step: {}", step.join(" ")).into()),
    }
}

fn workload(size: &str) -> Result<Workload> {
    Ok(Workload::generate(size.parse()?, SEED))
}

/// Writes a workload, once it is known to be the one whose digest is pinned.
fn generate(size: Size, folder: &Path) -> Result<()> {
    let workload = Workload::generate(size, SEED);
    let expansion = workload.expansion();
    if expansion.sha256() != size.expanded_sha256() {
        return Err(format!("the workload {size} is not the pinned one").into());
    }
    workload.write(folder)?;
    answer(&expansion, Vec::new())
}

fn answer(expansion: &Expansion, holding: Vec<PathBuf>) -> Result<()> {
    let found = Found { grants: expansion.len(), sha256: expansion.sha256(), holding };
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, &found)?;
    Ok(writeln!(stdout)?)
}
