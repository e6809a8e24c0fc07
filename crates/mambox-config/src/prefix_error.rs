//! Why no prefix could be chosen; the words are micromamba's where others look for them.

/// Why no prefix could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// `-p` and `-n` together.
    #[error("Cannot set both prefix and name: leave out either -p {prefix} or -n {name}")]
    Both {
        /// Of `-p`.
        prefix: String,
        /// Of `-n`.
        name: String,
    },
    /// A name that is a path.
    #[error("Cannot use '{name}' as an environment name: a path is given with -p, not -n")]
    BadName {
        /// The name.
        name: String,
    },
    /// Nothing says which environment.
    #[error("No target prefix specified: give -n NAME or -p PATH")]
    NoTarget,
    /// The root prefix would lie in the home directory, and there is none.
    #[error("HOME not set. Set it, or give the root prefix with -r or MAMBA_ROOT_PREFIX")]
    NoHome,
}
