//! The output of the last build, for what is kept as it was.

use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostics;
use crate::error::Error;
use crate::source::Sources;
use crate::syntax::{Node, Value, parse_yaml};

/// The folder of the output as the last build left it.
#[derive(Debug)]
pub(super) struct Earlier {
    out: PathBuf,
}

impl Earlier {
    pub(super) fn new(out: &Path) -> Self {
        Self { out: out.to_owned() }
    }

    /// The lines of a resource in a template.
    pub(super) fn resource(&self, file: &str, id: &str) -> Result<String, Error> {
        let text = self.read(file)?;
        resource(&text, id).ok_or_else(|| self.missing(file, id))
    }

    /// The lines of a resource in the template inside a StackSet.
    pub(super) fn resource_within(&self, file: &str, stack_set: &str, id: &str) -> Result<String, Error> {
        let text = self.read(file)?;
        let body = body(&text, stack_set).ok_or_else(|| self.missing(file, stack_set))?;
        resource(&body, id).ok_or_else(|| self.missing(file, id))
    }

    fn read(&self, file: &str) -> Result<String, Error> {
        let path = self.out.join(file);
        fs::read_to_string(&path).map_err(Error::io("read", &path))
    }

    fn missing(&self, file: &str, id: &str) -> Error {
        let reason = format!("it lacks `{id}`, which has to stay until the next step is deployed");
        Error::History { path: self.out.join(file), reason }
    }
}

/// Calls `read` with the tree of a template that bailiwick has written.
fn parsed<T>(text: &str, read: impl FnOnce(&Node) -> Option<T>) -> Option<T> {
    let mut sources = Sources::new();
    let file = sources.add(String::new(), text.to_owned());
    // Short forms of functions are tags that the language of models does not know; the tree is whole all the same.
    let document = parse_yaml(file, text, &mut Diagnostics::new());
    read(document.root.get("Resources")?)
}

/// The lines of a resource, from its key to the one before the next key.
fn resource(text: &str, id: &str) -> Option<String> {
    parsed(text, |resources| {
        let Value::Mapping(entries) = &resources.value else { return None };
        let at = entries.iter().position(|entry| entry.name() == id)?;
        let line_of = |offset: u32| text[..offset as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let start = line_of(entries[at].key.span.start);
        let end = match entries.get(at + 1) {
            Some(next) => line_of(next.key.span.start),
            None => text[start..].find("\n\n").map_or(text.len(), |blank| start + blank + 1),
        };
        Some(text[start..end].to_owned())
    })
}

/// The template inside a StackSet.
fn body(text: &str, stack_set: &str) -> Option<String> {
    parsed(text, |resources| {
        let body = resources.get(stack_set)?.get("Properties")?.get("TemplateBody")?;
        body.text().map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
# Generated
Resources:
  A:
    Type: X
    Properties:
      Arn: !GetAtt B.Arn # why
      TemplateBody: |
        Resources:
          Inner:
            Type: Y
          Other: 1

        Outputs:
          Inner: 1
  B:
    Type: Z

Outputs:
  B: 1
";

    #[test]
    fn a_resource_is_its_lines() {
        let first = resource(TEMPLATE, "A").unwrap();
        assert!(first.starts_with("  A:\n    Type: X\n") && first.ends_with("          Inner: 1\n"), "{first}");
        assert_eq!(resource(TEMPLATE, "B").unwrap(), "  B:\n    Type: Z\n");
        assert_eq!(resource(TEMPLATE, "C"), None);
    }

    #[test]
    fn a_resource_inside_a_stack_set_is_its_lines() {
        let body = body(TEMPLATE, "A").unwrap();
        assert_eq!(resource(&body, "Inner").unwrap(), "  Inner:\n    Type: Y\n");
        assert_eq!(resource(&body, "Other").unwrap(), "  Other: 1\n");
    }
}
