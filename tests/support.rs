//! What several tests of this binary share.

pub(crate) mod command;
pub(crate) mod deploy;
pub(crate) mod generate;
pub(crate) mod module;
pub(crate) mod oracle;
pub(crate) mod scenario;
pub(crate) mod stacks;
pub(crate) mod state;

/// Compares a text with a snapshot in `snapshots`.
#[track_caller]
pub(crate) fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
