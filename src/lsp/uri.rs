//! `file:` URIs and paths.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// What stands in the path of a URI as it is (RFC 3986, `pchar` and `/`, as far as editors leave them).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path that a `file:` URI names; `None` for other schemes, such as the buffers of editors that are no files.
pub(super) fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("file://")).map(|_| &uri[7..])?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let slash = rest.find('/')?;
    let (host, path) = rest.split_at(slash);
    let path = percent_decode_str(path).decode_utf8().ok()?;
    if path.contains('\0') {
        return None;
    }
    if cfg!(windows) {
        if !host.is_empty() {
            return Some(PathBuf::from(format!("\\\\{host}{}", path.replace('/', "\\"))));
        }
        return Some(PathBuf::from(path.trim_start_matches('/').replace('/', "\\")));
    }
    (host.is_empty() || host == "localhost").then(|| PathBuf::from(path.as_ref()))
}

/// The URI of an absolute path.
pub(super) fn from_path(path: &Path) -> String {
    let path = path.to_string_lossy();
    if cfg!(windows) {
        let path = path.trim_start_matches("\\\\?\\").replace('\\', "/");
        let slash = if path.starts_with('/') { "" } else { "/" };
        return format!("file://{slash}{}", utf8_percent_encode(&path, KEPT));
    }
    format!("file://{}", utf8_percent_encode(&path, KEPT))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_as_uris() {
        for path in ["/a/b.yaml", "/with space/ü#?%41.yaml", "/"] {
            assert_eq!(to_path(&from_path(Path::new(path))), Some(PathBuf::from(path)));
        }
        assert_eq!(from_path(Path::new("/a b/é.yaml")), "file:///a%20b/%C3%A9.yaml");
        assert_eq!(to_path("file://localhost/a%3Ab"), Some(PathBuf::from("/a:b")));
        for uri in ["untitled:Untitled-1", "file:relative", "file://host/a", "", "file:///%00", "file:///%ff"] {
            assert_eq!(to_path(uri), None, "{uri}");
        }
    }
}
