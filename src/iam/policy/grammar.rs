//! The grammar of an identity policy, checked in one pass (IAM User Guide, "Grammar of the IAM JSON policy language").

mod session;

use smol_str::SmolStr;

pub(super) use session::principal_tag;

use super::{
    CURRENT_VERSION, Clause, OLD_VERSION, Policy, PolicyKind, PolicyText, Statement, Word, Wording, Written, characters,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::action::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::condition::{Atom, Operator};
use crate::iam::glob::Glob;
use crate::source::{Span, Spanned};
use crate::syntax::decode::did_you_mean;
use crate::syntax::{Node, Style, Value};

/// The rule of everything that IAM would refuse, or read otherwise than it looks.
pub const POLICY_SYNTAX: &str = "policy-syntax";
/// The rule of a document that is not of the current version.
pub const POLICY_VERSION: &str = "policy-version";

/// The elements of a policy document.
pub const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
/// The elements of a statement; `Principal` and `NotPrincipal` are not for identity policies.
pub const STATEMENT_ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "NotPrincipal"];

impl Policy {
    /// Reads a document as an identity policy and reports everything IAM would refuse in it.
    ///
    /// What cannot be understood is left out of the policy, which is then incomplete: it is assessed as one that may
    /// hold more. Duplicate keys have been reported by the parser; the first counts.
    pub fn read(document: &Node, diagnostics: &mut Diagnostics) -> Self {
        Self::read_as(PolicyKind::Identity, document, diagnostics)
    }

    /// Reads a document as a policy of a kind, as [`Self::read`] does.
    pub fn read_as(kind: PolicyKind, document: &Node, diagnostics: &mut Diagnostics) -> Self {
        let json = document.to_json();
        // AWS Organizations takes any character.
        if kind == PolicyKind::Identity && !characters::are_plain(&json) {
            characters::check(document, diagnostics);
        }
        let text = PolicyText::Json(json.into());
        let mut reader = Reader { diagnostics, kind, variables: false, policy: Self { text, ..Self::default() } };
        reader.document(document);
        reader.policy
    }
}

struct Reader<'d> {
    diagnostics: &'d mut Diagnostics,
    kind: PolicyKind,
    /// Whether `${…}` is a variable.
    variables: bool,
    policy: Policy,
}

