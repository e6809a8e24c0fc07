//! Files on this machine: whole ones, remembered ones, and those inside archives.

pub(crate) mod archive;
mod archive_file;
pub(crate) mod atomic;
mod copy;
pub(crate) mod kind;
pub(crate) mod read_ahead;
pub(crate) mod remember;
pub(crate) mod store;
pub(crate) mod tar_stream;
mod tar_writer;

pub(crate) use archive_file::{write_archive, write_members};
pub(crate) use copy::{copy, copy_layer, read_limited};
