//! Files and folders that appear whole or not at all.
//!
//! The new content is written beside its target under a hidden name, synced, and renamed. A temporary
//! file is locked (flock) for as long as its process lives, so that one whose lock can be had belongs to
//! a dead process and is removed. Where a file system knows no locks nothing is removed.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

const MARK: &str = ".mambox-";

/// A file in the making.
pub(crate) struct NewFile {
    file: File,
    temp: TempPath,
    target: PathBuf,
}

impl NewFile {
    /// Begins a file that is to be `target`, in the target's folder.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        // Renaming would replace a device or a pipe by a file: neither `/dev/null` nor `/dev/stdout`, a link
        // to one, is ours to replace.
        match fs::metadata(target) {
            Ok(meta) if !meta.is_file() => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "it is there already, and no regular file"))
            }
            _ => Self::within(&parent(target)?, target),
        }
    }

    /// Begins a file that is to be `target`, in `folder`, which must be on the same file system.
    pub(crate) fn within(folder: &Path, target: &Path) -> io::Result<Self> {
        loop {
            let temp = tempfile::Builder::new().prefix(MARK).suffix(".tmp").tempfile_in(folder)?;
            let _ = temp.as_file().try_lock();
            // Somebody's cleaning may have come between creation and lock.
            if fs::symlink_metadata(temp.path()).is_ok() {
                let (file, temp) = temp.into_parts();
                return Ok(Self { file, temp, target: target.into() });
            }
        }
    }

    /// The file to write to.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where the content is for now.
    pub(crate) fn temp_path(&self) -> &Path {
        &self.temp
    }

    /// Replaces the content by an open file of the same path, after a copy by name.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        self.file = OpenOptions::new().read(true).write(true).open(&self.temp)?;
        let _ = self.file.try_lock();
        Ok(())
    }

    /// Syncs the content and gives it its name, replacing what had it. Readable for everybody the umask
    /// allows, not for the owner alone as temporary files are.
    pub(crate) fn commit(self) -> io::Result<()> {
        let target = self.target.clone();
        self.commit_as(&target)
    }

    /// As [`NewFile::commit`], for a name that depends on the content.
    pub(crate) fn commit_as(self, target: &Path) -> io::Result<()> {
        set_usual_mode(&self.file)?;
        self.file.sync_all()?;
        self.temp.persist(target).map_err(|e| e.error)?;
        sync_folder(&parent(target)?)
    }
}

#[cfg(unix)]
fn set_usual_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // A process can only read its umask by setting it, so that of the usual case is taken.
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_usual_mode(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A folder in the making; removed with all that is in it unless committed.
pub(crate) struct NewFolder {
    temp: Option<tempfile::TempDir>,
    target: PathBuf,
    /// Keeps the lock.
    _handle: Option<File>,
}

impl NewFolder {
    /// Begins a folder that is to be `target`, which must not exist or be empty.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        let temp = tempfile::Builder::new().prefix(MARK).suffix(".tmp").tempdir_in(parent(target)?)?;
        let handle = File::open(temp.path()).ok();
        if let Some(handle) = &handle {
            let _ = handle.try_lock();
        }
        set_folder_mode(temp.path())?;
        Ok(Self { temp: Some(temp), target: target.into(), _handle: handle })
    }

    /// Where the content is for now.
    pub(crate) fn temp_path(&self) -> &Path {
        self.temp.as_ref().map_or(&self.target, |temp| temp.path())
    }

    /// Gives the folder its name.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        sync_folder(self.temp_path())?;
        fs::rename(self.temp_path(), &self.target)?;
        // Renamed away: nothing to remove.
        if let Some(temp) = self.temp.take() {
            let _ = temp.keep();
        }
        sync_folder(&parent(&self.target)?)
    }
}

#[cfg(unix)]
fn set_folder_mode(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn set_folder_mode(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes what dead processes left in a folder. Failures are of no consequence.
pub(crate) fn clean(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(MARK) && name.ends_with(".tmp")) {
            continue;
        }
        let Ok(kind) = entry.file_type() else { continue };
        if !(kind.is_file() || kind.is_dir()) {
            continue;
        }
        let dead = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        match dead {
            true if kind.is_dir() => drop(fs::remove_dir_all(entry.path())),
            true => drop(fs::remove_file(entry.path())),
            false => {}
        }
    }
}

/// The folder of a path; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> io::Result<PathBuf> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Ok(".".into()),
        Some(parent) => Ok(parent.into()),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "not the path of a file")),
    }
}

/// Makes a rename durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems do not sync folders.
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn nothing_is_visible_before_the_commit() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let mut new = NewFile::beside(&target).unwrap();
        new.file().write_all(b"1").unwrap();
        assert!(!target.exists());
        new.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"1");
        drop(NewFile::beside(&target).unwrap());
        drop(NewFolder::beside(&folder.path().join("y")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_what_dead_processes_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let alive = NewFile::beside(&folder.path().join("x")).unwrap();
        let dead = folder.path().join(".mambox-dead.tmp");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("file"), "").unwrap();
        fs::write(folder.path().join(".mambox-other"), "").unwrap();
        clean(folder.path());
        assert!(!dead.exists());
        assert!(alive.temp_path().exists());
        assert!(folder.path().join(".mambox-other").exists());
    }
}
