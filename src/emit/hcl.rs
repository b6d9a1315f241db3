//! Terraform's language, written the way `terraform fmt` leaves it.
//!
//! In come names, values and comments; out comes text that Terraform reads back as exactly those values. After this,
//! no text of the model can be anything but a literal or a comment: the words of the language are `&'static str`,
//! what becomes an identifier is a [`Name`], and everything else is escaped on its way into a literal.
//!
//! A [`Printer`] appends to one string, block by block, so that memory stays at the size of the output. Values are
//! [`Expression`] trees; long lists of strings are written from an iterator, without a tree ([`Printer::list`]).
//!
//! `terraform fmt` aligns the `=` of consecutive lines that each hold a whole attribute, and the comments of
//! consecutive lines that end in one; a line that opens a bracket it does not close is never aligned. Columns are
//! grapheme clusters.

mod expression;
mod literal;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write;

pub use self::expression::{Element, Expression, Name, Reference};
use self::expression::{Step, is_identifier};
use super::characters;

/// Writes one file of HCL.
#[derive(Debug)]
pub struct Printer {
    out: String,
    /// How many blocks and brackets are open; two spaces each.
    depth: usize,
    /// The attributes written last, one a line, whose `=` will stand in one column.
    chain: Vec<Attribute>,
    /// Reused while a chain is aligned.
    scratch: String,
    previous: Previous,
}

/// An element of a list in a block of the file, with the comment behind it, as a whole line.
#[derive(Debug)]
pub struct Spelled {
    line: String,
    columns: usize,
}

/// How deep a list in a block stands.
const LIST_IN_BLOCK: usize = 2;

impl Spelled {
    /// Spells `text`, and `comment` behind it (empty for none).
    pub fn new(text: &str, comment: &str) -> Self {
        let mut line = "  ".repeat(LIST_IN_BLOCK);
        let indentation = line.len();
        literal::string(&mut line, text);
        let columns = literal::columns(&line[indentation..]);
        line.push(',');
        if !comment.is_empty() {
            line.push(' ');
            characters::comment(&mut line, comment);
        }
        line.push('\n');
        Self { line, columns }
    }
}

/// An attribute on one line that waits for its neighbours.
#[derive(Debug)]
struct Attribute {
    /// Where the name ends, in bytes of the output.
    end: usize,
    /// The columns of the name.
    columns: usize,
}

/// What was written last in the current body; it decides about blank lines.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
enum Previous {
    /// Nothing, or a blank line.
    Nothing,
    Attribute,
    Comment,
    Block,
}

impl Printer {
    /// A printer with nothing in it.
    pub fn new() -> Self {
        Self::reusing(String::new())
    }

    /// A printer that writes to the memory of an earlier text.
    pub fn reusing(mut out: String) -> Self {
        out.clear();
        Self { out, depth: 0, chain: Vec::new(), scratch: String::new(), previous: Previous::Nothing }
    }

    /// The text of the file.
    pub fn finish(mut self) -> String {
        self.align();
        self.out
    }

    /// A comment of one or more lines that belongs to what is written next.
    pub fn comment(&mut self, text: &str) {
        self.align();
        if matches!(self.previous, Previous::Attribute | Previous::Block) {
            self.out.push('\n');
        }
        for line in text.lines() {
            self.indent();
            characters::comment(&mut self.out, line);
            self.out.push('\n');
            self.previous = Previous::Comment;
        }
    }

    /// A blank line, where there is something above to be set apart from.
    pub fn blank(&mut self) {
        self.align();
        if self.previous != Previous::Nothing {
            self.out.push('\n');
            self.previous = Previous::Nothing;
        }
    }

