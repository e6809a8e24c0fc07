//! Finding and adding archives.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rattler_digest::{Md5Hash, Sha256Hash, parse_digest_from_hex};

use super::error::{CacheError, failed};

/// Uses are noted at this grain, so that most of them cost no write.
const USE_GRAIN: Duration = Duration::from_secs(12 * 60 * 60);

/// A store of package archives, found by the sha256 of their bytes.
#[derive(Debug, Clone)]
pub struct PackageCache {
    root: PathBuf,
}

impl PackageCache {
    /// The cache below `cache_dir`. Nothing is read or made yet.
    pub fn new(cache_dir: &Path) -> Self {
        Self { root: cache_dir.join("packages") }
    }

    /// The folder of everything in this cache.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn incoming_dir(&self) -> PathBuf {
        self.root.join("incoming")
    }

    pub(super) fn sha256_dir(&self) -> PathBuf {
        self.root.join("sha256")
    }

    pub(super) fn md5_dir(&self) -> PathBuf {
        self.root.join("md5")
    }

    pub(super) fn archive_path(&self, sha256: &Sha256Hash, file_name: &str) -> PathBuf {
        self.sha256_dir().join(hex::encode(sha256)).join(file_name)
    }

    /// The archive with that hash and name, if it is here. `size` is checked where it is known: a file that was
    /// cut by a crash of the whole machine is as good as absent.
    ///
    /// The bytes were checked when they came in and are not read again here.
    pub fn find(&self, sha256: &Sha256Hash, file_name: &str, size: Option<u64>) -> Option<PathBuf> {
        let path = self.archive_path(sha256, file_name);
        let metadata = fs::symlink_metadata(&path).ok()?;
        let whole = metadata.is_file() && size.is_none_or(|size| size == metadata.len());
        if !whole {
            return None;
        }
        self.note_use(&path, &metadata);
        Some(path)
    }

    /// The archive with that hash under whatever name, as long as it is of the same format.
    pub fn find_by_hash(&self, sha256: &Sha256Hash, file_name: &str) -> Option<PathBuf> {
        self.find(sha256, file_name, None).or_else(|| {
            let ending = ending(file_name);
            let mut names: Vec<_> = fs::read_dir(self.sha256_dir().join(hex::encode(sha256)))
                .ok()?
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter(|name| name.ends_with(ending))
                .collect();
            names.sort();
            self.find(sha256, names.first()?, None)
        })
    }

    /// The sha256 of the archive with that md5, if it was fetched before.
    pub fn sha256_of_md5(&self, md5: &Md5Hash) -> Option<Sha256Hash> {
        let text = fs::read_to_string(self.md5_dir().join(hex::encode(md5))).ok()?;
        parse_digest_from_hex::<rattler_digest::Sha256>(text.trim())
    }

    /// Remembers which sha256 belongs to an md5.
    pub(super) fn note_md5(&self, md5: &Md5Hash, sha256: &Sha256Hash) -> Result<(), CacheError> {
        let path = self.md5_dir().join(hex::encode(md5));
        write_hint(&path, hex::encode(sha256).as_bytes()).map_err(failed("write", &path))
    }

    /// Pruning goes by the time of last use, which is kept as the archive's modification time.
    fn note_use(&self, path: &Path, metadata: &fs::Metadata) {
        let now = now();
        let old =
            metadata.modified().is_ok_and(|then| now.duration_since(then).is_ok_and(|age| age > USE_GRAIN));
        if old {
            // In a read-only cache it just is not noted.
            let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(now));
        }
    }
}

/// The clock decides only what may leave the cache and what is read again, never what is built.
#[allow(clippy::disallowed_methods)]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

/// Writes beside and renames; makes the folder if need be.
///
/// For what is no loss: it is not synced, since after a crash an empty file reads as nothing known.
pub(super) fn write_hint(path: &Path, content: &[u8]) -> io::Result<()> {
    use io::Write;
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut temp = tempfile::NamedTempFile::new_in(dir)?;
    temp.write_all(content)?;
    temp.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn ending(file_name: &str) -> &str {
    let known = [".conda", ".tar.bz2", ".whl", ".tar.gz", ".tgz", ".zip"];
    known.into_iter().find(|ending| file_name.ends_with(ending)).unwrap_or(".conda")
}
