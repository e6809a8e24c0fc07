//! What is to be resolved.

use std::collections::BTreeMap;
use std::path::Path;

use mambox_env::WheelTarget;

use crate::installed::Installed;

/// Requirements, and all that counts for resolving them. Nothing else of the machine is read, but uv's own
/// configuration.
#[derive(Debug, Clone, Copy)]
pub struct PipRequest<'a> {
    /// The environment file, for messages.
    pub file: &'a str,
    /// Lines as in pip's requirements files: requirements, and options such as `-r` and `--index-url`.
    pub requirements: &'a [String],
    /// Where relative paths start; uv runs there.
    pub folder: &'a Path,
    /// Python, platform and C library of the image.
    pub target: &'a WheelTarget,
    /// What is there already, and stays as it is.
    pub installed: &'a [Installed],
    /// Whether nothing may be built: neither now, for metadata, nor later, for a wheel.
    pub no_build: bool,
    /// The command's environment; uv gets it, and `${NAME}` in requirements is taken from it. `PATH` has to lead to some
    /// python, and to git where requirements name repositories.
    pub variables: &'a BTreeMap<String, String>,
    /// Where uv may keep what it downloads (in `uv` below it). Temporary files are here as well.
    pub cache_dir: &'a Path,
    /// Whether the network is out of bounds.
    pub offline: bool,
}
