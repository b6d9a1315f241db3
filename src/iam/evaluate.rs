//! The slow, obvious answer: one concrete request against the text of policies.
//!
//! It reads JSON, statement by statement, as the evaluation logic of AWS is written down, and shares nothing with the
//! analysis over sets that it is compared with. A witness is shown to it before anything is called proven; on random
//! policies it argues with the bounds of [`reach`](super::reach).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::catalogue::Catalogue;
use super::condition::{Atom, instant};
use super::facts::Blank;

/// One request: an action on resources, with the values of condition keys.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Request {
    /// The action, as `iam:PassRole`.
    pub action: String,
    /// The resources it needs, all of which must be allowed: an ARN for each required resource type, or `*`.
    pub resources: Vec<String>,
    /// The condition keys that the request carries, in lower case, with their values; a key that is not here is absent.
    pub context: BTreeMap<String, Vec<String>>,
}

impl fmt::Display for Request {
    /// As a reader would say it: "`ec2:RunInstances` on `arn:…` with `ec2:InstanceMarketType` = `spot`".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.action)?;
        for (number, resource) in self.resources.iter().enumerate() {
            write!(f, "{} `{resource}`", if number == 0 { " on" } else { " and" })?;
        }
        for (number, (key, values)) in self.context.iter().enumerate() {
            let key = Catalogue::embedded().spelled(key);
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            write!(f, "{} `{key}` = {}", if number == 0 { " with" } else { "," }, values.join(", "))?;
        }
        Ok(())
    }
}

/// How a `*` of an ARN is read. The IAM User Guide lets one that ends a segment run on across colons; whether one inside
/// a segment may is not said, so nothing is certain unless both readings agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    /// Over the whole text.
    #[cfg_attr(not(test), expect(dead_code, reason = "a proof wants both readings; the tests want each"))]
    Whole,
    /// Segment by segment; short of six segments, a last `*` runs on.
    #[cfg_attr(not(test), expect(dead_code, reason = "a proof wants both readings; the tests want each"))]
    Segments,
    /// Both: what they disagree on is open.
    Both,
}

/// The answer to a question that may depend on what is not known.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Truth {
    No,
    Open,
    Yes,
}

impl Truth {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Open => Self::Open,
            Self::Yes => Self::No,
        }
    }

    fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().max().unwrap_or(Self::No)
    }

    fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().min().unwrap_or(Self::Yes)
    }
}

/// Policies that decide together, as JSON.
#[derive(Debug, Default)]
pub(crate) struct Evaluator {
    identity: Vec<Value>,
    /// The boundary and the levels of service control policies: one of the documents of each must allow.
    gates: Vec<Vec<Value>>,
    /// Documents that only deny.
    guards: Vec<Value>,
    /// Condition keys, in lower case, of which nobody knows what a request carries.
    pub(crate) unknown: Vec<String>,
    /// Condition keys, in lower case, of which every request carries the same one of these values; a blank in one stands for
    /// any character of its kind.
    pub(crate) known: Vec<(String, Vec<String>)>,
}

impl Evaluator {
    /// Takes the documents apart; `None` if one of them is not JSON.
    pub(crate) fn new<'d>(
        identity: impl IntoIterator<Item = Cow<'d, str>>,
        gates: impl IntoIterator<Item = Vec<Cow<'d, str>>>,
        guards: impl IntoIterator<Item = Cow<'d, str>>,
    ) -> Option<Self> {
        let read = |text: Cow<'d, str>| serde_json::from_str(&text).ok();
        Some(Self {
            identity: identity.into_iter().map(read).collect::<Option<_>>()?,
            gates: gates
                .into_iter()
                .map(|gate| gate.into_iter().map(read).collect::<Option<_>>())
                .collect::<Option<_>>()?,
            guards: guards.into_iter().map(read).collect::<Option<_>>()?,
            unknown: Vec::new(),
            known: Vec::new(),
        })
    }

    /// The statements that speak of an action.
    pub(crate) fn about(&self, action: &str) -> About<'_> {
        let action = action.to_ascii_lowercase();
        let of = |documents| statements_about(documents, &action);
        About {
            identity: of(&self.identity),
            gates: self.gates.iter().map(of).collect(),
            guards: of(&self.guards),
            unknown: &self.unknown,
            known: &self.known,
        }
    }
}

