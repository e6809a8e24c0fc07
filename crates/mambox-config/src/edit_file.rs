//! Which file `config` changes, and the change on disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::edit::{Change, Refusal, edit_text, get};
use crate::expand::{absolute, expand_home};
use crate::files::{Disk, Files};
use crate::write::write_atomically;

/// Which file is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope<'a> {
    /// `~/.condarc`: no option.
    User,
    /// `.condarc` of the target prefix: `--env`.
    Environment,
    /// `/etc/conda/.condarc`: `--system`.
    System,
    /// Any: `--file`.
    File(&'a str),
}

/// Why a configuration file could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The change is not possible; the file is as it was.
    #[error("{refusal}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
    },
    /// The file could not be read or written.
    #[error("cannot {action} '{}': {source}", path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Scope<'_> {
    /// The file; `None` if it depends on a home directory or prefix that there is not.
    pub fn path(&self, home: Option<&Path>, target_prefix: Option<&Path>, cwd: &Path) -> Option<PathBuf> {
        match self {
            Self::User => home.map(|home| home.join(".condarc")),
            Self::Environment => target_prefix.map(|prefix| prefix.join(".condarc")),
            Self::System => Some(PathBuf::from("/etc/conda/.condarc")),
            Self::File(path) => Some(absolute(&expand_home(path, home), cwd)),
        }
    }
}

/// Applies changes to a file, all or none; a file that is missing is made. See [`edit_text`].
///
/// # Errors
/// A change is refused, or the file cannot be read or written.
pub fn edit_file(path: &Path, changes: &[Change<'_>]) -> Result<(), EditError> {
    let before = read(path)?;
    let refused = |refusal| EditError::Refused { path: path.to_owned(), refusal: placed(refusal, path) };
    let after = edit_text(before.as_deref().unwrap_or_default(), changes).map_err(refused)?;
    if before.as_deref() == Some(&after) {
        return Ok(());
    }
    let failed = |source| EditError::Io { action: "write", path: path.to_owned(), source };
    write_atomically(path, after.as_bytes(), false).map_err(failed)
}

/// What a file holds for a key, as YAML; without a key all of it. See [`get`].
///
/// # Errors
/// The key is not in the file (or there is no file), or it cannot be read.
pub fn get_from_file(path: &Path, key: Option<&str>) -> Result<String, EditError> {
    let text = read(path)?.unwrap_or_default();
    get(&text, key)
        .map_err(|refusal| EditError::Refused { path: path.to_owned(), refusal: placed(refusal, path) })
}

fn read(path: &Path) -> Result<Option<String>, EditError> {
    Disk.read(path).map_err(|source| EditError::Io { action: "read", path: path.to_owned(), source })
}

/// Names the file where the refusal is about it and not about what was asked.
fn placed(refusal: Refusal, path: &Path) -> Refusal {
    match refusal {
        Refusal::NotYaml { why } => Refusal::NotYaml { why: format!("{}: {why}", path.display()) },
        refusal => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Section 4, "config": the places.
    #[test]
    fn places() {
        let of = |scope: Scope<'_>, home: Option<&str>| {
            scope.path(home.map(Path::new), Some(Path::new("/p")), Path::new("/w"))
        };
        assert_eq!(of(Scope::User, Some("/h")).unwrap(), Path::new("/h/.condarc"));
        assert_eq!(of(Scope::User, None), None);
        assert_eq!(of(Scope::Environment, None).unwrap(), Path::new("/p/.condarc"));
        assert_eq!(of(Scope::System, None).unwrap(), Path::new("/etc/conda/.condarc"));
        assert_eq!(of(Scope::File("~/x"), Some("/h")).unwrap(), Path::new("/h/x"));
        assert_eq!(of(Scope::File("x"), None).unwrap(), Path::new("/w/x"));
    }

    #[test]
    fn a_file_is_made_changed_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/.condarc");
        assert!(matches!(
            get_from_file(&path, Some("json")),
            Err(EditError::Refused { refusal: Refusal::Absent, .. })
        ));
        edit_file(&path, &[Change::Set("json", "true"), Change::Append("channels", "a")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "json: true\nchannels:\n  - a\n");
        let both = [Change::Set("json", "false"), Change::Set("offline", "maybe")];
        assert!(edit_file(&path, &both).is_err());
        assert_eq!(get_from_file(&path, Some("json")).unwrap(), "json: true\n");
        fs::write(&path, "a: [").unwrap();
        let error = edit_file(&path, &[Change::Set("json", "true")]).unwrap_err().to_string();
        assert!(error.contains(".condarc: "), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: [");
    }
}
