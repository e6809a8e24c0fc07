//! What was learnt of a file or folder, kept for as long as it does not change.
//!
//! Hashing a root file system again for every build would take longer than the build. As git's index
//! does, a file counts as unchanged while device, inode, size, mtime and ctime are what they were; ctime
//! cannot be set back. A record is believed only if it was written well after the file's last change, since
//! a change in the same tick of a coarse clock would not show ("racy git"). Both times are the file
//! systems' own; a network file system whose clock is far ahead makes us learn again, never believe wrongly
//! something older.

use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use mambox_oci::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::atomic::NewFile;

/// The coarsest clock of a file system in use: FAT's two seconds.
const RACY_SECONDS: i64 = 2;

/// The state of a file or of all files in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    text: String,
    changed: i64,
}

impl State {
    /// The state of a file.
    pub(crate) fn of(path: &Path, meta: &Metadata) -> Self {
        let mut state = Self { text: String::new(), changed: i64::MIN };
        state.add(path, meta);
        state
    }

    /// Adds another file's state.
    pub(crate) fn add(&mut self, path: &Path, meta: &Metadata) {
        use std::fmt::Write;
        let _ = writeln!(
            self.text,
            "{:?} {:x} {} {} {}.{} {}.{} {:o} {}:{}",
            path.as_os_str(),
            meta.dev(),
            meta.ino(),
            meta.size(),
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ctime(),
            meta.ctime_nsec(),
            meta.mode(),
            meta.uid(),
            meta.gid()
        );
        self.changed = self.changed.max(meta.ctime()).max(meta.mtime());
    }
}

/// A kind of facts in a cache folder, or nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    folder: Option<PathBuf>,
}

impl Memory {
    /// Keeps facts of one kind; `kind` names the question *and the version of its answer's form*.
    pub(crate) fn new(cache_dir: Option<&Path>, kind: &str) -> Self {
        Self { folder: cache_dir.map(|dir| dir.join("facts").join(kind)) }
    }

    fn record(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{}.json", Digest::of(key.as_bytes()).hex())))
    }

    /// What is known of a file in this state.
    pub(crate) fn recall<T: DeserializeOwned>(&self, state: &State) -> Option<T> {
        let record = self.record(&state.text)?;
        let written = fs::metadata(&record).ok()?.mtime();
        if written.checked_sub(state.changed)? < RACY_SECONDS {
            return None;
        }
        self.recall_text(&state.text)
    }

    /// What is known of something that cannot change, such as a digest.
    pub(crate) fn recall_text<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.record(key)?).ok()?).ok()
    }

    /// Keeps what was learnt. A cache that cannot be written costs time, not the build.
    pub(crate) fn keep<T: Serialize>(&self, state: &State, facts: &T) {
        self.keep_text(&state.text, facts);
    }

    /// Keeps what was learnt of something that cannot change.
    pub(crate) fn keep_text<T: Serialize>(&self, key: &str, facts: &T) {
        if let Some(record) = self.record(key)
            && let Err(error) = write(&record, facts)
        {
            tracing::debug!(record = %record.display(), %error, "a fact could not be kept");
        }
    }
}

/// Writes a record whole. It is not synced for its own sake: a lost one is learnt again.
fn write<T: Serialize>(record: &Path, facts: &T) -> io::Result<()> {
    let folder = super::atomic::parent(record)?;
    fs::create_dir_all(&folder)?;
    let mut new = NewFile::beside(record)?;
    new.file().write_all(&serde_json::to_vec(facts)?)?;
    new.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    #[allow(clippy::disallowed_methods)]
    fn a_fact_holds_until_the_file_changes_and_not_in_the_tick_of_its_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        fs::write(&file, "1").unwrap();
        let memory = Memory::new(Some(folder.path()), "test");
        let state = || State::of(&file, &fs::metadata(&file).unwrap());
        memory.keep(&state(), &7);
        assert_eq!(memory.recall::<i32>(&state()), None, "written in the same tick");
        let record = memory.record(&state().text).unwrap();
        let later = SystemTime::now() + Duration::from_secs(10);
        fs::File::options().append(true).open(record).unwrap().set_modified(later).unwrap();
        assert_eq!(memory.recall(&state()), Some(7));
        fs::write(&file, "2").unwrap();
        assert_eq!(memory.recall::<i32>(&state()), None);
        assert_eq!(Memory::new(None, "test").recall::<i32>(&state()), None);
    }
}
