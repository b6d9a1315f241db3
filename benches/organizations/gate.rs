//! The gate: figures count only for a bailiwick that compiles the workload correctly.

use std::process::Stdio;

use measure::worker::{spawn, spawn_reading};
use measure::{Report, Result};
use serde_json::json;
use workload::Size;

use crate::scratch::Scratch;
use crate::worker::Found;

/// Whether the expansion of one size is the pinned one, or what is wrong with it.
pub(crate) struct Gate {
    /// As `bailiwick grants` tells it.
    pub(crate) grants: Result<(), String>,
    /// As it stands in the emitted Terraform.
    pub(crate) terraform: Result<(), String>,
}

impl Gate {
    /// Whether everything is as it should be.
    pub(crate) fn is_clean(&self) -> bool {
        self.grants.is_ok() && self.terraform.is_ok()
    }

    /// Says whether the expansion of the size is the pinned one.
    pub(crate) fn tell(&self, size: Size, report: &mut Report) -> Result<()> {
        for (what, verdict) in [("grants", &self.grants), ("terraform", &self.terraform)] {
            let error = verdict.as_ref().err();
            let words = error.map_or("the pinned expansion", |error| error);
            report.say(&format!("gate {size:<2} {what:<9}  {words}"))?;
            report.record(json!({ "gate": what, "size": size.to_string(), "error": error }))?;
        }
        Ok(())
    }
}

/// Runs bailiwick on the model of a size and reads back what it says and what it emits.
pub(crate) fn examine(scratch: &Scratch, size: Size) -> Result<Gate> {
    let mut grants = scratch
        .grants(size)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("`{}`: {error}", scratch.bailiwick().display()))?;
    let input = grants.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let found = spawn_reading("read-csv", [], input);
    let status = grants.wait()?;
    let grants = if status.success() { judge(found, size) } else { Err(format!("`bailiwick grants`: {status}")) };

    let mut build = scratch.build(size);
    let terraform = match measure::once(&mut build)?.failure() {
        Some(failure) => Err(format!("`bailiwick build`: {failure}")),
        None => judge(spawn("read-terraform", [size.to_string().into(), scratch.terraform(size).into()]), size),
    };
    Ok(Gate { grants, terraform })
}

fn judge(found: Result<Vec<u8>>, size: Size) -> Result<(), String> {
    let found: Found = found.and_then(|text| Ok(serde_json::from_slice(&text)?)).map_err(|error| error.to_string())?;
    if found.sha256 == size.expanded_sha256() {
        Ok(())
    } else {
        Err(format!(
            "{} grants with the digest {}, not {} with {}",
            found.grants,
            found.sha256,
            size.grants(),
            size.expanded_sha256()
        ))
    }
}
