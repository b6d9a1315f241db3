//! A difference for a comment on a pull request.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::story::{Item, Section, Sign, Story};
use super::words::Words;
use super::{Compared, Origins};
use crate::diff::AccessDiff;
use crate::report::sanitize;

/// How long a comment may be, in characters: GitHub takes 65,536, and who posts it adds a line of their own.
const LONGEST: usize = 65_000;

/// How many items of a section are shown without being asked for.
const UNFOLDED: usize = 12;

/// How many details an item shows without being asked for.
const UNFOLDED_DETAILS: usize = 6;

/// How many it shows of more than those.
const SHOWN_DETAILS: usize = 3;

/// Prints the difference in the Markdown of GitHub and GitLab, in as much detail as fits a comment.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn markdown(
    diff: &AccessDiff<'_>,
    compared: &Compared<'_>,
    origins: &Origins<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Less and less is named, until it fits.
    let mut text = String::new();
    for (most, items) in [(60, 500), (20, 200), (12, 100), (8, 40), (4, 20), (2, 8), (1, 2), (1, 0)] {
        let story = Story::of(&Words { diff, origins: *origins, name, most });
        text = page(&story, compared, items);
        if text.chars().count() <= LONGEST {
            break;
        }
    }
    out.write_all(text.as_bytes())
}

fn page(story: &Story, compared: &Compared<'_>, most: usize) -> String {
    let mut text = format!("### Access: {}\n\n", story.headline);
    for section in &story.sections {
        self::section(section, most, &mut text);
    }
    let _ = writeln!(text, "<sub>{} compared with {}, by bailiwick</sub>", name(compared.new), name(compared.old));
    text
}

fn section(section: &Section, most: usize, text: &mut String) {
    let shown = &section.items[..section.items.len().min(most)];
    let folds = shown.len() > UNFOLDED;
    let _ = writeln!(text, "#### {}\n", section.title);
    // What is dangerous is never folded away.
    let (open, folded): (Vec<&Item>, Vec<&Item>) = shown.iter().partition(|item| !folds || item.sign == Sign::Danger);
    let hidden = folded.len();
    open.into_iter().for_each(|item| print(item, 0, text));
    if hidden > 0 {
        let _ = writeln!(text, "\n<details><summary>{hidden} more</summary>\n");
        folded.into_iter().for_each(|item| print(item, 0, text));
        let _ = writeln!(text, "\n</details>");
    }
    let left = section.items.len() - shown.len();
    if left > 0 {
        let _ = writeln!(text, "- … and {left} more, which `bailiwick diff --format json` has");
    }
    text.push('\n');
}

fn print(item: &Item, depth: usize, text: &mut String) {
    let sign = match item.sign {
        Sign::Danger => "⚠️ ",
        Sign::More => "➕ ",
        Sign::Less => "➖ ",
        Sign::Other => "",
    };
    let indent = "  ".repeat(depth);
    let _ = writeln!(text, "{indent}- {sign}{}", item.text);
    let mut left = if item.details.len() > UNFOLDED_DETAILS { SHOWN_DETAILS } else { UNFOLDED_DETAILS };
    let mut hidden = Vec::new();
    for detail in &item.details {
        let stays = detail.stays || !detail.details.is_empty();
        if stays || left > 0 {
            left -= usize::from(!stays);
            print(detail, depth + 1, text);
        } else {
            hidden.push(detail);
        }
    }
    if !hidden.is_empty() {
        let _ = writeln!(text, "{indent}  - <details><summary>{} more lines</summary>\n", hidden.len());
        hidden.into_iter().for_each(|detail| print(detail, depth + 2, text));
        let _ = writeln!(text, "\n{indent}    </details>");
    }
}

/// A name as code, whatever it holds: behind more backticks than stand in it together.
fn name(text: &str) -> String {
    let text = sanitize(text).replace(['\n', '\t'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Spaces at both ends are taken away again, unless there is nothing else.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_stays_code_whatever_it_holds() {
        assert_eq!(name("aws-team-a"), "`aws-team-a`");
        assert_eq!(name("a`b``c"), "```a`b``c```");
        assert_eq!(name("`"), "`` ` ``");
        assert_eq!(name("a\nb --> <script>"), "`a b --> <script>`");
    }
}
