//! Files as the programs see them, below a root that tests can choose.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// More than any file that is read here holds; larger ones are refused.
const LIMIT: u64 = 16 << 20;

/// The folder that stands for `/`.
#[derive(Debug, Clone)]
pub struct Root(PathBuf);

impl Default for Root {
    fn default() -> Self {
        Self::new("/")
    }
}

impl Root {
    /// A root file system below `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Where a path of the image lies; a relative one stays, since it starts at the current folder.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        path.strip_prefix("/").map_or_else(|_| path.to_owned(), |below| self.0.join(below))
    }

    /// The bytes of a file; `None` where there is none.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.at(path)) {
            Err(e) if absent(&e) => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIMIT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB"));
        }
        Ok(Some(bytes))
    }

    /// Whether there is a folder.
    pub(crate) fn is_folder(&self, path: impl AsRef<Path>) -> bool {
        self.at(path).is_dir()
    }

    /// Whether there is a file that somebody may execute.
    pub(crate) fn is_program(&self, path: impl AsRef<Path>) -> bool {
        let metadata = fs::metadata(self.at(path));
        metadata.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    }

    /// The names in a folder that end so, sorted; none where there is no folder. Names that are not
    /// UTF-8 are no package's and are passed by.
    pub(crate) fn names(&self, folder: impl AsRef<Path>, ending: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.at(folder)) {
            Err(e) if absent(&e) => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            if let Ok(name) = entry?.file_name().into_string()
                && name.ends_with(ending)
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// Whether an error says that nothing is there.
fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_lie_below_the_root() {
        assert_eq!(Root::new("/tmp/x").at("/etc/passwd"), Path::new("/tmp/x/etc/passwd"));
        assert_eq!(Root::default().at("/etc/passwd"), Path::new("/etc/passwd"));
        assert_eq!(Root::new("/tmp/x").at("./tool"), Path::new("./tool"));
    }

    #[test]
    fn what_is_missing_is_none_and_not_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::new(folder.path());
        fs::write(folder.path().join("file"), "text").unwrap();
        fs::write(folder.path().join("b.sh"), "").unwrap();
        fs::write(folder.path().join("a.sh"), "").unwrap();
        assert_eq!(root.read("/file").unwrap().as_deref(), Some(&b"text"[..]));
        assert_eq!(root.read("/none").unwrap(), None);
        assert_eq!(root.read("/file/below").unwrap(), None);
        assert_eq!(root.names("/", ".sh").unwrap(), ["a.sh", "b.sh"]);
        assert!(root.names("/none", ".sh").unwrap().is_empty());
        assert!(!root.is_program("/file"));
    }
}