/// The statements that speak of one action, each with whether `${…}` is a variable in it.
#[derive(Debug)]
pub(crate) struct About<'e> {
    identity: Vec<(&'e Value, bool)>,
    gates: Vec<Vec<(&'e Value, bool)>>,
    guards: Vec<(&'e Value, bool)>,
    unknown: &'e [String],
    known: &'e [(String, Vec<String>)],
}

impl<'e> About<'e> {
    /// The same with other condition keys of which nobody knows what a request carries.
    pub(crate) fn without_knowing(self, unknown: &'e [String]) -> Self {
        Self { unknown, ..self }
    }

    /// Whether the policies allow a request for the action.
    pub(crate) fn allows(&self, request: &Request, reading: Reading) -> Truth {
        Truth::all(request.resources.iter().map(|resource| {
            let asked = Asked { request, resource, unknown: self.unknown, known: self.known, reading };
            let denied = Truth::any(self.denies().map(|statement| asked.applies(statement)));
            let granted = asked.allowed_by(&self.identity);
            let passed = Truth::all(self.gates.iter().map(|gate| asked.allowed_by(gate)));
            Truth::all([denied.not(), granted, passed])
        }))
    }

    /// How many statements keep a request from being allowed for certain; none if it is.
    pub(crate) fn obstacles(&self, request: &Request) -> usize {
        let of_resource = |resource: &String| {
            let asked = Asked { request, resource, unknown: self.unknown, known: self.known, reading: Reading::Both };
            let denies = self.denies().filter(|statement| asked.applies(statement) != Truth::No).count();
            let layers = std::iter::once(&self.identity).chain(&self.gates);
            denies + layers.filter(|layer| asked.allowed_by(layer) != Truth::Yes).count()
        };
        request.resources.iter().map(of_resource).sum()
    }

    fn denies(&self) -> impl Iterator<Item = &(&Value, bool)> {
        let all = self.identity.iter().chain(self.gates.iter().flatten()).chain(&self.guards);
        all.filter(|(statement, _)| statement["Effect"] == "Deny")
    }
}

/// The statements of documents that name an action, given in lower case, each with whether `${…}` is a variable in it.
fn statements_about<'v>(documents: &'v Vec<Value>, action: &str) -> Vec<(&'v Value, bool)> {
    let mut about = Vec::new();
    for document in documents {
        let variables = document["Version"] == "2012-10-17";
        let statements = list(&document["Statement"]).iter().filter(|statement| names_action(statement, action));
        about.extend(statements.map(|statement| (statement, variables)));
    }
    about
}

/// Whether a statement names an action, given in lower case.
fn names_action(statement: &Value, action: &str) -> bool {
    // Of most patterns a glance at the beginning is enough.
    let begins = |pattern: &str| {
        let literal = pattern.bytes().take_while(|byte| !matches!(byte, b'*' | b'?'));
        literal.zip(action.bytes()).all(|(wanted, byte)| wanted.to_ascii_lowercase() == byte)
    };
    let names = |element: &Value| {
        let mut near = list(element).iter().map(text).filter(|pattern| begins(pattern));
        near.any(|pattern| matches(&tokens(&pattern.to_ascii_lowercase()), action))
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), None) => names(actions),
        (None, Some(actions)) => !names(actions),
        _ => false,
    }
}

/// Whether an atom holds for a request with these condition keys.
pub(crate) fn atom_holds(atom: &Atom, context: &BTreeMap<String, Vec<String>>) -> Truth {
    let request = Request { context: context.clone(), ..Request::default() };
    let asked = Asked { request: &request, resource: "", unknown: &[], known: &[], reading: Reading::Both };
    let wanted: Vec<Cow<'_, str>> = atom.values.iter().map(|value| Cow::Borrowed(&**value)).collect();
    asked.holds(&atom.written_operator(), &atom.key, &wanted, atom.variables)
}

