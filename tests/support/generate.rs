//! Random models without errors, and other ways to write the same model.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_yaml::{Mapping, Value};

use super::command::put;
use super::oracle::Oracle;

/// The moment every generated model is read at; rows expire around it.
pub(crate) const AS_OF: &str = "2026-06-15T12:00:00+02:00";

/// Generated models without end, in an order that never changes, each in the folder `model` of a temporary one.
pub(crate) fn in_order() -> impl Iterator<Item = tempfile::TempDir> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    std::iter::repeat_with(move || {
        let words = Choices::strategy().new_tree(&mut runner).expect("nothing is rejected").current();
        let place = tempfile::tempdir().expect("a temporary folder");
        generate(&mut Choices::new(words)).write(&place.path().join("model"));
        place
    })
}

/// A stream of decisions that proptest shrinks: fewer and smaller numbers are smaller and plainer models.
pub(crate) struct Choices {
    words: Vec<u32>,
    at: usize,
}

impl Choices {
    /// The decisions of one model.
    pub(crate) fn strategy() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec(any::<u32>(), 100..1_000)
    }

    pub(crate) fn new(words: Vec<u32>) -> Self {
        Self { words, at: 0 }
    }

    /// A number below `limit`; 0 once the stream has run dry.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let word = self.words.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        word as usize % limit.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    /// Some of the elements, each once, in any order.
    fn some<T: Clone>(&mut self, from: &[T], most: usize) -> Vec<T> {
        let mut left = from.to_vec();
        let count = self.below(most.min(from.len()) + 1);
        (0..count).map(|_| left.remove(self.below(left.len()))).collect()
    }

    fn at_least_one<T: Clone>(&mut self, from: &[T], most: usize) -> Vec<T> {
        let some = self.some(from, most);
        if some.is_empty() { vec![from[self.below(from.len())].clone()] } else { some }
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Value {
    Value::Sequence(items.into_iter().map(|item| text(item.as_ref())).collect())
}

fn map<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
    Value::Mapping(entries.into_iter().map(|(key, value)| (text(key.as_ref()), value)).collect())
}

/// What Latin-1 lets through and templates, shells and YAML trip over.
pub(crate) const LATIN: [&str; 9] = [
    "plain",
    "yes",
    "0x1F",
    "${path:enterprise.department} and %{ if true }",
    "$${x} %%{y} $$${z} ${\"${nested}\"}",
    "quotes \" ' ` and back\\slash \\n \\u0041",
    "two\nlines\tand a tab # no comment",
    "<b>&amp;</b> {{ jinja }} {% raw %} *alias &anchor !tag",
    "Größe ñ ÿ ¡",
];

/// Names of groups, users, accounts and units may hold any character that shows.
pub(crate) const UNICODE: [&str; 9] = [
    "aws-team-a",
    "AWS-Team-A",
    "Équipe ñandú",
    "日本 チーム",
    "quote\" ${x} %{y} \\",
    "# */ ]) }",
    "a__b",
    "🦀 😀",
    "true",
];

/// A model: its sections, and the policy documents beside them.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) sections: Mapping,
    pub(crate) documents: Vec<(String, String)>,
}

/// Units and accounts while they are made.
#[derive(Default)]
struct Tree {
    paths: Vec<String>,
    accounts: Vec<(String, String)>,
    statuses: Vec<bool>,
    units: usize,
}

