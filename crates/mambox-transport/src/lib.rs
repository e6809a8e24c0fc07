//! Where images come from and where they go: layouts, archives, registries, engines, root file systems.
//!
//! [`read`] turns a [`Reference`] into an [`mambox_oci::Image`] whose layers are read lazily; [`write()`]
//! brings [`Contents`] to an [`Output`]. The crate knows no conda, and reads neither environment
//! variables nor the home directory: the command fills a [`Transport`] with what it found there.

mod contents;
mod docker_archive;
mod engine;
mod error;
mod files;
mod job;
mod layout;
mod lookup;
mod made;
mod output;
mod probe;
mod read;
mod recode;
mod reference;
mod registry;
mod rootfs;
mod sif;
mod spelling;
mod squashfs;
mod transport;
mod tree;
mod write;

pub use contents::Contents;
pub use engine::{EngineChoice, EngineError, EngineSettings};
pub use error::TransportError;
pub use lookup::{FoundFile, Wanted, facts, find_files};
pub use output::Output;
pub use read::read;
pub use recode::recode;
pub use reference::Reference;
pub use registry::{
    BlobCache, InvalidName, Proxies, PushSummary, Registry, RegistryBlob, RegistryError, RegistryReference,
    RegistrySettings, Tally, UploadQueue, Uploads, tags,
};
pub use rootfs::unpack;
pub use sif::SifSettings;
pub use spelling::InvalidReference;
pub use transport::Transport;
pub use write::write;
