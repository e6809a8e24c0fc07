//! Why an account cannot be made.

use std::io;
use std::path::PathBuf;

/// Why an account cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// Account files belong to root.
    #[error("only root can make accounts: put USER root before this RUN in the Dockerfile")]
    NotRoot,
    /// An account that cannot be.
    #[error(transparent)]
    Account(#[from] mambox_accounts::AccountError),
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
