//! Findings as annotations of a run of GitHub Actions: workflow commands on standard output.

use rustc_hash::FxHashMap;
use std::io::{self, Write};

use super::{Repository, count, sanitize};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::Sources;

/// How many annotations of one kind GitHub shows for a step. It drops the rest without a word, so the rest goes to the log.
const SHOWN_PER_KIND: usize = 10;

/// Prints the findings in their order, as annotations as far as GitHub shows them, and as plain lines from there on.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn github(
    diagnostics: &Diagnostics,
    sources: &Sources,
    repository: &Repository,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut seen: FxHashMap<Severity, usize> = FxHashMap::default();
    let mut left_out = Vec::new();
    for finding in diagnostics {
        let seen = seen.entry(finding.severity).or_default();
        *seen += 1;
        match *seen > SHOWN_PER_KIND {
            true => left_out.push(finding),
            false => annotate(finding, sources, repository, out)?,
        }
    }
    if left_out.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "GitHub shows {SHOWN_PER_KIND} annotations of a kind for a step; {} more, which `--format sarif` has as well:",
        left_out.len()
    )?;
    for finding in &left_out {
        let start = sources.start(finding.span);
        let line = format!(
            "{}: {}:{}:{}: {} [{}]",
            finding.severity.as_str(),
            repository.path(finding.span.file, sources),
            start.line,
            start.column,
            finding.message,
            finding.rule
        );
        writeln!(out, "{}", harmless(&line))?;
    }
    writeln!(out, "{} are not annotated", count(left_out.len(), "finding"))
}

fn annotate(finding: &Diagnostic, sources: &Sources, repository: &Repository, out: &mut dyn Write) -> io::Result<()> {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (start, end) = (sources.start(finding.span), sources.end(finding.span));
    write!(
        out,
        "::{command} file={},line={},col={}",
        property(&repository.path(finding.span.file, sources)),
        start.line,
        start.column
    )?;
    // GitHub puts an annotation below its last line, and takes an end of columns only where it is on the first.
    if end.line == start.line {
        write!(out, ",endLine={},endColumn={}", end.line, end.column)?;
    }
    let related = finding.related.iter().map(|(span, text)| {
        let start = sources.start(*span);
        format!("{}:{}:{}: {text}", repository.path(span.file, sources), start.line, start.column)
    });
    let help = finding.help.iter().map(|help| format!("help: {help}"));
    let lines: Vec<_> = std::iter::once(finding.message.clone())
        .chain(finding.notes.iter().cloned())
        .chain(related)
        .chain(help)
        .collect();
    writeln!(out, ",title={}::{}", property(finding.rule), data(&lines.join("\n")))
}

/// A text as the data of a command. Line feeds are kept, whatever else could steer a terminal or a runner is not.
fn data(text: &str) -> String {
    sanitize(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as the value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line of the log in which no runner finds a command: newer commands begin a line, older ones stand anywhere in it.
fn harmless(line: &str) -> String {
    sanitize(line).replace('\n', " ").replace("##[", "# #[")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn what_the_model_says_is_never_a_command() {
        let mut sources = Sources::new();
        let file = sources.add("a,b:c%.yaml".to_owned(), "text\n".to_owned());
        let mut diagnostics = Diagnostics::new();
        for _ in 0..12 {
            let finding = Diagnostic::error(
                "wrong-type",
                Span::new(file, 0..4),
                "one\n::set-output name=x::y ##[add-mask]z 100%",
            );
            diagnostics.push(finding.help("do\rthat"));
        }
        let mut out = Vec::new();
        github(&diagnostics, &sources, &Repository::default(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(
            lines[0],
            "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endLine=1,endColumn=5,title=wrong-type::one%0A::set-output name=x::y \
             ##[add-mask]z 100%25%0Ahelp: do that"
        );
        assert_eq!(lines.iter().filter(|line| line.starts_with("::")).count(), 10);
        assert_eq!(lines[11], "error: a,b:c%.yaml:1:1: one ::set-output name=x::y # #[add-mask]z 100% [wrong-type]");
        assert_eq!(lines.len(), 10 + 1 + 2 + 1);
    }
}
