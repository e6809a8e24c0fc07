//! What a build needs from its surroundings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mambox_progress::Reporter;
use mambox_resolve::Settings;
use mambox_transport::Transport;

/// Caches, network and listener, handed in by the command: the library asks no environment.
pub struct Context {
    /// `$XDG_CACHE_HOME/mambox`.
    pub cache_dir: PathBuf,
    /// Channels and downloads.
    pub resolve: Settings,
    /// Bases and outputs.
    pub transport: Transport,
    /// Environment variables, for `${NAME}` in the channels of an environment.yml.
    pub variables: BTreeMap<String, String>,
    /// How many layers are made at once; at least 1.
    pub threads: usize,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
}

impl Context {
    /// The listener.
    pub fn on(&self) -> &dyn Reporter {
        &*self.reporter
    }
}
