//! Distributions between our locks and rattler_lock's.

use std::path::Path;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::PackageName;
use rattler_lock::{
    PackageHashes, PypiDistributionData, PypiPackageData, PypiSourceData, UrlOrPath, Verbatim,
};
use url::Url;

use super::package::{PipPackage, PipSource};
use crate::{lock_error::LockError, lock_read::lexically_joined, redact::for_message};

/// A distribution of a lock file; paths in it are relative to `base`.
pub(crate) fn from_rattler(data: &PypiPackageData, base: Option<&Path>) -> Result<PipPackage, LockError> {
    let name = data.name().to_string();
    let wrong = |why: String| LockError::PipPackage { package: for_message(&name), why };
    let source = match data {
        PypiPackageData::Distribution(file) => {
            let sha256 = file.hash.as_ref().and_then(PackageHashes::sha256).copied();
            source(file.location.inner(), base, |url, folder| PipSource::file(url, sha256, folder))
        }
        PypiPackageData::Source(tree) => source(tree.location.inner(), base, |url, _| {
            Err(format!(
                "'{}' has no hash, so that it could not be checked; lock again",
                for_message(url.as_str())
            ))
        }),
    };
    let version = data.version().map(ToString::to_string);
    let mut package = PipPackage::new(&name, version.as_deref(), source.map_err(wrong)?)?;
    package.requires_python = data.requires_python().map(ToString::to_string);
    Ok(package)
}

/// What a location means; `archive` takes the address of a file.
fn source(
    location: &UrlOrPath,
    base: Option<&Path>,
    archive: impl FnOnce(&Url, Option<String>) -> Result<PipSource, String>,
) -> Result<PipSource, String> {
    match location {
        UrlOrPath::Url(url) if url.scheme() == "direct+https" || url.scheme() == "direct+http" => {
            Err("pixi locks it by its address without a hash; take it from an index, or lock with mambox"
                .to_owned())
        }
        UrlOrPath::Url(url) => match url.as_str().strip_prefix("git+") {
            Some(repository) => git(repository),
            None => archive(url, fragment(url, "subdirectory")),
        },
        UrlOrPath::Path(path) => {
            let written = path.as_str();
            let absolute = match (Path::new(written).is_absolute(), base) {
                (true, _) => Path::new(written).to_path_buf(),
                (false, Some(base)) => lexically_joined(base, Path::new(written)),
                (false, None) => {
                    return Err(format!("it is not clear where '{}' lies", for_message(written)));
                }
            };
            let is_file = [".whl", ".tar.gz", ".tgz", ".zip"].iter().any(|ending| written.ends_with(ending));
            if !is_file {
                return Ok(PipSource::Folder { path: absolute });
            }
            let url = Url::from_file_path(&absolute);
            archive(&url.map_err(|()| format!("'{}' is no path", for_message(written)))?, None)
        }
    }
}

/// `https://host/x.git?subdirectory=a&rev=main#COMMIT`, as pixi writes it.
fn git(repository: &str) -> Result<PipSource, String> {
    let url = Url::parse(repository).map_err(|error| error.to_string())?;
    let subdirectory =
        url.query_pairs().find(|(key, _)| key == "subdirectory").map(|(_, value)| value.into_owned());
    PipSource::git(&url, url.fragment().unwrap_or_default(), subdirectory)
}

fn fragment(url: &Url, key: &str) -> Option<String> {
    let pairs = url.fragment()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_owned())
}

/// A distribution as rattler_lock holds it; local ones at or below `beside` become relative to it.
pub(crate) fn to_rattler(package: &PipPackage, beside: Option<&Path>) -> Result<PypiPackageData, LockError> {
    let wrong = |why: String| LockError::PipPackage { package: package.label(), why };
    let name = PackageName::from_str(&package.name).map_err(|error| wrong(error.to_string()))?;
    // Nothing of ours reads it, and pep508_rs puts this process's variables into requirements that name them.
    let requires_dist = Vec::new();
    let requires_python = package.requires_python.as_deref().map(VersionSpecifiers::from_str).transpose();
    let requires_python = requires_python.map_err(|error| wrong(error.to_string()))?;
    let location: Verbatim<UrlOrPath> = location(&package.source, beside).map_err(wrong)?.into();
    let sha256 = match &package.source {
        PipSource::Wheel { sha256, .. } | PipSource::Sdist { sha256, .. } => *sha256,
        PipSource::Folder { .. } | PipSource::Git { .. } => {
            let source_data = Default::default();
            let data = PypiSourceData { name, location, requires_dist, requires_python, source_data };
            return Ok(PypiPackageData::Source(Box::new(data)));
        }
    };
    let version = package.version.as_deref().ok_or_else(|| wrong("it has no version".to_owned()))?;
    let version = Version::from_str(version).map_err(|error| wrong(error.to_string()))?;
    // The file's own address is exact; where its index was does not matter.
    let (hash, index_url) = (Some(PackageHashes::Sha256(sha256)), None);
    let data =
        PypiDistributionData { name, version, location, index_url, hash, requires_dist, requires_python };
    Ok(PypiPackageData::Distribution(Box::new(data)))
}

fn location(source: &PipSource, beside: Option<&Path>) -> Result<UrlOrPath, String> {
    match source {
        PipSource::Wheel { url, .. } => Ok(of_url(url, beside)),
        PipSource::Sdist { url, subdirectory, .. } => {
            let mut url = url.clone();
            url.set_fragment(subdirectory.as_ref().map(|folder| format!("subdirectory={folder}")).as_deref());
            Ok(of_url(&url, beside))
        }
        PipSource::Folder { path } => of_path(path, beside).ok_or_else(|| "its path is not UTF-8".to_owned()),
        PipSource::Git { url, commit, subdirectory } => {
            let mut url = url.clone();
            if let Some(folder) = subdirectory {
                url.query_pairs_mut().append_pair("subdirectory", folder);
            }
            url.set_fragment(Some(commit));
            let url = Url::parse(&format!("git+{url}")).map_err(|error| error.to_string())?;
            Ok(UrlOrPath::Url(url))
        }
    }
}

/// The lock's text holds the path of a `file:` URL.
fn of_url(url: &Url, beside: Option<&Path>) -> UrlOrPath {
    let path = if url.scheme() == "file" { url.to_file_path().ok() } else { None };
    let path = path.and_then(|path| of_path(&path, beside));
    path.unwrap_or_else(|| UrlOrPath::Url(url.clone()))
}

fn of_path(path: &Path, beside: Option<&Path>) -> Option<UrlOrPath> {
    let below = beside.and_then(|folder| path.strip_prefix(folder).ok());
    let text = match below {
        Some(below) => format!("./{}", below.to_str()?),
        None => path.to_str()?.to_owned(),
    };
    UrlOrPath::from_str(&text).ok()
}
