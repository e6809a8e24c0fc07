//! What a lock says about an archive, and whether bytes are that.

use std::path::PathBuf;

use mambox_env::{LockedPackage, PipPackage, PipSource};
use rattler_digest::{Md5Hash, Sha256Hash};

use super::FetchError;
use crate::{cache::Hashes, mask::mask_url};

/// No conda package comes near this.
const MOST_BYTES: u64 = 16 << 30;

/// An archive as a lock or an explicit list names it; an explicit list may name no hash at all.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) url: url::Url,
    pub(crate) file_name: String,
    pub(crate) subdir: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) sha256: Option<Sha256Hash>,
    pub(crate) md5: Option<Md5Hash>,
}

/// An archive that is at hand and is what was wanted.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) path: PathBuf,
    pub(crate) sha256: Sha256Hash,
    pub(crate) size: u64,
}

impl From<&LockedPackage> for Wanted {
    fn from(package: &LockedPackage) -> Self {
        Self {
            url: package.url.clone(),
            file_name: package.file_name.clone(),
            subdir: Some(package.record.subdir.clone()),
            size: package.record.size,
            sha256: package.record.sha256,
            md5: package.record.md5,
        }
    }
}

impl Wanted {
    /// The file of a distribution, if it is one.
    pub(crate) fn of_pip(package: &PipPackage) -> Option<Self> {
        match &package.source {
            PipSource::Wheel { url, file_name, sha256 } | PipSource::Sdist { url, file_name, sha256, .. } => {
                let (url, file_name) = (url.clone(), file_name.clone());
                Some(Self { url, file_name, subdir: None, size: None, sha256: Some(*sha256), md5: None })
            }
            PipSource::Folder { .. } | PipSource::Git { .. } => None,
        }
    }

    /// Whether bytes with these hashes are what was wanted: by sha256, by md5 where there is nothing else.
    pub(crate) fn check(&self, hashes: &Hashes, size: u64) -> Result<(), FetchError> {
        if let Some(expected) = self.size.filter(|expected| *expected != size) {
            return Err(self.wrong_size(expected, size));
        }
        let wrong = |algorithm, expected: &[u8], actual: &[u8]| {
            let (expected, actual) = (hex::encode(expected), hex::encode(actual));
            Err(FetchError::WrongHash {
                package: self.package(),
                url: mask_url(&self.url),
                algorithm,
                expected,
                actual,
            })
        };
        match (&self.sha256, &self.md5) {
            (Some(sha256), _) if *sha256 != hashes.sha256 => wrong("sha256", sha256, &hashes.sha256),
            (None, Some(md5)) if *md5 != hashes.md5 => wrong("md5", md5, &hashes.md5),
            _ => Ok(()),
        }
    }

    /// Refuses more bytes than there may be, before they are written.
    pub(crate) fn check_growing(&self, length: u64) -> Result<(), FetchError> {
        match self.size {
            Some(expected) if length > expected => Err(self.wrong_size(expected, length)),
            None if length > MOST_BYTES => Err(FetchError::TooLarge {
                package: self.package(),
                url: mask_url(&self.url),
                most: MOST_BYTES,
            }),
            _ => Ok(()),
        }
    }

    fn wrong_size(&self, expected: u64, actual: u64) -> FetchError {
        FetchError::WrongSize { package: self.package(), url: mask_url(&self.url), expected, actual }
    }

    pub(crate) fn package(&self) -> String {
        self.file_name.clone()
    }
}
