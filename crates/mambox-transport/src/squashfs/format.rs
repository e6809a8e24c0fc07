//! Numbers of the format, and the superblock.

use mambox_oci::Compression;

/// Bytes of a data block: the usual 128 KiB, which every reader knows.
pub(super) const BLOCK_SIZE: usize = 1 << BLOCK_LOG;
const BLOCK_LOG: u16 = 17;
/// Bytes of a metadata block before packing.
pub(super) const METADATA_SIZE: usize = 8192;
pub(super) const SUPERBLOCK_SIZE: usize = 96;
/// What stands for "there is none": a fragment, an attribute, a table.
pub(super) const NONE: u32 = u32::MAX;
/// In a data block's size: stored as it is.
pub(super) const DATA_PLAIN: u32 = 1 << 24;
/// In a metadata block's size: stored as it is.
pub(super) const METADATA_PLAIN: u16 = 1 << 15;
/// A file system ends at a multiple of this, so that it can be a device.
pub(super) const DEVICE_BLOCK: u64 = 4096;

const MAGIC: u32 = 0x7371_7368;
const VERSION: (u16, u16) = (4, 0);
/// No attributes; the compressor has options.
const NO_XATTRS: u16 = 0x200;
const COMPRESSOR_OPTIONS: u16 = 0x400;

/// What the superblock says beyond constants; places are bytes from its beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Superblock {
    pub(super) inodes: u32,
    /// Seconds since the epoch.
    pub(super) time: u32,
    pub(super) fragments: u32,
    pub(super) compression: Compression,
    pub(super) root: u64,
    pub(super) size: u64,
    pub(super) id_table: u64,
    pub(super) inode_table: u64,
    pub(super) directory_table: u64,
    pub(super) fragment_table: u64,
}

impl Superblock {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SUPERBLOCK_SIZE);
        let options = if compressor_options(self.compression).is_some() { COMPRESSOR_OPTIONS } else { 0 };
        for word in [MAGIC, self.inodes, self.time, BLOCK_SIZE as u32, self.fragments] {
            bytes.extend(word.to_le_bytes());
        }
        let compressor = compressor_number(self.compression);
        // One owner: root.
        for half in [compressor, BLOCK_LOG, NO_XATTRS | options, 1, VERSION.0, VERSION.1] {
            bytes.extend(half.to_le_bytes());
        }
        let tables = [self.inode_table, self.directory_table, self.fragment_table];
        for long in [self.root, self.size, self.id_table, u64::MAX] {
            bytes.extend(long.to_le_bytes());
        }
        for long in tables.into_iter().chain([u64::MAX]) {
            bytes.extend(long.to_le_bytes());
        }
        bytes
    }
}

fn compressor_number(compression: Compression) -> u16 {
    match compression {
        // Blocks that are all stored plain never meet the compressor.
        Compression::None | Compression::Gzip(_) => 1,
        Compression::Zstd(_) => 6,
    }
}

/// What follows the superblock where a level differs from the one that readers take for granted: zlib's 9 and
/// zstd's 15. Nobody needs it to read; `unsquashfs -s` shows it.
pub(super) fn compressor_options(compression: Compression) -> Option<Vec<u8>> {
    match compression {
        Compression::None | Compression::Gzip(9) | Compression::Zstd(15) => None,
        Compression::Zstd(level) => Some(level.to_le_bytes().to_vec()),
        // Level, a window of 2^15 bytes, the default strategy only.
        Compression::Gzip(level) => {
            let mut bytes = level.to_le_bytes().to_vec();
            bytes.extend([15, 0, 0, 0]);
            Some(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Byte for byte as the kernel's `struct squashfs_super_block` lies.
    #[test]
    fn the_superblock_lies_as_the_kernel_reads_it() {
        let superblock = Superblock {
            inodes: 3,
            time: 1,
            fragments: 2,
            compression: Compression::ZSTD,
            root: 0x20,
            size: 0x1000,
            id_table: 0x900,
            inode_table: 0x100,
            directory_table: 0x200,
            fragment_table: 0x300,
        };
        let bytes = superblock.bytes();
        assert_eq!(bytes.len(), SUPERBLOCK_SIZE);
        let lines: Vec<String> = bytes.chunks(16).map(hex).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        68737173030000000100000000000200
        02000000060011000006010004000000
        20000000000000000010000000000000
        0009000000000000ffffffffffffffff
        00010000000000000002000000000000
        0003000000000000ffffffffffffffff
        ");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
