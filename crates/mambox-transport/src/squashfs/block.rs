//! Where blocks came to lie.

use super::format::DATA_PLAIN;

/// A data or fragment block on its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    /// Bytes from the superblock's beginning.
    pub(super) start: u64,
    /// Bytes there, with the mark of a block that is stored plain.
    pub(super) size: u32,
}

impl Placed {
    pub(super) fn new(start: u64, stored: usize, plain: bool) -> Self {
        // A block has at most 128 KiB.
        Self { start, size: stored as u32 | if plain { DATA_PLAIN } else { 0 } }
    }
}

/// A block's number in the order of their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockNumber(pub(super) usize);
