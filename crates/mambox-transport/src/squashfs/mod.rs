//! A tree as a SquashFS 4.0 file system, written in one stream (Linux, Documentation/filesystems/squashfs.rst).
//!
//! Our own writer, since contents come from compressed streams that can be read forwards only, blocks have to
//! be packed on all cores with the same result for any number of them, and nothing may be kept but tables. It
//! writes what container images have: folders, files, symbolic and hard links, pipes; all owned by root, as
//! `mksquashfs -all-root` does. No extended attributes, no export table, no duplicates looked for.

mod block;
mod compressor;
mod data;
mod directory;
mod format;
mod inode;
mod metadata;
mod pipeline;
mod tables;
mod write;

pub(crate) use data::DataWriter;
pub(crate) use write::{Options, write};
