//! Root file systems: folders and tars without layers or configuration.

mod flatten;
mod read;
mod unpack;
mod write;

pub(crate) use read::read;
pub use unpack::unpack;
pub(crate) use write::write;
