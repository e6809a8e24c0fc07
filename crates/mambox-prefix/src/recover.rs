//! Taking a transaction back, or finishing one that was committed.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use rustix::io::Errno;

use crate::error::{LockError, TransactionError};
use crate::journal::{Folder, Journal, Phase};
use crate::lock::{Guard, LockOptions, lock};
use crate::prefix::Prefix;

/// What recovery found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Recovered {
    /// No transaction was interrupted.
    #[default]
    Nothing,
    /// One was, and the prefix is again what it was before it.
    RolledBack {
        /// `NAME-VERSION-BUILD` of the packages that are there again.
        removed: Vec<String>,
        /// Of the packages that are not there after all.
        installed: Vec<String>,
    },
    /// One was done, but for the tidying, which is done now.
    Finished,
}

/// Takes back what a killed transaction did, under the prefix's lock. Does nothing, and waits for nobody, where there is
/// nothing to take back. It may itself be killed and called again.
///
/// # Errors
/// When the lock is held, the journal is not understood, or the file system refuses.
pub fn recover(prefix: &Prefix, options: LockOptions) -> Result<Recovered, TransactionError> {
    if !Folder::of(prefix).path().exists() {
        return Ok(Recovered::Nothing);
    }
    let guard = lock(prefix, options)?;
    let (recovered, made) = recover_locked(prefix, &guard)?;
    drop(guard);
    made.remove(prefix);
    Ok(recovered)
}

/// Folders to remove when the lock in them is gone.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Made {
    pub(crate) meta: bool,
    pub(crate) prefix: bool,
}

impl Made {
    /// Removes what is empty of it.
    pub(crate) fn remove(self, prefix: &Prefix) {
        // Somebody else may have put something there, or wait for the lock.
        if self.meta && fs::remove_dir(prefix.meta()).is_ok() && self.prefix {
            let _ = fs::remove_dir(prefix.path());
        }
    }
}

pub(crate) fn recover_locked(prefix: &Prefix, guard: &Guard) -> Result<(Recovered, Made), TransactionError> {
    let folder = Folder::of(prefix);
    let Some((phase, journal)) = folder.read()? else {
        // Killed before the journal was there, hence before anything was done, or after the very last step.
        if folder.path().exists() {
            fs::remove_dir_all(folder.path()).map_err(TransactionError::io("remove", folder.path()))?;
        }
        return Ok((Recovered::Nothing, Made::default()));
    };
    if !guard.is_sure() && journal.process.is_another_alive() {
        let (path, holder) = (folder.path().to_owned(), format!("process {}", journal.process.id));
        return Err(LockError::Held { path, holder, seconds: 0 }.into());
    }
    if phase == Phase::Committed {
        finish(prefix, &folder, &journal)?;
        return Ok((Recovered::Finished, Made::default()));
    }
    let made = roll_back(prefix, &folder, phase, &journal)?;
    Ok((Recovered::RolledBack { removed: journal.remove, installed: journal.install }, made))
}

/// After the commit: nothing here changes what is installed.
pub(crate) fn finish(prefix: &Prefix, folder: &Folder, journal: &Journal) -> Result<(), TransactionError> {
    remove_all(&folder.trash()).map_err(TransactionError::io("remove", folder.trash()))?;
    for path in &journal.emptied {
        // What is not empty stays, and so does what is no folder any more.
        let _ = fs::remove_dir(prefix.path().join(path));
    }
    end(folder, Phase::Committed)
}

pub(crate) fn roll_back(
    prefix: &Prefix,
    folder: &Folder,
    phase: Phase,
    journal: &Journal,
) -> Result<Made, TransactionError> {
    if phase == Phase::Linking {
        uncreate(prefix, journal)?;
        // From here on the created paths may be those of the old files again.
        folder.step(Phase::Linking, Phase::Removing)?;
    }
    for (index, moved) in journal.moved.iter().enumerate().rev() {
        let (slot, path) = (folder.slot(index), prefix.path().join(&moved.path));
        match fs::rename(&slot, &path) {
            Ok(()) => {}
            // Not moved yet, or moved back already; an emptied folder may have been removed instead of moved.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if moved.is_folder && !path.exists() {
                    fs::create_dir(&path).map_err(TransactionError::io("make", &path))?;
                }
            }
            Err(error) => return Err(TransactionError::io("move back", &path)(error)),
        }
    }
    end(folder, Phase::Removing)?;
    Ok(Made { meta: journal.made_meta, prefix: journal.made_prefix })
}

fn uncreate(prefix: &Prefix, journal: &Journal) -> Result<(), TransactionError> {
    for path in &journal.created {
        let path = prefix.path().join(path);
        match rustix::fs::unlink(&path) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::ISDIR) => {}
            Err(error) => return Err(TransactionError::io("remove", &path)(error.into())),
        }
    }
    for path in journal.folders.iter().rev() {
        let path = prefix.path().join(path);
        // Python may have been killed while it wrote there.
        let removed = if path.ends_with("__pycache__") { remove_all(&path) } else { fs::remove_dir(&path) };
        match removed {
            Ok(()) => {}
            // What a link script or somebody else has put into a new folder is theirs.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {}
            Err(error) => return Err(TransactionError::io("remove", &path)(error)),
        }
    }
    let path = prefix.meta().join("history");
    restore_history(&path, journal.history).map_err(TransactionError::io("put back", &path))
}

fn restore_history(path: &Path, length: Option<u64>) -> io::Result<()> {
    let Some(length) = length else { return ignore_missing(fs::remove_file(path)) };
    match fs::OpenOptions::new().write(true).open(path) {
        Ok(file) if file.metadata()?.len() > length => file.set_len(length),
        Ok(_) => Ok(()),
        Err(error) => ignore_missing(Err(error)),
    }
}

/// The last steps: what is left of the folder without its journal is of no concern.
fn end(folder: &Folder, phase: Phase) -> Result<(), TransactionError> {
    let path = folder.journal(phase);
    fs::remove_file(&path).map_err(TransactionError::io("remove", &path))?;
    remove_all(folder.path()).map_err(TransactionError::io("remove", folder.path()))
}

fn remove_all(path: &Path) -> io::Result<()> {
    ignore_missing(fs::remove_dir_all(path))
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
