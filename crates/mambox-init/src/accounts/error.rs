//! Why an account cannot be made.

use std::io;
use std::path::PathBuf;

/// Why an account cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// Account files belong to root.
    #[error("only root can make accounts: put USER root before this RUN in the Dockerfile")]
    NotRoot,
    /// A name that account files or paths cannot hold.
    #[error(
        "MAMBA_USER={name:?} cannot be a user's name: \
         choose at most 32 letters, digits, '_', '-' and '.', a letter or '_' first"
    )]
    Name {
        /// The name at fault.
        name: String,
    },
    /// An id that is none.
    #[error("{variable}={value:?} is no id: choose a number from 0 to 4294967294")]
    Id {
        /// The variable that holds it.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The name is there, with another id.
    #[error(
        "{file}: '{name}' is there already, with id {found} and not {wanted}: \
         set {variable}={found}, or choose another MAMBA_USER"
    )]
    NameTaken {
        /// The account file.
        file: &'static str,
        /// The name of the user or group.
        name: String,
        /// The id that the file gives it.
        found: String,
        /// The id asked for.
        wanted: u32,
        /// The variable that asks for it.
        variable: &'static str,
    },
    /// The id is there, under another name.
    #[error(
        "{file}: id {id} belongs to '{owner}' already: \
         choose another {variable}, or remove '{owner}' before"
    )]
    IdTaken {
        /// The account file.
        file: &'static str,
        /// The id asked for.
        id: u32,
        /// Whose it is.
        owner: String,
        /// The variable that asks for it.
        variable: &'static str,
    },
    /// A file cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl AccountError {
    /// For `map_err`: what was tried, and on which file.
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
