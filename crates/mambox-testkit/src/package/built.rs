//! A finished package archive.

use std::path::{Path, PathBuf};

use rattler_conda_types::package::{DistArchiveIdentifier, IndexJson, PackageFile};
use rattler_conda_types::{PackageRecord, RepoDataRecord};
use rattler_digest::{Md5, Md5Hash, Sha256, Sha256Hash, compute_bytes_digest};
use url::Url;

/// An archive in memory with the record a channel would publish for it.
#[derive(Clone, Debug)]
pub struct BuiltPackage {
    /// `name-version-build.conda` or `.tar.bz2`.
    pub file_name: String,
    /// The archive.
    pub bytes: Vec<u8>,
    /// SHA-256 of the archive.
    pub sha256: Sha256Hash,
    /// MD5 of the archive.
    pub md5: Md5Hash,
    /// What repodata.json says: index.json with size and hashes of the archive.
    pub record: PackageRecord,
}

impl BuiltPackage {
    /// From an archive's bytes and the text of its `info/index.json`.
    pub(crate) fn new(file_name: String, bytes: Vec<u8>, index_json: &str) -> Self {
        let sha256 = compute_bytes_digest::<Sha256>(&bytes);
        let md5 = compute_bytes_digest::<Md5>(&bytes);
        let index = IndexJson::from_str(index_json)
            .unwrap_or_else(|error| panic!("{file_name}: index.json does not parse: {error}\n{index_json}"));
        let record = PackageRecord::from_index_json(index, Some(bytes.len() as u64), Some(sha256), Some(md5))
            .unwrap_or_else(|error| panic!("{file_name}: no subdir: {error}"));
        Self { file_name, bytes, sha256, md5, record }
    }

    /// Writes the archive into `dir` (which is made) and returns its path.
    pub fn write_to(&self, dir: impl AsRef<Path>) -> PathBuf {
        let path = dir.as_ref().join(&self.file_name);
        std::fs::create_dir_all(dir.as_ref()).expect("the folder for the package can be made");
        std::fs::write(&path, &self.bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// The record with file name, URL (`channel/subdir/file_name`) and channel. `channel` needs no
    /// slash at its end.
    pub fn repo_data_record(&self, channel: &str) -> RepoDataRecord {
        let channel = channel.trim_end_matches('/');
        let url = format!("{channel}/{}/{}", self.record.subdir, self.file_name);
        RepoDataRecord {
            package_record: self.record.clone(),
            identifier: DistArchiveIdentifier::try_from_filename(&self.file_name)
                .unwrap_or_else(|| panic!("{} is no package file name", self.file_name)),
            url: Url::parse(&url).unwrap_or_else(|error| panic!("{url}: {error}")),
            channel: Some(channel.to_owned()),
        }
    }
}
