//! Carrying out changes of files.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Gid, Uid, chown};

use super::plan::FileEdit;
use crate::error::ShellError;

/// What new files allow: their owner to write, all to read.
const MODE: u32 = 0o644;

/// Carries out changes, in order. Each file is written beside its place, synced and renamed, so that a shell
/// that starts meanwhile sees the old one or the new one. Mode and owner stay.
///
/// # Errors
/// [`ShellError::Io`] names the file; those before it are changed.
pub fn apply(edits: &[FileEdit]) -> Result<(), ShellError> {
    for edit in edits {
        let done = match &edit.after {
            Some(text) => replace(&edit.path, text),
            None => fs::remove_file(&edit.path),
        };
        match done {
            Err(e) if edit.after.is_none() && e.kind() == io::ErrorKind::NotFound => {}
            done => done.map_err(|source| {
                let action = if edit.after.is_some() { "write" } else { "remove" };
                ShellError::Io { action, path: edit.path.clone(), source }
            })?,
        }
    }
    Ok(())
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text)?;
    let before = fs::metadata(path).ok();
    if let Some(before) = &before {
        // Only root can give files away, and only root can meet another's.
        let (uid, gid) = (Uid::from_raw(before.uid()), Gid::from_raw(before.gid()));
        let _ = chown(file.path(), Some(uid), Some(gid));
    }
    let mode = before.map_or(MODE, |before| before.permissions().mode() & 0o7777);
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
