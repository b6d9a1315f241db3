//! Other tools that compile the same access. Each is found by a variable, and left out where it is absent.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use measure::worker::spawn;
use measure::{Recipe, Report, Result, Subject, clear, files};
use workload::Size;

use crate::gate::Gate;
use crate::scratch::Scratch;
use crate::subjects::named;
use crate::worker::Found;

/// The Jinja2 script.
const JINJA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/jinja.py");

/// The Python that starts fastest: the system's own, which no version manager stands in front of.
pub(crate) fn plain_python() -> Option<OsString> {
    [OsString::from("/usr/bin/python3"), python()]
        .into_iter()
        .find(|python| succeeds(Command::new(python).args(["-c", "pass"])))
}

/// The Python that peers run in.
fn python() -> OsString {
    env::var_os("PY").unwrap_or_else(|| "python3".into())
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The peers at L, and bailiwick once more, so that they alternate.
pub(crate) fn subjects(scratch: &Scratch, passed: &[(Size, Gate)], report: &Report) -> Result<Vec<Subject>> {
    let size = Size::L;
    if !passed.iter().any(|(s, gate)| *s == size && gate.is_clean()) {
        report.skipped("peers", "they are compared at L, which was not built")?;
        return Ok(Vec::new());
    }
    let mut subjects = Vec::new();
    if succeeds(Command::new(python()).args(["-c", "import jinja2, yaml"])) {
        let out = scratch.join("jinja");
        let mut command = Command::new(python());
        command.arg(JINJA).arg(scratch.model(size)).arg(&out);
        if let Some(failure) = measure::once(&mut command)?.failure() {
            return Err(format!("{JINJA}: {failure}").into());
        }
        let found = spawn("read-terraform", [size.to_string().into(), out.clone().into()])?;
        let found: Found = serde_json::from_slice(&found)?;
        if found.sha256 != size.expanded_sha256() {
            return Err(format!("{JINJA} does not emit the pinned expansion").into());
        }
        subjects.push(clearing(named("jinja", size), &out, command));
    } else {
        report.skipped("jinja", "$PY (or python3) has no jinja2 and yaml")?;
    }
    if let Some(tool) = env::var_os("AWS_SSO_UTIL").filter(|tool| !tool.is_empty()) {
        let input = scratch.join("aws-sso-util-in");
        spawn("aws-sso-util", [size.to_string().into(), input.clone().into()])?;
        let out = scratch.join("aws-sso-util");
        let mut command = Command::new("env");
        command
            // Nothing is looked up for these configurations; should it be, it fails at once.
            .args(["AWS_ENDPOINT_URL=http://127.0.0.1:9", "AWS_MAX_ATTEMPTS=1"])
            .args(["AWS_ACCESS_KEY_ID=benchmark", "AWS_SECRET_ACCESS_KEY=benchmark"])
            .arg("AWS_DEFAULT_REGION=us-east-1")
            .arg(tool)
            .args(["admin", "cfn", "--sso-instance", &instance(scratch, size)?])
            .arg("--output-dir")
            .arg(&out)
            .args(files(&input)?);
        subjects.push(clearing(named("aws-sso-util", size), &out, command));
    } else {
        report.skipped("aws-sso-util", "$AWS_SSO_UTIL does not name it")?;
    }
    if !subjects.is_empty() {
        let name = named("build with peers", size);
        subjects.push(clearing(name, &scratch.terraform(size), scratch.build(size)));
    }
    Ok(subjects)
}

fn clearing(name: String, out: &Path, command: Command) -> Subject {
    let (out, recipe) = (out.to_owned(), Recipe::of(command));
    Subject::new(name, move || {
        clear(&out)?;
        Ok(vec![recipe.command()])
    })
}

fn instance(scratch: &Scratch, size: Size) -> Result<String> {
    let settings = std::fs::read_to_string(scratch.model(size).join("bailiwick.yaml"))?;
    let arn = settings.lines().find_map(|line| line.trim().strip_prefix("instance_arn: "));
    Ok(arn.ok_or("the model names no instance")?.to_owned())
}
