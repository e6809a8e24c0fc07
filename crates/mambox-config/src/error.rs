//! What stops loading.

use std::path::PathBuf;

/// Why configuration could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `--rc-file` and `--no-rc` together.
    #[error("Configuration files disabled by --no-rc flag: leave out either --no-rc or --rc-file")]
    RcFilesDisabled,
    /// A file of `--rc-file` is not there.
    #[error("Configuration file specified but does not exist at '{}'", path.display())]
    RcFileMissing {
        /// The file.
        path: PathBuf,
    },
    /// conda's two names for one key.
    #[error("CONDA_ENVS_DIRS and CONDA_ENVS_PATH are both set: unset one of them")]
    EnvsDirsTwice,
}
