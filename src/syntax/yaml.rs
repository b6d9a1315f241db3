//! YAML events to a tree.
//!
//! The subset is the one the language speaks: one document a file, scalar keys, no merge keys, no tags but `!!str`,
//! aliases up to a budget. Nesting is limited by the event parser.

use granit_parser::{Event, Parser, ScalarStyle, Span as EventSpan, options};
use rustc_hash::{FxHashMap, FxHashSet};

use super::allow;
use super::{Document, Entry, Node, Scalar, Style, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// How many nodes anchors and aliases may add to one file. An honest model repeats some hundred; the nine lines of a
/// "billion laughs" file would be a billion.
const ALIAS_BUDGET: usize = 100_000;

/// Reads a YAML file. What is wrong with it is reported and left out of the tree.
pub fn parse_yaml(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Document {
    let options = options! {
        emit_unresolved_aliases: true,
        // The default of 96 makes a long comment behind a key a syntax error.
        max_buffered_comment_events: 1_000_000,
        simple_key_max_lookahead: 1024,
    };
    let mut builder = Builder {
        file,
        diagnostics,
        stack: Vec::new(),
        root: None,
        anchors: FxHashMap::default(),
        budget: ALIAS_BUDGET,
        budget_reported: false,
        documents: 0,
    };
    let mut allows = Vec::new();
    let mut broken_off = false;
    let mut lines = allow::Lines::new(text);
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((Event::Comment(comment, _), span)) => {
                let span = builder.span(&span);
                allows.extend(allow::read(&comment, span, &mut lines, builder.diagnostics));
            }
            Ok((event, span)) => {
                if !builder.accept(event, &span) {
                    break;
                }
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let message = error.to_string();
                // The parser's message ends with the place, which the report shows itself.
                let message = message.split(" at char ").next().unwrap_or(&message).trim();
                let message = if message == "recursion limit exceeded" { "it is nested too deep" } else { message };
                let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
                builder.diagnostics.push(
                    Diagnostic::error("syntax", Span::new(file, at..end), format!("this is not YAML: {message}"))
                        .label("the parser stopped here")
                        .help("correct the syntax; names are looked up when all files can be read to their end"),
                );
                broken_off = true;
                break;
            }
        }
    }
    Document { file, root: builder.finish(text.len()), broken_off, allows }
}

/// A collection whose end has not been met yet.
struct Open {
    span: Span,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Node> },
}

struct Builder<'d> {
    file: FileId,
    diagnostics: &'d mut Diagnostics,
    stack: Vec<Open>,
    root: Option<Node>,
    /// The values of anchors with their sizes; `None` for one that was over the budget.
    anchors: FxHashMap<usize, Option<(Node, usize)>>,
    budget: usize,
    budget_reported: bool,
    documents: usize,
}

