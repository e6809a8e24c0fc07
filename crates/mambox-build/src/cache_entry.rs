//! Entries of the cache that are folders: found by the digest of their key, made beside their place and renamed into it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mambox_oci::Digest;
use tempfile::TempDir;

/// The place of an entry: `<root>/<2 hex>/<64 hex>`.
pub(crate) fn folder(root: &Path, key: Digest) -> PathBuf {
    let hex = key.hex();
    root.join(&hex[..2]).join(hex)
}

/// A temporary folder beside an entry's place, for [`publish`].
pub(crate) fn beside(folder: &Path) -> io::Result<TempDir> {
    let shard = folder.parent().unwrap_or(folder);
    fs::create_dir_all(shard)?;
    tempfile::Builder::new().prefix(".tmp-").tempdir_in(shard)
}

/// Renames the finished folder into place. Where another process was quicker, its entry stays, since others may
/// read it already; only something damaged makes way.
pub(crate) fn publish(temporary: TempDir, folder: &Path, is_whole: impl Fn(&Path) -> bool) -> io::Result<()> {
    // A folder that is not empty is never renamed over.
    let mut renamed = fs::rename(temporary.path(), folder);
    if renamed.is_err() && folder.exists() && !is_whole(folder) {
        let stale = beside(folder)?;
        // Whether this or another process clears the place is all one.
        let _ = fs::rename(folder, stale.path().join("old"));
        renamed = fs::rename(temporary.path(), folder);
    }
    match renamed {
        Ok(()) => {
            let _ = temporary.keep();
            Ok(())
        }
        Err(_) if is_whole(folder) => Ok(()),
        Err(e) => Err(e),
    }
}

/// Pruning goes by last use; a cache that may only be read is not marked.
#[allow(clippy::disallowed_methods, reason = "the clock orders cache entries and enters no image")]
pub(crate) fn mark_used(path: &Path) {
    if let Ok(file) = File::options().append(true).open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}
