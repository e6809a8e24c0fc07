//! Named files in a folder or in an archive, as OCI layouts and docker-archives have them.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mambox_oci::{Blob, FileBlob};

use super::archive::{Archive, Region};
use super::tar_stream::member_path;
use crate::TransportError;

/// Where an image's files are.
#[derive(Debug)]
pub(crate) enum Store {
    /// In a folder.
    Folder {
        /// As the caller named it.
        path: PathBuf,
        /// With all links resolved.
        real: PathBuf,
    },
    /// In a tar.
    Archive(Archive),
}

/// A file of a store, found to be there.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    File(PathBuf, u64),
    Region(Region),
}

impl Found {
    /// Its size in bytes.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(_, size) => *size,
            Self::Region(region) => region.size,
        }
    }

    /// Its bytes.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::File(path, _) => FileBlob(path.clone()).open(),
            Self::Region(region) => region.open(),
        }
    }

    /// Its first bytes.
    pub(crate) fn start(&self) -> io::Result<Vec<u8>> {
        let mut start = Vec::new();
        self.open()?.take(64).read_to_end(&mut start)?;
        Ok(start)
    }

    /// All its bytes, which must not be more than `limit`.
    pub(crate) fn bytes(&self, limit: u64) -> io::Result<Vec<u8>> {
        super::read_limited(self.open()?, limit)
    }
}

impl Blob for Found {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Found::open(self)
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path, _) => Some(path),
            Self::Region(_) => None,
        }
    }
}

impl Store {
    /// A folder.
    pub(crate) fn folder(path: &Path) -> Result<Self, TransportError> {
        let real = fs::canonicalize(path).map_err(TransportError::io("read", path))?;
        Ok(Self::Folder { path: path.into(), real })
    }

    /// The folder's or the archive's own path.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Folder { path, .. } => path,
            Self::Archive(archive) => archive.path(),
        }
    }

    /// Looks for a file. `None` if there is none; an error if it is something else than a regular file, or
    /// a link out of the folder: a layout from a stranger must not make us read elsewhere.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Found>, TransportError> {
        match self {
            Self::Archive(archive) => Ok(archive.member(name).map(Found::Region)),
            Self::Folder { path, real } => {
                let flaw = |problem: String| TransportError::malformed(path, problem);
                let name = member_path(name.as_bytes()).map_err(|error| flaw(error.to_string()))?;
                let name = String::from_utf8(name).map_err(|_| flaw("a file's name is no UTF-8".into()))?;
                let file = match fs::canonicalize(real.join(&name)) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(TransportError::io("read", path.join(name))(error)),
                };
                if !file.starts_with(real) {
                    return Err(flaw(format!("'{name}' is a link that leaves the folder")));
                }
                let meta = fs::metadata(&file).map_err(TransportError::io("read", &file))?;
                match meta.is_file() {
                    true => Ok(Some(Found::File(path.join(name), meta.len()))),
                    false => Err(flaw(format!("'{name}' is no regular file"))),
                }
            }
        }
    }

    /// Finds a file that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<Found, TransportError> {
        let missing = || TransportError::malformed(self.path(), format!("'{name}' is missing"));
        self.find(name)?.ok_or_else(missing)
    }

    /// Reads a small file that must be there.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, TransportError> {
        let found = self.need(name)?;
        found.bytes(limit).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                TransportError::malformed(self.path(), format!("'{name}': {error}"))
            }
            _ => TransportError::io("read", self.path().join(name))(error),
        })
    }
}