    /// A block such as `resource "aws_ssoadmin_permission_set" "Admin" {…}`; `body` writes what is inside.
    ///
    /// Blocks are set apart by blank lines.
    pub fn block<R>(&mut self, kind: &'static str, labels: &[Name<'_>], body: impl FnOnce(&mut Self) -> R) -> R {
        debug_assert!(is_identifier(kind), "`{kind}` is not an identifier");
        self.align();
        if matches!(self.previous, Previous::Attribute | Previous::Block) {
            self.out.push('\n');
        }
        self.indent();
        self.out.push_str(kind);
        for label in labels {
            let _ = write!(self.out, " \"{}\"", label.as_str());
        }
        self.out.push_str(" {");
        let start = self.out.len();
        self.out.push('\n');
        self.depth += 1;
        self.previous = Previous::Nothing;
        let result = body(self);
        self.align();
        self.depth -= 1;
        if self.previous == Previous::Nothing && self.out.len() == start + 1 {
            self.out.pop();
        } else {
            self.indent();
        }
        self.out.push_str("}\n");
        self.previous = Previous::Block;
        result
    }

    /// An attribute: `name = value`. A body has each name once.
    pub fn attribute<'a>(&mut self, name: &'static str, value: impl Into<Expression<'a>>) {
        self.shared_attribute(name, &value.into());
    }

    /// An attribute whose value many blocks share.
    pub fn shared_attribute(&mut self, name: &'static str, value: &Expression<'_>) {
        debug_assert!(is_identifier(name), "`{name}` is not an identifier");
        self.begin_attribute();
        self.entry(|out| out.push_str(name), value);
    }

    /// An attribute whose value is a list of strings, each with a comment behind it (empty for none), or a call of
    /// `function` with that list: `for_each = toset([…])`. One element stands on each line.
    ///
    /// The iterator is walked twice, because the widest element decides about the column of the comments.
    pub fn list<'a>(
        &mut self,
        name: &'static str,
        function: Option<&'static str>,
        elements: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: Clone>,
    ) {
        let mut elements = elements.into_iter().peekable();
        if elements.peek().is_none() {
            let empty = Expression::List(Vec::new());
            return self.attribute(name, function.map_or(empty.clone(), |function| Expression::call(function, empty)));
        }
        self.begin_value(name, function);
        self.elements(elements);
        self.end_value(function);
    }

    /// The same list from elements that were spelled before: a text that stands in thousands of lists is escaped once.
    /// All elements have the same width, so that their comments stand in one column anyway.
    pub fn spelled_list<'a>(
        &mut self,
        name: &'static str,
        function: Option<&'static str>,
        elements: impl IntoIterator<Item = &'a Spelled>,
    ) {
        let mut elements = elements.into_iter().peekable();
        let Some(width) = elements.peek().map(|element| element.columns) else {
            return self.list(name, function, std::iter::empty());
        };
        self.begin_value(name, function);
        self.out.push_str("[\n");
        self.depth += 1;
        for element in elements {
            debug_assert_eq!((element.columns, self.depth), (width, LIST_IN_BLOCK), "elements of one width and depth");
            self.out.push_str(&element.line);
        }
        self.depth -= 1;
        self.indent();
        self.out.push(']');
        self.end_value(function);
    }

    /// An attribute whose value is an object, entry by entry, so that a large one needs no tree.
    pub fn object<'a>(
        &mut self,
        name: &'static str,
        entries: impl IntoIterator<Item = (impl Into<Cow<'a, str>>, Expression<'a>)>,
    ) {
        self.begin_value(name, None);
        self.out.push_str("{\n");
        self.depth += 1;
        for (key, value) in entries {
            self.entry(|out| object_key(out, &key.into()), &value);
        }
        self.align();
        self.depth -= 1;
        self.indent();
        self.out.push('}');
        self.end_value(None);
    }

    fn begin_value(&mut self, name: &'static str, function: Option<&'static str>) {
        debug_assert!(is_identifier(name), "`{name}` is not an identifier");
        self.begin_attribute();
        self.align();
        self.indent();
        self.out.push_str(name);
        self.out.push_str(" = ");
        if let Some(function) = function {
            self.out.push_str(function);
            self.out.push('(');
        }
    }

    fn end_value(&mut self, function: Option<&'static str>) {
        if function.is_some() {
            self.out.push(')');
        }
        self.out.push('\n');
    }

    fn begin_attribute(&mut self) {
        if self.previous == Previous::Block {
            self.out.push('\n');
        }
        self.previous = Previous::Attribute;
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }

    /// One line, or the first of several, of a body or an object.
    fn entry(&mut self, key: impl FnOnce(&mut String), value: &Expression<'_>) {
        let multiline = value.is_multiline();
        if multiline {
            self.align();
        }
        self.indent();
        let start = self.out.len();
        key(&mut self.out);
        if !multiline {
            let (end, columns) = (self.out.len(), literal::columns(&self.out[start..]));
            self.chain.push(Attribute { end, columns });
        }
        self.out.push_str(" = ");
        self.value(value);
        self.out.push('\n');
    }

    /// Ends the chain: puts its `=` into one column.
    fn align(&mut self) {
        let (Some(first), Some(widest)) = (self.chain.first(), self.chain.iter().map(|line| line.columns).max()) else {
            return;
        };
        if self.chain.iter().any(|line| line.columns != widest) {
            let mut copied = first.end;
            self.scratch.clear();
            self.scratch.push_str(&self.out[copied..]);
            self.out.truncate(copied);
            let start = copied;
            for line in &self.chain {
                self.out.push_str(&self.scratch[copied - start..line.end - start]);
                self.out.extend(std::iter::repeat_n(' ', widest - line.columns));
                copied = line.end;
            }
            self.out.push_str(&self.scratch[copied - start..]);
        }
        self.chain.clear();
    }

    /// A value, from where the line stands.
    fn value(&mut self, value: &Expression<'_>) {
        match value {
            value if !value.is_multiline() => one_line(&mut self.out, value),
            Expression::List(elements) => {
                self.elements(elements.iter().map(|element| (&element.value, element.comment.as_ref())));
            }
            Expression::Inline(values) => self.elements(values.iter().map(|value| (value, ""))),
            Expression::Object(entries) => {
                self.out.push_str("{\n");
                self.depth += 1;
                for (key, value) in entries {
                    self.entry(|out| object_key(out, key), value);
                }
                self.align();
                self.depth -= 1;
                self.indent();
                self.out.push('}');
            }
            Expression::Call(function, arguments) => self.call(function, arguments),
            one_line_only => one_line(&mut self.out, one_line_only),
        }
    }

    /// A call with an argument of several lines. Where that is the last one, its brackets hug those of the call.
    fn call(&mut self, function: &str, arguments: &[Expression<'_>]) {
        self.out.push_str(function);
        self.out.push('(');
        if let Some((last, before)) = arguments.split_last()
            && !before.iter().any(Expression::is_multiline)
        {
            for argument in before {
                one_line(&mut self.out, argument);
                self.out.push_str(", ");
            }
            self.value(last);
        } else {
            self.out.push('\n');
            self.depth += 1;
            for argument in arguments {
                self.indent();
                self.value(argument);
                self.out.push_str(",\n");
            }
            self.depth -= 1;
            self.indent();
        }
        self.out.push(')');
    }

    /// A list with one element a line. Comments behind elements of one line stand in one column, from one line without
    /// such a comment to the next.
    fn elements<'a, T: ListElement>(&mut self, mut elements: impl Iterator<Item = (T, &'a str)> + Clone) {
        self.out.push_str("[\n");
        self.depth += 1;
        let mut column = None;
        while let Some((element, comment)) = elements.next() {
            self.indent();
            if comment.is_empty() {
                element.print(self);
                self.out.push_str(",\n");
                column = None;
            } else if element.is_multiline() {
                characters::comment(&mut self.out, comment);
                self.out.push('\n');
                self.indent();
                element.print(self);
                self.out.push_str(",\n");
                column = None;
            } else {
                let column = *column.get_or_insert_with(|| {
                    std::iter::once((element, comment))
                        .chain(elements.clone())
                        .take_while(|(element, comment)| !comment.is_empty() && !element.is_multiline())
                        .map(|(element, _)| element.columns())
                        .max()
                        .unwrap_or(0)
                });
                let start = self.out.len();
                element.print(self);
                let columns = literal::columns(&self.out[start..]);
                self.out.push(',');
                self.out.extend(std::iter::repeat_n(' ', column - columns + 1));
                characters::comment(&mut self.out, comment);
                self.out.push('\n');
            }
        }
        self.depth -= 1;
        self.indent();
        self.out.push(']');
    }
}

