//! Organization policies in the language of CloudFormation Guard, evaluated over templates.
//!
//! Rule files and templates come in; the checks that fail go out. The evaluator works in a child process, this very
//! program once more, because rules that call themselves end the process they run in and others never end: the child
//! says what it is about to do, so that whatever becomes of it, the rule file that did it is known.
//!
//! INVARIANT (nothing unread passes): a rule file that does not parse, that crashes the evaluator, that takes too long or
//! about which nothing was heard is [`Trouble`], never an empty list of failures.

#[cfg(feature = "guard")]
mod engine;

use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The argument with which this program is the child; it is nothing for people.
pub const CHILD: &str = "__guard";

/// Whether this program holds the evaluator at all.
pub const AVAILABLE: bool = cfg!(feature = "guard");

/// How long one rule file may take over one template. A template of 1 MB and ten rules take two seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// The rules that ship with bailiwick, as one file: every file has to read each template again.
pub const BUILTIN: &str = concat!(
    include_str!("../../rules/permission_sets.guard"),
    include_str!("../../rules/assignments.guard"),
    include_str!("../../rules/managed_policies.guard"),
    include_str!("../../rules/stack_sets.guard"),
);

/// A check that fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The rule.
    pub rule: String,
    /// Where in the template, as a JSON pointer: the value that fails, or where a value is missing.
    pub path: String,
    /// What the author of the rule says about it; may be empty.
    pub message: String,
    /// The clause that does not hold, in the words of the evaluator; may be empty.
    pub clause: String,
    /// The value that fails, where it is a short one.
    pub value: Option<String>,
}

/// Why a rule file cannot be understood, or evaluated to an end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// What the evaluator says; may be empty.
    pub reason: String,
    /// The byte of the file at which it gives up.
    pub offset: Option<usize>,
}

/// What is wrong with a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be understood, or evaluated to an end.
    Broken(Broken),
    /// It ended the evaluator.
    Crashed,
    /// It took longer than is allowed.
    TooLong(Duration),
}

/// What came of some rule files and templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What fails, by the places of the rule file and of the template.
    pub failures: Vec<(usize, usize, Failure)>,
    /// What is wrong with rule files, by place.
    pub troubles: Vec<(usize, Trouble)>,
}

/// Where the evaluator runs.
#[derive(Clone, Debug)]
pub struct Evaluator {
    /// The program that is the child when it is called with [`CHILD`].
    pub program: PathBuf,
    /// How long one rule file may take over one template.
    pub limit: Duration,
}

/// What the child is to do; its parent has the texts only borrowed.
#[derive(Debug, Serialize, Deserialize)]
struct Work<T> {
    rules: Vec<T>,
    templates: Vec<T>,
}

/// What the child says, a line each.
#[derive(Debug, Serialize, Deserialize)]
enum Said {
    /// The next rule file is being looked at.
    Begins(usize),
    /// It is being evaluated over the next template.
    Goes,
    /// It is broken.
    Broken(Broken),
    /// A template fails it.
    Fails(usize, Failure),
    /// All is done.
    Done,
}

impl Evaluator {
    /// The evaluator of the running program.
    ///
    /// # Errors
    ///
    /// When the operating system does not say where the program is.
    pub fn of_this_program() -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()?, limit: LIMIT })
    }

    /// Evaluates each rule file over each template.
    ///
    /// # Errors
    ///
    /// When the child cannot be started, or never began to work.
    pub fn evaluate(&self, rules: &[&str], templates: &[&str]) -> io::Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut next = 0;
        while next < rules.len() {
            // A file that takes the child with it has had its turn; those behind it get another child.
            next =
                self.evaluate_from(next, rules, templates, &mut outcome)?.map_or(rules.len(), |ended_by| ended_by + 1);
        }
        Ok(outcome)
    }

    /// Evaluates rule files from one on, and returns the one that ended the child, if any.
    fn evaluate_from(
        &self,
        from: usize,
        rules: &[&str],
        templates: &[&str],
        outcome: &mut Outcome,
    ) -> io::Result<Option<usize>> {
        let work = serde_json::to_vec(&Work { rules: rules[from..].to_vec(), templates: templates.to_vec() })?;
        let mut command = Command::new(&self.program);
        command.arg(CHILD).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = Running(command.spawn()?);
        let (sender, lines) = mpsc::channel();
        let output = child.0.stdout.take();
        let mut input = child.0.stdin.take();
        thread::spawn(move || {
            // A child that is gone reads no more, and nothing is heard of it either.
            if let Some(input) = &mut input {
                let _ = input.write_all(&work);
            }
            drop(input);
            for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()) {
                if line.is_err() || sender.send(line).is_err() {
                    return;
                }
            }
        });
        let silent = || io::Error::other("the evaluator does not answer");
        let mut at = None;
        loop {
            let said = match lines.recv_timeout(self.limit) {
                Ok(line) => serde_json::from_str(&line?)?,
                Err(ended) => {
                    let trouble = match ended {
                        RecvTimeoutError::Timeout => Trouble::TooLong(self.limit),
                        RecvTimeoutError::Disconnected => Trouble::Crashed,
                    };
                    let at = at.ok_or_else(silent)?;
                    outcome.troubles.push((at, trouble));
                    return Ok(Some(at));
                }
            };
            match said {
                Said::Begins(file) => at = Some(from + file),
                Said::Goes => {}
                Said::Broken(broken) => outcome.troubles.push((at.ok_or_else(silent)?, Trouble::Broken(broken))),
                Said::Fails(template, failure) => outcome.failures.push((at.ok_or_else(silent)?, template, failure)),
                Said::Done => return Ok(None),
            }
        }
    }
}

/// A child that does not outlive its parent's interest.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The child: reads its work from standard input and says on standard output what comes of it.
pub fn serve() -> ExitCode {
    let mut work = String::new();
    let read = io::stdin().read_to_string(&mut work);
    let Ok(work) = read.map_err(drop).and_then(|_| serde_json::from_str::<Work<String>>(&work).map_err(drop)) else {
        return ExitCode::from(2);
    };
    let mut out = io::stdout().lock();
    match answer(&work, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody listens any more.
        Err(_) => ExitCode::from(2),
    }
}

fn answer(work: &Work<String>, out: &mut dyn Write) -> io::Result<()> {
    let mut say = |said: &Said| {
        writeln!(out, "{}", serde_json::to_string(said)?)?;
        out.flush()
    };
    for (at, rules) in work.rules.iter().enumerate() {
        say(&Said::Begins(at))?;
        // By itself first: whether a file parses must not depend on there being templates.
        let nothing = std::iter::once((None, "{}"));
        let templates = work.templates.iter().enumerate().map(|(number, template)| (Some(number), template.as_str()));
        for (number, template) in nothing.chain(templates) {
            say(&Said::Goes)?;
            let failures = match evaluate(rules, template) {
                Ok(failures) => failures,
                Err(broken) => {
                    say(&Said::Broken(broken))?;
                    break;
                }
            };
            let Some(number) = number else { continue };
            for failure in failures {
                say(&Said::Fails(number, failure))?;
            }
        }
    }
    say(&Said::Done)
}

#[cfg(feature = "guard")]
fn evaluate(rules: &str, template: &str) -> Result<Vec<Failure>, Broken> {
    engine::evaluate(rules, template)
}

#[cfg(not(feature = "guard"))]
fn evaluate(_: &str, _: &str) -> Result<Vec<Failure>, Broken> {
    Err(Broken { reason: "this program was built without the evaluator".to_owned(), offset: None })
}
