//! The real Terraform, and the emulated AWS it deploys to.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value as Json;

use super::command::{put, streams};
use super::oracle::Oracle;
use super::state::{AssignmentOf, Boundary, CustomerPolicy, PermissionSet, State, iso_seconds, moment};

/// Says something whether or not the test passes.
pub(crate) fn say(text: &str) {
    io::stderr().write_all(format!("{text}\n").as_bytes()).expect("standard error is open");
}

/// What deploying takes beside the program under test.
pub(crate) struct Tools {
    terraform: PathBuf,
    /// The folder with the provider: `registry.terraform.io/hashicorp/aws/…` below it.
    plugins: PathBuf,
}

/// The program to run for Terraform: `BAILIWICK_TERRAFORM`, or the one on the path.
pub(crate) fn terraform() -> PathBuf {
    std::env::var_os("BAILIWICK_TERRAFORM").unwrap_or_else(|| OsString::from("terraform")).into()
}

fn holds_the_provider(folder: &Path) -> bool {
    folder.join("registry.terraform.io/hashicorp/aws").is_dir()
}

/// The folders in which a mirror of providers may lie: `BAILIWICK_TF_PLUGIN_DIR` alone where it is set, else where
/// Terraform itself would look, and one level below the places where software is put beside a system.
fn mirrors() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("BAILIWICK_TF_PLUGIN_DIR") {
        return vec![folder.into()];
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let of_home = [".terraform.d/plugins", ".terraform.d/plugin-cache", ".local/share/terraform/plugins"];
    let mut folders: Vec<PathBuf> =
        home.iter().flat_map(|home| of_home.iter().map(move |folder| home.join(folder))).collect();
    folders.extend(["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"].map(PathBuf::from));
    for prefix in ["/opt", "/usr/local", "/usr/local/share", "/usr/local/lib", "/srv", "/var/lib"] {
        let below = fs::read_dir(prefix).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut below: Vec<_> = below.collect();
        below.sort();
        folders.extend(below);
    }
    folders
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of the virtual environment that the emulated AWS runs in.
pub(crate) fn of_environment(program: &str) -> PathBuf {
    root().join(".venv/bin").join(program)
}

/// Whether the emulated AWS can run; says what is missing where it cannot.
pub(crate) fn has_cloud(test: &str) -> bool {
    let is_there = of_environment("python").exists();
    if !is_there {
        say(&format!("skipped: {test}: tests/setup has not been run"));
    }
    is_there
}

impl Tools {
    /// Finds Terraform, its provider and what the emulated AWS needs, or says what is missing.
    pub(crate) fn with_cloud(test: &str) -> Option<Self> {
        if has_cloud(test) { Self::find(test) } else { None }
    }

    /// Finds Terraform and its provider, or says what is missing.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let terraform = terraform();
        let skip = |why: String| {
            say(&format!("skipped: {test}: {why}"));
            None
        };
        let version = Command::new(&terraform).arg("version").env("CHECKPOINT_DISABLE", "1").output();
        let version = match version {
            Ok(output) => String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned(),
            Err(error) => return skip(format!("`{}` does not run: {error}", terraform.display())),
        };
        let Some(plugins) = mirrors().into_iter().find(|folder| holds_the_provider(folder)) else {
            return skip("no folder holds the Terraform provider; name it in BAILIWICK_TF_PLUGIN_DIR".to_owned());
        };
        say(&format!("{test}: {version}, provider in {}", plugins.display()));
        Some(Self { terraform, plugins })
    }

    /// Runs Terraform in a folder, away from whatever the machine has configured.
    pub(crate) fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.terraform);
        command
            .args(arguments)
            .current_dir(folder)
            .env_remove("TF_CLI_CONFIG_FILE")
            .env_remove("TF_PLUGIN_CACHE_DIR")
            .env_remove("AWS_PROFILE")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    /// The arguments that initialize a module offline.
    pub(crate) fn init(&self) -> [String; 4] {
        let plugins = format!("-plugin-dir={}", self.plugins.display());
        ["init".to_owned(), "-input=false".to_owned(), "-no-color".to_owned(), plugins]
    }
}

/// An emulated AWS, which ends with the test.
pub(crate) struct Cloud {
    process: Child,
    port: u16,
    errors: File,
    agent: ureq::Agent,
}

impl Cloud {
    /// Starts the world in which a model is deployed.
    pub(crate) fn start(oracle: &Oracle) -> Self {
        Self::with_world(&oracle.world())
    }

