//! Values of attributes, as a tree that borrows its text from the model.

use std::borrow::Cow;

use serde_json::Number;

/// A name that Terraform reads as an identifier: `[A-Za-z_][A-Za-z0-9_-]*`.
///
/// Labels of blocks and steps of references are names, because `terraform fmt` deletes labels that are anything else.
#[derive(Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct Name<'a>(Cow<'a, str>);

impl<'a> Name<'a> {
    /// Takes `text` as a name, or returns `None` where it is not one.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = text.into();
        is_identifier(&text).then_some(Self(text))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Terraform's own words, which are constants of the emitter and never text of the model.
impl From<&'static str> for Name<'_> {
    fn from(word: &'static str) -> Self {
        debug_assert!(is_identifier(word), "`{word}` is not an identifier");
        Self(Cow::Borrowed(word))
    }
}

/// Whether `text` is `[A-Za-z_][A-Za-z0-9_-]*`.
pub(super) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// A value in HCL.
#[derive(Clone, PartialEq, Debug)]
pub enum Expression<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A literal string: nothing in it is interpolated.
    String(Cow<'a, str>),
    /// A list with one element a line; a single plain element stays on the line of the brackets.
    List(Vec<Element<'a>>),
    /// A list on one line, unless one of its elements needs several.
    Inline(Vec<Self>),
    /// An object with one entry a line, in the given order. The keys are literal and expected to be different.
    Object(Vec<(Cow<'a, str>, Self)>),
    /// A reference such as `aws_ssoadmin_permission_set.Admin.arn`.
    Reference(Reference<'a>),
    /// A function call such as `jsonencode({…})`.
    Call(&'static str, Vec<Self>),
    /// A piece of Terraform that the emitter itself spells: a condition, a type. One line of ASCII as
    /// `terraform fmt` leaves it.
    Code(&'static str),
}

/// An element of a list, with the comment that stands behind it (above it where the element takes several lines).
#[derive(Clone, PartialEq, Debug)]
pub struct Element<'a> {
    /// The element.
    pub value: Expression<'a>,
    /// What a reader should know about it; empty for nothing.
    pub comment: Cow<'a, str>,
}

impl<'a> Expression<'a> {
    /// A list with one element a line, without comments.
    pub fn list<T: Into<Self>>(elements: impl IntoIterator<Item = T>) -> Self {
        let uncommented = |value: T| Element { value: value.into(), comment: Cow::Borrowed("") };
        Self::List(elements.into_iter().map(uncommented).collect())
    }

    /// A list on one line.
    pub fn inline<T: Into<Self>>(elements: impl IntoIterator<Item = T>) -> Self {
        Self::Inline(elements.into_iter().map(Into::into).collect())
    }

    /// An object; keys and values in the order they are given.
    pub fn object<K: Into<Cow<'a, str>>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// A call of `function` with one argument.
    pub fn call(function: &'static str, argument: impl Into<Self>) -> Self {
        Self::Call(function, vec![argument.into()])
    }

    /// Whether the value is laid out over several lines.
    pub(super) fn is_multiline(&self) -> bool {
        match self {
            Self::List(elements) => match elements.as_slice() {
                [] => false,
                [only] => !only.comment.is_empty() || only.value.is_multiline(),
                _ => true,
            },
            Self::Object(entries) => !entries.is_empty(),
            Self::Inline(values) | Self::Call(_, values) => values.iter().any(Self::is_multiline),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::Reference(_) | Self::Code(_) => {
                false
            }
        }
    }
}

impl<'a> From<&'a str> for Expression<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Expression<'_> {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Expression<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Expression<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Expression<'_> {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl<'a> From<Reference<'a>> for Expression<'a> {
    fn from(reference: Reference<'a>) -> Self {
        Self::Reference(reference)
    }
}

/// Where a value comes from: `aws_ssoadmin_permission_set.Admin.arn`, `local.accounts["shop"]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Reference<'a> {
    pub(super) root: Name<'a>,
    pub(super) steps: Vec<Step<'a>>,
}

/// What follows the root of a reference.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Step<'a> {
    Attribute(Name<'a>),
    Key(Cow<'a, str>),
    Index(u64),
}

impl<'a> Reference<'a> {
    /// A reference to what is called `root`.
    pub fn new(root: impl Into<Name<'a>>) -> Self {
        Self { root: root.into(), steps: Vec::new() }
    }

    /// Goes on to an attribute: `….name`.
    pub fn attribute(mut self, name: impl Into<Name<'a>>) -> Self {
        self.steps.push(Step::Attribute(name.into()));
        self
    }

    /// Goes on to an element of a map: `…["key"]`.
    pub fn key(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.steps.push(Step::Key(key.into()));
        self
    }

    /// Goes on to an element of a list: `…[0]`.
    pub fn index(mut self, index: u64) -> Self {
        self.steps.push(Step::Index(index));
        self
    }
}
