//! Where a package archive lies, and its two parts as tar streams.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::conda_zip;
use super::metadata::{self, PackageMetadata};
use super::tar_reader::{EntryKind, TarReader};
use crate::error::{LayerError, Problem};

pub(crate) const READ_BUFFER: usize = 256 * 1024;
/// Bounds for whoever looks for a single file.
const MAX_PAYLOAD: u64 = 1 << 30;
const MAX_ENTRIES: u64 = 100_000;

/// A package archive whose hash has been checked already.
///
/// Cheap to clone and to open: nothing is read before it is asked for.
#[derive(Debug, Clone)]
pub struct Archive {
    source: Source,
    file_name: String,
    format: Format,
}

/// Where an archive's bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Path(PathBuf),
    Bytes(Arc<[u8]>),
}

impl Source {
    pub(crate) fn open(&self) -> Result<Box<dyn ReadSeek>, Problem> {
        Ok(match self {
            Self::Path(path) => Box::new(File::open(path)?),
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }
}

/// The two formats of conda packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Conda,
    TarBz2,
}

/// Which part of a package to read. In a `.tar.bz2` both are one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Info,
    Payload,
}

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Archive {
    /// The archive at `path`, named by the last component.
    ///
    /// # Errors
    /// When the name ends in neither `.conda` nor `.tar.bz2`.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, LayerError> {
        let path = path.into();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self::at(path, &file_name)
    }

    /// The archive at `path`, whatever the file is called there; `file_name` is the package's.
    ///
    /// # Errors
    /// When `file_name` ends in neither `.conda` nor `.tar.bz2`.
    pub fn at(path: impl AsRef<Path>, file_name: &str) -> Result<Self, LayerError> {
        Self::new(Source::Path(path.as_ref().to_owned()), file_name)
    }

    /// An archive in memory.
    ///
    /// # Errors
    /// When `file_name` ends in neither `.conda` nor `.tar.bz2`.
    pub fn from_bytes(file_name: &str, bytes: impl Into<Arc<[u8]>>) -> Result<Self, LayerError> {
        Self::new(Source::Bytes(bytes.into()), file_name)
    }

    fn new(source: Source, file_name: &str) -> Result<Self, LayerError> {
        let format = match file_name {
            name if name.ends_with(".conda") => Format::Conda,
            name if name.ends_with(".tar.bz2") => Format::TarBz2,
            name => {
                let problem = Problem::NotConda("its name ends in neither .conda nor .tar.bz2".into());
                return Err(problem.of(name));
            }
        };
        Ok(Self { source, file_name: file_name.to_owned(), format })
    }

    /// For example `numpy-2.1.0-py313_0.conda`.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Reads what the `info` part says: a few files, not the payload (unless the package is so old that
    /// only its payload tells links from files).
    ///
    /// # Errors
    /// When the archive is damaged, foreign or hostile.
    pub fn metadata(&self) -> Result<PackageMetadata, LayerError> {
        metadata::read(self).map_err(|problem| problem.of(&self.file_name))
    }

    /// One file of the package, of at most `limit` bytes; `None` where it has no such file. Reads the payload up to it.
    ///
    /// # Errors
    /// When the archive is damaged, foreign or hostile, or the file larger.
    pub fn file(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, LayerError> {
        self.read_file(path, limit).map_err(|problem| problem.of(&self.file_name))
    }

    fn read_file(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Problem> {
        let mut tar = self.part(Part::Payload, MAX_PAYLOAD, MAX_ENTRIES)?;
        while let Some(entry) = tar.next_entry()? {
            if entry.path.as_deref() != Some(path) || entry.kind != EntryKind::File {
                continue;
            }
            if entry.size > limit {
                return Err(Problem::TooBig { what: path.to_owned(), limit: limit.to_string() });
            }
            let mut bytes = Vec::new();
            tar.read_to_end(&mut bytes)?;
            return Ok(Some(bytes));
        }
        Ok(None)
    }

    /// A part of the package as a tar stream of at most `limit` bytes.
    pub(crate) fn part(
        &self,
        part: Part,
        limit: u64,
        max_entries: u64,
    ) -> Result<TarReader<Box<dyn Read + Send>>, Problem> {
        let reader = self.source.open()?;
        let stream: Box<dyn Read + Send> = match self.format {
            // Some packers (pbzip2) write several bzip2 streams.
            Format::TarBz2 => {
                Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::with_capacity(READ_BUFFER, reader)))
            }
            Format::Conda => Box::new(conda_zip::open(reader, part)?),
        };
        Ok(TarReader::new(stream, limit, max_entries))
    }

    /// Whether both parts are one stream.
    pub(crate) fn is_one_stream(&self) -> bool {
        self.format == Format::TarBz2
    }
}