impl Tree {
    fn accounts(&mut self, choices: &mut Choices, most: usize) -> Value {
        let mut accounts = Mapping::new();
        for _ in 0..choices.below(most + 1) {
            let number = self.accounts.len() + 1;
            // Ids with leading zeros and ids that YAML would read as octal numbers.
            let id = format!("{:012}", number * [1, 8, 1_234_567, 9_000_000_001][choices.below(4)] + 10 * number);
            if self.accounts.iter().any(|(_, taken)| *taken == id) {
                continue;
            }
            let name = if choices.chance(25) { choices.pick(&UNICODE).to_owned() } else { format!("account-{number}") };
            if accounts.contains_key(name.as_str()) {
                continue;
            }
            let active = !choices.chance(15);
            let tags = choices.some(&["env", "team"], 2);
            let tags: Vec<_> = tags.into_iter().map(|key| (key, text(choices.pick(&["dev", "prod", "yes"])))).collect();
            let account = if active && tags.is_empty() && choices.chance(50) {
                text(&id)
            } else {
                let mut details = vec![("id", text(&id))];
                if !active {
                    details.push(("status", text(choices.pick(&["SUSPENDED", "PENDING_CLOSURE", "CLOSED"]))));
                } else if choices.chance(10) {
                    details.push(("status", text("ACTIVE")));
                }
                if !tags.is_empty() {
                    details.push(("tags", map(tags)));
                }
                map(details)
            };
            accounts.insert(text(&name), account);
            self.accounts.push((name, id));
            self.statuses.push(active);
        }
        Value::Mapping(accounts)
    }

    fn unit(&mut self, choices: &mut Choices, path: &str, depth: usize) -> Value {
        self.units += 1;
        let id = format!("ou-ab12-{:08}", self.units);
        let mut unit = Mapping::new();
        unit.insert(text("id"), text(&id));
        unit.insert(text("accounts"), self.accounts(choices, 3));
        let below = self.units_below(choices, path, depth);
        unit.insert(text("ous"), below);
        Value::Mapping(unit)
    }

    fn units_below(&mut self, choices: &mut Choices, path: &str, depth: usize) -> Value {
        let mut units = Mapping::new();
        if depth == 4 {
            return Value::Mapping(units);
        }
        let names = ["Workloads", "Prod", "NonProd", "Sécurité & co", "a/b", "a", "b", "${x}"];
        let wanted = choices.some(&names, if depth == 0 { 4 } else { 2 });
        for name in wanted {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            self.paths.push(path.clone());
            let unit = self.unit(choices, &path, depth + 1);
            units.insert(text(name), unit);
        }
        Value::Mapping(units)
    }
}

/// What rows, variants and references may name.
struct Known {
    /// Paths with one reading.
    paths: Vec<String>,
    /// Ids, and names that stand once.
    accounts: Vec<String>,
    groups: Vec<String>,
    users: Vec<String>,
    sets: Vec<String>,
}

/// A policy document; different numbers, different documents.
fn document(choices: &mut Choices, number: usize) -> Value {
    let action = choices.pick(&["s3:GetObject", "s3:PutObject", "s3:GetObjectTagging"]);
    let mut statement = vec![
        ("Effect", text("Allow")),
        ("Action", if choices.chance(50) { text(action) } else { list([action, "s3:GetObjectVersion"]) }),
        ("Resource", text(&format!("arn:aws:s3:::bucket-{number}/${{aws:PrincipalTag/Department}}/*"))),
    ];
    if choices.chance(50) {
        let value = choices.pick(&LATIN);
        let condition = map([("StringEquals", map([("aws:PrincipalTag/Department", text(value))]))]);
        statement.push(("Condition", condition));
    }
    let statement = map(statement);
    let statement = if choices.chance(50) { Value::Sequence(vec![statement]) } else { statement };
    map([("Version", text("2012-10-17")), ("Statement", statement)])
}

/// The document in place, or in a file.
fn body(choices: &mut Choices, number: usize, documents: &mut Vec<(String, String)>) -> Value {
    let document = document(choices, number);
    if choices.chance(50) {
        return document;
    }
    let path = format!("policies/{}{number}.json", choices.pick(&["", "deep/er/", "with space "]));
    documents.push((path.clone(), serde_json::to_string_pretty(&document).expect("JSON")));
    text(&path)
}

