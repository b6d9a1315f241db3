//! The page that `report` writes, opened by a real browser.

use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

use workload::{Size, Workload};

use crate::support::command::{put, streams, succeed};
use crate::support::deploy::{of_environment, say};
use crate::support::generate::UNICODE;

use crate::program::{AS_OF, bailiwick};

/// What else would steer a document or a script, if it were more than a name.
const HOSTILE: [&str; 5] = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)//\"'`${alert(1)}",
    "a\u{2028}b\u{202e}c/#%2F",
];

/// The browser: `BAILIWICK_CHROMIUM`, or one of the path.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("BAILIWICK_CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name))).find(|program| program.exists())
}

/// Python with the driver, and the browser; says what is missing, which CI may not lack.
fn driver(test: &str) -> Option<(PathBuf, PathBuf)> {
    let python = Some(of_environment("python")).filter(|python| python.exists());
    let missing = match (python, chromium()) {
        (Some(python), Some(chromium)) => return Some((python, chromium)),
        (None, _) => "tests/setup has not been run",
        (_, None) => "there is no Chromium on the path, and BAILIWICK_CHROMIUM does not name one",
    };
    assert!(std::env::var_os("CI").is_none(), "{test}: {missing}");
    say(&format!("skipped: {test}: {missing}"));
    None
}

fn report(model: &Path, page: &Path) {
    let arguments =
        ["report".as_ref(), model.as_os_str(), "--out".as_ref(), page.as_os_str(), "--as-of".as_ref(), AS_OF.as_ref()];
    succeed(&mut bailiwick(arguments));
}

/// Groups, units, accounts, permission sets, owners and reasons of the worst names there are.
fn hostile() -> serde_json::Value {
    let names: Vec<&str> = HOSTILE.into_iter().chain(UNICODE).collect();
    let accounts: serde_json::Map<_, _> =
        names.iter().zip(222_222_222_222_u64..).map(|(name, id)| ((*name).to_owned(), json!(id.to_string()))).collect();
    let row = |name: &&str| json!({ "group": name, "permission_set": "Set", "ous": ["_root_"], "owner": name, "reason": name, "expires": "2027-01-31" });
    json!({
        "organization": {
            "management_account": "management",
            "root": { "accounts": { "management": "111111111111" }, "ous": { (HOSTILE[0]): { "accounts": accounts } } },
        },
        "permission_sets": { "Set": {
            "description": HOSTILE[0],
            "tags": { "owner": HOSTILE[3] },
            "inline_policy": { "Version": "2012-10-17", "Statement": [{ "Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{}/*", HOSTILE[2]) }] },
        } },
        "assignments": names.iter().map(row).collect::<Vec<_>>(),
    })
}

#[test]
fn the_page_works_in_a_browser() {
    let Some((python, chromium)) = driver("the page in a browser") else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| folder.path().join(name);
    report(&root.join("examples/acme"), &place("example.html"));
    put(&place("hostile/model.yaml"), hostile().to_string());
    report(&place("hostile"), &place("hostile.html"));
    Workload::generate(Size::L, 1).write(&place("large")).expect("a temporary folder is writable");
    report(&place("large"), &place("large.html"));
    let mut grants = bailiwick(["grants", "--format", "json", "--as-of", AS_OF]);
    let grants = succeed(grants.arg(root.join("examples/acme")));
    put(&place("example.json"), grants.stdout);
    let mut browse = Command::new(python);
    // What it sees is kept where a person may look at it.
    let seen = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    let output = browse.arg(root.join("tests/browser/browse.py")).arg(chromium).arg(folder.path()).arg(seen).output();
    let output = output.expect("python runs");
    say(&streams(&output));
    assert!(output.status.success(), "{}", streams(&output));
}
