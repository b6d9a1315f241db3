//! Profiles for the AWS CLI: what the CLI itself reads of them, and what happens to the file they are put into.

#![expect(clippy::disallowed_methods, reason = "a test writes the files of its user")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{AS_OF, Folder, ORGANIZATION, bailiwick};

const MODEL: &str = r#"
identity_center: { region: eu-west-1, identity_store_id: d-1234567890, delegated_admin: audit }
permission_sets:
  Developer: { inline_policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] } }
  Billing: { management_name: BillingOfAll, inline_policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "ce:*", Resource: "*" }] } }
assignments:
  - { group: devs, permission_set: Developer, ous: [Workloads] }
  - { group: finance, permission_set: Billing, ous: [_root_], accounts: [management] }
  - { user: a@example.com, permission_set: Developer, accounts: [audit, shop-dev], owner: o, reason: r, expires: 2027-01-31 }
"#;

fn folder() -> Folder {
    Folder::new([("m/organization.yaml", ORGANIZATION), ("m/access.yaml", MODEL)])
}

/// What botocore, the core of the AWS CLI, reads in a file, as JSON; `None` where
/// `tests/setup` has not been run.
fn read_by_the_cli(config: &Path) -> Option<Value> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    if !python.exists() {
        let _ = writeln!(std::io::stderr(), "skipped: the AWS CLI: tests/setup has not been run");
        return None;
    }
    let script = "import json, botocore.session as s\nc = s.Session()\nprint(json.dumps(c.full_config))";
    let output = Command::new(python)
        .args(["-c", script])
        .env_remove("AWS_PROFILE")
        .env("AWS_CONFIG_FILE", config)
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("what is read is JSON"))
}

#[test]
fn every_profile_is_read_by_the_cli() {
    let folder = folder();
    folder.write("config", "[default]\nregion = us-east-1\n");
    let run = folder.run(&[
        "profiles",
        "m",
        "--as-of",
        AS_OF,
        "--principal",
        "*",
        "--write=config",
        "--region",
        "eu-central-1",
    ]);
    assert_eq!(run.status, 0, "{run:?}");
    let grants = folder.run(&["grants", "m", "--as-of", AS_OF, "--format", "json"]);
    let grants: Vec<Value> = serde_json::from_str(&grants.out).unwrap();
    let Some(read) = read_by_the_cli(&folder.join("config")) else { return };
    assert_eq!(read["sso_sessions"]["bailiwick"]["sso_start_url"], "https://d-1234567890.awsapps.com/start");
    assert_eq!(read["sso_sessions"]["bailiwick"]["sso_region"], "eu-west-1");
    let mut expected = std::collections::BTreeSet::new();
    for grant in &grants {
        let (account, set) = (grant["account"].as_str().unwrap(), grant["permission_set"].as_str().unwrap());
        let profile = &read["profiles"][format!("{account}-{set}")];
        let role = if account == "management" { "BillingOfAll" } else { set };
        assert_eq!(profile["sso_session"], "bailiwick", "{account}-{set}");
        assert_eq!(profile["sso_account_id"], grant["account_id"]);
        assert_eq!(profile["sso_role_name"], role);
        assert_eq!(profile["region"], "eu-central-1");
        expected.insert(format!("{account}-{set}"));
    }
    assert_eq!(read["profiles"]["default"]["region"], "us-east-1");
    assert_eq!(read["profiles"].as_object().unwrap().len(), expected.len() + 1);
}

