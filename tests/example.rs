//! The example is a model that its readers may copy: it is clean, and its output is committed.

use std::path::Path;
use std::process::{Command, Output};

/// The time of the run: the auditor's access ends two months later.
const AS_OF: &str = "2026-12-01";
const MODEL: &str = "examples/acme";
const OUTPUTS: [(&str, &str); 2] =
    [("terraform", "snapshots/terraform/acme"), ("cloudformation", "snapshots/cloudformation/acme")];

fn bailiwick(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("the program runs")
}

fn streams(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_example_is_clean() {
    let output = bailiwick(&["check", MODEL, "--as-of", AS_OF, "--deny", "warnings"]);
    assert!(output.status.success(), "{}", streams(&output));
}

#[test]
fn the_committed_output_is_up_to_date() {
    for (target, out) in OUTPUTS {
        let output = bailiwick(&["build", MODEL, "--target", target, "--out", out, "--as-of", AS_OF, "--check"]);
        assert!(
            output.status.success(),
            "{}to refresh it: cargo run -- build {MODEL} --target {target} --out {out} --as-of {AS_OF}",
            streams(&output)
        );
    }
}

#[test]
fn the_auditor_is_gone_after_the_audit() {
    let grants = |as_of| {
        let output = bailiwick(&["grants", MODEL, "--as-of", as_of, "--format", "csv"]);
        assert!(output.status.success(), "{}", streams(&output));
        String::from_utf8(output.stdout).expect("CSV is UTF-8")
    };
    let (before, after) = (grants("2027-01-31T23:59:59Z"), grants("2027-02-01"));
    let of_users = |grants: &str| grants.lines().filter(|line| line.contains(",USER,")).count();
    assert_eq!((of_users(&before), of_users(&after)), (3, 0));
    assert_eq!(before.lines().count() - after.lines().count(), 3, "nobody else loses access");
}
