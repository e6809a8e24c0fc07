//! What goes wrong while images are read and written.

use std::io;
use std::path::{Path, PathBuf};

use mambox_oci::{ImageError, Platform};

use crate::{EngineError, InvalidReference, RegistryError};

/// A failure to read or to write an image; each names the file or reference at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// A text that is no reference.
    #[error(transparent)]
    Reference(#[from] InvalidReference),
    /// The file system refused.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// A verb: `read`, `write`, ….
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The target's disk is full.
    #[error(
        "no space left to write {path}: about {mib} MiB are needed there; make room or choose another folder",
        path = path.display(), mib = needed.div_ceil(1 << 20)
    )]
    DiskFull {
        /// The target.
        path: PathBuf,
        /// The bytes that the whole output takes.
        needed: u64,
    },
    /// There is something else at a path.
    #[error("{path} is {found}; {hint}", path = path.display())]
    NotAnImage {
        /// The file or folder.
        path: PathBuf,
        /// What it looks like.
        found: String,
        /// What would do.
        hint: &'static str,
    },
    /// A file breaks its format's rules, or lies.
    #[error("{path}: {problem}", path = path.display())]
    Malformed {
        /// The file or folder.
        path: PathBuf,
        /// Which rule, with the member at fault.
        problem: String,
    },
    /// A name that a layout or archive does not have, or none given where there are several images.
    #[error("{path} {problem}; it holds {}", listed(known), path = path.display())]
    Choose {
        /// The file or folder.
        path: PathBuf,
        /// `has no image named …`, `holds several images; name one`.
        problem: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// No image for the wanted platform.
    #[error("{reference} has no image for {wanted}; it has {}", listed(known))]
    NoPlatform {
        /// The reference.
        reference: String,
        /// What was asked for.
        wanted: Platform,
        /// What there is.
        known: Vec<String>,
    },
    /// The parts do not make an image.
    #[error("{reference}: {source}")]
    Image {
        /// The reference or file.
        reference: String,
        /// What is wrong.
        source: ImageError,
    },
    /// An output format cannot hold what it was given.
    #[error("{0}")]
    Unsupported(String),
    /// A registry failed.
    #[error(transparent)]
    Registry(Box<RegistryError>),
    /// A container engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Nobody waits for the result any more.
    #[error("interrupted")]
    Cancelled,
    /// A worker thread died.
    #[error("a worker thread stopped unexpectedly while working on {0}; this is a defect of mambox")]
    Worker(String),
}

impl From<RegistryError> for TransportError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(Box::new(error))
    }
}

impl TransportError {
    /// For `map_err`: names the path at which the file system refused.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| match source.kind() {
            // A blob or member that is not what it says is a flaw of the file, not of the disk.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Self::Malformed { path, problem: source.to_string() }
            }
            io::ErrorKind::Interrupted => Self::Cancelled,
            _ => Self::Io { action, path, source },
        }
    }

    /// For `map_err` while writing `needed` bytes to `path`: a full disk is told apart.
    pub(crate) fn writing(path: impl AsRef<Path>, needed: u64) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, needed },
            _ => Self::io("write", path)(source),
        }
    }

    /// A flaw of a file.
    pub(crate) fn malformed(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::Malformed { path: path.as_ref().to_path_buf(), problem: problem.into() }
    }
}

/// The names for a message: the first few, since a hostile file may hold any number of any length.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    if names.is_empty() {
        return "none".into();
    }
    let short = |name: &String| -> String { name.chars().filter(|c| !c.is_control()).take(200).collect() };
    let mut text = names.iter().take(SHOWN).map(short).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}
