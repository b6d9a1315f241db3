//! A single file, replaced in one step.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::error::Error;

/// Puts `contents` in the place of the file at `path`, which keeps its permissions and may be reached by a link; a file
/// that does not exist is created. Whoever reads it sees the old contents or the new, never a part.
///
/// # Errors
///
/// If the operating system refuses; the file is then untouched.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let real = match path.canonicalize() {
        Ok(real) => real,
        // A link that leads nowhere is not taken for a file that does not exist.
        Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => path.to_owned(),
        Err(error) => return Err(Error::io("write", path)(error)),
    };
    let folder = real.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || Error::io("write", path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bailiwick-");
    let earlier = fs::metadata(&real).ok();
    #[cfg(unix)]
    if earlier.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the umask takes its part.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(write())?;
    file.write_all(contents).map_err(write())?;
    if let Some(earlier) = earlier {
        file.as_file().set_permissions(earlier.permissions()).map_err(write())?;
    }
    file.as_file().sync_all().map_err(write())?;
    file.persist(&real).map_err(|error| write()(error.error))?;
    Ok(())
}

/// What became of a generated file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It did not exist before.
    Created,
    /// It has new contents.
    Changed,
    /// It was not touched, because it is as it should be.
    Unchanged,
    /// Somebody else's file stands there, and was not touched.
    Foreign,
}

/// Puts a generated file at `path`, folders included, in one step. `is_ours` says of the contents of a file that stands there
/// whether it may be replaced.
///
/// # Errors
///
/// If the operating system refuses; what stands there is then untouched.
pub fn put(path: &Path, contents: &[u8], is_ours: impl FnOnce(&[u8]) -> bool) -> Result<Put, Error> {
    let done = match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(Error::InTheWay { path: path.to_owned() }),
        Ok(_) => match fs::read(path).map_err(Error::io("read", path))? {
            earlier if earlier == contents => return Ok(Put::Unchanged),
            earlier if !is_ours(&earlier) => return Ok(Put::Foreign),
            _ => Put::Changed,
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
            }
            Put::Created
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    replace(path, contents)?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_file_takes_the_place_of_its_like_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/page");
        let ours = |earlier: &[u8]| earlier.starts_with(b"ours");
        assert_eq!(put(&file, b"ours 1", ours).unwrap(), Put::Created);
        assert_eq!(put(&file, b"ours 1", |_| panic!("it is not asked")).unwrap(), Put::Unchanged);
        assert_eq!(put(&file, b"ours 2", ours).unwrap(), Put::Changed);
        assert_eq!(put(&file, b"theirs", ours).unwrap(), Put::Changed);
        assert_eq!(put(&file, b"ours 3", ours).unwrap(), Put::Foreign);
        assert_eq!(fs::read(&file).unwrap(), b"theirs");
        assert!(matches!(put(folder.path(), b"ours", ours), Err(Error::InTheWay { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_mode_and_its_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("link"));
        replace(&file, b"one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("a", &link).unwrap();
        replace(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
        fs::remove_file(&file).unwrap();
        assert!(replace(&link, b"three").is_err());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "a link that leads nowhere stays one");
    }
}
