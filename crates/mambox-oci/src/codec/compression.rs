//! How layers may be compressed, and how compressed layers are read.
//!
//! A change of an encoder's version, or of the size of its blocks, may change compressed bytes (never a diffID), so
//! both are part of every cache key; see [`Compression::identity`].

use std::fmt;
use std::io::{self, BufRead, Read};
use std::str::FromStr;

use super::pack::{GZIP_BLOCK, ZSTD_BLOCK};
use crate::MediaType;

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

    /// The encoder, its version, the level and the bytes in a block: what decides the compressed bytes of a given tar.
    pub fn identity(self) -> String {
        match self {
            Self::None => "none".into(),
            Self::Gzip(level) => format!("gzip:{level}/zlib-rs-{ZLIB_RS}/{GZIP_BLOCK}"),
            Self::Zstd(level) => {
                format!("zstd:{level}/libzstd-{}/{ZSTD_BLOCK}", zstd::zstd_safe::version_string())
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_names_the_locked_encoder() {
        let lock = include_str!("../../../../Cargo.lock");
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
