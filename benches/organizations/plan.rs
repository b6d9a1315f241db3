//! `terraform plan` of what is emitted at M, against one block for each account assignment.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use measure::worker::spawn;
use measure::{Line, Report, Result, Spread, Subject, Unit, files, line};
use walkdir::WalkDir;
use workload::Size;

use crate::gate::Gate;
use crate::scratch::Scratch;
use crate::subjects::named;

/// Keeps the provider from calling AWS, which a plan of new resources does not need.
const OVERRIDE: &str = r#"provider "aws" {
  access_key                  = "benchmark"
  secret_key                  = "benchmark"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}
"#;

/// The plans of both, if Terraform and its provider are at hand.
pub(crate) fn subjects(scratch: &Scratch, passed: &[(Size, Gate)], report: &Report) -> Result<Vec<Subject>> {
    let size = Size::M;
    if !passed.iter().any(|(s, gate)| *s == size && gate.is_clean()) {
        report.skipped("terraform plan", "it is compared at M, which was not built")?;
        return Ok(Vec::new());
    }
    // Terraform leaves files of its own beside the modules, so it works on a copy.
    let own = scratch.join("plan");
    copy(&scratch.terraform(size), &own)?;
    let fixed = scratch.join("plan-static");
    spawn("static-terraform", [size.to_string().into(), fixed.clone().into()])?;
    let mut subjects = Vec::new();
    for (name, folder) in [("plan", own), ("plan of static blocks", fixed)] {
        let modules = root_modules(&folder)?;
        for module in &modules {
            if name == "plan" {
                File::create(module.join("benchmark_override.tf"))?.write_all(OVERRIDE.as_bytes())?;
            }
            let mut init = terraform(module, &["init", "-input=false", "-no-color"]);
            if let Some(plugins) = env::var_os("TF_PLUGINS") {
                let mut argument = OsString::from("-plugin-dir=");
                argument.push(plugins);
                init.arg(argument);
            }
            let outcome = measure::once(&mut init);
            let failure = outcome.map_or_else(|error| Some(error.to_string()), |run| run.failure());
            if let Some(failure) = failure {
                report.skipped(name, &format!("`terraform init`: {failure}"))?;
                return Ok(Vec::new());
            }
        }
        subjects.push(Subject::new(named(name, size), move || {
            let arguments = ["plan", "-input=false", "-no-color", "-out=plan.bin"];
            Ok(modules.iter().map(|module| terraform(module, &arguments)).collect())
        }));
    }
    Ok(subjects)
}

/// How large the output is beside static blocks, at the sizes where both are at hand.
pub(crate) fn sizes_of_output(scratch: &Scratch, passed: &[(Size, Gate)]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for &(size, ref gate) in passed {
        if gate.terraform.is_err() || !matches!(size, Size::M | Size::L) {
            continue;
        }
        let fixed = scratch.join(&format!("static-{size}"));
        spawn("static-terraform", [size.to_string().into(), fixed.clone().into()])?;
        let ratio = bytes(&scratch.terraform(size))? as f64 / bytes(&fixed)? as f64;
        let what = format!("bytes of Terraform {size} / static blocks");
        let figure = Spread::of([ratio]).ok_or_else(String::new);
        lines.push(line(&what, Unit::Ratio, figure, Some(0.1), None));
    }
    Ok(lines)
}

fn terraform(module: &Path, arguments: &[&str]) -> Command {
    let program = env::var_os("TERRAFORM").unwrap_or_else(|| "terraform".into());
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(module)
        .env("CHECKPOINT_DISABLE", "1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdout(Stdio::null());
    command
}

/// The folders whose own files configure the provider.
fn root_modules(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for path in files(folder)? {
        let is_terraform = path.extension().is_some_and(|extension| extension == "tf");
        if is_terraform && fs::read_to_string(&path)?.contains("provider \"aws\"") {
            modules.extend(path.parent().map(Path::to_owned));
        }
    }
    modules.dedup();
    Ok(modules)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for path in files(folder)? {
        if path.extension().is_some_and(|extension| extension == "tf") {
            sum += fs::metadata(path)?.len();
        }
    }
    Ok(sum)
}
