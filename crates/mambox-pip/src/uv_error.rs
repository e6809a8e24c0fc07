//! Why there is no uv.

use std::path::PathBuf;

use thiserror::Error;

/// How to get it.
const GET: &str = "install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in \
                   PATH, or name it with --uv PATH or MAMBOX_UV";

/// Why there is no uv to resolve pip packages with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UvError {
    /// No program of that name.
    #[error("pip packages are resolved with uv, which is not in PATH: {GET}")]
    NotFound,
    /// The one that was asked for is not there.
    #[error("there is no program {}, which --uv or MAMBOX_UV names; {GET}", path.display())]
    NoProgram {
        /// As given.
        path: PathBuf,
    },
    /// It cannot be run, or does not say what it is.
    #[error("{} does not tell its version ({said}), so that it is no uv that works; {GET}", path.display())]
    Broken {
        /// The program.
        path: PathBuf,
        /// What the system or the program said.
        said: String,
    },
    /// Before pylock.toml.
    #[error("{} is uv {version}, and {least} is the oldest that works; {GET}", path.display())]
    TooOld {
        /// The program.
        path: PathBuf,
        /// Its version.
        version: String,
        /// The least version.
        least: String,
    },
}
