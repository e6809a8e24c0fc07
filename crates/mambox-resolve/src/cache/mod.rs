//! The package cache on disk.
//!
//! ```text
//! packages/sha256/<hex>/<file name>   an archive whose bytes have that sha256
//! packages/md5/<hex>                  the sha256 of the archive with that md5
//! packages/incoming/…                 archives being written; their writers hold a lock on them
//! packages/verified.json              what local files held when they were last read whole
//! ```
//!
//! A file becomes visible by a rename, after its hash was checked and its bytes reached the disk. Several
//! processes may share a cache: the worst that happens is that two of them download the same archive.

mod error;
mod incoming;
mod prune;
mod store;
mod verified;

pub use error::CacheError;
pub(crate) use incoming::Incoming;
pub use prune::{CacheInfo, Pruned};
pub use store::PackageCache;
pub(crate) use verified::{Hashes, VerifiedFiles};
