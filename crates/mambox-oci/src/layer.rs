//! A layer whose bytes are read only when somebody needs them.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::codec::Compression;
use crate::{Descriptor, DiffId, History, VerifyingReader};

/// Bytes that can be read any number of times.
///
/// `open` may block (a registry's blob is downloaded), so asynchronous code calls it on a blocking
/// thread.
pub trait Blob: Send + Sync + fmt::Debug {
    /// Opens the bytes at their beginning.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;

    /// A file that holds just these bytes, for those who would rather copy or link than read.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// Where a registry can mount the blob from instead of having it uploaded.
    fn mount_source(&self) -> Option<MountSource> {
        None
    }
}

/// A repository that holds a blob (distribution-spec, "Mounting a blob from another repository").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MountSource {
    /// Host and port.
    pub registry: String,
    /// The repository's name in it.
    pub repository: String,
}

/// A blob in a file.
#[derive(Debug, Clone)]
pub struct FileBlob(pub PathBuf);

impl Blob for FileBlob {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", self.0.display()));
        Ok(Box::new(File::open(&self.0).map_err(named)?))
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

/// A blob in memory.
#[derive(Clone)]
pub struct MemoryBlob(pub Arc<[u8]>);

impl fmt::Debug for MemoryBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryBlob({} bytes)", self.0.len())
    }
}

impl Blob for MemoryBlob {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.0.clone())))
    }
}

/// One layer of an image: cheap to clone, lazy in its bytes.
#[derive(Debug, Clone)]
pub struct Layer(Arc<LayerInner>);

#[derive(Debug)]
struct LayerInner {
    descriptor: Descriptor,
    diff_id: DiffId,
    history: History,
    blob: Box<dyn Blob>,
}

impl Layer {
    /// A layer whose digests are known already.
    pub fn new(descriptor: Descriptor, diff_id: DiffId, history: History, blob: impl Blob + 'static) -> Self {
        Self(Arc::new(LayerInner { descriptor, diff_id, history, blob: Box::new(blob) }))
    }

    /// Compresses a small tar in memory into a layer.
    pub fn from_tar(tar: &[u8], compression: Compression, history: History) -> io::Result<Self> {
        let mut encoder = crate::codec::Encoder::new(compression, Vec::new())?;
        io::Write::write_all(&mut encoder, tar)?;
        let (blob, encoded) = encoder.finish()?;
        let descriptor = Descriptor::new(compression.media_type(), encoded.digest, encoded.size);
        Ok(Self::new(descriptor, encoded.diff_id, history, MemoryBlob(blob.into())))
    }

    /// What the manifest says of the layer.
    pub fn descriptor(&self) -> &Descriptor {
        &self.0.descriptor
    }

    /// The digest of the uncompressed tar.
    pub fn diff_id(&self) -> DiffId {
        self.0.diff_id
    }

    /// How the layer came to be.
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// The stored bytes, unverified.
    pub fn blob(&self) -> &dyn Blob {
        &*self.0.blob
    }

    /// Reads the stored bytes; the reader fails at the end if they are not what the descriptor says.
    pub fn open(&self) -> io::Result<VerifyingReader<Box<dyn Read + Send>>> {
        let descriptor = self.descriptor();
        Ok(VerifyingReader::new(self.0.blob.open()?, descriptor.digest, descriptor.size))
    }

    /// Reads the uncompressed tar; fails for a media type that is no tar layer.
    pub fn open_tar(&self) -> io::Result<Box<dyn Read + Send>> {
        let media_type = &self.descriptor().media_type;
        Compression::decoder(media_type, BufReader::with_capacity(1 << 16, self.open()?))?.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::Unsupported,
                format!("layer {} has the media type {media_type}", self.descriptor().digest),
            )
        })
    }

    /// The same layer with another descriptor's media type and annotations.
    pub fn with_descriptor(&self, change: impl FnOnce(&mut Descriptor)) -> Self {
        let mut descriptor = self.descriptor().clone();
        change(&mut descriptor);
        Self::new(descriptor, self.diff_id(), self.history().clone(), Shared(self.clone()))
    }
}

/// Reads through another layer's blob.
#[derive(Debug)]
struct Shared(Layer);

impl Blob for Shared {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.0.blob().open()
    }

    fn path(&self) -> Option<&Path> {
        self.0.blob().path()
    }

    fn mount_source(&self) -> Option<MountSource> {
        self.0.blob().mount_source()
    }
}
