//! `cargo xtask iam-data`: from published packages to text that a reviewer can read, and from that
//! text to the packed files that the library embeds.

use std::fs;
use std::io::Write;
use std::path::Path;

use clap::Subcommand;

use crate::Failure;

mod check;
mod diff;
mod escalation;
mod fetch;
mod pack;
mod text;

/// The steps, in the order of a refresh.
#[derive(Subcommand)]
pub(crate) enum Step {
    /// Download the packages that `data/SOURCES.toml` pins and rewrite the text from them.
    Fetch,
    /// Turn the text into the packed files that the library embeds.
    Build,
    /// Prove, offline, that the packed files equal the text and that the text is consistent.
    Check,
    /// Say what differs between the text of two revisions.
    Diff {
        /// The older git revision.
        old: String,
        /// The newer git revision; the working tree if it is left out.
        new: Option<String>,
    },
}

/// The packed action reference, relative to the repository.
const ACTIONS_PACK: &str = "data/actions.bin";
/// The packed AWS-managed policies, relative to the repository.
const MANAGED_PACK: &str = "data/managed.bin";

/// Runs one step on the repository at `root` and reports to `out`.
pub(crate) fn run(step: &Step, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let data = root.join("data");
    match step {
        Step::Fetch => fetch::fetch(&data, out),
        Step::Build => {
            let packs = packs(&data)?;
            for (name, pack) in [(ACTIONS_PACK, &packs.actions), (MANAGED_PACK, &packs.managed)] {
                write(&root.join(name), &pack.bytes)?;
                writeln!(out, "{name}: {} bytes", pack.bytes.len())?;
                for (section, size) in &pack.sections {
                    writeln!(out, "  {section}: {size}")?;
                }
            }
            Ok(())
        }
        Step::Check => check::check(root, &packs(&data)?, out),
        Step::Diff { old, new } => diff::diff(root, old, new.as_deref(), out),
    }
}

/// The two packed files, built from the text in `data`.
struct Packs {
    actions: pack::Pack,
    managed: pack::Pack,
}

fn packs(data: &Path) -> Result<Packs, Failure> {
    let text = text::Text::read(data)?;
    let sources = text::Sources::read(data)?;
    let paths = escalation::read_file(data)?;
    Ok(Packs { actions: pack::actions(&text, &sources, &paths)?, managed: pack::managed(&text, &sources)? })
}

/// Writes one file of the repository.
#[expect(
    clippy::disallowed_methods,
    reason = "a task of the repository writes where git can undo it; no user's output is concerned"
)]
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|e| format!("cannot write {}: {e}", path.display()).into())
}

/// Reads one text file of the repository.
fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_agrees_with_itself() {
        run(&Step::Check, &crate::repository(), &mut Vec::new()).unwrap();
    }
}