impl Reader<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports what IAM refuses; the policy is incomplete from then on.
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.policy.incomplete = true;
        self.report(Diagnostic::error(POLICY_SYNTAX, span, message).help(help));
    }

    /// Reports what IAM takes and what holds nothing.
    fn empty(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::warning("empty-policy-element", span, message).help(help));
    }

    fn document(&mut self, document: &Node) {
        let Value::Mapping(entries) = &document.value else {
            let message = format!("a policy document is a mapping, not {}", document.kind());
            return self.refuse(document.span, message, "write `Version` and `Statement`");
        };
        let mut misspelt = Vec::new();
        for entry in entries {
            if !ELEMENTS.contains(&entry.name()) {
                misspelt.extend(self.unknown_element(&entry.key, "a policy document", &ELEMENTS));
            }
        }
        self.version(document, &misspelt);
        let Some(statement) = document.get("Statement") else {
            if !misspelt.contains(&"Statement") {
                self.refuse(document.span, "the policy has no `Statement`", "add at least one statement");
            }
            return;
        };
        let statements = one_or_more(statement);
        if statements.is_empty() {
            return self.refuse(statement.span, "`Statement` is empty", "add at least one statement");
        }
        let mut sids: Vec<(&str, Span)> = Vec::new();
        for (index, statement) in statements.iter().enumerate() {
            if let Some(statement) = self.statement(index + 1, statement, &mut sids) {
                self.policy.statements.push(statement);
            }
        }
    }

    fn version(&mut self, document: &Node, misspelt: &[&str]) {
        let written = document.get("Version");
        let variable = first_variable(document);
        let remedy = format!("write `Version: {CURRENT_VERSION}`, the only version in which policy variables work");
        match written {
            None if misspelt.contains(&"Version") => self.variables = true,
            None => {
                let place = document.get("Statement").map_or(document.span, |statement| statement.span).at_start();
                let default = format!("the policy has no `Version`, so it is read as {OLD_VERSION}");
                self.old_version(place, variable, default, remedy);
            }
            Some(node) => match node.text() {
                Some(CURRENT_VERSION) => self.variables = true,
                Some(OLD_VERSION) => {
                    self.old_version(node.span, variable, format!("`Version` is {OLD_VERSION}"), remedy);
                }
                Some(other) => {
                    let message = format!("`{other}` is not a version of the policy language");
                    self.report(Diagnostic::error(POLICY_VERSION, node.span, message).help(remedy));
                    self.variables = true;
                }
                None => {
                    let message = format!("`Version` is {}, not a string", node.kind());
                    self.report(Diagnostic::error(POLICY_VERSION, node.span, message).help(remedy));
                    self.variables = true;
                }
            },
        }
    }

    /// The old version is harmless until a `${` turns into literal text.
    fn old_version(&mut self, place: Span, variable: Option<Span>, message: String, remedy: String) {
        let diagnostic = match variable {
            Some(span) => Diagnostic::error(POLICY_VERSION, place, format!("{message}, where `${{` is literal text"))
                .related(span, "this is no variable"),
            None => Diagnostic::warning(POLICY_VERSION, place, message),
        };
        self.report(diagnostic.help(remedy));
    }

    /// Reports an element that does not exist, and answers which one is meant.
    fn unknown_element<'k>(&mut self, key: &Node, of: &str, known: &[&'k str]) -> Option<&'k str> {
        let name = key.text().unwrap_or_default();
        let near = did_you_mean(name, known.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the elements of {of} are {}", known.join(", ")),
        };
        self.refuse(key.span, format!("`{name}` is not an element of {of}"), help);
        near
    }

    fn statement<'n>(&mut self, number: usize, node: &'n Node, sids: &mut Vec<(&'n str, Span)>) -> Option<Statement> {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("a statement is a mapping, not {}", node.kind());
            self.refuse(node.span, message, "write `Effect`, `Action` and `Resource`");
            return None;
        };
        // What is there under a wrong name is not missing as well: one mistake, one finding.
        let mut misspelt = Vec::new();
        for entry in entries {
            match entry.name() {
                "Principal" | "NotPrincipal" => {
                    let (kind, help) = match self.kind {
                        PolicyKind::Identity => (
                            "an identity policy",
                            "remove it: the policy applies to whoever is assigned the permission set",
                        ),
                        PolicyKind::ServiceControl => (
                            "a service control policy",
                            "remove it: the policy applies to every principal of the accounts; a condition on `aws:PrincipalArn` spares some",
                        ),
                    };
                    self.refuse(entry.key.span, format!("`{}` is not allowed in {kind}", entry.name()), help);
                }
                name if !STATEMENT_ELEMENTS.contains(&name) => {
                    misspelt.extend(self.unknown_element(&entry.key, "a statement", &STATEMENT_ELEMENTS));
                }
                _ => {}
            }
        }
        let sid = self.sid(node, sids);
        let effect = self.effect(node, &misspelt);
        let actions = self.either(node, ["Action", "NotAction"], &misspelt);
        let resources = self.either(node, ["Resource", "NotResource"], &misspelt);
        let conditions = self.conditions(node);

        let (not_action, actions) = actions?;
        let (not_resource, resources) = resources?;
        let actions = self.words(actions, Self::action);
        let resources = self.words(resources, Self::resource);
        let (allows, effect) = effect?;
        let (conditions, clauses) = conditions?;
        let named: Box<[ActionSet]> = actions.iter().map(|word| ActionSet::of_pattern(&word.value)).collect();
        let written = Written {
            allows,
            not_action,
            named: ActionSet::union(&named),
            not_resource,
            resources: resources.iter().map(|word| Glob::new(&word.value, self.variables)).collect(),
            conditions: conditions.into(),
        };
        let mut statement = Statement::new(number, sid, Some(node.span), written);
        let clauses = clauses.into();
        let variables = self.variables;
        let wording = Wording { effect, not_action, actions, named, not_resource, resources, clauses, variables };
        statement.wording = Some(Box::new(wording));
        Some(statement)
    }

    fn sid<'n>(&mut self, node: &'n Node, sids: &mut Vec<(&'n str, Span)>) -> Option<&'n str> {
        let node = node.get("Sid")?;
        let Some(sid) = node.text().filter(|_| is_string(node)) else {
            self.refuse(node.span, format!("`Sid` is {}, not a string", node.kind()), "write letters and digits");
            return None;
        };
        if sid.is_empty() {
            self.empty(node.span, "the `Sid` is empty", "remove it, or write letters and digits");
        }
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.refuse(
                node.span,
                format!("the sid `{sid}` has other characters than letters and digits"),
                "remove them",
            );
        } else if let Some((_, first)) = sids.iter().find(|(other, _)| !sid.is_empty() && *other == sid) {
            let diagnostic = Diagnostic::error(POLICY_SYNTAX, node.span, format!("the sid `{sid}` stands twice"))
                .related(*first, "first here")
                .help("give each statement a sid of its own, or none");
            self.report(diagnostic);
        }
        sids.push((sid, node.span));
        Some(sid)
    }

    /// Whether the statement allows, and where it says so.
    fn effect(&mut self, statement: &Node, misspelt: &[&str]) -> Option<(bool, Span)> {
        let choice = "write `Allow` or `Deny`";
        let Some(node) = statement.get("Effect") else {
            if !misspelt.contains(&"Effect") {
                self.refuse(statement.span.at_start(), "the statement has no `Effect`", choice);
            }
            return None;
        };
        match node.text() {
            Some("Allow") => Some((true, node.span)),
            Some("Deny") => Some((false, node.span)),
            Some(other) => {
                let near = did_you_mean(other, ["Allow", "Deny"]);
                let help = near.map_or_else(|| choice.to_owned(), |near| format!("did you mean `{near}`?"));
                self.refuse(node.span, format!("`{other}` is not an effect"), help);
                None
            }
            None => {
                self.refuse(node.span, format!("`Effect` is {}, not a string", node.kind()), choice);
                None
            }
        }
    }

    /// What is understood of some strings.
    fn words(&mut self, strings: &[Node], read: fn(&mut Self, &Node) -> Option<Word>) -> Box<[Word]> {
        let mut words = Vec::with_capacity(strings.len());
        words.extend(strings.iter().filter_map(|string| read(self, string)));
        words.into()
    }

    /// An element or its negation, exactly one of which a statement has: whether it is the negation, and its strings.
    fn either<'n>(
        &mut self,
        statement: &'n Node,
        [name, negation]: [&str; 2],
        misspelt: &[&str],
    ) -> Option<(bool, &'n [Node])> {
        let (negated, node) = match (statement.get(name), statement.get(negation)) {
            (Some(node), None) => (false, node),
            (None, Some(node)) => (true, node),
            (Some(_), Some(node)) => {
                let message = format!("the statement has both `{name}` and `{negation}`");
                self.refuse(node.span, message, "keep one of them, or make two statements");
                return None;
            }
            (None, None) if misspelt.contains(&name) || misspelt.contains(&negation) => return None,
            (None, None) => {
                let message = format!("the statement has neither `{name}` nor `{negation}`");
                self.refuse(statement.span.at_start(), message, format!("add `{name}`"));
                return None;
            }
        };
        let element = if negated { negation } else { name };
        let strings = self.strings(element, node)?;
        Some((negated, strings))
    }

    /// A string or a list of strings that is not empty.
    fn strings<'n>(&mut self, element: &str, node: &'n Node) -> Option<&'n [Node]> {
        let list = one_or_more(node);
        if list.is_empty() && matches!(element, "Action" | "Resource") {
            self.empty(
                node.span,
                format!("`{element}` is empty, so the statement does nothing"),
                "name at least one, or remove the statement",
            );
        } else if list.is_empty() {
            self.refuse(node.span, format!("`{element}` is empty"), "name at least one, or remove the statement");
            return None;
        }
        for item in list {
            if !is_string(item) {
                let message = format!("`{element}` holds {}, not a string", item.kind());
                self.refuse(item.span, message, "write a string or a list of strings");
                return None;
            }
        }
        Some(list)
    }

    fn action(&mut self, node: &Node) -> Option<Word> {
        let text = node.text()?;
        if matches!(text, "*" | "*:*") {
            return Some(word(node));
        }
        let (wrong, help) = match text.split_once(':') {
            _ if text.contains([',', ' ', '\t', '\n']) => {
                ("holds a comma or white space".to_owned(), "write each action as a string of its own".to_owned())
            }
            None => ("has no service".to_owned(), format!("write `service:{text}`")),
            Some((service, _)) if service.contains(['*', '?']) => (
                "has a wildcard in its service".to_owned(),
                "name the service, or write `*` for every action".to_owned(),
            ),
            Some((service, name)) if service.is_empty() || name.is_empty() => {
                ("is incomplete".to_owned(), "write `service:Action`, as `s3:GetObject`".to_owned())
            }
            Some((service, name)) => {
                let service_ok = service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                let name_ok = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'?' | b'-' | b'_'));
                if service_ok && name_ok {
                    return Some(word(node));
                }
                let help = "an action is letters, digits, `*` and `?` behind the service's prefix".to_owned();
                ("has characters that no action has".to_owned(), help)
            }
        };
        self.refuse(node.span, format!("the action `{text}` {wrong}"), help);
        None
    }

    fn resource(&mut self, node: &Node) -> Option<Word> {
        let text = node.text()?;
        self.value_in_session(node, text);
        // A wildcard or a variable at the start can become an ARN.
        let begins = text.starts_with("arn:") || text.starts_with(['*', '?']) || text.starts_with("${");
        let open = text.contains('*') || text.contains("${");
        if text == "*" || (begins && (open || text.matches(':').count() >= 5)) {
            return Some(word(node));
        }
        let help = match (text.trim(), text.strip_prefix("s3://")) {
            ("", _) => {
                self.refuse(node.span, "a resource is empty", "write `*` or the ARN of a resource");
                return None;
            }
            (_, Some(object)) => format!("write `arn:aws:s3:::{object}`"),
            (trimmed, _) if trimmed.len() < text.len() && trimmed.starts_with("arn:") => format!("write `{trimmed}`"),
            _ => "write `*` or `arn:partition:service:region:account:resource`, region and account empty where a service has none".to_owned(),
        };
        self.refuse(node.span, format!("the resource `{text}` is not an ARN"), help);
        None
    }

    fn conditions(&mut self, statement: &Node) -> Option<(Vec<Atom>, Vec<Clause>)> {
        let Some(node) = statement.get("Condition") else { return Some((Vec::new(), Vec::new())) };
        let effect = statement.get("Effect").and_then(Node::text);
        let Value::Mapping(operators) = &node.value else {
            let message = format!("`Condition` is {}, not a mapping", node.kind());
            self.refuse(node.span, message, "write an operator, below it a key and its values");
            return None;
        };
        if operators.is_empty() {
            self.empty(
                node.span,
                "`Condition` is empty",
                "remove it, or write an operator, below it a key and its values",
            );
        }
        let (mut atoms, mut clauses) = (Vec::new(), Vec::new());
        let mut complete = true;
        for operator in operators {
            let Value::Mapping(keys) = &operator.value.value else {
                let message =
                    format!("the operator `{}` has {} below it, not a mapping", operator.name(), operator.value.kind());
                self.refuse(operator.value.span, message, "write a condition key and its values");
                complete = false;
                continue;
            };
            if keys.is_empty() {
                let message = format!("the operator `{}` has no key", operator.name());
                self.empty(operator.value.span, message, "remove it, or write a condition key and its values");
            }
            for (at, key) in keys.iter().enumerate() {
                let twin = keys[..at].iter().find(|other| other.name().eq_ignore_ascii_case(key.name()));
                // Keys that are spelled alike have been reported by the parser.
                let spelled_alike = keys.iter().filter(|other| other.name() == key.name()).count() > 1;
                if let Some(first) = twin.filter(|_| !spelled_alike).map(|twin| twin.key.span) {
                    let message = format!("the condition key `{}` stands twice, in other capitals", key.name());
                    let diagnostic = Diagnostic::error(POLICY_SYNTAX, key.key.span, message)
                        .related(first, "first here")
                        .help("condition keys are compared without regard to capitals; list the values under one key");
                    self.report(diagnostic);
                }
                match self.atom(&operator.key, &key.key, &key.value) {
                    Some((atom, clause)) => {
                        self.condition_in_session(effect, key, &atom);
                        atoms.push(atom);
                        clauses.push(clause);
                    }
                    None => complete = false,
                }
            }
        }
        complete.then_some((atoms, clauses))
    }

    fn atom(&mut self, operator: &Node, key_node: &Node, values: &Node) -> Option<(Atom, Clause)> {
        let key = key_node.text().unwrap_or_default();
        let list = one_or_more(values);
        if list.is_empty() {
            let message = format!("the condition key `{key}` has no value, so the condition holds for no request");
            self.empty(values.span, message, "write its values, or remove it");
        }
        let mut words: Vec<Word> = Vec::with_capacity(list.len());
        for item in list {
            match item.text() {
                Some(_) if !item.is_null() => words.push(word(item)),
                _ => {
                    let message = format!("the condition key `{key}` has {} as a value", item.kind());
                    self.refuse(item.span, message, "write a string or a list of strings");
                    return None;
                }
            }
        }
        let written = operator.text().unwrap_or_default();
        let texts = words.iter().map(|word| word.value.clone()).collect();
        if let Some(atom) = Atom::new(written, key, texts, self.variables) {
            let clause = Clause {
                operator: word(operator),
                key: word(key_node),
                known_key: Catalogue::embedded().condition_key(key),
                values: words.into(),
            };
            return Some((atom, clause));
        }
        let bare = written.rsplit(':').next().unwrap_or(written);
        let (stem, suffix) = bare.strip_suffix("IfExists").map_or((bare, ""), |stem| (stem, "IfExists"));
        let help = if stem == "Null" {
            "`Null` itself asks whether the key exists: it takes no prefix and no `IfExists`".to_owned()
        } else {
            match did_you_mean(stem, Operator::names()) {
                Some(near) if near != stem => format!("did you mean `{near}{suffix}`?"),
                Some(_) => "the prefixes are `ForAllValues:` and `ForAnyValue:`".to_owned(),
                None => "operators are, for example, `StringEquals`, `StringLike`, `ArnLike` and `Bool`".to_owned(),
            }
        };
        self.refuse(operator.span, format!("`{written}` is not a condition operator"), help);
        None
    }
}

fn word(node: &Node) -> Word {
    let text = match &node.value {
        Value::Scalar(scalar) => scalar.text.clone(),
        _ => SmolStr::default(),
    };
    Spanned::new(text, node.span)
}

/// The elements of a list, or what stands there instead of a list of one.
fn one_or_more(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(list) => list,
        _ => std::slice::from_ref(node),
    }
}

/// Whether a node is text, not a JSON number, truth value or null.
fn is_string(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.style != Style::Literal && !node.is_null(),
        _ => false,
    }
}

/// The first value with a `${` in it; keys have no variables.
fn first_variable(node: &Node) -> Option<Span> {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains("${").then_some(node.span),
        Value::Sequence(list) => list.iter().find_map(first_variable),
        Value::Mapping(entries) => entries.iter().find_map(|entry| first_variable(&entry.value)),
        Value::Empty => None,
    }
}
