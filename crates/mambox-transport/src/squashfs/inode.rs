//! Inodes: one record for each file, folder, link and pipe.

use std::io;

use super::block::Placed;
use super::data::{FileBlock, FileData};
use super::format::NONE;
use super::metadata::Position;

/// Types as folders list them; an inode's own type adds [`EXTENDED`] where the short record is too small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Type {
    Folder = 1,
    File = 2,
    Symlink = 3,
    Fifo = 6,
}

const EXTENDED: u16 = 7;

/// What all inodes have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) mode: u32,
    /// Seconds since the epoch.
    pub(super) mtime: u64,
    pub(super) number: u32,
    /// How many names it has; for a folder, two and its folders.
    pub(super) links: u32,
}

impl Common {
    fn begin(&self, kind: u16) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend(kind.to_le_bytes());
        bytes.extend((self.mode as u16 & 0o7777).to_le_bytes());
        // The owner and the group, as places in the table of ids, which holds root alone.
        bytes.extend([0; 4]);
        bytes.extend(u32::try_from(self.mtime).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes
    }

    /// A symbolic link.
    pub(super) fn symlink(&self, target: &[u8]) -> Vec<u8> {
        let mut bytes = self.begin(Type::Symlink as u16);
        bytes.extend(self.links.to_le_bytes());
        bytes.extend((target.len() as u32).to_le_bytes());
        bytes.extend_from_slice(target);
        bytes
    }

    /// A pipe.
    pub(super) fn fifo(&self) -> Vec<u8> {
        let mut bytes = self.begin(Type::Fifo as u16);
        bytes.extend(self.links.to_le_bytes());
        bytes
    }

    /// A folder whose listing of `length` bytes is at a position of the directory table.
    pub(super) fn folder(&self, listing: Position, length: usize, parent: u32) -> io::Result<Vec<u8>> {
        // Readers take `.` and `..` for three bytes of it.
        let length = u32::try_from(length + 3).map_err(|_| io::Error::other("a folder is too large"))?;
        let Ok(short) = u16::try_from(length) else {
            let mut bytes = self.begin(Type::Folder as u16 + EXTENDED);
            for word in [self.links, length, listing.block, parent] {
                bytes.extend(word.to_le_bytes());
            }
            // No index into the listing.
            bytes.extend(0u16.to_le_bytes());
            bytes.extend(listing.offset.to_le_bytes());
            bytes.extend(NONE.to_le_bytes());
            return Ok(bytes);
        };
        let mut bytes = self.begin(Type::Folder as u16);
        bytes.extend(listing.block.to_le_bytes());
        bytes.extend(self.links.to_le_bytes());
        bytes.extend(short.to_le_bytes());
        bytes.extend(listing.offset.to_le_bytes());
        bytes.extend(parent.to_le_bytes());
        Ok(bytes)
    }

    /// A regular file of `size` bytes.
    pub(super) fn file(&self, size: u64, data: &FileData, placed: &[Placed]) -> Vec<u8> {
        let place = |block: &FileBlock| match block {
            FileBlock::At(number) => placed.get(number.0).copied(),
            FileBlock::Hole => None,
        };
        let start = data.blocks.iter().find_map(place).map_or(0, |placed| placed.start);
        let (fragment, offset) = data.fragment.unwrap_or((NONE, 0));
        let mut bytes = match (u32::try_from(start), u32::try_from(size)) {
            (Ok(start), Ok(size)) if self.links == 1 && data.holes == 0 => {
                let mut bytes = self.begin(Type::File as u16);
                for word in [start, fragment, offset, size] {
                    bytes.extend(word.to_le_bytes());
                }
                bytes
            }
            _ => {
                let mut bytes = self.begin(Type::File as u16 + EXTENDED);
                for long in [start, size, data.holes] {
                    bytes.extend(long.to_le_bytes());
                }
                for word in [self.links, fragment, offset, NONE] {
                    bytes.extend(word.to_le_bytes());
                }
                bytes
            }
        };
        for block in &data.blocks {
            bytes.extend(place(block).map_or(0, |placed| placed.size).to_le_bytes());
        }
        bytes
    }
}
