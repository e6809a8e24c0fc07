//! Why a package lies where it lies.

use std::fmt;

/// The explanation of one package's place, for `mambox plan --explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Whom it shares its layer with.
    pub share: Share,
    /// Whether it is one of the packages that are released often, which lie above others.
    pub is_often: bool,
}

/// Why a package has a layer of its own, or which one it shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
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
        layer: usize,
        /// How many shared layers there are at most.
        layers: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { share, is_often } = self;
        match share {
            Share::Fits { packages, max_layers } => {
                write!(f, "a layer of its own, as {packages} packages fit into {max_layers} layers")?;
            }
            Share::Large { size, kept } => {
                write!(f, "a layer of its own, as its {size} bytes are among the {kept} largest packages")?;
            }
            Share::Shared { layer, layers } if *is_often => {
                return write!(
                    f,
                    "shared layer {layer} of {layers}, for small packages that are released often"
                );
            }
            Share::Shared { layer, layers } => {
                return write!(
                    f,
                    "shared layer {layer} of {layers}, chosen by the hash of its name; a change moves no other package"
                );
            }
        }
        f.write_str(if *is_often {
            "; above others, as it is released often"
        } else {
            "; larger ones lie below"
        })
    }
}