impl Default for Printer {
    fn default() -> Self {
        Self::new()
    }
}

/// What a list is made of: expressions of a tree, or strings of an iterator.
trait ListElement: Copy {
    fn is_multiline(self) -> bool;
    /// The columns of an element of one line.
    fn columns(self) -> usize;
    fn print(self, printer: &mut Printer);
}

impl ListElement for &Expression<'_> {
    fn is_multiline(self) -> bool {
        self.is_multiline()
    }

    fn columns(self) -> usize {
        let mut text = String::new();
        one_line(&mut text, self);
        literal::columns(&text)
    }

    fn print(self, printer: &mut Printer) {
        printer.value(self);
    }
}

impl ListElement for &str {
    fn is_multiline(self) -> bool {
        false
    }

    fn columns(self) -> usize {
        literal::string_columns(self)
    }

    fn print(self, printer: &mut Printer) {
        literal::string(&mut printer.out, self);
    }
}

/// A value that is not laid out over several lines.
fn one_line(out: &mut String, value: &Expression<'_>) {
    match value {
        Expression::Null => out.push_str("null"),
        Expression::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Expression::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Expression::String(text) => literal::string(out, text),
        Expression::List(elements) => {
            out.push('[');
            separated(out, elements.iter().map(|element| &element.value));
            out.push(']');
        }
        Expression::Inline(values) => {
            out.push('[');
            separated(out, values);
            out.push(']');
        }
        Expression::Object(_) => out.push_str("{}"),
        Expression::Reference(reference) => {
            out.push_str(reference.root.as_str());
            for step in &reference.steps {
                match step {
                    Step::Attribute(name) => {
                        out.push('.');
                        out.push_str(name.as_str());
                    }
                    Step::Key(key) => {
                        out.push('[');
                        literal::string(out, key);
                        out.push(']');
                    }
                    Step::Index(index) => {
                        let _ = write!(out, "[{index}]");
                    }
                }
            }
        }
        Expression::Call(function, arguments) => {
            out.push_str(function);
            out.push('(');
            separated(out, arguments);
            out.push(')');
        }
        Expression::Code(code) => {
            debug_assert!(code.bytes().all(|b| matches!(b, 0x20..0x7f)), "`{code}` is not one line of ASCII");
            out.push_str(code);
        }
    }
}

fn separated<'e, 'a: 'e>(out: &mut String, values: impl IntoIterator<Item = &'e Expression<'a>>) {
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        one_line(out, value);
    }
}

/// A key of an object: bare where it is a word and not one that the expression language gives a meaning.
fn object_key(out: &mut String, key: &str) {
    if is_identifier(key) && !key.contains('-') && !matches!(key, "for" | "if" | "in" | "true" | "false" | "null") {
        out.push_str(key);
    } else {
        literal::string(out, key);
    }
}
