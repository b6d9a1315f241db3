//! Stacks of the emulated AWS: templates in a folder, deployed by its CloudFormation engine, and checked by cfn-lint.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;

use super::command::{put, streams};
use super::deploy::{Cloud, of_environment, say};

/// A root template and the templates it names by local paths.
#[derive(Clone, Debug)]
pub(crate) struct Templates {
    pub(crate) root: String,
    /// By path, as the root template names them.
    pub(crate) files: BTreeMap<String, String>,
}

/// The files below a folder whose names end in `.yaml`, by their path from there with `/`.
fn yaml_below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = format!("{prefix}{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() {
            yaml_below(&path, &format!("{name}/"), found);
        } else if name.ends_with(".yaml") {
            found.insert(name, fs::read_to_string(&path).expect("UTF-8"));
        }
    }
}

impl Templates {
    /// `root.yaml` of a folder and every other `*.yaml` below it.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        yaml_below(folder, "", &mut files);
        let root = files.remove("root.yaml").expect("there is a root.yaml");
        Self { root, files }
    }
}

/// What happened to a resource. Resources whose properties do not change have no event.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// The stack, the logical ids of nested stacks, of a stack set and the account of its instance, the logical id.
    pub(crate) path: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `CREATE_COMPLETE`, `REPLACE_IN_PROGRESS`, `FAILED`, …
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    /// How many rounds of assignment operations had ended.
    pub(crate) round: usize,
}

/// What a clean-up could not delete.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftBehind {
    pub(crate) path: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) reason: String,
}

/// What a deployment came to.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    /// `CREATE_COMPLETE`, `UPDATE_FAILED`, …
    pub(crate) status: String,
    /// Where it failed.
    path: Option<String>,
    reason: Option<String>,
    pub(crate) events: Vec<Event>,
    pub(crate) left_behind: Vec<LeftBehind>,
    /// The most assignment operations that were in flight together.
    pub(crate) peak: usize,
    /// In how many rounds the assignment operations ended.
    pub(crate) rounds: usize,
}

impl Outcome {
    pub(crate) fn is_complete(&self) -> bool {
        self.status.ends_with("_COMPLETE")
    }

    /// Fails unless the deployment failed at this path; returns the reason.
    #[track_caller]
    pub(crate) fn failed_at(&self, path: &str) -> &str {
        assert!(!self.is_complete(), "{}: {:#?}", self.status, self.events);
        assert_eq!(self.path.as_deref(), Some(path), "{:?}", self.reason);
        self.reason.as_deref().expect("a reason")
    }

    /// `path status` of every event but the beginnings, in order.
    pub(crate) fn ends(&self) -> Vec<String> {
        let ends = self.events.iter().filter(|event| !event.status.ends_with("_IN_PROGRESS"));
        ends.map(|event| format!("{} {}", event.path, event.status)).collect()
    }

    #[track_caller]
    fn assert_complete(&self) {
        assert!(self.is_complete(), "{} at {:?}: {:?}\n{:#?}", self.status, self.path, self.reason, self.events);
        assert!(self.left_behind.is_empty(), "left behind: {:#?}", self.left_behind);
    }
}

/// A root stack of the emulated AWS, by default in the management account and the home Region.
pub(crate) struct Stack<'c> {
    cloud: &'c Cloud,
    name: String,
    request: Json,
}

impl<'c> Stack<'c> {
    pub(crate) fn new(cloud: &'c Cloud, name: &str) -> Self {
        let request = json!({ "capabilities": ["CAPABILITY_NAMED_IAM"], "parameters": {} });
        Self { cloud, name: name.to_owned(), request }
    }

    /// Sets a member of the request: `account`, `region`, `capabilities`, `packaged`, …
    pub(crate) fn with(mut self, member: &str, value: impl Into<Json>) -> Self {
        self.request[member] = value.into();
        self
    }

    pub(crate) fn with_parameter(mut self, name: &str, value: &str) -> Self {
        self.request["parameters"][name] = value.into();
        self
    }

    /// Lets deployments fail that have more assignment operations in flight than this.
    pub(crate) fn with_limit(self, limit: usize) -> Self {
        self.with("assignment_limit", limit)
    }

    /// Lets the resource at a path wait until nothing else can happen.
    pub(crate) fn holding_back(self, path: &str) -> Self {
        self.with("hold_back", json!([path]))
    }

    /// Lets the operation on the assignment at a path stay in flight until nothing else does.
    pub(crate) fn slowing_down(self, path: &str) -> Self {
        self.with("slow", json!([path]))
    }

