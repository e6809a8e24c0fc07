//! Remembers what local files held, so that an unchanged channel folder is not hashed for every build.
//!
//! A file counts as unchanged while its device, inode, size, modification and change times are the same. That is
//! what build tools and git rely on; it can be fooled by whoever can write to the disk underneath the file
//! system or set its clock back. Two things bound the harm: a file that changed less than two seconds before it
//! was hashed is not remembered (times are coarse), and whoever makes a layer from an archive reads and hashes
//! its bytes again.

use std::{
    collections::BTreeMap,
    fs::{self, File, Metadata},
    io::{self, BufReader},
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, SystemTime},
};

use rattler_digest::{HashingWriter, Md5, Md5Hash, Sha256, Sha256Hash, parse_digest_from_hex};
use serde::{Deserialize, Serialize};

use super::{
    PackageCache,
    store::{now, write_hint},
};

/// Times of files are only so exact.
const SETTLED: Duration = Duration::from_secs(2);

/// Beyond this many entries, those of vanished files are dropped first, then all.
const MOST_ENTRIES: usize = 50_000;

/// A larger file is not ours.
const MOST_BYTES: u64 = 64 << 20;

/// Both hashes that conda knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hashes {
    pub(crate) sha256: Sha256Hash,
    pub(crate) md5: Md5Hash,
}

/// The file on disk.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u32,
    files: BTreeMap<PathBuf, Entry>,
}

const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    stamp: Stamp,
    sha256: String,
    md5: String,
}

/// What must stay the same: device, inode, size, mtime and ctime in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    mtime: (i64, i64),
    ctime: (i64, i64),
}

/// The memory of one run; [`Self::save`] writes it back.
pub(crate) struct VerifiedFiles {
    path: PathBuf,
    known: BTreeMap<PathBuf, Entry>,
    new: Mutex<BTreeMap<PathBuf, Entry>>,
    clock: fn() -> SystemTime,
}

impl VerifiedFiles {
    /// Reads what earlier runs remembered; an unreadable memory is an empty one.
    pub(crate) fn load(cache: &PackageCache) -> Self {
        let path = cache.root().join("verified.json");
        let known = read(&path);
        Self { path, known, new: Mutex::default(), clock: now }
    }

    /// The hashes of a regular file, read only if it may have changed. The flag says whether it was read.
    pub(crate) fn hashes(&self, path: &Path) -> io::Result<(Hashes, u64, bool)> {
        let file = File::open(path)?;
        let before = file.metadata()?;
        if !before.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let stamp = stamp(&before);
        if let Some(hashes) =
            self.known.get(path).filter(|entry| Some(&entry.stamp) == stamp.as_ref()).and_then(parse)
        {
            return Ok((hashes, before.len(), false));
        }
        let hashes = hash(&file)?;
        let after = file.metadata()?;
        if let Some(stamp) =
            stamp.filter(|before| Some(before) == self::stamp(&after).as_ref() && self.is_settled(&after))
            && let Ok(mut new) = self.new.lock()
        {
            let entry = Entry { stamp, sha256: hex::encode(hashes.sha256), md5: hex::encode(hashes.md5) };
            new.insert(path.to_owned(), entry);
        }
        Ok((hashes, before.len(), true))
    }

    fn is_settled(&self, metadata: &Metadata) -> bool {
        let now = (self.clock)();
        let settled = |time: io::Result<SystemTime>| {
            time.is_ok_and(|time| now.duration_since(time).is_ok_and(|age| age > SETTLED))
        };
        settled(metadata.modified()) && settled(changed(metadata))
    }

    /// Adds what was learnt to what is on disk. Failing to is no error: the next run hashes again.
    pub(crate) fn save(&self) {
        let Ok(mut new) = self.new.lock().map(|mut new| std::mem::take(&mut *new)) else { return };
        if new.is_empty() {
            return;
        }
        // Another process may have written meanwhile; what the two lose to each other is hashed again.
        let mut files = read(&self.path);
        files.append(&mut new);
        if files.len() > MOST_ENTRIES {
            files.retain(|path, _| path.exists());
        }
        if files.len() > MOST_ENTRIES {
            files.clear();
        }
        let document = Document { version: VERSION, files };
        let written = serde_json::to_vec(&document)
            .map_err(io::Error::other)
            .and_then(|json| write_hint(&self.path, &json));
        if let Err(error) = written {
            tracing::debug!(%error, "cannot remember verified files");
        }
    }
}

