//! A list of addresses becomes a lock: nothing is solved, no repodata is read.

use mambox_env::{ExplicitPackage, Lock, LockedPackage};
use rattler_conda_types::Subdir;
use rattler_digest::{Md5, Md5Hash, Sha256Hash, compute_file_digest};
use thiserror::Error;
use url::Url;

use crate::{
    archive_record::{ArchiveError, record_of},
    auth::UrlCredentials,
    blocking::blocking,
    fetch::{FetchError, Fetched, Fetcher, Wanted},
};

/// Why a list of addresses makes no lock.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExplicitError {
    /// An archive cannot be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// An archive is no package.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The packages do not make a lock.
    #[error(transparent)]
    Lock(#[from] mambox_env::LockError),
}

/// Fetches every archive and reads from it what it is and depends on.
pub(crate) async fn explicit(
    packages: &[ExplicitPackage],
    platform: Subdir,
    fetcher: &Fetcher<'_>,
    credentials: &UrlCredentials,
) -> Result<Lock, ExplicitError> {
    let wanted = packages
        .iter()
        .map(|package| wanted(&package.url, package.sha256, package.md5, credentials))
        .collect::<Vec<_>>();
    let mut locked = Vec::with_capacity(packages.len());
    for (wanted, fetched) in fetch_records(wanted, fetcher).await? {
        locked.push(LockedPackage::with_file_name(fetched, &wanted.url, None, &wanted.file_name)?);
    }
    let mut channels: Vec<String> = locked.iter().filter_map(|package| package.channel.clone()).collect();
    channels.sort();
    channels.dedup();
    Ok(Lock::new(platform, channels, locked)?)
}

/// An archive known by its URL, whose credentials are remembered and taken out.
pub(crate) fn wanted(
    url: &Url,
    sha256: Option<Sha256Hash>,
    md5: Option<Md5Hash>,
    credentials: &UrlCredentials,
) -> Wanted {
    if let Ok(folder) = url.join("./") {
        credentials.learn(&folder);
    }
    let url = mambox_env::strip_credentials(url);
    Wanted { file_name: file_name(&url), url, subdir: None, size: None, sha256, md5 }
}

/// Fetches archives and reads their records.
pub(crate) async fn fetch_records(
    wanted: Vec<Wanted>,
    fetcher: &Fetcher<'_>,
) -> Result<Vec<(Wanted, rattler_conda_types::PackageRecord)>, ExplicitError> {
    let fetched = fetcher.archives(wanted.clone()).await?;
    let mut records = Vec::with_capacity(wanted.len());
    for (wanted, fetched) in wanted.into_iter().zip(fetched) {
        let (wanted, record) = read_record(wanted, fetched).await?;
        records.push((wanted, record));
    }
    Ok(records)
}

async fn read_record(
    wanted: Wanted,
    fetched: Fetched,
) -> Result<(Wanted, rattler_conda_types::PackageRecord), ArchiveError> {
    blocking(move || {
        let mut record = record_of(&wanted.file_name, &fetched)?;
        // Channels state both hashes, lists only one: a record must not depend on which.
        let md5 = compute_file_digest::<Md5>(&fetched.path)
            .map_err(|error| ArchiveError { package: wanted.file_name.clone(), reason: error.to_string() })?;
        record.md5 = Some(md5);
        Ok((wanted, record))
    })
    .await
}

/// The last segment of the path, with its escapes resolved.
fn file_name(url: &Url) -> String {
    let segment = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    // A file URL knows how to do that; the host plays no part.
    Url::parse(&format!("file:///{segment}"))
        .ok()
        .and_then(|url| url.to_file_path().ok())
        .and_then(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .unwrap_or_else(|| segment.to_owned())
}
