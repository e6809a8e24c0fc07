//! Archives on this machine, checked once more before they become a layer.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use mambox_layer::Archive;
use mambox_oci::{Digest, HashingWriter};
use mambox_resolve::FetchedPackage;

use crate::BuildError;

/// Bytes of an archive that are read at a time.
const READ_BUFFER: usize = 256 * 1024;

/// A package's archive on this machine.
#[derive(Debug, Clone)]
pub(crate) struct PackageFile {
    archive: Archive,
    path: PathBuf,
    sha256: Option<Digest>,
}

impl PackageFile {
    /// The archive of a package that was fetched.
    pub(crate) fn new(package: &FetchedPackage) -> Result<Self, BuildError> {
        let archive = Archive::at(&package.path, &package.locked.file_name)?;
        let sha256 = package.locked.record.sha256.map(|hash| Digest::from_bytes(hash.into()));
        Ok(Self { archive, path: package.path.clone(), sha256 })
    }

    /// The archive.
    pub(crate) fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Compares the bytes with the lock once more.
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        self.sha256.map_or(Ok(()), |expected| check(&self.path, expected))
    }
}

/// Compares a file with its digest just before it becomes a layer: since it was fetched, others may have written to the
/// cache or the channel.
pub(crate) fn check(path: &Path, expected: Digest) -> Result<(), BuildError> {
    let (actual, _) = hash_file(path).map_err(|e| BuildError::io("cannot read", path, e))?;
    match actual == expected {
        true => Ok(()),
        false => Err(BuildError::Tampered { path: path.to_owned(), expected, actual }),
    }
}

/// The digest and the size of a file.
pub(crate) fn hash_file(path: &Path) -> io::Result<(Digest, u64)> {
    let mut hash = HashingWriter::new(io::sink());
    io::copy(&mut BufReader::with_capacity(READ_BUFFER, File::open(path)?), &mut hash)?;
    let (_, digest, size) = hash.finish();
    Ok((digest, size))
}