/// A request for one of its resources.
struct Asked<'r> {
    request: &'r Request,
    resource: &'r str,
    unknown: &'r [String],
    known: &'r [(String, Vec<String>)],
    reading: Reading,
}

/// An element that holds one value or a list of them.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        other => std::slice::from_ref(other),
    }
}

/// A value as the text it is compared by.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

impl Asked<'_> {
    /// Whether one of the statements allows it.
    fn allowed_by(&self, statements: &[(&Value, bool)]) -> Truth {
        let allows = statements.iter().filter(|(statement, _)| statement["Effect"] == "Allow");
        Truth::any(allows.map(|statement| self.applies(statement)))
    }

    /// Whether a statement that names the action applies.
    fn applies(&self, &(statement, variables): &(&Value, bool)) -> Truth {
        Truth::all([self.resource(statement, variables), self.conditions(&statement["Condition"], variables)])
    }

    fn resource(&self, statement: &Value, variables: bool) -> Truth {
        let names = |element: &Value, absent: Truth| {
            Truth::any(list(element).iter().map(|pattern| match self.filled(&text(pattern), variables) {
                Filled::Tokens(tokens) => arn_matches(&tokens, self.resource, self.reading),
                Filled::Absent => absent,
                Filled::Unknown => Truth::Open,
            }))
        };
        match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(resources), None) => names(resources, Truth::No),
            // A statement whose variable has no value may leave out nothing, or not apply at all: nobody says.
            (None, Some(resources)) => names(resources, Truth::Open).not(),
            _ => Truth::No,
        }
    }

    fn conditions(&self, block: &Value, variables: bool) -> Truth {
        let Some(operators) = block.as_object() else { return Truth::of(block.is_null()) };
        Truth::all(operators.iter().map(|(operator, keys)| {
            let Some(keys) = keys.as_object() else { return Truth::No };
            Truth::all(keys.iter().map(|(key, wanted)| {
                let wanted: Vec<Cow<'_, str>> = list(wanted).iter().map(text).collect();
                self.holds(operator, key, &wanted, variables)
            }))
        }))
    }

    /// Whether one operator holds for one key.
    fn holds(&self, operator: &str, key: &str, wanted: &[Cow<'_, str>], variables: bool) -> Truth {
        let key = key.to_ascii_lowercase();
        if self.unknown.contains(&key) {
            return Truth::Open;
        }
        if let Some((_, values)) = self.known.iter().find(|(known, _)| *known == key) {
            // One of them is the value, and nobody knows which.
            let holds = |value: &String| {
                let context = BTreeMap::from([(key.clone(), vec![value.clone()])]);
                let request = Request { context, ..Request::default() };
                let asked = Asked { request: &request, known: &[], ..*self };
                asked.holds_in_context(operator, &key, wanted, variables)
            };
            let mut answers = values.iter().map(holds);
            let first = answers.next().unwrap_or(Truth::Open);
            return if answers.all(|answer| answer == first) { first } else { Truth::Open };
        }
        self.holds_in_context(operator, &key, wanted, variables)
    }

    /// The same for a key that the request may carry.
    fn holds_in_context(&self, operator: &str, key: &str, wanted: &[Cow<'_, str>], variables: bool) -> Truth {
        let operator = operator.to_ascii_lowercase();
        let (set, operator) = operator.split_once(':').unwrap_or(("", &operator));
        let (operator, if_exists) =
            operator.strip_suffix("ifexists").map_or((operator, false), |operator| (operator, true));
        let present = self.request.context.get(key);
        if operator == "null" {
            return Truth::any(wanted.iter().map(|wanted| {
                Truth::of(wanted.eq_ignore_ascii_case(if present.is_none() { "true" } else { "false" }))
            }));
        }
        let (operator, negated) = match operator.split_once("not") {
            Some((family, rest)) => (Cow::Owned(format!("{family}{rest}")), true),
            None => (Cow::Borrowed(operator), false),
        };
        let Some(values) = present else {
            return match set {
                "forallvalues" => Truth::Yes,
                // The documentation of `IfExists` and that of `ForAnyValue` contradict each other.
                "foranyvalue" if if_exists => Truth::Open,
                "foranyvalue" => Truth::No,
                _ => Truth::of(if_exists || negated),
            };
        };
        let one = |value: &String| {
            let equal = Truth::any(wanted.iter().map(|wanted| self.compare(&operator, value, wanted, variables)));
            if negated { equal.not() } else { equal }
        };
        match set {
            "forallvalues" => Truth::all(values.iter().map(one)),
            "foranyvalue" => Truth::any(values.iter().map(one)),
            // A key with several values under an operator for one is a mistake; nothing is said about it.
            _ if values.len() != 1 => Truth::Open,
            _ => Truth::any(values.iter().map(one)),
        }
    }

    /// Whether a value of the request meets a value of the policy.
    fn compare(&self, operator: &str, value: &str, wanted: &str, variables: bool) -> Truth {
        let tokens = match self.filled(wanted, variables) {
            Filled::Tokens(tokens) => tokens,
            Filled::Absent => return Truth::No,
            Filled::Unknown => return Truth::Open,
        };
        let plain: String = tokens.iter().map(|token| token.written()).collect();
        let ordered = |order: fn(f64, f64) -> bool| match (value.parse::<f64>(), plain.parse::<f64>()) {
            (Ok(value), Ok(wanted)) => Truth::of(order(value, wanted)),
            _ => Truth::No,
        };
        let dated = |order: fn(&i64, &i64) -> bool| match (instant(value), instant(&plain)) {
            (Some(value), Some(wanted)) => Truth::of(order(&value, &wanted)),
            _ => Truth::No,
        };
        #[expect(clippy::float_cmp, reason = "the policy language compares numbers as they are written")]
        let same: fn(f64, f64) -> bool = |a, b| a == b;
        if value.chars().any(|c| Blank::of(c).is_some()) {
            let certain = match operator {
                "stringlike" => Truth::of(matches(&tokens, value)),
                "arnequals" | "arnlike" => arn_matches(&tokens, value, self.reading),
                _ => Truth::No,
            };
            let literal = |token: &Token| matches!(token, Token::Char(_));
            let possible = match operator {
                "stringlike" | "arnequals" | "arnlike" => fits(&tokens, value),
                "stringequals" => tokens.iter().all(literal) && fits(&tokens, value),
                _ => true,
            };
            return if certain == Truth::No && possible { Truth::Open } else { certain };
        }
        match operator {
            "stringequals" | "binaryequals" => Truth::of(value == plain),
            "stringequalsignorecase" => Truth::of(value.to_lowercase() == plain.to_lowercase()),
            "bool" => Truth::of(value.eq_ignore_ascii_case(&plain)),
            "stringlike" => Truth::of(matches(&tokens, value)),
            "arnequals" | "arnlike" => arn_matches(&tokens, value, self.reading),
            "numericequals" => ordered(same),
            "numericlessthan" => ordered(|a, b| a < b),
            "numericlessthanequals" => ordered(|a, b| a <= b),
            "numericgreaterthan" => ordered(|a, b| a > b),
            "numericgreaterthanequals" => ordered(|a, b| a >= b),
            "dateequals" => dated(i64::eq),
            "datelessthan" => dated(i64::lt),
            "datelessthanequals" => dated(i64::le),
            "dategreaterthan" => dated(i64::gt),
            "dategreaterthanequals" => dated(i64::ge),
            "ipaddress" => match (network(value), network(&plain)) {
                (Some(value), Some(wanted)) => Truth::of(wanted.contains(&value)),
                _ => Truth::No,
            },
            _ => Truth::Open,
        }
    }

    /// A text of a policy with its variables filled from the request.
    fn filled(&self, written: &str, variables: bool) -> Filled {
        if !variables {
            return Filled::Tokens(tokens(written));
        }
        let mut filled = Vec::new();
        let mut rest = written;
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((variable, behind)) = behind.split_once('}') else { break };
            filled.extend(tokens(before));
            rest = behind;
            let (key, default) = match variable.split_once(',') {
                Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable, None),
            };
            let key = key.to_ascii_lowercase();
            let value = match (key.as_str(), self.request.context.get(&key).map(Vec::as_slice)) {
                ("*" | "?" | "$", _) => key.as_str(),
                _ if self.unknown.contains(&key) || self.known.iter().any(|(known, _)| *known == key) => {
                    return Filled::Unknown;
                }
                (_, Some([value])) => value.as_str(),
                (_, Some(_)) => return Filled::Unknown,
                (_, None) => match default {
                    Some(default) => default,
                    None => return Filled::Absent,
                },
            };
            filled.extend(value.chars().map(Token::Char));
        }
        filled.extend(tokens(rest));
        Filled::Tokens(filled)
    }
}

