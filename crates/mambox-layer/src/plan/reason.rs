//! Why a package lies where it lies.

use std::fmt;

/// The explanation of one package's place, for `mambox plan --explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// All packages fit into layers of their own.
    Fits {
        /// Packages of the environment.
        packages: usize,
        /// Layers that may be used.
        max_layers: usize,
    },
    /// One of the largest packages, which keep a layer each.
    Large {
        /// Bytes of the archive.
        size: u64,
        /// How many packages keep their own layer.
        kept: usize,
    },
    /// One of the smaller packages, which share layers by a hash of their name.
    Shared {
        /// Number of the shared layer, from 1.
        bucket: usize,
        /// How many shared layers there are at most.
        buckets: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fits { packages, max_layers } => {
                write!(f, "a layer of its own, as {packages} packages fit into {max_layers} layers")
            }
            Self::Large { size, kept } => {
                write!(f, "a layer of its own, as its {size} bytes are among the {kept} largest packages")
            }
            Self::Shared { bucket, buckets } => {
                write!(
                    f,
                    "shared layer {bucket} of {buckets}, chosen by the hash of its name; a change moves no other package"
                )
            }
        }
    }
}
