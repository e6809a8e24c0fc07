//! Settings that every transport shares.

use std::path::PathBuf;

use mambox_oci::Compression;

use crate::{EngineSettings, RegistrySettings, SifSettings};

/// What reading and writing need to know besides the reference; the command fills it.
#[derive(Debug, Clone)]
pub struct Transport {
    /// A folder for blobs and for what was learnt of files; without one, temporary files serve.
    /// Several processes may share it, and nothing read from it is trusted unverified.
    pub cache_dir: Option<PathBuf>,
    /// How layers are compressed that this crate makes itself: from a root file system, or where an
    /// output cannot hold what the image has.
    pub compression: Compression,
    /// How many blobs are transferred or copied at a time.
    pub concurrency: usize,
    /// Whether the network is out of bounds (an engine's socket and loopback registries included).
    pub offline: bool,
    /// Credentials, mirrors, certificates.
    pub registry: RegistrySettings,
    /// Where the engines are.
    pub engine: EngineSettings,
    /// How SIF files are written.
    pub sif: SifSettings,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            cache_dir: None,
            compression: Compression::GZIP,
            concurrency: 4,
            offline: false,
            registry: RegistrySettings::default(),
            engine: EngineSettings::default(),
            sif: SifSettings::default(),
        }
    }
}
