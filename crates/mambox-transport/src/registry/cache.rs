//! Blobs that were downloaded before, and what tags meant when they were last looked up.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mambox_oci::Digest;
use tempfile::{NamedTempFile, TempDir};

use super::{RegistryError, RegistryReference};

/// A folder of blobs (`blobs/sha256/<hex>`) and of tags (`tags/<hash of the name>`).
///
/// Files appear whole, by renaming, so that any number of processes may share it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BlobCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    /// Removes the folder with the last clone.
    _temporary: Option<TempDir>,
}

impl BlobCache {
    /// A cache in a folder, which is made when first written to.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner { dir: dir.into(), _temporary: None }))
    }

    /// A cache that lasts as long as its last user.
    pub fn temporary() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mambox-blobs-").tempdir()?;
        Ok(Self(Arc::new(Inner { dir: folder.path().into(), _temporary: Some(folder) })))
    }

    /// Where a blob is, or would be.
    pub fn path(&self, digest: Digest) -> PathBuf {
        self.0.dir.join("blobs").join("sha256").join(digest.hex())
    }

    /// Whether a blob is there. Its digest was checked when it came; readers check it again.
    pub fn has(&self, digest: Digest, size: u64) -> bool {
        fs::metadata(self.path(digest)).is_ok_and(|found| found.is_file() && found.len() == size)
    }

    /// A manifest or configuration, verified; nothing if it is missing, damaged or longer than `limit`.
    pub(crate) fn small(&self, digest: Digest, limit: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(self.path(digest)).ok()?.take(limit + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= limit && Digest::of(&bytes) == digest).then_some(bytes)
    }

    /// Keeps a manifest or configuration. That a cache cannot be written does no harm here.
    pub(crate) fn keep_small(&self, digest: Digest, bytes: &[u8]) {
        if let Err(error) = self.write(&self.path(digest), bytes) {
            tracing::debug!("not cached: {error}");
        }
    }

    /// A file to download a blob into.
    pub(crate) fn begin(&self, digest: Digest) -> Result<NamedTempFile, RegistryError> {
        let path = self.path(digest);
        beside(&path).map_err(written(&path))
    }

    /// Makes a downloaded and verified blob visible.
    pub(crate) fn keep(&self, file: NamedTempFile, digest: Digest) -> Result<(), RegistryError> {
        let path = self.path(digest);
        show(file, &path).map_err(written(&path))
    }

    /// Notes what a tag means now.
    pub(crate) fn remember(&self, reference: &RegistryReference, digest: Digest) {
        if let Err(error) =
            self.write(&self.tag_path(reference), format!("{digest} {reference}\n").as_bytes())
        {
            tracing::debug!("not cached: {error}");
        }
    }

    /// What a tag meant when it was last looked up.
    pub(crate) fn recall(&self, reference: &RegistryReference) -> Option<Digest> {
        let text = fs::read_to_string(self.tag_path(reference)).ok()?;
        let (digest, name) = text.trim_end().split_once(' ')?;
        (name == reference.to_string()).then(|| digest.parse().ok()).flatten()
    }

    fn tag_path(&self, reference: &RegistryReference) -> PathBuf {
        self.0.dir.join("tags").join(Digest::of(reference.to_string().as_bytes()).hex())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = beside(path)?;
        file.write_all(bytes)?;
        show(file, path)
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".new-").tempfile_in(folder)
}

fn show(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn written(path: &Path) -> impl FnOnce(io::Error) -> RegistryError {
    let path = path.to_path_buf();
    move |source| RegistryError::Cache { path, action: "written", source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_blob_is_not_taken_from_the_cache() {
        let cache = BlobCache::temporary().unwrap();
        let digest = Digest::of(b"manifest");
        assert_eq!(cache.small(digest, 100), None);
        cache.keep_small(digest, b"manifest");
        assert_eq!(cache.small(digest, 100).as_deref(), Some(b"manifest".as_slice()));
        assert_eq!(cache.small(digest, 7), None, "too long");
        assert!(cache.has(digest, 8) && !cache.has(digest, 9));
        fs::write(cache.path(digest), "MANIFEST").unwrap();
        assert_eq!(cache.small(digest, 100), None);
    }

    #[test]
    fn a_tag_is_remembered_by_its_full_name() {
        let cache = BlobCache::temporary().unwrap();
        let name = |text: &str| text.parse::<RegistryReference>().unwrap();
        cache.remember(&name("debian:13"), Digest::of(b"x"));
        assert_eq!(cache.recall(&name("docker.io/library/debian:13")), Some(Digest::of(b"x")));
        assert_eq!(cache.recall(&name("debian:12")), None);
    }

    #[test]
    fn a_temporary_cache_goes_with_its_last_user() {
        let cache = BlobCache::temporary().unwrap();
        let digest = Digest::of(b"x");
        cache.keep_small(digest, b"x");
        let (path, clone) = (cache.path(digest), cache.clone());
        drop(cache);
        assert!(path.exists());
        drop(clone);
        assert!(!path.exists());
    }
}
