//! Where a wheel lies.

use std::path::Path;
use std::sync::Arc;

use super::members::Members;
use super::metadata::{self, WheelMetadata};
use crate::archive::Source;
use crate::error::{LayerError, Problem};

/// A wheel whose hash has been checked already.
///
/// Cheap to clone and to make: nothing is read before it is asked for.
#[derive(Debug, Clone)]
pub struct WheelArchive {
    source: Source,
    file_name: String,
}

impl WheelArchive {
    /// The wheel at `path`, whatever the file is called there; `file_name` is the wheel's own, which tells name and version.
    pub fn at(path: impl AsRef<Path>, file_name: &str) -> Self {
        Self { source: Source::Path(path.as_ref().to_owned()), file_name: file_name.to_owned() }
    }

    /// A wheel in memory.
    pub fn from_bytes(file_name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { source: Source::Bytes(bytes.into()), file_name: file_name.to_owned() }
    }

    /// For example `rich-13.9.4-py3-none-any.whl`.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Reads what the wheel says of itself, a few small files.
    ///
    /// # Errors
    /// When the wheel is damaged or hostile, contradicts its file name, or is of another version of the format.
    pub fn metadata(&self) -> Result<WheelMetadata, LayerError> {
        let read = || metadata::read(&mut self.open()?, &self.file_name);
        read().map_err(|problem: Problem| problem.of(&self.file_name))
    }

    /// The checked central directory.
    pub(super) fn open(&self) -> Result<Members, Problem> {
        Members::open(&self.source)
    }
}
