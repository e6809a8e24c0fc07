//! Packing one block.

use std::io;

use flate2::{Compress, FlushCompress, Status};
use mambox_oci::Compression;

/// Packs blocks one after the other; each comes out as if it were the first.
pub(super) struct Compressor {
    codec: Codec,
    buffer: Vec<u8>,
}

enum Codec {
    None,
    Gzip(Compress),
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compressor {
    /// Fails only where the compressor cannot be set up.
    pub(super) fn new(compression: Compression) -> io::Result<Self> {
        let codec = match compression {
            Compression::None => Codec::None,
            // "gzip" is the format's word for a zlib stream.
            Compression::Gzip(level) => Codec::Gzip(Compress::new(flate2::Compression::new(level), true)),
            Compression::Zstd(level) => Codec::Zstd(zstd::bulk::Compressor::new(level)?),
        };
        Ok(Self { codec, buffer: Vec::new() })
    }

    /// The block packed; `None` where that would not make it smaller.
    pub(super) fn pack(&mut self, block: &[u8]) -> io::Result<Option<&[u8]>> {
        let packed = match &mut self.codec {
            Codec::None => return Ok(None),
            Codec::Gzip(compress) => {
                self.buffer.resize(block.len(), 0);
                compress.reset();
                let status = compress.compress(block, &mut self.buffer, FlushCompress::Finish);
                match status.map_err(io::Error::other)? {
                    Status::StreamEnd => compress.total_out() as usize,
                    // It did not fit.
                    _ => block.len(),
                }
            }
            Codec::Zstd(compressor) => {
                self.buffer.resize(zstd::zstd_safe::compress_bound(block.len()), 0);
                compressor.compress_to_buffer(block, self.buffer.as_mut_slice())?
            }
        };
        Ok((packed < block.len()).then(|| &self.buffer[..packed]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_block_comes_out_the_same_whatever_came_before_and_noise_stays_plain() {
        let block = b"blocks ".repeat(1000);
        let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let noise: Vec<u8> =
            std::iter::successors(Some(1), next).map(|state| (state >> 24) as u8).take(4096).collect();
        for compression in [Compression::Gzip(6), Compression::Zstd(3)] {
            let mut compressor = Compressor::new(compression).unwrap();
            let first = compressor.pack(&block).unwrap().unwrap().to_vec();
            assert_eq!(compressor.pack(&noise).unwrap().map(<[u8]>::len), None, "{compression}");
            assert_eq!(compressor.pack(&block).unwrap(), Some(first.as_slice()), "{compression}");
            let mut back = Vec::new();
            match compression {
                Compression::Zstd(_) => back = zstd::decode_all(first.as_slice()).unwrap(),
                _ => drop(flate2::read::ZlibDecoder::new(first.as_slice()).read_to_end(&mut back).unwrap()),
            }
            assert_eq!(back, block);
        }
        assert_eq!(Compressor::new(Compression::None).unwrap().pack(&block).unwrap(), None);
    }
}
