//! What a build needs from its surroundings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
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
    /// Where programs of this machine are found, as in `PATH`: the sandbox is one.
    pub search_path: OsString,
    /// Files that may be the program `mambox-init`, the best first.
    pub entry_programs: Vec<PathBuf>,
    /// Environment variables, for `${NAME}` in the channels of an environment.yml.
    pub variables: BTreeMap<String, String>,
    /// How many layers are made at once; at least 1.
    pub threads: usize,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
}

impl Context {
    /// The same, but for the cache of what builds make: packages and bases are taken from where they are.
    pub(crate) fn with_cache(&self, cache_dir: &Path) -> Self {
        Self {
            cache_dir: cache_dir.into(),
            resolve: self.resolve.clone(),
            transport: self.transport.clone(),
            search_path: self.search_path.clone(),
            entry_programs: self.entry_programs.clone(),
            variables: BTreeMap::new(),
            threads: self.threads,
            reporter: self.reporter.clone(),
        }
    }

    /// The listener.
    pub fn on(&self) -> &dyn Reporter {
        &*self.reporter
    }
}