    #[track_caller]
    fn ask(&self, method: &str, templates: Option<&Templates>, more: &Json) -> Outcome {
        let mut request = self.request.clone();
        if let Some(templates) = templates {
            request["template"] = templates.root.as_str().into();
            request["files"] = json!(templates.files);
        }
        let more = more.as_object().expect("an object").clone();
        request.as_object_mut().expect("an object").extend(more);
        let answer = self.cloud.ask(method, &format!("stacks/{}", self.name), &request);
        serde_json::from_value(answer).expect("an outcome")
    }

    /// Creates or updates the stack, come what may.
    #[track_caller]
    pub(crate) fn try_deploy(&self, templates: &Templates) -> Outcome {
        self.ask("PUT", Some(templates), &json!({}))
    }

    /// Creates or updates the stack, which has to succeed and to leave nothing behind.
    #[track_caller]
    pub(crate) fn deploy(&self, templates: &Templates) -> Outcome {
        let outcome = self.try_deploy(templates);
        outcome.assert_complete();
        outcome
    }

    /// Takes resources that exist into the stack: logical ids and the values that identify them.
    #[track_caller]
    pub(crate) fn try_import(&self, templates: &Templates, resources: &[(&str, Json)]) -> Outcome {
        let resources = resources.iter().map(|(id, identifier)| json!({ "logical_id": id, "identifier": identifier }));
        self.ask("POST", Some(templates), &json!({ "resources": resources.collect::<Vec<_>>() }))
    }

    /// Deletes the stack, come what may.
    #[track_caller]
    pub(crate) fn try_delete(&self) -> Outcome {
        self.ask("DELETE", None, &json!({}))
    }

    /// Deletes the stack, which has to succeed.
    #[track_caller]
    pub(crate) fn delete(&self) -> Outcome {
        let outcome = self.try_delete();
        outcome.assert_complete();
        outcome
    }
}

/// Deploys templates to an empty world and deletes them again, once for every resource that is not an assignment, with
/// that resource held back; fails where one of them is needed by something that does not wait for it.
///
/// `world` is what the emulator begins with, `stack` names the stack and gives its parameters.
#[track_caller]
pub(crate) fn assert_order(
    cloud: &Cloud,
    world: &Json,
    templates: &Templates,
    stack: impl for<'c> Fn(&'c Cloud) -> Stack<'c>,
) {
    cloud.send("PUT", "world", world);
    let all = stack(cloud).deploy(templates);
    let paths: BTreeSet<_> =
        all.events.into_iter().filter(|event| event.kind != "AWS::SSO::Assignment").map(|event| event.path).collect();
    assert!(!paths.is_empty(), "there is nothing to hold back");
    for path in paths {
        cloud.send("PUT", "world", world);
        let stack = stack(cloud).holding_back(&path);
        for (verb, outcome) in [("deploy", stack.try_deploy(templates)), ("delete", stack.try_delete())] {
            assert!(outcome.is_complete(), "{verb}, {path} held back: {outcome:#?}");
        }
    }
}

/// The text of a scalar, whatever function it is wrapped in.
fn text_of(value: &Yaml) -> Option<&str> {
    match value {
        Yaml::String(text) => Some(text),
        Yaml::Tagged(tagged) => text_of(&tagged.value),
        _ => None,
    }
}

/// Writes the templates that stand in the bodies of stack sets to files of their own, and returns all files to check.
fn extracted(folder: &Path, into: &Path) -> Vec<PathBuf> {
    let mut files = BTreeMap::new();
    yaml_below(folder, "", &mut files);
    let mut paths = Vec::new();
    for (name, text) in files {
        let template: Yaml = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let resources = template["Resources"].as_mapping().into_iter().flatten();
        for (logical_id, resource) in resources {
            if let Some(body) = text_of(&resource["Properties"]["TemplateBody"]) {
                let logical_id = logical_id.as_str().expect("text");
                let path = into.join(format!("{}--{logical_id}.yaml", name.replace('/', "--")));
                put(&path, body);
                paths.push(path);
            }
        }
        paths.push(folder.join(name));
    }
    paths
}

/// What `cfn-lint -c I` says about every `*.yaml` below a folder, the bodies of stack sets included: nothing, if all is
/// well. `None` where cfn-lint is not there.
pub(crate) fn cfn_lint(test: &str, folder: &Path, region: &str) -> Option<String> {
    let program = of_environment("cfn-lint");
    if !program.exists() {
        say(&format!("skipped: {test}: tests/setup has not been run"));
        return None;
    }
    let bodies = tempfile::tempdir().expect("a temporary folder");
    let files = extracted(folder, bodies.path());
    assert!(!files.is_empty(), "{}: there are no templates", folder.display());
    let output = Command::new(program)
        .args(["--include-checks", "I", "--regions", region, "--format", "parseable", "--"])
        .args(files)
        .output()
        .expect("Python runs");
    let said = streams(&output);
    assert_eq!(output.status.success(), said.trim().is_empty(), "{said}");
    Some(said)
}
