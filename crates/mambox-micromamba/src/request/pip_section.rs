//! Requirements for pip, and the folder that relative ones start from.

use std::path::PathBuf;

/// One `pip:` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PipSection {
    /// Lines of a requirements file.
    pub(crate) requirements: Vec<String>,
    /// The folder of the file that they are from; the current one for a file of the network.
    pub(crate) folder: PathBuf,
    /// Whether they are exact, with all that they depend on: pip must add nothing.
    pub(crate) locked: bool,
}
