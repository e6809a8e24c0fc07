//! Package archives: `.conda` and `.tar.bz2`, read as streams and never unpacked.

mod conda_zip;
mod metadata;
mod source;
mod tar_reader;
#[cfg(test)]
mod tar_tests;

pub use metadata::PackageMetadata;
pub use source::Archive;
pub(crate) use source::{Part, READ_BUFFER, ReadSeek, Source};
pub(crate) use tar_reader::damaged;
pub use tar_reader::{EntryKind, TarEntry, TarReader};
