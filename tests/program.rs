//! The real program, run in a scrubbed environment, and models written for it.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot write its model or read a report has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bailiwick::diagnostic::Diagnostic;
use bailiwick::lint::Levels;
use bailiwick::load::Overlay;
use bailiwick::resolve::parse_as_of;
use bailiwick::session::Session;
use bailiwick::source::{Sources, Span};
use serde_json::Value;
use tempfile::TempDir;

/// The time of every run that does not say another.
pub(crate) const AS_OF: &str = "2026-12-01";

/// The program with nothing in its environment.
pub(crate) fn bailiwick<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("the program ends by itself"),
            out: String::from_utf8(output.stdout).expect("results are UTF-8"),
            err: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }
}

/// A folder with a model in it.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// Writes files, given by path and content.
    pub(crate) fn new<P: AsRef<Path>, C: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (path, content) in files {
            folder.write(path, content);
        }
        folder
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    /// Runs the program in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        bailiwick(arguments).current_dir(self.path()).output().unwrap().into()
    }

    /// Checks the model, and gives the findings.
    pub(crate) fn check(&self) -> Report {
        let run = self.run(&["check", "--format", "json", "--as-of", AS_OF]);
        assert!(run.status < 2, "{run:?}");
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let findings = report["findings"].as_array().unwrap().iter().map(Finding::read).collect();
        Report { status: run.status, findings }
    }

    /// The findings of `check` without a process for them.
    pub(crate) fn judge(&self) -> Vec<Finding> {
        judge(self.path(), AS_OF)
    }
}

/// The findings of `check` without a process for them, for tests that look at hundreds of models.
pub(crate) fn judge(model: &Path, as_of: &str) -> Vec<Finding> {
    let mut session = Session::read(model, &Overlay::new(), parse_as_of(as_of).unwrap()).unwrap();
    session.judge(&Levels::new());
    session.diagnostics.iter().map(|finding| Finding::of(finding, &session.sources)).collect()
}

/// What `check --format json` says.
#[derive(Debug)]
pub(crate) struct Report {
    pub status: i32,
    pub findings: Vec<Finding>,
}

impl Report {
    /// The findings of one rule.
    pub(crate) fn of(&self, rule: &str) -> Vec<&Finding> {
        self.findings.iter().filter(|finding| finding.rule == rule).collect()
    }

    /// The one finding of a rule.
    #[track_caller]
    pub(crate) fn one(&self, rule: &str) -> &Finding {
        match self.of(rule).as_slice() {
            [one] => one,
            other => panic!("not one finding of {rule}: {other:#?} in {:#?}", self.findings),
        }
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub rule: String,
    pub level: String,
    pub message: String,
    pub help: Option<String>,
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub related: Vec<(String, usize)>,
}

impl Finding {
    fn read(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let number = |key: &str| usize::try_from(value[key].as_u64().unwrap()).unwrap();
        let place = |other: &Value| {
            (other["file"].as_str().unwrap().to_owned(), usize::try_from(other["line"].as_u64().unwrap()).unwrap())
        };
        Self {
            rule: text("rule"),
            level: text("level"),
            message: text("message"),
            help: value["help"].as_str().map(str::to_owned),
            file: text("file"),
            line: number("line"),
            column: number("column"),
            end_line: number("end_line"),
            end_column: number("end_column"),
            related: value["related"].as_array().unwrap().iter().map(place).collect(),
        }
    }

    fn of(finding: &Diagnostic, sources: &Sources) -> Self {
        let (start, end) = (sources.start(finding.span), sources.end(finding.span));
        let file = |span: Span| sources.get(span.file).path().to_owned();
        Self {
            rule: finding.rule.to_owned(),
            level: finding.severity.as_str().to_owned(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            file: file(finding.span),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            related: finding.related.iter().map(|(span, _)| (file(*span), sources.start(*span).line)).collect(),
        }
    }

    /// The text it underlines, up to the end of its first line.
    pub(crate) fn underlined(&self, text: &str) -> String {
        let line = text.lines().nth(self.line - 1).unwrap_or_default();
        let end = if self.end_line == self.line { self.end_column - 1 } else { usize::MAX };
        line.chars().take(end).skip(self.column - 1).collect()
    }
}

/// The organization that small models of the tests live in.
pub(crate) const ORGANIZATION: &str = r#"organization:
  id: o-abcdef1234
  management_account: management
  root:
    id: r-ab12
    accounts: { management: "111111111111" }
    ous:
      Security:
        id: ou-ab12-11111111
        accounts:
          audit: { id: "222222222222", tags: { env: prod } }
      Workloads:
        id: ou-ab12-22222222
        ous:
          NonProd:
            id: ou-ab12-33333333
            accounts:
              shop-dev: { id: "012345678901", tags: { env: dev } }
              shop-old: { id: "444444444444", status: SUSPENDED }
          Prod:
            id: ou-ab12-44444444
            accounts:
              shop-prod: { id: "333333333333", tags: { env: prod } }
      Sandbox: { id: ou-ab12-55555555 }
"#;
