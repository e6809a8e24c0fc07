//! The compressors of layers, pinned: the same bytes for the same input, on any machine.
//!
//! A change of an encoder's version may change compressed bytes (never a diffID), so its identity is
//! part of every cache key; see [`Compression::identity`].

use std::fmt;
use std::io::{self, BufRead, Read, Write};
use std::str::FromStr;

use crate::{DiffId, Digest, HashingWriter, MediaType};

/// How a layer's tar is compressed, with the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Plain tar.
    None,
    /// gzip, which every engine reads; levels 1 to 9.
    Gzip(u32),
    /// zstd, which docker 20.10 does not read; levels 1 to 19.
    Zstd(i32),
}

/// A text that names no compression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no compression: use gzip[:1-9], zstd[:1-19] or none")]
pub struct InvalidCompression(String);

impl Compression {
    /// gzip at its usual level.
    pub const GZIP: Self = Self::Gzip(6);
    /// zstd at its usual level.
    pub const ZSTD: Self = Self::Zstd(3);

    /// The encoder, its version and the level: what decides the compressed bytes of a given tar.
    pub fn identity(self) -> String {
        match self {
            Self::None => "none".into(),
            Self::Gzip(level) => format!("gzip:{level}/zlib-rs-{ZLIB_RS}"),
            Self::Zstd(level) => format!("zstd:{level}/libzstd-{}", zstd::zstd_safe::version_string()),
        }
    }

    /// The OCI media type of a layer compressed so.
    pub fn media_type(self) -> MediaType {
        match self {
            Self::None => MediaType::OciLayer,
            Self::Gzip(_) => MediaType::OciLayerGzip,
            Self::Zstd(_) => MediaType::OciLayerZstd,
        }
    }

    /// Reads a compressed layer; `None` for a media type that is no tar layer.
    pub fn decoder<'a, R: BufRead + Send + 'a>(
        media_type: &MediaType,
        blob: R,
    ) -> io::Result<Option<Box<dyn Read + Send + 'a>>> {
        Ok(Some(match media_type {
            MediaType::OciLayer | MediaType::DockerLayer => Box::new(blob),
            MediaType::OciLayerGzip | MediaType::DockerLayerGzip => {
                Box::new(flate2::bufread::MultiGzDecoder::new(blob))
            }
            MediaType::OciLayerZstd => Box::new(zstd::stream::read::Decoder::with_buffer(blob)?),
            _ => return Ok(None),
        }))
    }
}

/// The version of the gzip encoder; a test holds it to Cargo.lock.
const ZLIB_RS: &str = "0.6.8";

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Gzip(level) => write!(f, "gzip:{level}"),
            Self::Zstd(level) => write!(f, "zstd:{level}"),
        }
    }
}

impl FromStr for Compression {
    type Err = InvalidCompression;

    fn from_str(text: &str) -> Result<Self, InvalidCompression> {
        let invalid = || InvalidCompression(text.into());
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level.parse::<u32>().map_err(|_| invalid())?)),
            None => (text, None),
        };
        match (name, level) {
            ("none", None) => Ok(Self::None),
            ("gzip", None) => Ok(Self::GZIP),
            ("gzip", Some(level @ 1..=9)) => Ok(Self::Gzip(level)),
            ("zstd", None) => Ok(Self::ZSTD),
            ("zstd", Some(level @ 1..=19)) => Ok(Self::Zstd(level as i32)),
            _ => Err(invalid()),
        }
    }
}

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
pub struct Encoder<W: Write>(HashingWriter<Inner<W>>);

enum Inner<W: Write> {
    None(HashingWriter<W>),
    Gzip(flate2::write::GzEncoder<HashingWriter<W>>),
    Zstd(zstd::stream::write::Encoder<'static, HashingWriter<W>>),
}

impl<W: Write> Encoder<W> {
    /// Begins a layer. Fails only where the compressor cannot be set up.
    pub fn new(compression: Compression, sink: W) -> io::Result<Self> {
        let sink = HashingWriter::new(sink);
        Ok(Self(HashingWriter::new(match compression {
            Compression::None => Inner::None(sink),
            // No name and no time enter the header.
            Compression::Gzip(level) => {
                Inner::Gzip(flate2::GzBuilder::new().write(sink, flate2::Compression::new(level)))
            }
            Compression::Zstd(level) => Inner::Zstd(zstd::stream::write::Encoder::new(sink, level)?),
        })))
    }

    /// Ends the compressed stream; gives back the sink and both digests.
    pub fn finish(self) -> io::Result<(W, Encoded)> {
        let (inner, tar, tar_size) = self.0.finish();
        // Uncompressed, both sides are the same bytes.
        let (sink, digest, size) = match inner {
            Inner::None(sink) => sink.finish(),
            Inner::Gzip(encoder) => encoder.finish()?.finish(),
            Inner::Zstd(encoder) => encoder.finish()?.finish(),
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
            Self::Gzip(encoder) => encoder.write(buffer),
            Self::Zstd(encoder) => encoder.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::None(sink) => sink.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_round_trips_and_keeps_the_diff_id() {
        let tar = vec![7u8; 100_000];
        for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
            let mut encoder = Encoder::new(compression, Vec::new()).unwrap();
            encoder.write_all(&tar).unwrap();
            let (blob, encoded) = encoder.finish().unwrap();
            assert_eq!(encoded.diff_id, DiffId(Digest::of(&tar)));
            assert_eq!((encoded.digest, encoded.size), (Digest::of(&blob), blob.len() as u64));
            let mut back = Vec::new();
            let decoder = Compression::decoder(&compression.media_type(), blob.as_slice()).unwrap();
            decoder.unwrap().read_to_end(&mut back).unwrap();
            assert_eq!(back, tar);
        }
    }

    #[test]
    fn the_gzip_header_holds_no_time_and_no_name() {
        let (blob, _) = Encoder::new(Compression::GZIP, Vec::new()).unwrap().finish().unwrap();
        assert_eq!(blob[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    }

    #[test]
    fn the_identity_names_the_locked_encoder() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(
            lock.contains(&format!("name = \"zlib-rs\"\nversion = \"{ZLIB_RS}\"")),
            "zlib-rs changed: set ZLIB_RS, renew the golden digests, and say so in CHANGELOG.md"
        );
    }

    #[test]
    fn compressions_are_written_as_buildx_writes_them() {
        for text in ["none", "gzip:9", "zstd:19"] {
            assert_eq!(text.parse::<Compression>().unwrap().to_string(), text);
        }
        for bad in ["", "none:1", "gzip:0", "gzip:10", "zstd:20", "zstd:-1", "xz", "gzip:"] {
            assert!(bad.parse::<Compression>().is_err(), "{bad}");
        }
    }
}
