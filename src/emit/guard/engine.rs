//! The evaluator itself: the one place that names the crate.

use cfn_guard::commands::Executable;
use cfn_guard::commands::validate::{OutputFormatType, ShowSummaryType};
use cfn_guard::utils::reader::{ReadBuffer, Reader};
use cfn_guard::utils::writer::{WriteBuffer, Writer};
use cfn_guard::{CommandBuilder, ValidateBuilder};
use serde_json::{Value, json};
use std::io::Cursor;

use super::{Broken, Failure};

/// How many characters of a message are kept: Guard puts whole resources into its own.
const MESSAGE: usize = 300;

/// How many characters of a clause are kept, which names its values too.
const CLAUSE: usize = 120;

/// How many characters of a value are worth showing.
const VALUE: usize = 60;

/// Exit codes of `cfn-guard validate`. Any other, 5 above all, means that the rules could not be read, whatever the
/// report then says.
const CLEAN: i32 = 0;
const FAILS: i32 = 19;

/// Evaluates a rule file over a template.
pub(super) fn evaluate(rules: &str, template: &str) -> Result<Vec<Failure>, Broken> {
    run(rules, template).and_then(|(code, report)| failures(code, &report)).map_err(|reason| broken(rules, &reason))
}

/// The exit code and the report of the crate's command, or what it complains about.
fn run(rules: &str, template: &str) -> Result<(i32, String), String> {
    let payload = json!({ "rules": [rules], "data": [template] }).to_string();
    let mut reader = Reader::new(ReadBuffer::Cursor(Cursor::new(payload.into_bytes())));
    let buffer = || WriteBuffer::Vec(Vec::new());
    let mut writer = Writer::new_with_err(buffer(), buffer()).map_err(|error| error.to_string())?;
    let command = ValidateBuilder::default()
        .payload(true)
        .structured(true)
        .show_summary(vec![ShowSummaryType::None])
        .output_format(OutputFormatType::JSON)
        .try_build()
        .map_err(|error| error.to_string())?;
    let code = command.execute(&mut writer, &mut reader).map_err(|error| error.to_string())?;
    if code != CLEAN && code != FAILS {
        return Err(writer.err_to_stripped().unwrap_or_default());
    }
    Ok((code, writer.into_string().map_err(|error| error.to_string())?))
}

/// What the crate complains about: a place, as `at line 1 at column 2`, what it expected there, and the rest in backticks.
fn broken(rules: &str, complaint: &str) -> Broken {
    let number = |behind: &str| {
        let digits = complaint.split_once(behind)?.1;
        digits.split(|next: char| !next.is_ascii_digit()).next()?.parse::<usize>().ok()
    };
    let offset = number("at line ").zip(number("at column ")).and_then(|(line, column)| {
        let start: usize = rules.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let before = rules.get(start..)?.chars().take(column.checked_sub(1)?);
        Some(start + before.map(char::len_utf8).sum::<usize>())
    });
    let between = |from: &str, to: &str| {
        let rest = complaint.split_once(from)?.1;
        rest.rsplit_once(to).map(|(inside, _)| inside.trim())
    };
    let reason = match offset {
        Some(_) => between("when handling ", ", fragment").unwrap_or_default(),
        None => between("`", "`").unwrap_or(complaint),
    };
    Broken { reason: shortened(reason, MESSAGE), offset }
}

/// The checks that fail, of a report.
fn failures(code: i32, report: &str) -> Result<Vec<Failure>, String> {
    let report: Value = serde_json::from_str(report).map_err(|error| error.to_string())?;
    let mut failures = Vec::new();
    let mut holds_rules = false;
    for file in report.as_array().into_iter().flatten() {
        let some = |list: &str| file[list].as_array().is_some_and(|rules| !rules.is_empty());
        holds_rules |= ["compliant", "not_applicable", "not_compliant"].into_iter().any(some);
        for rule in file["not_compliant"].as_array().into_iter().flatten() {
            failures_of(rule, "", &mut failures);
        }
    }
    if !holds_rules {
        return Err("it holds no rule".to_owned());
    }
    if (code == FAILS) == failures.is_empty() {
        return Err("the evaluator contradicts itself".to_owned());
    }
    Ok(failures)
}

/// The checks of a report that fail, below the rule that was asked for.
fn failures_of(report: &Value, rule: &str, failures: &mut Vec<Failure>) {
    let Some((kind, report)) = report.as_object().and_then(|report| report.iter().next()) else { return };
    let rule = match (kind.as_str(), report["name"].as_str()) {
        // What stands outside of every rule is one of its own, by the name of the file and `default`.
        ("Rule", Some(name)) if rule.is_empty() => name.rsplit_once('/').map_or(name, |(_, name)| name),
        _ => rule,
    };
    let checks = report["checks"].as_array().filter(|checks| !checks.is_empty());
    if let Some(checks) = checks {
        let known = failures.len();
        for check in checks {
            failures_of(check, rule, failures);
        }
        // Alternatives fail together: one of them says so, the one with words of the author's if there is one.
        if kind == "Disjunctions" && failures.len() > known {
            let telling = failures[known..].iter().position(|failure| !failure.message.is_empty());
            failures.swap(known, known + telling.unwrap_or(0));
            failures.truncate(known + 1);
        }
        return;
    }
    let clause = match kind.as_str() {
        "Clause" => report.as_object().and_then(|clause| clause.values().next()),
        _ => None,
    };
    let body = clause.unwrap_or(report);
    let check = clause.map_or(report, |clause| &clause["check"]);
    let text = match (clause, body["unresolved"]["remaining_query"].as_str()) {
        (_, Some(query)) => format!("{query} EXISTS"),
        (Some(clause), None) => clause["context"].as_str().unwrap_or_default().to_owned(),
        (None, None) => String::new(),
    };
    failures.push(Failure {
        rule: rule.to_owned(),
        path: path_in(check).unwrap_or_default(),
        message: shortened(body["messages"]["custom_message"].as_str().unwrap_or_default(), MESSAGE),
        clause: shortened(&text, CLAUSE),
        value: value_in(check),
    });
}

/// The value that a check is about, where it is a short one.
fn value_in(check: &Value) -> Option<String> {
    let compared = check.as_object()?.values().next()?;
    let value =
        [&compared["from"]["value"], &compared["value"]["value"]].into_iter().find_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        })?;
    (value.chars().count() <= VALUE && !value.contains(char::is_control)).then_some(value)
}

/// The first path that a check names: that of the value it is about.
fn path_in(check: &Value) -> Option<String> {
    let fields = check.as_object()?;
    if let Some(path) = fields.get("path").and_then(Value::as_str) {
        return Some(path.split("[L:").next().unwrap_or_default().to_owned());
    }
    ["from", "value", "traversed_to", "unresolved"]
        .iter()
        .filter_map(|name| fields.get(*name))
        .chain(fields.values())
        .find_map(path_in)
}

/// A message on one line, and no longer than anybody reads.
fn shortened(message: &str, most: usize) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