fn read(path: &Path) -> BTreeMap<PathBuf, Entry> {
    if fs::metadata(path).map_or(0, |metadata| metadata.len()) > MOST_BYTES {
        return BTreeMap::new();
    }
    let Ok(json) = fs::read(path) else { return BTreeMap::new() };
    match serde_json::from_slice::<Document>(&json) {
        Ok(document) if document.version == VERSION => document.files,
        _ => BTreeMap::new(),
    }
}

fn parse(entry: &Entry) -> Option<Hashes> {
    Some(Hashes {
        sha256: parse_digest_from_hex::<Sha256>(&entry.sha256)?,
        md5: parse_digest_from_hex::<Md5>(&entry.md5)?,
    })
}

/// Both hashes in one pass.
fn hash(file: &File) -> io::Result<Hashes> {
    let md5 = HashingWriter::<_, Md5>::new(io::sink());
    let mut writer = HashingWriter::<_, Sha256>::new(md5);
    io::copy(&mut BufReader::with_capacity(1 << 17, file), &mut writer)?;
    let (md5, sha256) = writer.finalize();
    Ok(Hashes { sha256, md5: md5.finalize().1 })
}

#[cfg(unix)]
fn stamp(metadata: &Metadata) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    Some(Stamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.size(),
        mtime: (metadata.mtime(), metadata.mtime_nsec()),
        ctime: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> io::Result<SystemTime> {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).map_err(io::Error::other)?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Where there are no inodes, nothing is remembered.
#[cfg(not(unix))]
fn stamp(_metadata: &Metadata) -> Option<Stamp> {
    None
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> io::Result<SystemTime> {
    metadata.modified()
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn in_an_hour() -> SystemTime {
        now() + Duration::from_secs(3600)
    }

    /// Hashes a file as a process of its own would, at some time; whether it was read.
    fn is_read(cache: &PackageCache, path: &Path, clock: fn() -> SystemTime) -> bool {
        let verified = VerifiedFiles { clock, ..VerifiedFiles::load(cache) };
        let (hashes, size, read) = verified.hashes(path).unwrap();
        let content = fs::read(path).unwrap();
        assert_eq!(hashes.sha256, rattler_digest::compute_bytes_digest::<Sha256>(&content));
        assert_eq!(hashes.md5, rattler_digest::compute_bytes_digest::<Md5>(&content));
        assert_eq!(size, content.len() as u64);
        verified.save();
        read
    }

    #[test]
    fn an_unchanged_file_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PackageCache::new(&dir.path().join("cache"));
        let file = dir.path().join("file");
        fs::write(&file, "one").unwrap();
        assert!(is_read(&cache, &file, in_an_hour));
        assert!(!is_read(&cache, &file, in_an_hour));
    }

    #[test]
    fn a_file_that_just_changed_is_not_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PackageCache::new(&dir.path().join("cache"));
        let file = dir.path().join("file");
        fs::write(&file, "one").unwrap();
        assert!(is_read(&cache, &file, now));
        assert!(is_read(&cache, &file, now));
    }

    #[test]
    fn a_change_that_hides_its_time_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PackageCache::new(&dir.path().join("cache"));
        let file = dir.path().join("file");
        fs::write(&file, "one").unwrap();
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        is_read(&cache, &file, in_an_hour);
        fs::write(&file, "two").unwrap();
        File::options().append(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert!(is_read(&cache, &file, in_an_hour), "same size and time, other content");
        // Put in its place by a rename, with the old one's time.
        let beside = dir.path().join("beside");
        fs::write(&beside, "six").unwrap();
        File::options().append(true).open(&beside).unwrap().set_modified(modified).unwrap();
        fs::rename(&beside, &file).unwrap();
        assert!(is_read(&cache, &file, in_an_hour));
    }

    #[test]
    fn a_damaged_memory_is_an_empty_one() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PackageCache::new(&dir.path().join("cache"));
        let file = dir.path().join("file");
        fs::write(&file, "one").unwrap();
        is_read(&cache, &file, in_an_hour);
        fs::write(cache.root().join("verified.json"), "{\"version\": 1, \"fil").unwrap();
        assert!(is_read(&cache, &file, in_an_hour));
        assert!(!is_read(&cache, &file, in_an_hour));
    }
}
