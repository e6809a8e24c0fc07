//! Docker's archives: what `docker save` writes and `docker load` reads.

mod manifest;
mod read;
mod write;

pub(crate) use manifest::ManifestItem;
pub(crate) use read::read;
pub(crate) use write::write;
