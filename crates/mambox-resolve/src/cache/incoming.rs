//! An archive on its way into the cache.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use rattler_digest::{Md5, Sha256, digest::Digest};
use tempfile::NamedTempFile;

use super::{
    PackageCache,
    error::{CacheError, failed},
    verified::Hashes,
};

/// A temporary file that takes an archive's bytes and hashes them. Dropping it removes it.
pub(crate) struct Incoming {
    file: NamedTempFile,
    sha256: Sha256,
    md5: Md5,
    length: u64,
}

impl Incoming {
    /// Begins an empty file in a folder, which is made.
    pub(crate) fn new(dir: &Path) -> Result<Self, CacheError> {
        fs::create_dir_all(dir).map_err(failed("make", dir))?;
        let file = tempfile::Builder::new()
            .prefix("")
            .suffix(".part")
            .tempfile_in(dir)
            .map_err(failed("write in", dir))?;
        // Tells pruning that somebody is at it; some network file systems have no locks.
        let _ = file.as_file().lock();
        Ok(Self { file, sha256: Sha256::new(), md5: Md5::new(), length: 0 })
    }

    /// Appends bytes; returns the length so far.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<u64, CacheError> {
        self.file.as_file_mut().write_all(bytes).map_err(failed("write", self.file.path()))?;
        self.sha256.update(bytes);
        self.md5.update(bytes);
        self.length += bytes.len() as u64;
        Ok(self.length)
    }

    /// Bytes so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What the bytes so far hash to.
    pub(crate) fn hashes(&self) -> Hashes {
        Hashes { sha256: self.sha256.clone().finalize(), md5: self.md5.clone().finalize() }
    }

    /// Makes the archive visible in a cache under its hash. The caller has compared [`Self::hashes`] with what it
    /// wanted.
    pub(crate) fn publish(self, cache: &PackageCache, file_name: &str) -> Result<PathBuf, CacheError> {
        let hashes = self.hashes();
        let path = cache.archive_path(&hashes.sha256, file_name);
        self.publish_at(&path)?;
        cache.note_md5(&hashes.md5, &hashes.sha256)?;
        Ok(path)
    }

    /// Makes the archive visible under a path of the same file system.
    pub(crate) fn publish_at(self, path: &Path) -> Result<(), CacheError> {
        let temp = self.file.path().to_owned();
        readable_by_all(self.file.as_file())
            .and_then(|()| self.file.as_file().sync_all())
            .map_err(failed("write", &temp))?;
        let dir = path.parent().map(PathBuf::from).unwrap_or_default();
        fs::create_dir_all(&dir).map_err(failed("make", &dir))?;
        if let Err(error) = self.file.persist(path) {
            // Another process that prunes may have found the folder empty and removed it.
            fs::create_dir_all(&dir).map_err(failed("make", &dir))?;
            error.file.persist(path).map_err(|error| CacheError::new("write", path, error.error))?;
        }
        // The archive is whole either way; this only makes its name survive a crash.
        let _ = File::open(&dir).and_then(|dir| dir.sync_all());
        Ok(())
    }
}

/// Temporary files are private; a shared cache is of no use to others then.
#[cfg(unix)]
fn readable_by_all(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_file: &File) -> std::io::Result<()> {
    Ok(())
}
