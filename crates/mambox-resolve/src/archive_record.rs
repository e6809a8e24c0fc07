//! The record of a package from its own archive, for packages that are known by address alone.

use std::{fs::File, io::Read, path::Path};

use rattler_conda_types::{
    PackageRecord,
    package::{CondaArchiveType, IndexJson, PackageFile},
};
use rattler_package_streaming::{ExtractError, read::stream_tar_bz2, seek::stream_conda_info};
use thiserror::Error;

use crate::fetch::Fetched;

/// Real ones have a few kilobytes.
const MOST_INDEX_BYTES: u64 = 4 << 20;

/// What may lie before it, unpacked: in a `.tar.bz2` that may be the whole package.
const MOST_BYTES_BEFORE: u64 = 32 << 30;

/// Why an archive has no usable record.
#[derive(Debug, Error)]
#[error("{package} is no conda package: {reason}")]
pub struct ArchiveError {
    /// The file name.
    pub package: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads `info/index.json`. The archive is hostile until proven otherwise: sizes are bounded, nothing is
/// unpacked to disk.
pub(crate) fn record_of(file_name: &str, fetched: &Fetched) -> Result<PackageRecord, ArchiveError> {
    let fail = |reason: String| ArchiveError { package: file_name.to_owned(), reason };
    let json = read_index(&fetched.path).map_err(fail)?;
    let index = IndexJson::from_slice(&json).map_err(|error| fail(format!("info/index.json: {error}")))?;
    PackageRecord::from_index_json(index, Some(fetched.size), Some(fetched.sha256), None)
        .map_err(|error| fail(format!("info/index.json names no platform that is known: {error}")))
}

fn read_index(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    match CondaArchiveType::try_from(path) {
        Some(CondaArchiveType::Conda) => find_index(stream_conda_info(file).map_err(describe)?),
        Some(CondaArchiveType::TarBz2) => find_index(stream_tar_bz2(file)),
        None => Err("its name ends in neither .conda nor .tar.bz2".to_owned()),
    }
}

fn describe(error: ExtractError) -> String {
    match error {
        ExtractError::MissingComponent => "there is no info-….tar.zst in it".to_owned(),
        error => format!("it is truncated, or something else altogether ({error})"),
    }
}

fn find_index(mut archive: tar::Archive<impl Read>) -> Result<Vec<u8>, String> {
    let damaged = |error: std::io::Error| format!("it is damaged: {error}");
    let mut before = 0u64;
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let is_index = entry.path().is_ok_and(|path| path == Path::new("info/index.json"));
        let size = entry.size();
        if is_index {
            if size > MOST_INDEX_BYTES {
                return Err(format!("info/index.json has {size} bytes"));
            }
            let mut json = Vec::new();
            entry.read_to_end(&mut json).map_err(damaged)?;
            return Ok(json);
        }
        before = before.saturating_add(size);
        if before > MOST_BYTES_BEFORE {
            return Err("it unpacks to too much".to_owned());
        }
    }
    Err("there is no info/index.json in it".to_owned())
}
