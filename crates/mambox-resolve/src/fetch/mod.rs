//! Gets the archives that a lock names, each verified before anything else sees it.

mod download;
mod error;
mod fetcher;
mod local;
mod wanted;

pub use error::FetchError;
pub(crate) use fetcher::Fetcher;
pub use fetcher::{FetchedFile, FetchedPackage};
pub(crate) use wanted::{Fetched, Wanted};
