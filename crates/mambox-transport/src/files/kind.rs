//! What a file is, by its first bytes.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use mambox_oci::MediaType;

/// How a tar is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    /// The media type of a layer packed so.
    pub(crate) fn layer_type(self) -> MediaType {
        match self {
            Self::Plain => MediaType::OciLayer,
            Self::Gzip => MediaType::OciLayerGzip,
            Self::Zstd => MediaType::OciLayerZstd,
        }
    }

    /// Tells by the first bytes; everything else counts as plain.
    pub(crate) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// Reads through the packing.
    pub(crate) fn unpack<'a>(
        self,
        packed: impl io::BufRead + Send + 'a,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        let decoder = mambox_oci::Compression::decoder(&self.layer_type(), packed)?;
        decoder.ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "not a tar layer"))
    }
}

/// What the file is if it can be no tar, packed or not.
pub(crate) fn foreign(start: &[u8]) -> Option<&'static str> {
    let text = start.trim_ascii_start();
    let begins = |word: &str| text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word.as_bytes()));
    Some(match start {
        [] => "an empty file",
        _ if begins("<!doctype") || begins("<html") => "an HTML page, perhaps an error message of a download",
        _ if text.first() == Some(&b'{') || text.first() == Some(&b'[') => "a JSON file",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "an xz-compressed file",
        [b'B', b'Z', b'h', ..] => "a bzip2-compressed file",
        [b'h', b's', b'q', b's', ..] => "a squashfs file system",
        [0x7f, b'E', b'L', b'F', ..] => "an executable",
        _ if start.get(32..41) == Some(b"SIF_MAGIC") => "an Apptainer image (SIF)",
        _ => return None,
    })
}

/// The first bytes of a file.
pub(crate) fn start(file: &File) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 64];
    let read = file.read_at(&mut buffer, 0)?;
    Ok(buffer[..read].to_vec())
}
