//! Where sources are, and what they are.

use std::path::{Path, PathBuf};

use mambox_oci::Digest;

use super::error::SdistProblem;
use super::git::Commit;
use super::walk::{Found, Kind, Skip, walk};

/// More files than this have no honest sources.
pub(super) const MOST_ENTRIES: u64 = 200_000;
/// Nor more bytes.
pub(super) const MOST_BYTES: u64 = 4 << 30;

/// Sources of a distribution; already checked against the lock where that names a hash.
#[derive(Debug)]
pub(crate) enum Sources {
    /// An archive on this machine: `.tar.gz` or `.zip`, told apart by their first bytes.
    Archive {
        /// Where it is.
        path: PathBuf,
        /// Its name, for messages.
        file_name: String,
        /// The folder inside that is to be built.
        subdirectory: Option<String>,
    },
    /// A folder on this machine.
    Folder {
        /// Where it is.
        path: PathBuf,
        /// The folder inside that is to be built.
        subdirectory: Option<String>,
    },
    /// A commit of a git repository, which is checked out when its files are wanted.
    Commit(Commit),
}

impl Sources {
    /// Where they are, for messages; without credentials.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Archive { file_name, .. } => file_name.clone(),
            Self::Folder { path, .. } => path.display().to_string(),
            Self::Commit(commit) => commit.label(),
        }
    }

    /// The folder inside that is to be built.
    pub(super) fn subdirectory(&self) -> Option<&str> {
        match self {
            Self::Archive { subdirectory, .. } | Self::Folder { subdirectory, .. } => subdirectory.as_deref(),
            Self::Commit(commit) => commit.subdirectory(),
        }
    }
}

/// A hash of what the sources are: of an archive its sha256, of a folder paths, kinds, executable bits and contents of
/// what is built (without leftovers of earlier builds and tools, see [`Skip::LEFTOVERS`]), of a commit the commit.
///
/// # Errors
/// [`BuildError::Sdist`] where they cannot be read, are too many or too large, or lead out of the folder.
#[cfg(test)]
pub(super) fn content(sources: &Sources) -> Result<Digest, crate::BuildError> {
    Ok(hash(sources).map_err(|problem| problem.of(sources.label()))?)
}

pub(super) fn hash(sources: &Sources) -> Result<Digest, SdistProblem> {
    match sources {
        Sources::Archive { path, .. } => hash_file(path),
        Sources::Folder { path, subdirectory } => hash_folder(path, subdirectory.as_deref()),
        Sources::Commit(commit) => Ok(Digest::of(format!("git {}", commit.id()).as_bytes())),
    }
}

pub(super) fn hash_folder(folder: &Path, subdirectory: Option<&str>) -> Result<Digest, SdistProblem> {
    let mut text = String::from("folder 2\n");
    for Found { path, kind } in walk(folder, &Skip::LEFTOVERS.and_top(subdirectory))? {
        let (kind, detail) = match kind {
            Kind::Folder => ('d', String::new()),
            Kind::File { executable } => {
                (if executable { 'x' } else { 'f' }, hash_file(&folder.join(&path))?.hex())
            }
            Kind::Link(target) => ('l', Digest::of(target.as_bytes()).hex()),
        };
        // The length keeps a path with a line break from looking like two.
        text.push_str(&format!("{kind} {} {path} {detail}\n", path.len()));
    }
    Ok(Digest::of(text.as_bytes()))
}

pub(super) fn hash_file(path: &Path) -> Result<Digest, SdistProblem> {
    let hashed = crate::package_file::hash_file(path).map_err(SdistProblem::io("cannot read", path))?;
    Ok(hashed.0)
}
