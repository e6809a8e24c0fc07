//! Tables that are packed in blocks of 8 KiB.

use std::io;

use mambox_oci::Compression;

use super::compressor::Compressor;
use super::format::{METADATA_PLAIN, METADATA_SIZE};

/// A place in a table: where its block begins, packed, and how far into the block, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) block: u32,
    pub(super) offset: u16,
}

impl Position {
    /// How the superblock names an inode.
    pub(super) fn reference(self) -> u64 {
        u64::from(self.block) << 16 | u64::from(self.offset)
    }
}

/// A table in the making.
pub(super) struct Metadata {
    compressor: Compressor,
    packed: Vec<u8>,
    /// Where blocks begin.
    blocks: Vec<u64>,
    block: Vec<u8>,
}

impl Metadata {
    pub(super) fn new(compression: Compression) -> io::Result<Self> {
        let compressor = Compressor::new(compression)?;
        Ok(Self { compressor, packed: Vec::new(), blocks: Vec::new(), block: Vec::new() })
    }

    /// Where the next byte goes. Fails for a table that is larger than places can say.
    pub(super) fn position(&self) -> io::Result<Position> {
        let block = u32::try_from(self.packed.len());
        let block = block.map_err(|_| io::Error::other("the file system has too many files"))?;
        Ok(Position { block, offset: self.block.len() as u16 })
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let fits = bytes.len().min(METADATA_SIZE - self.block.len());
            self.block.extend_from_slice(&bytes[..fits]);
            bytes = &bytes[fits..];
            if self.block.len() == METADATA_SIZE {
                self.close()?;
            }
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        self.blocks.push(self.packed.len() as u64);
        let (bytes, mark) = match self.compressor.pack(&self.block)? {
            Some(packed) => (packed, 0),
            None => (self.block.as_slice(), METADATA_PLAIN),
        };
        self.packed.extend((bytes.len() as u16 | mark).to_le_bytes());
        self.packed.extend_from_slice(bytes);
        self.block.clear();
        Ok(())
    }

    /// The table's bytes, and where in them the blocks begin.
    pub(super) fn finish(mut self) -> io::Result<(Vec<u8>, Vec<u64>)> {
        if !self.block.is_empty() {
            self.close()?;
        }
        Ok((self.packed, self.blocks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_name_the_packed_block_and_the_unpacked_offset() {
        let mut table = Metadata::new(Compression::None).unwrap();
        table.write(&[1; METADATA_SIZE - 1]).unwrap();
        assert_eq!(table.position().unwrap(), Position { block: 0, offset: 8191 });
        table.write(&[2; 3]).unwrap();
        assert_eq!(table.position().unwrap(), Position { block: 8194, offset: 2 });
        assert_eq!(table.position().unwrap().reference(), 8194 << 16 | 2);
        let (bytes, blocks) = table.finish().unwrap();
        assert_eq!((bytes.len(), blocks), (8194 + 4, vec![0, 8194]));
        assert_eq!(bytes[..2], (8192u16 | METADATA_PLAIN).to_le_bytes());
    }
}
