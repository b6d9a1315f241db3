//! Findings for a person: the line, what is wrong with it, and what to do.

use anstyle::{AnsiColor, Style};
use codespan_reporting::diagnostic::{self, LabelStyle, Severity as CodespanSeverity};
use codespan_reporting::files::{Error as FilesError, Files};
use codespan_reporting::term::{self, Config, WriteStyle};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use super::{count, sanitize};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::{FileId, Sources, Span};

/// The longest line that is shown, in bytes. A longer one was not written by a person and fills a screen.
const LONGEST_LINE: usize = 2_000;

/// How many findings of one rule are shown in full. Nobody reads the hundred-and-first.
const SHOWN_PER_RULE: usize = 100;

/// How many findings that say the same of different places are all shown in full; of more, the first is, and the places.
const SHOWN_ALIKE: usize = 3;

/// How many places are told so.
const PLACES: usize = 10;

/// Prints the findings in their order, and what was left out. Colours are escape sequences; the stream that they are
/// written to decides whether they are shown.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn terminal(diagnostics: &Diagnostics, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let files = Sanitized::new(diagnostics, sources);
    let mut writer = Styled { out };
    let config = Config { tab_width: 4, ..Config::default() };
    let mut shown: FxHashMap<&str, usize> = FxHashMap::default();
    let alike = Alike::of(diagnostics);
    for (number, finding) in diagnostics.iter().enumerate() {
        let more = match alike.others(number) {
            Others::Told => continue,
            Others::None => &[],
            Others::Here(places) => places,
        };
        let seen = shown.entry(finding.rule).or_default();
        *seen += 1;
        if *seen > SHOWN_PER_RULE {
            continue;
        }
        let mut rendered = if files.can_show(finding) { render(finding) } else { files.without_lines(finding) };
        rendered.notes.extend(files.places(more));
        match term::emit_to_write_style(&mut writer, &config, &files, &rendered) {
            Ok(()) => {}
            Err(FilesError::Io(error)) => return Err(error),
            // A span that does not fit its file would be a mistake of ours; the sentence still helps.
            Err(_) => writeln!(writer, "{}: {}", finding.severity.as_str(), sanitize(&finding.message))?,
        }
    }
    let mut hidden: Vec<_> = shown.into_iter().filter(|&(_, seen)| seen > SHOWN_PER_RULE).collect();
    hidden.sort_unstable();
    for (rule, seen) in hidden {
        writeln!(
            writer,
            "… and {} of `{rule}`; `--format json` has them all\n",
            count(seen - SHOWN_PER_RULE, "more finding")
        )?;
    }
    Ok(())
}

/// What a finding says, wherever it says it: the rule, the weight, its sentences, and its places in other files.
type Words<'d> = (&'d str, Severity, [&'d str; 3], &'d [String], Vec<(Span, &'d str)>);

/// The findings that say the same of different places.
struct Alike {
    /// The places of each group, in the order of the findings.
    groups: Vec<Vec<Span>>,
    /// Of each finding, its group and its number in it.
    members: Vec<(usize, usize)>,
}

/// What is told of the findings that are like one.
enum Others<'a> {
    /// Nothing.
    None,
    /// Their places, with this one.
    Here(&'a [Span]),
    /// This one has been told with another.
    Told,
}

impl Alike {
    fn of(diagnostics: &Diagnostics) -> Self {
        let mut known: FxHashMap<Words<'_>, usize> = FxHashMap::default();
        let mut groups: Vec<Vec<Span>> = Vec::new();
        let mut members = Vec::new();
        for finding in diagnostics {
            let elsewhere = finding.related.iter().filter(|(span, _)| span.file != finding.span.file);
            let words = (
                finding.rule,
                finding.severity,
                [&*finding.message, &*finding.label, finding.help.as_deref().unwrap_or_default()],
                &*finding.notes,
                elsewhere.map(|(span, text)| (*span, &**text)).collect(),
            );
            let group = *known.entry(words).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            members.push((group, groups[group].len()));
            groups[group].push(finding.span);
        }
        Self { groups, members }
    }

    /// What is told of the others with a finding, given by its number.
    fn others(&self, finding: usize) -> Others<'_> {
        let (group, number) = self.members[finding];
        match (self.groups[group].as_slice(), number) {
            (places, _) if places.len() <= SHOWN_ALIKE => Others::None,
            ([_, others @ ..], 0) => Others::Here(others),
            _ => Others::Told,
        }
    }
}

fn render(finding: &Diagnostic) -> diagnostic::Diagnostic<FileId> {
    let severity = match finding.severity {
        Severity::Error => CodespanSeverity::Error,
        Severity::Warning => CodespanSeverity::Warning,
        Severity::Note => CodespanSeverity::Note,
    };
    let primary =
        diagnostic::Label::primary(finding.span.file, finding.span.range()).with_message(sanitize(&finding.label));
    let related = finding
        .related
        .iter()
        .map(|(span, text)| diagnostic::Label::secondary(span.file, span.range()).with_message(sanitize(text)));
    let help = finding.help.iter().map(|help| format!("help: {}", sanitize(help)));
    let notes = finding.notes.iter().map(|note| sanitize(note).into_owned()).chain(help);
    diagnostic::Diagnostic::new(severity)
        .with_code(finding.rule)
        .with_message(sanitize(&finding.message).replace('\n', " "))
        .with_labels(std::iter::once(primary).chain(related).collect())
        .with_notes(notes.collect())
}

/// The files that findings point into, without anything that could steer a terminal.
struct Sanitized<'s> {
    sources: &'s Sources,
    texts: FxHashMap<FileId, Cow<'s, str>>,
}

