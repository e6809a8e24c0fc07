//! How SIF files are written.

use mambox_oci::Compression;

/// Settings of SIF outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SifSettings {
    /// How blocks of the SquashFS partition are packed; it decides the file's bytes.
    pub compression: Compression,
    /// Threads that pack; 0 for all cores. It does not change a byte.
    pub threads: usize,
}

impl SifSettings {
    /// The number of threads.
    pub(crate) fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

impl Default for SifSettings {
    fn default() -> Self {
        Self { compression: Compression::ZSTD, threads: 0 }
    }
}
