//! Archives that are on this machine: in a channel folder or in the cache. They are not copied.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{FetchError, Fetched, Wanted};
use crate::{
    cache::{PackageCache, VerifiedFiles},
    mask::mask_url,
};

/// Looks where a wanted archive may lie. All paths that come out were verified.
#[derive(Clone)]
pub(crate) struct Local {
    pub(crate) cache: PackageCache,
    pub(crate) verified: Arc<VerifiedFiles>,
    /// Channel folders to look in by file name, such as those that a portable lock no longer names.
    pub(crate) folders: Arc<[PathBuf]>,
}

impl Local {
    /// What there is on this machine: `None` if the archive must be downloaded.
    pub(crate) fn find(&self, wanted: &Wanted) -> Result<Option<Fetched>, FetchError> {
        match wanted.url.scheme() {
            "file" => self.of_file_url(wanted).map(Some),
            // Whatever else lies around under that name, the network may have the right one.
            "http" | "https" | "oci" => Ok(self.elsewhere(wanted).and_then(Result::ok)),
            _ => Err(FetchError::Scheme { package: wanted.package(), url: mask_url(&wanted.url) }),
        }
    }

    /// The archive, if it is in the cache.
    fn in_cache(&self, wanted: &Wanted) -> Option<Fetched> {
        let sha256 = match (wanted.sha256, wanted.md5) {
            (Some(sha256), _) => sha256,
            (None, Some(md5)) => self.cache.sha256_of_md5(&md5)?,
            (None, None) => return None,
        };
        let path = self.cache.find(&sha256, &wanted.file_name, wanted.size)?;
        let size = path.metadata().ok()?.len();
        Some(Fetched { path, sha256, size })
    }

    /// The archive of a `file://` URL, verified; from the cache or the folders if it is not where the URL says.
    fn of_file_url(&self, wanted: &Wanted) -> Result<Fetched, FetchError> {
        let package = wanted.package();
        let Ok(path) = wanted.url.to_file_path() else {
            return Err(FetchError::Missing { package, path: PathBuf::from(wanted.url.path()) });
        };
        match self.verify(wanted, &path) {
            Err(FetchError::File { source, .. }) if is_absence(&source) => {
                self.elsewhere(wanted).unwrap_or(Err(FetchError::Missing { package, path }))
            }
            result => result,
        }
    }

    /// The archive from the cache or the folders. A file of the right name but other content is reported only
    /// if no other place has the right one.
    fn elsewhere(&self, wanted: &Wanted) -> Option<Result<Fetched, FetchError>> {
        if let Some(fetched) = self.in_cache(wanted) {
            return Some(Ok(fetched));
        }
        let mut failure = None;
        for candidate in self.candidates(wanted) {
            match self.verify(wanted, &candidate) {
                Ok(fetched) => return Some(Ok(fetched)),
                Err(FetchError::File { source, .. }) if is_absence(&source) => {}
                Err(error) => failure = failure.or(Some(Err(error))),
            }
        }
        if let Some(path) =
            wanted.sha256.and_then(|sha256| self.cache.find_by_hash(&sha256, &wanted.file_name))
            && let Ok(fetched) = self.verify(wanted, &path)
        {
            return Some(Ok(fetched));
        }
        failure
    }

    fn candidates(&self, wanted: &Wanted) -> Vec<PathBuf> {
        let subdir = wanted.subdir.as_deref().unwrap_or("noarch");
        let below =
            |folder: &PathBuf| [folder.join(subdir).join(&wanted.file_name), folder.join(&wanted.file_name)];
        self.folders.iter().flat_map(below).collect()
    }

    fn verify(&self, wanted: &Wanted, path: &Path) -> Result<Fetched, FetchError> {
        let failed = |source| FetchError::File { path: path.to_owned(), source };
        // The size alone tells the usual damage without reading anything.
        let metadata = path.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(failed(io::Error::other("it is no file")));
        }
        if let Some(expected) = wanted.size.filter(|size| *size != metadata.len()) {
            return Err(FetchError::WrongSize {
                package: wanted.package(),
                url: path.display().to_string(),
                expected,
                actual: metadata.len(),
            });
        }
        let (hashes, size, _) = self.verified.hashes(path).map_err(failed)?;
        wanted.check(&hashes, size)?;
        Ok(Fetched { path: path.to_owned(), sha256: hashes.sha256, size })
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