impl<'s> Sanitized<'s> {
    fn new(diagnostics: &Diagnostics, sources: &'s Sources) -> Self {
        let mut texts = FxHashMap::default();
        let spans = |finding: &Diagnostic| -> Vec<Span> {
            std::iter::once(finding.span).chain(finding.related.iter().map(|related| related.0)).collect()
        };
        for span in diagnostics.iter().flat_map(spans) {
            texts.entry(span.file).or_insert_with(|| sanitize(sources.get(span.file).text()));
        }
        Self { sources, texts }
    }

    /// Whether the lines that the labels of a finding begin and end on can be shown.
    fn can_show(&self, finding: &Diagnostic) -> bool {
        let short = |span: Span| {
            let source = self.sources.get(span.file);
            [span.start, span.end].into_iter().all(|offset| {
                let line = source.line_range(source.line_index(offset as usize));
                line.is_none_or(|line| line.len() <= LONGEST_LINE)
            })
        };
        short(finding.span) && finding.related.iter().all(|&(span, _)| short(span))
    }

    /// A finding with its place alone.
    fn without_lines(&self, finding: &Diagnostic) -> diagnostic::Diagnostic<FileId> {
        let mut rendered = render(finding);
        rendered.labels.clear();
        let place = self.place(finding.span);
        rendered.notes.insert(0, format!("at {place}, in a line that is too long to show"));
        rendered
    }

    /// `file:line:column`.
    fn place(&self, span: Span) -> String {
        let start = self.sources.start(span);
        let file = sanitize(self.sources.get(span.file).path()).replace(['\n', '\t'], "?");
        format!("{file}:{}:{}", start.line, start.column)
    }

    /// That the same is found in other places, if it is.
    fn places(&self, spans: &[Span]) -> Option<String> {
        if spans.is_empty() {
            return None;
        }
        let mut lines = vec![format!("the same in {}:", count(spans.len(), "more place"))];
        lines.extend(spans.iter().take(PLACES).map(|&span| self.place(span)));
        if let Some(rest) = spans.len().checked_sub(PLACES).filter(|&rest| rest > 0) {
            lines.push(format!("… and {rest} more; `--format json` has them all"));
        }
        Some(lines.join("\n"))
    }
}

impl<'a> Files<'a> for Sanitized<'_> {
    type FileId = FileId;
    type Name = String;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<String, FilesError> {
        Ok(sanitize(self.sources.get(id).path()).replace(['\n', '\t'], "?"))
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, FilesError> {
        self.texts.get(&id).map(Cow::as_ref).ok_or(FilesError::FileMissing)
    }

    fn line_index(&'a self, id: FileId, byte_index: usize) -> Result<usize, FilesError> {
        Ok(self.sources.get(id).line_index(byte_index))
    }

    fn line_range(&'a self, id: FileId, line_index: usize) -> Result<Range<usize>, FilesError> {
        let max = || FilesError::LineTooLarge { given: line_index, max: line_index };
        self.sources.get(id).line_range(line_index).ok_or_else(max)
    }
}

/// Writes the styles of a report as escape sequences.
struct Styled<'w> {
    out: &'w mut dyn Write,
}

impl Styled<'_> {
    fn set(&mut self, style: Style) -> io::Result<()> {
        write!(self.out, "{style}")
    }
}

impl Write for Styled<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn colour(severity: CodespanSeverity) -> Style {
    let colour = match severity {
        CodespanSeverity::Bug | CodespanSeverity::Error => AnsiColor::Red,
        CodespanSeverity::Warning => AnsiColor::Yellow,
        CodespanSeverity::Note => AnsiColor::Green,
        CodespanSeverity::Help => AnsiColor::Cyan,
    };
    colour.on_default()
}

impl WriteStyle for Styled<'_> {
    fn set_header(&mut self, severity: CodespanSeverity) -> io::Result<()> {
        self.set(colour(severity).bold())
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.set(Style::new().bold())
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.set(AnsiColor::Blue.on_default())
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.set(AnsiColor::Blue.on_default())
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.set(AnsiColor::Blue.on_default())
    }

    fn set_label(&mut self, severity: CodespanSeverity, style: LabelStyle) -> io::Result<()> {
        self.set(match style {
            LabelStyle::Primary => colour(severity),
            LabelStyle::Secondary => AnsiColor::Blue.on_default(),
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        write!(self.out, "{}", anstyle::Reset)
    }
}
