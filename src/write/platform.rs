//! What the standard library has no portable call for.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// Lets two directories change places in one step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(|errno| match errno {
        Errno::INVAL | Errno::NOSYS | Errno::NOTSUP => io::ErrorKind::Unsupported.into(),
        errno => errno.into(),
    })
}

/// Lets two directories change places in one step.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether two descriptions are of the same file or directory.
#[cfg(unix)]
pub(super) fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two descriptions are of the same file or directory.
#[cfg(not(unix))]
pub(super) fn is_same(a: &Metadata, b: &Metadata) -> bool {
    a.len() == b.len() && a.modified().ok() == b.modified().ok()
}

/// Gives the directory `to` the permissions of `from` and, where the user may, its owners.
pub(super) fn copy_permissions(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::metadata(from)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        // Before the mode, because a change of owner clears bits of it. Only root may give a directory away.
        let _ = chown(to, Some(metadata.uid()), Some(metadata.gid()));
    }
    fs::set_permissions(to, metadata.permissions())
}

/// Lets the owner of a directory remove what is in it.
pub(super) fn make_writable(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    {
        let mut permissions = fs::metadata(directory)?.permissions();
        permissions.set_readonly(false);
        fs::set_permissions(directory, permissions)
    }
}
