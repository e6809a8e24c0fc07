//! Folders for passing use, on the cache's disk: files of images, sources that are built.

use std::fs::{self, Permissions};
use std::path::Path;

use tempfile::TempDir;

use crate::BuildError;

/// Where they lie below the cache folder.
pub(crate) const FOLDER: &str = "roots";

/// An empty folder that only its owner may enter; removed with all that is in it.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// A new one.
    pub(crate) fn new(cache_dir: &Path) -> Result<Self, BuildError> {
        let above = cache_dir.join(FOLDER);
        let failed = |e| BuildError::cache(&above, e);
        fs::create_dir_all(&above).map_err(failed)?;
        tempfile::Builder::new().prefix(".tmp-").tempdir_in(&above).map(Self).map_err(failed)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    /// Without root, files in folders that are read-only could not be removed.
    fn drop(&mut self) {
        make_removable(self.path());
    }
}

#[cfg(unix)]
fn make_removable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_removable(&entry.path());
        }
    }
}

#[cfg(not(unix))]
fn make_removable(_folder: &Path) {}
