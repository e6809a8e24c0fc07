//! Synthetic conda packages.

mod archive;
mod blob;
mod builder;
mod built;
mod entry;
mod lies;
mod metadata;
mod python;

pub use archive::ArchiveFormat;
pub(crate) use archive::{conda_metadata, conda_zip, zstd_bytes};
pub use blob::{PLACEHOLDER, binary_blob, with_placeholder};
pub use builder::PackageBuilder;
pub use built::BuiltPackage;
