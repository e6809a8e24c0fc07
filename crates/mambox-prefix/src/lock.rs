//! One writer at a time: an advisory lock (flock) on a file in `conda-meta`.
//!
//! The kernel frees it when its holder dies. Programs that a transaction starts inherit it, so that what outlives a killed
//! transaction is waited for as well. The file goes when the lock does; who waited for it then looks whether it is still
//! the file that others would lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::LockError;
use crate::prefix::Prefix;

const NAME: &str = ".mambox.lock";
/// How often a held lock is tried.
const PAUSE: Duration = Duration::from_millis(40);

/// Whether and how long to wait for other processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOptions {
    /// Without, nobody is waited for.
    pub use_lockfiles: bool,
    /// After this long, a held lock is an error.
    pub timeout: Duration,
}

/// A prefix that no other process changes, until this is dropped.
#[derive(Debug)]
pub struct Guard {
    held: Option<(File, PathBuf)>,
    warning: Option<String>,
}

impl Guard {
    fn without(warning: Option<String>) -> Self {
        Self { held: None, warning }
    }

    /// Why there is no lock, although one was asked for: the file system has none, or is read-only.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Whether no other process can be at work.
    pub(crate) fn is_sure(&self) -> bool {
        self.held.is_some()
    }

    /// For a program's standard input: it reads as empty, and holds the lock as long as the program lives.
    pub(crate) fn stdin(&self) -> Stdio {
        let file = self.held.as_ref().and_then(|(file, _)| file.try_clone().ok());
        file.map_or_else(Stdio::null, Stdio::from)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.held {
            // Still under the lock; a file that stays behind does no harm.
            let _ = fs::remove_file(path);
        }
    }
}

/// Waits until no other process works on the prefix. Makes `conda-meta` where it is missing.
///
/// # Errors
/// When another process holds the lock for longer than the timeout; the message names the process.
pub fn lock(prefix: &Prefix, options: LockOptions) -> Result<Guard, LockError> {
    lock_unless(prefix, options, &AtomicBool::new(false))
}

/// As [`lock`], but may be cancelled.
pub(crate) fn lock_unless(
    prefix: &Prefix,
    options: LockOptions,
    cancel: &AtomicBool,
) -> Result<Guard, LockError> {
    if !options.use_lockfiles {
        return Ok(Guard::without(None));
    }
    let start = Instant::now();
    let path = prefix.meta().join(NAME);
    loop {
        match attempt(prefix, &path)? {
            Attempt::Done(guard) => return Ok(guard),
            Attempt::Again => {}
            Attempt::Held if start.elapsed() >= options.timeout => {
                let (holder, seconds) = (holder(&path), options.timeout.as_secs());
                return Err(LockError::Held { path, holder, seconds });
            }
            Attempt::Held => thread::sleep(PAUSE.min(options.timeout)),
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(LockError::Cancelled);
        }
    }
}

enum Attempt {
    Done(Guard),
    Held,
    Again,
}

fn attempt(prefix: &Prefix, path: &Path) -> Result<Attempt, LockError> {
    let without = |error: io::Error| {
        let warning = format!("working without a lock, since {} cannot be locked: {error}", path.display());
        Ok(Attempt::Done(Guard::without(Some(warning))))
    };
    prefix.make().map_err(|error| LockError::Folder { path: prefix.meta(), error })?;
    let mut file = match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path) {
        Ok(file) => file,
        // Whoever made the folder has taken it away again.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Attempt::Again),
        Err(error) => return without(error),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(Attempt::Held),
        Err(Errno::INTR) => return Ok(Attempt::Again),
        Err(error) => return without(error.into()),
    }
    let is_current = fs::metadata(path)
        .and_then(|there| file.metadata().map(|mine| (there.ino(), there.dev()) == (mine.ino(), mine.dev())));
    if !is_current.unwrap_or(false) {
        return Ok(Attempt::Again);
    }
    // Only for messages; on a full disk the lock holds all the same.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Attempt::Done(Guard { held: Some((file, path.to_owned())), warning: None }))
}

fn holder(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    match text.trim().parse::<u32>() {
        Ok(process) => format!("process {process}"),
        Err(_) => "another process".to_owned(),
    }
}