#[test]
fn names_follow_the_template() {
    let folder = folder();
    let names = |template: &str| {
        let run = folder.run(&["profiles", "m", "--as-of", AS_OF, "--principal", "a@example.com", "--name", template]);
        assert_eq!(run.status, 0, "{run:?}");
        let headers = run.out.lines().filter_map(|line| line.strip_prefix("[profile ")?.strip_suffix(']'));
        headers.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names("{account}-{permission_set}"), ["audit-Developer", "shop-dev-Developer"]);
    assert_eq!(names("{permission_set|lower}@{account_id}"), ["developer@012345678901", "developer@222222222222"]);
    assert_eq!(names("{ou} {account|upper}]"), ["Security-AUDIT-", "Workloads/NonProd-SHOP-DEV-"]);
    assert_eq!(names("{% if account == 'audit' %}a{% else %}b{% endif %}"), ["a", "b"]);
    for (template, message) in [
        ("{permission_set}", "are both called `Developer`"),
        ("{acount}", "undefined"),
        ("{account", "names no profiles"),
        ("!", "gets no name"),
        ("{% for i in range(1000000) %}x{% endfor %}", "names no profiles"),
    ] {
        let run = folder.run(&["profiles", "m", "--as-of", AS_OF, "--principal", "a@example.com", "--name", template]);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains(message) && run.err.contains("help: "), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_of_the_user_is_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let theirs = "# mine\r\n[profile old]\r\nregion=us-east-1";
    folder.write("real/config", theirs);
    let (real, link) = (folder.join("real/config"), folder.join("home/.aws/config"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    fs::create_dir_all(folder.join("home/.aws")).unwrap();
    symlink(&real, &link).unwrap();
    let run = |more: &[&str]| {
        let all = [&["profiles", "m", "--as-of", AS_OF, "--principal"], more].concat();
        let output = bailiwick(&all).current_dir(folder.path()).env("HOME", folder.join("home")).output().unwrap();
        crate::program::Run::from(output)
    };
    let first = run(&["devs", "--write"]);
    assert!(first.status == 0 && first.out.contains("2 profiles, 2 new; written"), "{first:?}");
    let written = fs::read_to_string(&real).unwrap();
    assert!(written.starts_with(theirs) && fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    let again = run(&["devs", "--write"]);
    assert!(again.out.contains("2 profiles; nothing to change"), "{again:?}");
    let other = run(&["a@example.com", "--write"]);
    assert!(other.out.contains("2 profiles, 1 new, 1 removed; written"), "{other:?}");
    // What the user changes in between is not lost, and not written over.
    let changed = fs::read_to_string(&real).unwrap().replace("sso_role_name = Developer", "sso_role_name = Own");
    fs::write(&real, &changed).unwrap();
    let refused = run(&["devs", "--write"]);
    assert!(
        refused.status == 2 && refused.err.contains("has been changed") && refused.err.contains("help: "),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&real).unwrap(), changed);
    fs::write(&real, "[profile shop-dev-Developer]\n").unwrap();
    let refused = run(&["devs", "--write"]);
    assert!(
        refused.status == 2 && refused.err.contains(":1: `[profile shop-dev-Developer]` is somebody else's"),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&real).unwrap(), "[profile shop-dev-Developer]\n");
    fs::write(&real, b"\xff").unwrap();
    assert!(run(&["devs", "--write"]).err.contains("UTF-8"));
    let new = run(&["devs", "--write=new/folder/config"]);
    assert!(new.status == 0 && folder.join("new/folder/config").exists(), "{new:?}");
}

#[test]
fn what_is_not_known_is_asked_for() {
    let folder = folder();
    for (arguments, message) in [
        (&["profiles", "m"][..], "--principal"),
        (&["profiles", "m", "--principal", "dev"], "did you mean `devs`?"),
        (&["profiles", "m", "--principal", "devs", "--session", "a b"], "write letters"),
        (&["profiles", "m", "--principal", "devs", "--start-url", "http://x"], "write a URL"),
        (&["profiles", "m", "--principal", "devs", "--region", "a\nb"], "write a Region"),
    ] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains(message), "{run:?}");
    }
    folder.write("m/access.yaml", MODEL.replace("identity_store_id: d-1234567890, ", ""));
    let run = folder.run(&["profiles", "m", "--principal", "devs"]);
    assert!(run.status == 2 && run.err.contains("`--start-url`"), "{run:?}");
    let run = folder.run(&["profiles", "m", "--principal", "devs", "--start-url", "https://acme.awsapps.com/start"]);
    assert!(run.status == 0 && run.out.contains("sso_start_url = https://acme.awsapps.com/start\n"), "{run:?}");
}
