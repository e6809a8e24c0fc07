//! How packages become layers.

use std::num::NonZeroUsize;

use clap::Args;
use mambox_build::{DEFAULT_MAX_LAYERS, LayerRequest, SlimPolicies};
use mambox_oci::Compression;

use crate::project_file::ProjectFile;
use crate::values::Switch;

#[derive(Debug, Args)]
#[command(next_help_heading = "Layers")]
pub(crate) struct LayerArgs {
    /// How layers are compressed: gzip, zstd or none, perhaps with a level as in zstd:9 [default: gzip]
    ///
    /// Every engine reads gzip. zstd is smaller and faster, but Docker before 23 does not read it.
    #[arg(long, value_name = "CODEC[:LEVEL]")]
    compression: Option<Compression>,
    /// The most layers for packages; beyond, packages share layers [default: 64]
    #[arg(long, value_name = "N")]
    max_layers: Option<NonZeroUsize>,
    /// Whether Python's compiled files are made for noarch packages [default: on]
    ///
    /// Without them Python compiles such packages in memory at each start. They are made by the environment's own
    /// Python in a sandbox, and left out with a warning where that cannot run.
    #[arg(long, value_name = "WHETHER", value_enum)]
    pyc: Option<Switch>,
    /// What is left out to save space: all, none, or names such as static-libs,headers or all,-docs [default: none]
    ///
    /// Names: debug, docs, headers, pyc-levels, static-libs, tests. A name with - before it is taken away again. Licences
    /// always stay.
    #[arg(long, value_name = "POLICIES")]
    slim: Option<SlimPolicies>,
}

impl LayerArgs {
    /// The request, with the file's settings where the command line is silent.
    pub(crate) fn request(&self, file: &ProjectFile) -> LayerRequest {
        LayerRequest {
            max_layers: self
                .max_layers
                .map(NonZeroUsize::get)
                .or(file.max_layers)
                .unwrap_or(DEFAULT_MAX_LAYERS),
            compression: self.compression.or(file.compression).unwrap_or(Compression::GZIP),
            pyc: self.pyc.or(file.pyc).map(Into::into).unwrap_or_default(),
            slim: self.slim.or(file.slim).unwrap_or_default(),
            ..LayerRequest::default()
        }
    }
}
