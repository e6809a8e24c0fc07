//! OCI image layouts (image-spec, image-layout.md), as folders and in archives.

mod archive;
mod choose;
mod pieces;
mod read;
mod write;

pub(crate) use archive::{FOLDERS, members as archive_members, write as write_archive};
pub(crate) use choose::{IMAGE_NAME, REF_NAME};
pub(crate) use pieces::{Piece, full_names};
pub(crate) use read::{MAX_CONFIG, MAX_MANIFEST, blob_name, read};
pub(crate) use write::{holds, write};
