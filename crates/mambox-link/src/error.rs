//! What is wrong with a package's paths, or with the environment's python.

/// An error of this crate; it does not know the package's name, which the caller adds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A path that would leave the prefix, or that no package may hold.
    #[error("holds the path '{path}', which {why}; this package is not to be trusted")]
    Path {
        /// The path, with control characters escaped.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },

    /// The version of the environment's python tells no major and minor number.
    #[error(
        "python's version '{version}' has no major and minor number, so noarch packages have no place to go"
    )]
    PythonVersion {
        /// The version as its record has it.
        version: String,
    },
}

impl LinkError {
    pub(crate) fn path(path: &str, why: &'static str) -> Self {
        Self::Path { path: printable(path), why }
    }
}

/// A path as it may be shown on a terminal.
pub fn printable(path: &str) -> String {
    path.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}
