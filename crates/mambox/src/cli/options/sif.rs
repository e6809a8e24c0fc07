//! How SIF files are written.

use clap::Args;
use mambox_oci::Compression;
use mambox_transport::SifSettings;

#[derive(Debug, Default, Args)]
pub(crate) struct SifArgs {
    /// How a SIF file's contents are compressed: zstd, gzip or none, perhaps with a level as in zstd:9 [default: zstd]
    ///
    /// The kernel reads zstd since Linux 4.14, and squashfuse where it was built so; gzip is read everywhere.
    #[arg(long, value_name = "CODEC[:LEVEL]")]
    sif_compression: Option<Compression>,
}

impl SifArgs {
    /// The settings; `threads` pack at the same time.
    pub(crate) fn settings(&self, threads: usize) -> SifSettings {
        let usual = SifSettings::default();
        SifSettings { compression: self.sif_compression.unwrap_or(usual.compression), threads }
    }
}
