//! Compressing one block of a tar: what comes out depends on the block alone, and on the bytes before it.
//!
//! gzip: every block is raw deflate (RFC 1951) that may refer to the 32 KiB before it, and ends at a byte boundary, so
//! that all of them together are the one member of a gzip file (RFC 1952). zstd: every block is a frame of its own
//! (RFC 8878), and readers take one frame after the other.

use std::io;

use flate2::{Compress, Crc, FlushCompress, Status};

use super::Compression;

/// Bytes of a tar that become one piece of deflate.
pub(super) const GZIP_BLOCK: usize = 512 * 1024;
/// Bytes of a tar that become one zstd frame, which knows nothing of those before it.
pub(super) const ZSTD_BLOCK: usize = 4 * 1024 * 1024;
/// As far back as deflate can refer.
const WINDOW: usize = 32 * 1024;

/// A piece of a tar.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Of the tar before it, as much as the compressor may refer to, and then the piece.
    bytes: Vec<u8>,
    before: usize,
    first: bool,
    last: bool,
}

/// A compressed block.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    /// Of the block, for gzip.
    pub(super) crc: Crc,
}

impl Block {
    /// The first block of a tar.
    pub(super) fn first() -> Self {
        Self { first: true, ..Self::default() }
    }

    /// Takes bytes, and says how many; none once it is full.
    pub(super) fn fill(&mut self, compression: Compression, from: &[u8]) -> usize {
        let taken = from.len().min(size(compression) - self.content().len());
        self.bytes.extend_from_slice(&from[..taken]);
        taken
    }

    /// The block after this one, still empty.
    pub(super) fn next(&self, compression: Compression) -> Self {
        let before = match compression {
            Compression::Gzip(_) => self.bytes.len().min(WINDOW),
            Compression::None | Compression::Zstd(_) => 0,
        };
        let mut bytes = Vec::with_capacity(before + size(compression));
        bytes.extend_from_slice(&self.bytes[self.bytes.len() - before..]);
        Self { bytes, before, first: false, last: false }
    }

    /// The same as the end of the tar.
    pub(super) fn last(self) -> Self {
        Self { last: true, ..self }
    }

    fn content(&self) -> &[u8] {
        &self.bytes[self.before..]
    }
}

fn size(compression: Compression) -> usize {
    match compression {
        Compression::Zstd(_) => ZSTD_BLOCK,
        Compression::None | Compression::Gzip(_) => GZIP_BLOCK,
    }
}

/// Compresses blocks, one after the other, of any tars.
pub(super) struct Packer {
    pub(super) compression: Compression,
    /// Kept, since it is large and every block begins with it afresh.
    zstd: Option<zstd::bulk::Compressor<'static>>,
    room: Vec<u8>,
}

impl Packer {
    /// Fails only where the compressor cannot be set up.
    pub(super) fn new(compression: Compression) -> io::Result<Self> {
        let zstd = match compression {
            Compression::Zstd(level) => Some(zstd::bulk::Compressor::new(level)?),
            Compression::None | Compression::Gzip(_) => None,
        };
        Ok(Self { compression, zstd, room: Vec::new() })
    }

    /// Compresses a block.
    pub(super) fn pack(&mut self, block: &Block) -> io::Result<Packed> {
        self.room.clear();
        match (self.compression, &mut self.zstd) {
            (Compression::Gzip(level), _) => return gzip(level, block, &mut self.room),
            (Compression::Zstd(_), Some(zstd)) => {
                self.room.reserve(zstd::zstd_safe::compress_bound(block.content().len()));
                zstd.compress_to_buffer(block.content(), &mut self.room)?;
            }
            (Compression::Zstd(_) | Compression::None, _) => self.room.extend_from_slice(block.content()),
        }
        Ok(Packed { bytes: self.room.to_vec(), crc: Crc::new() })
    }
}

/// The gzip header: no name and no time, a hint of the level as zlib gives it, an unknown system.
fn gzip_header(level: u32) -> [u8; 10] {
    let hint = match level {
        9.. => 2,
        ..=1 => 4,
        _ => 0,
    };
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, hint, 255]
}

/// The end of a gzip member: checksum and size, which counts modulo 2^32.
pub(super) fn gzip_trailer(crc: &Crc, tar_size: u64) -> [u8; 8] {
    let mut trailer = [0; 8];
    trailer[..4].copy_from_slice(&crc.sum().to_le_bytes());
    trailer[4..].copy_from_slice(&(tar_size as u32).to_le_bytes());
    trailer
}

fn gzip(level: u32, block: &Block, room: &mut Vec<u8>) -> io::Result<Packed> {
    let content = block.content();
    let mut crc = Crc::new();
    crc.update(content);
    if block.first {
        room.extend_from_slice(&gzip_header(level));
    }
    let mut deflate = Compress::new(flate2::Compression::new(level), false);
    if block.before > 0 {
        deflate.set_dictionary(&block.bytes[..block.before])?;
    }
    let flush = if block.last { FlushCompress::Finish } else { FlushCompress::Sync };
    loop {
        // Room for all of it at once, even where nothing can be compressed.
        room.reserve(content.len() + content.len() / 8 + 1024);
        let status = deflate.compress_vec(&content[deflate.total_in() as usize..], room, flush)?;
        let flushed = !block.last && room.len() < room.capacity();
        if status == Status::StreamEnd || flushed {
            return Ok(Packed { bytes: room.to_vec(), crc });
        }
    }
}
