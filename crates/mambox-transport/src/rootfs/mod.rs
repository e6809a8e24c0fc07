//! Root file systems: folders and tars without layers or configuration.

mod flatten;
mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;
