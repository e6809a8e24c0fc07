//! Many archives at a time.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::{StreamExt, TryStreamExt, stream};
use mambox_env::LockedPackage;
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use rattler_networking::LazyClient;

use super::{
    FetchError, Fetched, Wanted,
    download::{Destination, Download},
    local::Local,
};
use crate::{
    blocking::blocking,
    cache::{PackageCache, VerifiedFiles},
    retry::Retry,
};

/// A package whose archive is on this machine and has the hash that the lock names.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedPackage {
    /// As locked; with the archive's sha256 even where the lock had only an md5.
    pub locked: LockedPackage,
    /// The archive: in the cache, or where a local channel has it.
    pub path: PathBuf,
}

/// A file that is on this machine and has the hash that the lock names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// In the cache, or where the lock says.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
}

/// Fetches archives; one for each call to the outside.
pub(crate) struct Fetcher<'a> {
    pub(crate) client: &'a LazyClient,
    pub(crate) cache: &'a PackageCache,
    pub(crate) folders: &'a [PathBuf],
    pub(crate) retry: Retry,
    pub(crate) concurrency: usize,
    pub(crate) on: &'a dyn Reporter,
}

impl Fetcher<'_> {
    /// All packages of a lock, in its order. The first failure ends the rest.
    pub(crate) async fn packages(
        &self,
        packages: &[LockedPackage],
    ) -> Result<Vec<FetchedPackage>, FetchError> {
        let wanted = packages.iter().map(Wanted::from).collect();
        let fetched = self.archives(wanted).await?;
        let together = packages.iter().zip(fetched).map(|(locked, fetched)| {
            let mut locked = locked.clone();
            locked.record.sha256 = Some(fetched.sha256);
            FetchedPackage { locked, path: fetched.path }
        });
        Ok(together.collect())
    }

    /// All archives, in the order of `wanted`.
    pub(crate) async fn archives(&self, wanted: Vec<Wanted>) -> Result<Vec<Fetched>, FetchError> {
        let verified = Arc::new(VerifiedFiles::load(self.cache));
        let local =
            Local { cache: self.cache.clone(), verified: verified.clone(), folders: self.folders.into() };
        let result = stream::iter(wanted)
            .map(|wanted| self.archive(wanted, local.clone()))
            .buffered(self.concurrency.max(1))
            .try_collect()
            .await;
        // Also after a failure: what was hashed stays hashed.
        verified.save();
        result
    }

    /// One archive from the network to a path of its own.
    pub(crate) async fn download_to(&self, wanted: &Wanted, path: &Path) -> Result<(), FetchError> {
        let task = self.on.begin(Stage::Fetch, wanted.file_name.clone(), wanted.size, Unit::Bytes);
        let (to, retry) = (Destination::File(path), self.retry);
        Download { client: self.client, to, retry, wanted, task: &task }.run().await?;
        task.finish(Outcome::Done);
        Ok(())
    }

    async fn archive(&self, wanted: Wanted, local: Local) -> Result<Fetched, FetchError> {
        let task = self.on.begin(Stage::Fetch, wanted.file_name.clone(), wanted.size, Unit::Bytes);
        // Hashing a large file takes a while, and several may be hashed at a time.
        let (wanted, found) = blocking(move || {
            let found = local.find(&wanted);
            (wanted, found)
        })
        .await;
        if let Some(found) = found? {
            task.finish(Outcome::Reused);
            return Ok(found);
        }
        let download = Download {
            client: self.client,
            to: Destination::Cache(self.cache),
            retry: self.retry,
            wanted: &wanted,
            task: &task,
        };
        let fetched = download.run().await?;
        task.finish(Outcome::Done);
        Ok(fetched)
    }
}