fn policies(choices: &mut Choices, known: &Known, documents: &mut Vec<(String, String)>) -> Mapping {
    let mut policies = Mapping::new();
    let names = ["Base", "Boundary+x", "legacy_base", "Sec.Ops", "base2"];
    let wanted = choices.some(&names, 5);
    for (index, name) in wanted.into_iter().enumerate() {
        let mut policy = Mapping::new();
        if choices.chance(60) {
            policy.insert(text("path"), text(choices.pick(&["/security/", "/", "/a/b-c/"])));
        }
        if choices.chance(15) {
            let everywhere = map([("ous", list(["_root_"])), ("accounts", list(&known.accounts))]);
            policy.insert(text("external"), everywhere);
        } else {
            if choices.chance(40) {
                policy.insert(text("description"), text(choices.pick(&LATIN)));
            }
            policy.insert(text("document"), body(choices, index * 10, documents));
            let mut variants = Vec::new();
            // Two paths neither of which is the beginning of the other, and accounts in neither.
            let paths = choices.some(&known.paths, 2);
            let nested = |a: &String, b: &String| a != b && (b.starts_with(&format!("{a}/")) || b.starts_with(a));
            if !paths.iter().any(|a| paths.iter().any(|b| nested(a, b))) {
                for (at, path) in paths.into_iter().enumerate() {
                    let document = body(choices, index * 10 + at + 1, documents);
                    variants.push(map([("ous", list([path])), ("document", document)]));
                }
            }
            if variants.is_empty() && choices.chance(20) && !known.accounts.is_empty() {
                let accounts = choices.at_least_one(&known.accounts, 2);
                let document = body(choices, index * 10 + 5, documents);
                variants.push(map([("accounts", list(accounts)), ("document", document)]));
            }
            if !variants.is_empty() {
                policy.insert(text("variants"), Value::Sequence(variants));
            }
        }
        policies.insert(text(name), Value::Mapping(policy));
    }
    policies
}

