//! How configuration files are reached; tests give files that are not on a disk.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Largest configuration file that is read, in bytes.
pub const MAX_FILE_SIZE: u64 = 1 << 20;

/// What loading has to know of the file system.
pub trait Files {
    /// The text of a file; `None` if there is no such file or it is a folder.
    ///
    /// # Errors
    /// A file that is there but cannot be read, is no UTF-8 or is larger than [`MAX_FILE_SIZE`].
    fn read(&self, path: &Path) -> io::Result<Option<String>>;

    /// The paths in a folder, in any order; `None` if there is no such folder.
    ///
    /// # Errors
    /// A folder that is there but cannot be read.
    fn list(&self, path: &Path) -> io::Result<Option<Vec<PathBuf>>>;
}

/// The real file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Option<String>> {
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if file.metadata()?.is_dir() {
            return Ok(None);
        }
        let mut text = String::new();
        // One byte more than allowed tells a file that is too large from one that just fits.
        file.take(MAX_FILE_SIZE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_FILE_SIZE {
            return Err(io::Error::other(format!("more than {MAX_FILE_SIZE} bytes")));
        }
        Ok(Some(text))
    }

    fn list(&self, path: &Path) -> io::Result<Option<Vec<PathBuf>>> {
        match fs::read_dir(path) {
            Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>().map(Some),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Disk {
    /// Whether a folder can be written, or made in the nearest folder above it that is there. A temporary file is made to
    /// find out: mode bits say nothing of read-only mounts, and root may be without its powers.
    pub fn can_write_in(&self, folder: &Path) -> bool {
        let nearest = folder.ancestors().find(|folder| folder.exists());
        nearest.is_some_and(|folder| tempfile::Builder::new().prefix(".mambox-").tempfile_in(folder).is_ok())
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
pub(crate) mod memory {
    //! Files in a map.

    use std::collections::BTreeMap;

    use super::*;

    pub(crate) struct Memory(pub(crate) BTreeMap<PathBuf, String>);

    impl Memory {
        pub(crate) fn new<const N: usize>(files: [(&str, &str); N]) -> Self {
            Self(files.map(|(path, text)| (path.into(), text.to_owned())).into())
        }
    }

    impl Files for Memory {
        fn read(&self, path: &Path) -> io::Result<Option<String>> {
            match self.0.get(path) {
                Some(text) if text == "<unreadable>" => Err(io::ErrorKind::PermissionDenied.into()),
                text => Ok(text.cloned()),
            }
        }

        fn list(&self, path: &Path) -> io::Result<Option<Vec<PathBuf>>> {
            let inside: Vec<_> = self.0.keys().filter(|file| file.parent() == Some(path)).cloned().collect();
            Ok((!inside.is_empty()).then_some(inside))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_none_and_what_is_too_large_fails() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rc");
        assert_eq!(Disk.read(&file).unwrap(), None);
        assert_eq!(Disk.read(folder.path()).unwrap(), None);
        fs::write(&file, "a: 1").unwrap();
        assert_eq!(Disk.read(&file).unwrap().as_deref(), Some("a: 1"));
        assert_eq!(Disk.read(&file.join("below")).unwrap(), None);
        assert_eq!(Disk.list(folder.path()).unwrap(), Some(vec![file.clone()]));
        assert_eq!(Disk.list(&folder.path().join("none")).unwrap(), None);
        fs::write(&file, "#".repeat(MAX_FILE_SIZE as usize + 1)).unwrap();
        assert!(Disk.read(&file).is_err());
    }

    #[test]
    fn a_folder_that_is_missing_can_be_written_if_it_can_be_made() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(Disk.can_write_in(&folder.path().join("a/b")));
        assert!(!Disk.can_write_in(&folder.path().join("file")));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing stays");
    }
}
