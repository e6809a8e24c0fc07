//! What the cache holds, and making it smaller.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    PackageCache,
    error::{CacheError, failed},
    store::now,
};

/// What the cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheInfo {
    /// Archives.
    pub packages: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// What pruning removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Archives.
    pub packages: usize,
    /// Files that broken-off downloads left.
    pub leftovers: usize,
    /// Bytes of both.
    pub bytes: u64,
}

struct Archive {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl PackageCache {
    /// Counts archives and bytes. A cache that does not exist is empty.
    pub fn info(&self) -> Result<CacheInfo, CacheError> {
        let archives = self.archives()?;
        Ok(CacheInfo { packages: archives.len(), bytes: archives.iter().map(|archive| archive.bytes).sum() })
    }

    /// Removes archives that were not used for `max_age`, then those used longest ago until `max_bytes` are
    /// left, and what broken-off downloads left. `None` sets no limit.
    pub fn prune(&self, max_age: Option<Duration>, max_bytes: Option<u64>) -> Result<Pruned, CacheError> {
        let mut pruned = self.remove_leftovers()?;
        let mut archives = self.archives()?;
        archives.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        let now = now();
        let mut left: u64 = archives.iter().map(|archive| archive.bytes).sum();
        for archive in &archives {
            let age = now.duration_since(archive.used).unwrap_or_default();
            let too_old = max_age.is_some_and(|max| age > max);
            let too_much = max_bytes.is_some_and(|max| left > max);
            if too_old || too_much {
                remove(&archive.path)?;
                left -= archive.bytes;
                pruned.packages += 1;
                pruned.bytes += archive.bytes;
            }
        }
        self.remove_dangling_md5();
        Ok(pruned)
    }

    fn archives(&self) -> Result<Vec<Archive>, CacheError> {
        let mut archives = Vec::new();
        for hash in entries(&self.sha256_dir())? {
            for path in entries(&hash)? {
                let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
                if metadata.is_file() {
                    let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    archives.push(Archive { path, bytes: metadata.len(), used });
                }
            }
        }
        Ok(archives)
    }

    /// A file that is being written is locked; the lock of a process that died is gone.
    fn remove_leftovers(&self) -> Result<Pruned, CacheError> {
        let mut pruned = Pruned::default();
        for path in entries(&self.incoming_dir())? {
            let Ok(file) = File::open(&path) else { continue };
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                continue;
            }
            let Ok(metadata) = file.metadata() else { continue };
            if metadata.len() == 0 && is_fresh(&metadata) {
                // Perhaps its writer is about to lock it.
                continue;
            }
            pruned.bytes += metadata.len();
            pruned.leftovers += 1;
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(CacheError::new("remove", &path, error));
                }
                _ => {}
            }
        }
        Ok(pruned)
    }

    fn remove_dangling_md5(&self) {
        for path in entries(&self.md5_dir()).unwrap_or_default() {
            let target = fs::read_to_string(&path).unwrap_or_default();
            if !self.sha256_dir().join(target.trim()).is_dir() || target.trim().is_empty() {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

fn is_fresh(metadata: &fs::Metadata) -> bool {
    metadata
        .modified()
        .is_ok_and(|then| now().duration_since(then).unwrap_or_default() < Duration::from_secs(60))
}

/// Removes an archive, and its folder if nothing else is in it.
fn remove(path: &Path) -> Result<(), CacheError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(CacheError::new("remove", path, error));
        }
        _ => {}
    }
    if let Some(dir) = path.parent() {
        let _ = fs::remove_dir(dir);
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, CacheError> {
    match fs::read_dir(dir) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(failed("list", dir)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(CacheError::new("list", dir, error)),
    }
}