fn permission_sets(
    choices: &mut Choices,
    names: &[String],
    policies: &Mapping,
    documents: &mut Vec<(String, String)>,
) -> Mapping {
    let declared: Vec<String> = policies.keys().filter_map(Value::as_str).map(str::to_owned).collect();
    let reference = |choices: &mut Choices, name: &str| {
        let path = policies[name].get("path").and_then(Value::as_str).unwrap_or("/");
        if choices.chance(30) { map([("name", text(name)), ("path", text(path))]) } else { text(name) }
    };
    let mut sets = Mapping::new();
    for (index, name) in names.iter().enumerate() {
        let mut set = Mapping::new();
        let mut put = |key: &str, value: Value| set.insert(text(key), value);
        if choices.chance(70) {
            put("description", text(choices.pick(&LATIN)));
        }
        if choices.chance(70) {
            put("session_duration", text(choices.pick(&["1h", "2h", "90m", "PT1H30M", "PT8H", "1h 30m"])));
        }
        if choices.chance(30) {
            put("relay_state", text("https://eu-west-1.console.aws.amazon.com/x?a=b&c=%7B#d:e"));
        }
        let managed =
            ["SecurityAudit", "job-function/ViewOnlyAccess", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"];
        let managed = choices.some(&managed, 3);
        if !managed.is_empty() {
            put("aws_managed_policies", list(managed));
        }
        let mut named = choices.some(&declared, 3);
        let boundary = if choices.chance(50) { named.pop() } else { None };
        if !named.is_empty() {
            let references = named.iter().map(|name| reference(choices, name)).collect();
            put("customer_managed_policies", Value::Sequence(references));
        }
        match boundary {
            Some(policy) => {
                let policy = reference(choices, &policy);
                put("permissions_boundary", policy);
            }
            None if choices.chance(20) => {
                put("permissions_boundary", map([("aws_managed", text("ReadOnlyAccess"))]));
            }
            None => {}
        }
        if choices.chance(50) {
            let inline = body(choices, 1_000 + index, documents);
            put("inline_policy", inline);
        }
        let tags = choices.some(&["Owner", "cost-center", "yes"], 3);
        if !tags.is_empty() {
            let tags: Vec<_> =
                tags.into_iter().map(|key| (key, text(choices.pick(&["security", "012", "1e3", "no"])))).collect();
            put("tags", map(tags));
        }
        if choices.chance(20) {
            put("management_name", text(&format!("Twin{index}")));
        }
        sets.insert(text(name), Value::Mapping(set));
    }
    sets
}

fn row(choices: &mut Choices, known: &Known) -> Value {
    let mut row = Mapping::new();
    let mut put = |key: &str, value: Value| row.insert(text(key), value);
    let is_user = choices.chance(20);
    if is_user {
        put("user", text(&known.users[choices.below(known.users.len())]));
    } else if choices.chance(60) {
        put("group", text(&known.groups[choices.below(known.groups.len())]));
    } else {
        put("groups", list(choices.at_least_one(&known.groups, 3)));
    }
    if choices.chance(70) {
        put("permission_set", text(&known.sets[choices.below(known.sets.len())]));
    } else {
        put("permission_sets", list(choices.at_least_one(&known.sets, 3)));
    }
    if choices.chance(20) {
        put("ous", list(["_root_"]));
    } else if !known.paths.is_empty() && choices.chance(80) {
        put("ous", list(choices.at_least_one(&known.paths, 3)));
    }
    if choices.chance(40) {
        put("accounts", list(choices.at_least_one(&known.accounts, 3)));
    }
    if choices.chance(20) {
        let values = if choices.chance(50) { text("dev") } else { list(["prod", "yes"]) };
        put("account_tags", map([(choices.pick(&["env", "team"]), values)]));
    }
    if choices.chance(30) {
        let mut exclude = Mapping::new();
        if !known.paths.is_empty() && choices.chance(50) {
            exclude.insert(text("ous"), list(choices.at_least_one(&known.paths, 2)));
        }
        if choices.chance(60) {
            exclude.insert(text("accounts"), list(choices.at_least_one(&known.accounts, 2)));
        }
        if !exclude.is_empty() {
            put("exclude", Value::Mapping(exclude));
        }
    }
    // Before, at and behind the moment of the run, 10:00 in UTC; two spellings of one end.
    let ends = [
        "2026-06-13",
        "2026-06-14",
        "2026-06-15",
        "2026-06-16T00:00:00Z",
        "2026-06-15T10:00:00Z",
        "2026-06-15T12:00:01+02:00",
        "2026-06-15T05:00:00-07:00",
        "2026-07-01",
        "2026-08-31",
    ];
    if is_user || choices.chance(30) {
        put("expires", text(choices.pick(&ends)));
        put("owner", text("secops@example.com"));
        put("reason", text("ticket SEC-1"));
    }
    Value::Mapping(row)
}

fn identity_center(choices: &mut Choices, delegated: Option<&str>) -> Mapping {
    let mut instance = Mapping::new();
    instance.insert(text("region"), text("eu-west-1"));
    if choices.chance(70) {
        instance.insert(text("instance_arn"), text("arn:aws:sso:::instance/ssoins-1234567890abcdef"));
    }
    if choices.chance(70) {
        instance.insert(text("identity_store_id"), text("d-1234567890"));
    }
    if let Some(account) = delegated {
        instance.insert(text("delegated_admin"), text(account));
    }
    instance
}

/// Principals: some pinned, some known by name, and a group and a user of one name.
fn directory(choices: &mut Choices, known: &Known) -> Mapping {
    let mut pins = 0;
    let mut section = |names: &[String], choices: &mut Choices| {
        let pin = |name: &String| {
            pins += 1;
            let id = format!("906713a2-0011-2233-4455-{pins:012}");
            (name.clone(), if choices.chance(60) { text(&id) } else { Value::Null })
        };
        map(names.iter().map(pin).collect::<Vec<_>>())
    };
    let groups = section(&known.groups, choices);
    let users = section(&known.users, choices);
    [(text("groups"), groups), (text("users"), users)].into_iter().collect()
}

/// A model, every row of which reaches somebody.
pub(crate) fn generate(choices: &mut Choices) -> Generated {
    let mut tree = Tree::default();
    let management = ("management".to_owned(), "111111111111".to_owned());
    let below = tree.units_below(choices, "", 0);
    let Value::Mapping(mut in_root) = tree.accounts(choices, 2) else { unreachable!("accounts are a mapping") };
    in_root.insert(text(&management.0), text(&management.1));
    // Somebody for rows to reach, whatever the choices were.
    in_root.insert(text("anchor"), map([("id", text("999999999999"))]));
    tree.accounts.push(("anchor".to_owned(), "999999999999".to_owned()));
    tree.statuses.push(true);
    let actives: Vec<String> = tree
        .accounts
        .iter()
        .zip(&tree.statuses)
        .filter(|(_, active)| **active)
        .map(|((_, id), _)| id.clone())
        .collect();
    tree.accounts.push(management);
    let unique = |name: &String| tree.accounts.iter().filter(|(other, _)| other == name).count() == 1;
    let mut accounts: Vec<String> = tree.accounts.iter().map(|(_, id)| id.clone()).collect();
    accounts.extend(tree.accounts.iter().map(|(name, _)| name.clone()).filter(unique));
    let paths: Vec<String> = tree
        .paths
        .iter()
        .filter(|path| tree.paths.iter().filter(|other| other == path).count() == 1)
        .cloned()
        .collect();
    let names = ["Admin", "admin", "App.Dev+x", "a_b", "n1_2", "Sec@Ops,1", "x__y", "billing=x"];
    let sets = choices.at_least_one(&names.map(str::to_owned), 5);
    let known = Known {
        paths,
        accounts,
        groups: UNICODE.map(str::to_owned).to_vec(),
        users: ["auditor@example.com", "aws-team-a"].map(str::to_owned).to_vec(),
        sets,
    };
    let delegated = choices.chance(40).then(|| actives[choices.below(actives.len())].clone());

    let mut documents = Vec::new();
    let policies = policies(choices, &known, &mut documents);
    let permission_sets = permission_sets(choices, &known.sets, &policies, &mut documents);
    let root = [("id", text("r-ab12")), ("accounts", Value::Mapping(in_root)), ("ous", below)];
    let management = choices.pick(&["management", "111111111111"]);
    let organization = [("id", text("o-abcdef1234")), ("management_account", text(management)), ("root", map(root))];
    let mut sections = Mapping::new();
    let mut put = |key: &str, value: Value| sections.insert(text(key), value);
    put("identity_center", Value::Mapping(identity_center(choices, delegated.as_deref())));
    put("organization", map(organization));
    if choices.chance(70) {
        put("directory", Value::Mapping(directory(choices, &known)));
    }
    let attributes = choices.some(&["Department", "cost-center", "e-mail"], 3);
    if !attributes.is_empty() {
        let sources = ["${path:enterprise.department}", "${path:emails[primary eq \"true\"].value}", "$${x}"];
        let attributes: Vec<_> = attributes.into_iter().map(|key| (key, text(choices.pick(&sources)))).collect();
        put("attributes", map(attributes));
    }
    // The identity provider sends what documents ask for, whether it is mapped or not.
    put("lint", map([("session_tags", list(["Department"]))]));
    let mut emit = Vec::new();
    if choices.chance(50) {
        emit.push(("expiry_schedules", Value::Bool(true)));
    }
    if choices.chance(50) {
        emit.push(("new_accounts", text("arn:aws:events:eu-west-1:111111111111:event-bus/default")));
    }
    if !emit.is_empty() {
        put("emit", map(emit));
    }
    if !policies.is_empty() {
        put("policies", Value::Mapping(policies));
    }
    put("permission_sets", Value::Mapping(permission_sets));
    let rows = (0..choices.below(10) + 1).map(|_| row(choices, &known)).collect();
    put("assignments", Value::Sequence(rows));
    let mut generated = Generated { sections, documents };
    generated.drop_rows_that_reach_nobody();
    generated
}

impl Generated {
    /// The rows.
    pub(crate) fn rows_mut(&mut self) -> &mut Vec<Value> {
        self.sections["assignments"].as_sequence_mut().expect("rows are a list")
    }

    fn drop_rows_that_reach_nobody(&mut self) {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        self.write(scratch.path());
        let oracle = Oracle::read(scratch.path(), AS_OF);
        let mut row = 0;
        self.rows_mut().retain(|_| {
            row += 1;
            oracle.reaches_somebody(row - 1)
        });
    }

    /// Writes the model in one file.
    pub(crate) fn write(&self, root: &Path) {
        put(&root.join("bailiwick.yaml"), block_style(&self.sections));
        self.write_documents(root);
    }

    fn write_documents(&self, root: &Path) {
        for (path, document) in &self.documents {
            put(&root.join(path), document);
        }
    }

    /// Writes the same model in another way: sections and rows split over files and folders, keys and rows in another
    /// order, some files in the style of JSON.
    pub(crate) fn write_differently(&self, root: &Path, choices: &mut Choices) {
        let names = ["z.yaml", "a.yml", "deep/er/m.yaml", "ÿ space.yaml", "B.yaml"];
        let mut files: Vec<Mapping> = names.iter().map(|_| Mapping::new()).collect();
        for (section, value) in &self.sections {
            scatter(&mut files, std::slice::from_ref(section), value, choices);
        }
        for (name, mut file) in names.iter().zip(files) {
            reorder(&mut file, choices);
            let text = match (file.is_empty(), choices.chance(30)) {
                (true, _) => "# nothing here\n".to_owned(),
                (false, true) => flow_style(&file),
                (false, false) => block_style(&file),
            };
            put(&root.join(name), text);
        }
        self.write_documents(root);
    }
}

/// A file of the model, every row on lines of its own. An id that is not pinned is left empty: `null` is text.
pub(crate) fn block_style(sections: &Mapping) -> String {
    serde_yaml::to_string(sections).expect("YAML").replace(": null\n", ":\n")
}

fn flow_style(sections: &Mapping) -> String {
    serde_json::to_string_pretty(sections).expect("JSON").replace(": null", ": ")
}

/// Puts the parts of a section into files: what may stand in several files is split.
fn scatter(files: &mut [Mapping], path: &[Value], value: &Value, choices: &mut Choices) {
    let keys: Vec<_> = path.iter().filter_map(Value::as_str).collect();
    let splits =
        matches!(keys.as_slice(), [_] | ["organization", "root"] | ["organization", "root", _] | ["directory", _]);
    match value {
        Value::Mapping(entries) if splits && !entries.is_empty() => {
            for (key, value) in entries {
                let path: Vec<_> = path.iter().chain([key]).cloned().collect();
                scatter(files, &path, value, choices);
            }
        }
        Value::Sequence(rows) if splits => {
            let mut rows = rows.clone();
            choices.shuffle(&mut rows);
            for row in rows {
                let at = choices.below(files.len());
                let rows = place(&mut files[at], path, Value::Sequence(Vec::new()));
                rows.as_sequence_mut().expect("rows are a list").push(row);
            }
        }
        value => {
            let at = choices.below(files.len());
            place(&mut files[at], path, value.clone());
        }
    }
}

/// The place of a path in a file, which holds `value` if it held nothing.
fn place<'f>(file: &'f mut Mapping, path: &[Value], value: Value) -> &'f mut Value {
    let (first, rest) = path.split_first().expect("a path");
    if rest.is_empty() {
        return file.entry(first.clone()).or_insert(value);
    }
    let below = file.entry(first.clone()).or_insert_with(|| Value::Mapping(Mapping::new()));
    place(below.as_mapping_mut().expect("a mapping"), rest, value)
}

/// Puts the keys of every mapping into another order; policy documents keep theirs, because their bytes are emitted.
fn reorder(mapping: &mut Mapping, choices: &mut Choices) {
    let mut entries: Vec<_> = std::mem::take(mapping).into_iter().collect();
    choices.shuffle(&mut entries);
    for (key, value) in &mut entries {
        let kept = matches!(key.as_str(), Some("document" | "inline_policy"));
        match value {
            Value::Mapping(mapping) if !kept => reorder(mapping, choices),
            Value::Sequence(items) => {
                for item in items.iter_mut().filter_map(Value::as_mapping_mut) {
                    reorder(item, choices);
                }
            }
            _ => {}
        }
    }
    mapping.extend(entries);
}

/// The names of all files below a folder with their bytes.
pub(crate) fn tree(root: &Path) -> BTreeSet<(String, Vec<u8>)> {
    let files = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.expect("readable"));
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("readable"))
        })
        .collect()
}