/// An address or a network.
pub(crate) fn network(written: &str) -> Option<IpNet> {
    written.parse().ok().or_else(|| written.parse::<IpAddr>().map(IpNet::from).ok())
}

/// A text of a policy, filled.
enum Filled {
    Tokens(Vec<Token>),
    /// A variable has no value and no default: the text matches nothing.
    Absent,
    /// Nobody knows the value of a variable.
    Unknown,
}

/// A character of a pattern, or a wildcard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token {
    Char(char),
    One,
    Many,
}

impl Token {
    fn written(self) -> char {
        match self {
            Self::Char(c) => c,
            Self::One => '?',
            Self::Many => '*',
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let token = |c: char| match c {
        '*' => Token::Many,
        '?' => Token::One,
        other => Token::Char(other),
    };
    pattern.chars().map(token).collect()
}

/// Whether a pattern matches a text: row by row, whether what has been read of the one matches what has been read of the
/// other.
fn matches(pattern: &[Token], text: &str) -> bool {
    matches_by(pattern, text, |wanted, c| wanted == c)
}

/// Whether it does for some of what the blanks of the text may stand for.
fn fits(pattern: &[Token], text: &str) -> bool {
    matches_by(pattern, text, |wanted, c| Blank::of(c).map_or(wanted == c, |blank| blank.takes(wanted)))
}

fn matches_by(pattern: &[Token], text: &str, same: fn(char, char) -> bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for token in pattern {
        let mut next = vec![false; text.len() + 1];
        next[0] = row[0] && *token == Token::Many;
        for (at, c) in text.iter().enumerate() {
            next[at + 1] = match token {
                Token::Many => row[at + 1] || next[at],
                Token::One => row[at],
                Token::Char(wanted) => row[at] && same(*wanted, *c),
            };
        }
        row = next;
        // What has gone wrong once stays so.
        if !row.contains(&true) {
            return false;
        }
    }
    row[text.len()]
}

/// Whether the pattern of an ARN matches one.
fn arn_matches(pattern: &[Token], arn: &str, reading: Reading) -> Truth {
    let whole = || matches(pattern, arn);
    match reading {
        Reading::Whole => Truth::of(whole()),
        Reading::Segments => Truth::of(segments_match(pattern, arn)),
        Reading::Both => match (whole(), segments_match(pattern, arn)) {
            (true, true) => Truth::Yes,
            (false, false) => Truth::No,
            _ => Truth::Open,
        },
    }
}

fn segments_match(pattern: &[Token], arn: &str) -> bool {
    let segments: Vec<&[Token]> = pattern.splitn(6, |token| *token == Token::Char(':')).collect();
    let runs_on = segments.last().is_some_and(|last| last.last() == Some(&Token::Many));
    let texts: Vec<&str> = if runs_on { arn.splitn(segments.len(), ':') } else { arn.splitn(6, ':') }.collect();
    segments.len() == texts.len() && segments.iter().zip(texts).all(|(pattern, text)| matches(pattern, text))
}
