//! Why a package could not be fetched.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::{cache::CacheError, network_error::NetworkError};

/// Why a package's archive is not at hand. URLs are masked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server or the way to it.
    #[error("cannot download {package}: {source}")]
    Network {
        /// The package's file name.
        package: String,
        /// What went wrong.
        source: NetworkError,
    },
    /// The channel does not have it any more.
    #[error(
        "{package} is not in its channel any more ({url} was not found). Lock again, or name a mirror that has it"
    )]
    Gone {
        /// The package's file name.
        package: String,
        /// Where it should be.
        url: String,
    },
    /// The bytes are not those that the lock names.
    #[error(
        "{package} has the wrong {algorithm}: expected {expected}, but {url} has {actual}. The file was replaced or \
         damaged: if the channel changed, lock again; otherwise do not trust it"
    )]
    WrongHash {
        /// The package's file name.
        package: String,
        /// Where the bytes came from.
        url: String,
        /// `sha256` or `md5`.
        algorithm: &'static str,
        /// From the lock.
        expected: String,
        /// Of the bytes.
        actual: String,
    },
    /// Fewer or more bytes than the lock names.
    #[error("{package} has the wrong size: expected {expected} bytes, but {url} {}. {}", got(*actual, *expected), size_hint(*actual, *expected))]
    WrongSize {
        /// The package's file name.
        package: String,
        /// Where the bytes came from.
        url: String,
        /// From the lock.
        expected: u64,
        /// As received; what lies beyond the expected size is not read.
        actual: u64,
    },
    /// Without a declared size there is still a bound.
    #[error("{package} is larger than {most} bytes, which no package is ({url})")]
    TooLarge {
        /// The package's file name.
        package: String,
        /// Where the bytes came from.
        url: String,
        /// The bound.
        most: u64,
    },
    /// A package of a local channel is not there.
    #[error(
        "{package} is not at {path}, nor in the cache. Name the folder of its channel with -c, or lock again"
    )]
    Missing {
        /// The package's file name.
        package: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A package of a local channel cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The archive.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The URL is of no use.
    #[error("cannot download {package}: {url} is no http, https, oci or file URL")]
    Scheme {
        /// The package's file name.
        package: String,
        /// The URL.
        url: String,
    },
    /// The cache folder.
    #[error("cannot store {package}: {source}")]
    Cache {
        /// The package's file name.
        package: String,
        /// What went wrong.
        source: CacheError,
    },
}

fn got(actual: u64, expected: u64) -> String {
    if actual > expected { "has more".to_owned() } else { format!("gave {actual}") }
}

fn size_hint(actual: u64, expected: u64) -> &'static str {
    if actual > expected {
        "The file was replaced: lock again if the channel changed"
    } else {
        "The file is truncated: try again, or copy it anew if it is local"
    }
}
