//! The compressors of layers, pinned: the same bytes for the same tar, on any machine and any number of threads.

mod blocks;
mod compression;
mod encoder;
mod pack;
mod pool;

pub use compression::{Compression, InvalidCompression};
pub use encoder::{Encoded, Encoder};
pub use pool::Compressors;