impl Builder<'_> {
    fn span(&self, span: &EventSpan) -> Span {
        Span::new(self.file, span.byte_range().unwrap_or_default())
    }

    /// Takes one event; `false` when nothing behind it is to be read.
    fn accept(&mut self, event: Event<'_>, span: &EventSpan) -> bool {
        let span = self.span(span);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.diagnostics.push(
                        Diagnostic::error("syntax", span, "a second YAML document in one file")
                            .help("put it in a file of its own; sections of all files are merged"),
                    );
                    return false;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let mut style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
                if let Some(tag) = tag {
                    if tag.is_yaml_core_schema_tag("str") {
                        style = Style::Quoted;
                    } else {
                        self.report_tag(&tag.to_string(), span);
                    }
                }
                // A missing value arrives as a plain `~` without any extent.
                let missing = span.start == span.end && style == Style::Plain;
                let value = if missing { Value::Empty } else { Value::Scalar(Scalar { text: text.into(), style }) };
                self.complete(Node { span, value }, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema_tag("seq")) {
                    self.report_tag(&tag.to_string(), span);
                }
                self.stack.push(Open { span, anchor, content: Content::Sequence(Vec::new()) });
            }
            Event::MappingStart(_, anchor, tag) => {
                if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema_tag("map")) {
                    self.report_tag(&tag.to_string(), span);
                }
                self.stack.push(Open { span, anchor, content: Content::Mapping { entries: Vec::new(), key: None } });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.stack.pop() {
                    let anchor = open.anchor;
                    let node = self.close(open, span);
                    self.complete(node, anchor);
                }
            }
            Event::Alias(anchor) => {
                let node = self.expand(anchor, span);
                self.complete(node, 0);
            }
            Event::UnresolvedAlias(name) => {
                self.diagnostics.push(
                    Diagnostic::error("syntax", span, format!("the alias `*{name}` has no anchor above it"))
                        .help(format!("write `&{name}` in front of the value that is meant, or the value itself")),
                );
                self.complete(Node { span, value: Value::Empty }, 0);
            }
            _ => {}
        }
        true
    }

    fn report_tag(&mut self, tag: &str, span: Span) {
        self.diagnostics.push(
            Diagnostic::error(
                "syntax",
                span,
                format!("the tag `{}` has no meaning here", tag.replace("tag:yaml.org,2002:", "!!")),
            )
            .help("remove the tag"),
        );
    }

    /// The copy an alias stands for.
    fn expand(&mut self, anchor: usize, span: Span) -> Node {
        let empty = Node { span, value: Value::Empty };
        let Some(value) = self.anchors.get(&anchor) else {
            self.diagnostics.push(
                Diagnostic::error("syntax", span, "an alias inside the very value it names")
                    .help("write the value out; a value that holds itself has no end"),
            );
            return empty;
        };
        match value {
            Some((node, size)) if *size <= self.budget => {
                self.budget -= size;
                Node { span, value: node.value.clone() }
            }
            _ => {
                self.report_budget(span);
                empty
            }
        }
    }

    fn report_budget(&mut self, span: Span) {
        if !std::mem::replace(&mut self.budget_reported, true) {
            self.diagnostics.push(
                Diagnostic::error("syntax", span, format!("aliases of this file add more than {ALIAS_BUDGET} values"))
                    .help("write the values out, or use fewer aliases of aliases"),
            );
        }
    }

    /// Hands a finished node to the collection around it.
    fn complete(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let size = size(&node);
            let fits = size <= self.budget;
            if fits {
                self.budget -= size;
            } else {
                self.report_budget(node.span);
            }
            self.anchors.insert(anchor, fits.then(|| (node.clone(), size)));
        }
        match self.stack.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, key }) => match key.take() {
                None => *key = Some(node),
                Some(key) => match &key.value {
                    Value::Scalar(scalar) if &*scalar.text == "<<" && scalar.style == Style::Plain => {
                        self.diagnostics.push(
                            Diagnostic::error("syntax", key.span, "merge keys are not part of the language")
                                .help("write the merged keys out, so that a reader of the diff sees them"),
                        );
                    }
                    Value::Scalar(_) => entries.push(Entry { key, value: node }),
                    _ => self.diagnostics.push(
                        Diagnostic::error("syntax", key.span, format!("a key is a string, not {}", key.kind()))
                            .help("write the name in front of the colon"),
                    ),
                },
            },
        }
    }

    fn close(&mut self, open: Open, end: Span) -> Node {
        // The end event of a block collection stands behind trailing comments; the collection ends with its last child.
        match open.content {
            Content::Sequence(items) => {
                let end = if end.start < end.end { Some(end) } else { items.last().map(|item| item.span) };
                Node { span: end.map_or(open.span, |end| open.span.to(end)), value: Value::Sequence(items) }
            }
            Content::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| entry.key.span.to(entry.value.span));
                let end = if end.start < end.end { Some(end) } else { last };
                report_duplicates(&entries, self.diagnostics);
                Node { span: end.map_or(open.span, |end| open.span.to(end)), value: Value::Mapping(entries) }
            }
        }
    }

    /// The root, with collections that a syntax error left open closed where they are.
    fn finish(mut self, length: usize) -> Node {
        let end = Span::new(self.file, length..length);
        while let Some(open) = self.stack.pop() {
            let node = self.close(open, end);
            self.complete(node, 0);
        }
        self.root.unwrap_or(Node { span: Span::new(self.file, 0..0), value: Value::Empty })
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Empty | Value::Scalar(_) => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|entry| 1 + size(&entry.value)).sum(),
    }
}

/// Reports every key that stands a second time in a mapping, after escapes: `a` and `"a"` are one key.
pub(super) fn report_duplicates(entries: &[Entry], diagnostics: &mut Diagnostics) {
    let mut report = |first: &Entry, again: &Entry| {
        diagnostics.push(
            Diagnostic::error("duplicate-key", again.key.span, format!("the key `{}` stands twice", again.name()))
                .label("a second time here")
                .related(first.key.span, "first here")
                .help("keep one of the two; a reader could not tell which one counts"),
        );
    };
    // Most mappings hold a handful of keys, where comparing beats hashing.
    if entries.len() <= 8 {
        for (at, again) in entries.iter().enumerate() {
            if let Some(first) = entries[..at].iter().find(|first| first.name() == again.name()) {
                report(first, again);
            }
        }
        return;
    }
    let mut seen = FxHashSet::default();
    for again in entries {
        if !seen.insert(again.name())
            && let Some(first) = entries.iter().find(|first| first.name() == again.name())
        {
            report(first, again);
        }
    }
}