    /// Starts a world as the emulator describes it.
    pub(crate) fn with_world(world: &Json) -> Self {
        let errors = tempfile::tempfile().expect("a temporary file");
        let mut process = Command::new(of_environment("python"))
            .arg(root().join("tests/emulator"))
            .arg("--until-stdin-closes")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors.try_clone().expect("a second handle"))
            .spawn()
            .expect("Python runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the emulator says its port");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("not a port: {line:?}"));
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let cloud = Self { process, port, errors, agent: config.into() };
        cloud.send("PUT", "world", world);
        cloud
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/_emulator/{path}", self.port)
    }

    /// Asks the control plane to change something.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, body: &Json) {
        self.ask(method, path, body);
    }

    /// Asks the control plane for something that has an answer.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Json) -> Json {
        let request = ureq::http::Request::builder().method(method).uri(self.url(path)).body(body.to_string());
        let mut response = self.agent.run(request.expect("a request")).expect("the emulator answers");
        let said = response.body_mut().read_to_string().expect("text");
        assert!(response.status().is_success(), "{method} {path} {body}: {said}");
        serde_json::from_str(&said).expect("JSON")
    }

    /// The whole state of the emulated AWS.
    pub(crate) fn dump(&self) -> Json {
        let mut response = self.agent.get(self.url("dump")).call().expect("the emulator answers");
        serde_json::from_str(&response.body_mut().read_to_string().expect("text")).expect("JSON")
    }

    /// What the emulated AWS holds. Policies that somebody else distributes are no part of it.
    pub(crate) fn state(&self, oracle: &Oracle) -> State {
        let dump = self.dump();
        let text = |json: &Json| json.as_str().unwrap_or_else(|| panic!("{json} is not text")).to_owned();
        let optional = |json: &Json| json.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let items = |json: &Json| json.as_array().expect("a list").clone();
        let reference = |json: &Json, name: &str, path: &str| (text(&json[name]), text(&json[path]));
        let strings = |json: &Json| {
            let object = json.as_object().into_iter().flatten();
            object.map(|(key, value)| (key.clone(), text(value))).collect()
        };
        let mut state = State::default();
        for (key, sources) in dump["access_control_attributes"].as_object().into_iter().flatten() {
            let sources = items(sources);
            assert_eq!(sources.len(), 1, "{key}");
            state.attributes.insert(key.clone(), text(&sources[0]));
        }
        for set in items(&dump["permission_sets"]) {
            let boundary = &set["permissions_boundary"];
            let details = PermissionSet {
                description: optional(&set["description"]),
                session_seconds: iso_seconds(&text(&set["session_duration"])),
                relay_state: optional(&set["relay_state"]),
                tags: strings(&set["tags"]),
                aws_managed_policies: items(&set["aws_managed_policies"]).iter().map(text).collect(),
                customer_managed_policies: items(&set["customer_managed_policies"])
                    .iter()
                    .map(|policy| reference(policy, "name", "path"))
                    .collect(),
                boundary: match (&boundary["ManagedPolicyArn"], &boundary["CustomerManagedPolicyReference"]) {
                    (Json::String(arn), _) => Some(Boundary::AwsManaged(arn.clone())),
                    (_, Json::Null) => None,
                    (_, customer) => {
                        let (name, path) = reference(customer, "Name", "Path");
                        Some(Boundary::Customer(name, path))
                    }
                },
                inline_policy: Some(set["inline_policy"].clone()).filter(|document| !document.is_null()),
            };
            state.permission_sets.insert(text(&set["name"]), details);
        }
        for assignment in items(&dump["assignments"]) {
            state.assignments.insert(AssignmentOf {
                permission_set: text(&assignment["permission_set"]),
                principal_type: text(&assignment["principal_type"]),
                principal: text(&assignment["principal"]),
                account: text(&assignment["account"]),
            });
        }
        for schedule in items(&dump["schedules"]) {
            let assignment = AssignmentOf {
                permission_set: text(&schedule["permission_set"]),
                principal_type: text(&schedule["principal_type"]),
                principal: text(&schedule["principal"]),
                account: text(&schedule["assigned_account"]),
            };
            assert_eq!(schedule["time_zone"], "UTC", "{schedule}");
            assert_eq!(schedule["account"], oracle.administrator(&assignment.account), "who ends {assignment:?}");
            let before = state.schedules.insert(assignment, moment(&text(&schedule["expression"])));
            assert!(before.is_none(), "two schedules for one assignment: {schedule}");
        }
        let external = oracle.external_policies();
        for (account, policies) in dump["policies"].as_object().expect("an object") {
            for policy in items(policies) {
                let key = (account.clone(), text(&policy["name"]));
                if external.contains(&key) {
                    continue;
                }
                let details = CustomerPolicy {
                    path: text(&policy["path"]),
                    description: optional(&policy["description"]),
                    document: policy["document"].clone(),
                };
                state.policies.insert(key, details);
            }
        }
        for role in items(&dump["roles"]) {
            assert_eq!(role["provisioning_status"], "LATEST_PERMISSION_SET_PROVISIONED", "{role}");
        }
        for instance in items(&dump["stack_sets"]).iter().flat_map(|stack_set| items(&stack_set["instances"])) {
            assert_eq!(instance["status"], "CURRENT", "{instance}");
        }
        state
    }

    /// Fails when the emulator met something it does not know, or an error of its own.
    #[track_caller]
    fn assert_quiet(&mut self) {
        self.errors.rewind().expect("a file");
        let mut said = String::new();
        self.errors.read_to_string(&mut said).expect("text");
        assert!(said.is_empty(), "the emulator says:\n{said}");
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // It ends by itself when its standard input closes; this only waits for less.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !std::thread::panicking() {
            self.assert_quiet();
        }
    }
}

