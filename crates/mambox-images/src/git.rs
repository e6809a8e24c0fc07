//! What the repository's history says, by the program `git`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::ImagesError;

/// The git repository that holds a folder.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// That of `folder`; whether there is one, the first question shows.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The commit that a reference names, in hexadecimal digits.
    pub fn commit(&self, reference: &str) -> Result<String, ImagesError> {
        let wanted = format!("{reference}^{{commit}}");
        Ok(self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?.trim().to_owned())
    }

    /// The path of a file from the repository's root, in git's form.
    pub fn path(&self, file: &Path) -> Result<String, ImagesError> {
        let prefix = self.git(&["rev-parse", "--show-prefix"])?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(format!("{}{name}", prefix.trim_end_matches('\n')))
    }

    /// A file as it was in a commit; `None` where it was not.
    pub fn file(&self, commit: &str, path: &str) -> Result<Option<String>, ImagesError> {
        let listed = self.git(&["ls-tree", "--full-tree", "--name-only", "-z", commit, "--", path])?;
        match listed.is_empty() {
            true => Ok(None),
            false => self.git(&["show", "--no-textconv", &format!("{commit}:{path}")]).map(Some),
        }
    }

    /// Where the histories of two commits part.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String, ImagesError> {
        Ok(self.git(&["merge-base", one, other])?.trim().to_owned())
    }

    /// The paths that differ between two commits, a renamed file by both names.
    pub fn changed(&self, old: &str, new: &str) -> Result<Vec<String>, ImagesError> {
        let names = self.git(&["diff", "--no-renames", "--name-only", "-z", old, new])?;
        Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Whether there are commits from `old` to `new`, and each has such a trailer.
    pub fn all_have_trailer(&self, old: &str, new: &str, trailer: &str) -> Result<bool, ImagesError> {
        let format = format!("--format=%x01%(trailers:key={trailer},valueonly)");
        let log = self.git(&["log", "--no-merges", &format, &format!("{old}..{new}")])?;
        let mut commits = log.split('\u{1}').skip(1).peekable();
        Ok(commits.peek().is_some() && commits.all(|value| !value.trim().is_empty()))
    }

    fn git(&self, arguments: &[&str]) -> Result<String, ImagesError> {
        let failed = |problem: String| ImagesError::Git { command: arguments.join(" "), problem };
        let mut command = Command::new("git");
        let output = command.arg("-C").arg(&self.folder).args(arguments).output();
        let output = output.map_err(|error| failed(format!("cannot be started: {error}")))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(failed(if words.is_empty() { "there is no such commit".into() } else { words }))
    }
}
