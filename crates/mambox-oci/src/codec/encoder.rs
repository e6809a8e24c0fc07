//! A tar goes in, a layer's blob comes out, and both are hashed on the way.

use std::io::{self, Write};

use super::blocks::Blocks;
use super::{Compression, Compressors};
use crate::{DiffId, Digest, HashingWriter};

/// What an [`Encoder`] knows of a layer once it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// The digest of the tar.
    pub diff_id: DiffId,
    /// The tar's size in bytes.
    pub tar_size: u64,
    /// The digest of the compressed blob.
    pub digest: Digest,
    /// The compressed blob's size in bytes.
    pub size: u64,
}

/// Compresses a tar into `W`, hashing both sides in the same pass.
///
/// The bytes depend on the tar alone: not on how it is cut into writes, and not on helping threads.
pub struct Encoder<W: Write>(HashingWriter<Inner<W>>);

enum Inner<W: Write> {
    None(W),
    Blocks(Box<Blocks<HashingWriter<W>>>),
}

impl<W: Write> Encoder<W> {
    /// Begins a layer that is compressed by the thread that writes it. Fails only where the compressor cannot be set up.
    pub fn new(compression: Compression, sink: W) -> io::Result<Self> {
        Self::begin(compression, sink, None)
    }

    /// Begins a layer that is compressed by `helpers`, too. The sink is written by the thread that writes the tar.
    pub fn with_helpers(compression: Compression, sink: W, helpers: &Compressors) -> io::Result<Self> {
        Self::begin(compression, sink, Some(helpers.clone()))
    }

    fn begin(compression: Compression, sink: W, helpers: Option<Compressors>) -> io::Result<Self> {
        Ok(Self(HashingWriter::new(match compression {
            Compression::None => Inner::None(sink),
            Compression::Gzip(_) | Compression::Zstd(_) => {
                Inner::Blocks(Box::new(Blocks::new(compression, HashingWriter::new(sink), helpers)?))
            }
        })))
    }

    /// Ends the compressed stream; gives back the sink and both digests.
    pub fn finish(self) -> io::Result<(W, Encoded)> {
        let (inner, tar, tar_size) = self.0.finish();
        let (sink, digest, size) = match inner {
            // Uncompressed, both sides are the same bytes.
            Inner::None(sink) => (sink, tar, tar_size),
            Inner::Blocks(blocks) => blocks.finish()?.finish(),
        };
        Ok((sink, Encoded { diff_id: DiffId(tar), tar_size, digest, size }))
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> Write for Inner<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::None(sink) => sink.write(buffer),
            Self::Blocks(blocks) => blocks.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::None(sink) => sink.flush(),
            Self::Blocks(blocks) => blocks.flush(),
        }
    }
}