/// What Terraform printed, its reports of progress left out.
pub(crate) fn said(output: &Output) -> String {
    let progress = ["Creating...", "Still ", "Reading...", "Refreshing state...", "Read complete after"];
    let progress = |line: &str| progress.iter().any(|word| line.contains(word)) || line.contains("ion complete after");
    streams(output).lines().filter(|line| !progress(line)).collect::<Vec<_>>().join("\n")
}

/// How many changes of each kind a plan has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) creates: usize,
    pub(crate) updates: usize,
    pub(crate) deletes: usize,
    pub(crate) moves: usize,
}

/// A generated module and the AWS it is applied to.
pub(crate) struct Deployment<'t> {
    tools: &'t Tools,
    pub(crate) cloud: Cloud,
    /// The folder of the root module.
    pub(crate) folder: PathBuf,
    name: String,
}

impl<'t> Deployment<'t> {
    /// Checks how the module in `folder` is formatted and initializes it, for the model that `oracle` has read.
    pub(crate) fn new(tools: &'t Tools, name: &str, folder: &Path, oracle: &Oracle) -> Self {
        let fmt = tools.command(folder, &["fmt", "-check", "-diff"]).output().expect("it ran before");
        assert!(fmt.status.success(), "{}", streams(&fmt));
        let cloud = Cloud::start(oracle);
        let deployment = Self { tools, cloud, folder: folder.to_owned(), name: name.to_owned() };
        deployment.connect(oracle);
        deployment.succeed(&tools.init().each_ref().map(String::as_str));
        deployment
    }

    /// Points the providers and the state at the emulator.
    fn connect(&self, oracle: &Oracle) {
        let provider = |alias: &str, account: &str| {
            format!(
                "provider \"aws\" {{\n{alias}  access_key = \"AKIA{account}\"\n  secret_key = \"secret\"\n  \
                 skip_credentials_validation = true\n  skip_metadata_api_check = true\n  skip_region_validation = true\n  \
                 max_retries = 2\n}}\n"
            )
        };
        let state = self.cloud.url("state/access");
        let backend = format!(
            "terraform {{\n  backend \"http\" {{\n    address = \"{state}\"\n    lock_address = \"{state}\"\n    \
             unlock_address = \"{state}\"\n  }}\n}}\n"
        );
        let management = oracle.accounts.iter().find(|account| account.is_management).expect("a management account");
        let providers = match oracle.delegated_admin() {
            Some(admin) => provider("", admin) + &provider("  alias = \"management\"\n", &management.id),
            None => provider("", &management.id),
        };
        put(&self.folder.join("emulator_override.tf"), backend + &providers);
    }

    /// Runs Terraform.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let started = Instant::now();
        let output = self
            .tools
            .command(&self.folder, arguments)
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.cloud.port))
            .output()
            .expect("it ran before");
        say(&format!("{}: terraform {} in {} s", self.name, arguments[0], started.elapsed().as_secs()));
        output
    }

    /// Runs Terraform, which has to succeed.
    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert!(output.status.success(), "terraform {arguments:?}\n{}", said(&output));
        output
    }

    const PARALLELISM: &'static str = "-parallelism=512";

    /// Applies, come what may.
    pub(crate) fn try_apply(&self) -> Output {
        self.run(&["apply", "-auto-approve", "-input=false", "-no-color", Self::PARALLELISM])
    }

    /// Applies the module.
    #[track_caller]
    pub(crate) fn apply(&self) {
        let output = self.try_apply();
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Plans, and says what would change.
    #[track_caller]
    pub(crate) fn plan(&self) -> Changes {
        let output = self.succeed(&["plan", "-json", "-input=false", Self::PARALLELISM]);
        let mut changes = Changes::default();
        for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
            let event: Json = serde_json::from_str(line).expect("an event a line");
            if event["type"] != "planned_change" {
                continue;
            }
            match event["change"]["action"].as_str().expect("an action") {
                "create" => changes.creates += 1,
                "update" => changes.updates += 1,
                "delete" => changes.deletes += 1,
                "move" => changes.moves += 1,
                "replace" => {
                    changes.deletes += 1;
                    changes.creates += 1;
                }
                // A data source.
                "read" | "noop" => {}
                other => panic!("an unexpected action {other}: {line}"),
            }
        }
        changes
    }

    /// Fails unless nothing is left to do.
    #[track_caller]
    pub(crate) fn assert_nothing_to_do(&self) {
        let output = self.run(&["plan", "-detailed-exitcode", "-input=false", "-no-color", Self::PARALLELISM]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }

    /// Removes everything again.
    #[track_caller]
    pub(crate) fn destroy(&self) {
        self.succeed(&["destroy", "-auto-approve", "-input=false", "-no-color", Self::PARALLELISM]);
    }
}
