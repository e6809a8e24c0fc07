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
/// Returns what to log: optional changes that could not be made.
///
/// # Errors
/// [`ShellError::Io`] names the file; those before it are changed.
pub fn apply(edits: &[FileEdit]) -> Result<Vec<String>, ShellError> {
    let mut warnings = Vec::new();
    for edit in edits {
        match carried_out(edit) {
            Err(problem) if edit.optional => warnings.push(format!("{problem}; the shell works without it")),
            done => done?,
        }
    }
    Ok(warnings)
}

fn carried_out(edit: &FileEdit) -> Result<(), ShellError> {
    let (action, done) = match &edit.after {
        Some(text) => ("write", replace(&edit.path, text)),
        None => ("remove", fs::remove_file(&edit.path)),
    };
    match done {
        Err(e) if edit.after.is_none() && e.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(|source| ShellError::Io { action, path: edit.path.clone(), source }),
    }
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
