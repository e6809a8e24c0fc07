//! Layers that this crate makes itself, kept by what they were made of.

use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};

use mambox_oci::codec::{Compressors, Encoder};
use mambox_oci::{Blob, Compression, Descriptor, DiffId, Digest, History, Layer};
use serde::{Deserialize, Serialize};

use crate::files::atomic::{self, NewFile};
use crate::files::remember::Memory;
use crate::{BlobCache, Transport, TransportError};

/// What is known of a layer that was made once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    digest: Digest,
    size: u64,
    diff_id: DiffId,
}

/// Makes layers in a cache, or in a temporary folder that lives as long as they do.
#[derive(Debug, Clone)]
pub(crate) struct Workshop {
    blobs: BlobCache,
    cache_dir: Option<PathBuf>,
    /// The compression of all layers made here.
    pub(crate) compression: Compression,
    /// As many as pack SIF files.
    threads: usize,
}

/// A blob of the cache; keeps a temporary cache alive.
#[derive(Debug)]
struct Made {
    _blobs: BlobCache,
    path: PathBuf,
}

impl Blob for Made {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        mambox_oci::FileBlob(self.path.clone()).open()
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

impl Workshop {
    /// A workshop in the transport's cache.
    pub(crate) fn new(transport: &Transport, compression: Compression) -> Result<Self, TransportError> {
        let blobs = match &transport.cache_dir {
            Some(dir) => BlobCache::new(dir),
            None => BlobCache::temporary().map_err(TransportError::io("write", "the temporary folder"))?,
        };
        let threads = transport.sif.threads();
        Ok(Self { blobs, cache_dir: transport.cache_dir.clone(), compression, threads })
    }

    /// The memory for layers of one kind. The compressor is part of the name: a new version of it may
    /// pack the same tar otherwise.
    pub(crate) fn memory(&self, kind: &str) -> Memory {
        let compression = Digest::of(self.compression.identity().as_bytes()).short();
        Memory::new(self.cache_dir.as_deref(), &format!("{kind}-{compression}"))
    }

    /// A layer of a record, if its blob is there still.
    pub(crate) fn layer(&self, record: &Record, history: History) -> Option<Layer> {
        if !self.blobs.has(record.digest, record.size) {
            return None;
        }
        let descriptor = Descriptor::new(self.compression.media_type(), record.digest, record.size);
        let made = Made { _blobs: self.blobs.clone(), path: self.blobs.path(record.digest) };
        Some(Layer::new(descriptor, record.diff_id, history, made))
    }

    /// Makes a layer; `write` writes its tar.
    pub(crate) fn make(
        &self,
        write: impl FnOnce(&mut Encoder<BufWriter<&mut File>>) -> io::Result<()>,
    ) -> io::Result<Record> {
        let folder = atomic::parent(&self.blobs.path(Digest::of(b"")))?;
        let failed = |error| blame_cache(&folder, &error);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        atomic::clean(&folder);
        let mut new = NewFile::within(&folder, &folder).map_err(failed)?;
        let out = BufWriter::with_capacity(1 << 16, new.file());
        let mut encoder = Encoder::with_helpers(self.compression, out, &Compressors::new(self.threads))?;
        // What goes wrong here may be the source's fault, but a source has no disk to fill.
        write(&mut encoder).map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failed(error),
            _ => error,
        })?;
        let (out, encoded) = encoder.finish().map_err(failed)?;
        out.into_inner().map_err(|error| failed(error.into_error()))?;
        new.commit_as(&self.blobs.path(encoded.digest)).map_err(failed)?;
        Ok(Record { digest: encoded.digest, size: encoded.size, diff_id: encoded.diff_id })
    }
}

/// Says that it is the cache that failed, where the caller names what it was reading. The kind goes with it: a
/// cache that is gone is not a file that somebody named wrongly.
fn blame_cache(folder: &Path, error: &io::Error) -> io::Error {
    let folder = folder.display();
    io::Error::other(format!(
        "its layer cannot be kept in the cache {folder}: {error}; make room, or set MAMBOX_CACHE_DIR to another folder"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_fails_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("blobs"), "in the way").unwrap();
        let blobs = BlobCache::new(folder.path());
        let workshop = Workshop { blobs, cache_dir: None, compression: Compression::GZIP, threads: 1 };
        let error = workshop.make(|_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Other);
        let text = error.to_string().replace(&folder.path().display().to_string(), "[CACHE]");
        insta::assert_snapshot!(text, @"its layer cannot be kept in the cache [CACHE]/blobs/sha256: Not a directory (os error 20); make room, or set MAMBOX_CACHE_DIR to another folder");
    }

    #[test]
    fn a_full_cache_is_told_from_a_broken_source() {
        let workshop = Workshop {
            blobs: BlobCache::temporary().unwrap(),
            cache_dir: None,
            compression: Compression::GZIP,
            threads: 1,
        };
        let error = |kind: io::ErrorKind| workshop.make(|_| Err(kind.into())).unwrap_err().to_string();
        assert!(error(io::ErrorKind::StorageFull).contains("in the cache"));
        assert!(!error(io::ErrorKind::UnexpectedEof).contains("in the cache"));
    }
}
