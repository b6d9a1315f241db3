//! The language server as an editor has it: the real program, spoken to by a client that somebody else wrote.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::bailiwick;
use crate::support::command::{put, streams};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of the example that may be changed.
fn example() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    let from = root().join("examples/acme");
    for entry in walkdir::WalkDir::new(&from).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let relative = entry.path().strip_prefix(&from).expect("below the example");
        put(&copy.path().join(relative), std::fs::read(entry.path()).expect("the example can be read"));
    }
    copy
}

/// Python with the client, where `tests/setup` has been run.
fn python() -> Option<PathBuf> {
    let python = root().join(".venv/bin/python");
    let is_there = python.exists();
    if !is_there {
        let _ = writeln!(std::io::stderr(), "skipped: an editor: tests/setup has not been run");
    }
    is_there.then_some(python)
}

#[test]
fn an_editor_is_served() {
    let Some(python) = python() else { return };
    let model = example();
    let output = Command::new(python)
        .arg(root().join("tests/lsp/editor.py"))
        .arg(env!("CARGO_BIN_EXE_bailiwick"))
        .arg(model.path())
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", streams(&output));
}

/// Runs the server over its standard streams, as `editor` speaks.
fn serve(said: &[&str]) -> (Option<i32>, String) {
    let mut server =
        bailiwick(["lsp", "--stdio"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut input = server.stdin.take().expect("a pipe");
    for body in said {
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server listens");
    }
    drop(input);
    let output = server.wait_with_output().expect("the program ends by itself");
    (output.status.code(), String::from_utf8(output.stdout).expect("messages are UTF-8"))
}

#[test]
fn the_server_ends_with_the_status_of_the_protocol() {
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#;
    let shutdown = r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#;
    let exit = r#"{"jsonrpc":"2.0","method":"exit"}"#;
    let (status, said) = serve(&[initialize, shutdown, exit]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains(r#"{"jsonrpc":"2.0","id":2,"result":null}"#), "{said}");
    // An editor that dies, or leaves without a word.
    assert_eq!(serve(&[initialize, exit]).0, Some(1));
    assert_eq!(serve(&[initialize]).0, Some(1));
    assert_eq!(serve(&[]).0, Some(1));
}
