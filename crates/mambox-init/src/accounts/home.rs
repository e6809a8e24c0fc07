//! The account's home, with what `/etc/skel` gives every new user.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;

use super::error::AccountError;

/// Makes a folder where none is; its parents must be there.
pub(super) fn folder(path: &Path, mode: u32, owner: Option<(u32, u32)>) -> Result<(), AccountError> {
    match DirBuilder::new().mode(mode).create(path) {
        // Whether it is a folder, its use will show.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        made => made.map_err(AccountError::io("make the folder", path))?,
    }
    if let Some((uid, gid)) = owner {
        chown(path, Some(uid), Some(gid)).map_err(AccountError::io("change the owner of", path))?;
    }
    // The umask may have taken some.
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(AccountError::io("change the mode of", path))
}

/// Copies what lies in `skel` into `home`, for its owner. What is there already stays.
pub(super) fn copy(skel: &Path, home: &Path, owner: (u32, u32)) -> Result<(), AccountError> {
    let entries = match fs::read_dir(skel) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(AccountError::io("read the folder", skel))?,
    };
    for entry in entries {
        let entry = entry.map_err(AccountError::io("read the folder", skel))?;
        let (from, to) = (entry.path(), home.join(entry.file_name()));
        let found = fs::symlink_metadata(&from).map_err(AccountError::io("read", &from))?;
        if found.is_dir() {
            folder(&to, found.permissions().mode() & 0o7777, Some(owner))?;
            // A link in its place would lead out of the home.
            if !to.is_symlink() {
                copy(&from, &to, owner)?;
            }
        } else if fs::symlink_metadata(&to).is_err() {
            copy_one(&from, &to, found.is_symlink(), owner).map_err(AccountError::io("make", &to))?;
        }
    }
    Ok(())
}

/// Copies a file, with its mode, or a link.
fn copy_one(from: &Path, to: &Path, is_link: bool, (uid, gid): (u32, u32)) -> io::Result<()> {
    if is_link {
        symlink(fs::read_link(from)?, to)?;
    } else {
        fs::copy(from, to)?;
    }
    lchown(to, Some(uid), Some(gid))
}
