//! From records to extracted packages: out of the cache, a local channel, or the network.

use std::path::PathBuf;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use mambox_progress::{Outcome as TaskOutcome, Reporter, Stage, Unit};
use mambox_resolve::Resolver;
use rattler_conda_types::RepoDataRecord;
use tokio::sync::Semaphore;

use super::extract::{Unusable, extract};
use super::layout;
use super::store::PackageDirs;
use crate::failure::{Failure, Outcome};

/// A package that is ready to be linked.
#[derive(Debug, Clone)]
pub(crate) struct Obtained {
    /// As asked for, with the hashes of the bytes that came.
    pub(crate) record: RepoDataRecord,
    /// The extracted package.
    pub(crate) folder: PathBuf,
    /// Its archive, where one is at hand.
    pub(crate) archive: Option<PathBuf>,
}

/// Whence packages come.
pub(crate) struct Source<'a> {
    pub(crate) resolver: &'a Resolver,
    pub(crate) dirs: &'a PackageDirs,
    /// Downloads at the same time.
    pub(crate) downloads: usize,
    /// Extractions at the same time.
    pub(crate) extractions: usize,
    pub(crate) on: &'a dyn Reporter,
}

impl Source<'_> {
    /// Whether nothing has to be fetched for this package.
    pub(crate) fn has(&self, record: &RepoDataRecord) -> bool {
        self.dirs.extracted(record).is_some() || self.dirs.archive(record).is_some()
    }

    /// Gets all packages, in the order of the records. The first failure ends the rest; what was extracted by then
    /// stays in the cache.
    pub(crate) async fn obtain(&self, records: Vec<RepoDataRecord>) -> Outcome<Vec<Obtained>> {
        let extracting = Arc::new(Semaphore::new(self.extractions.max(1)));
        // More than are downloaded at a time, so that extracting does not keep the line idle.
        let together = self.downloads.max(1) + self.extractions.max(1);
        let downloading = Semaphore::new(self.downloads.max(1));
        stream::iter(records)
            .map(|record| self.one(record, &downloading, &extracting))
            .buffered(together)
            .try_collect()
            .await
    }

    /// The same package once more: what the cache has of it turned out to be damaged.
    pub(crate) async fn obtain_again(&self, record: RepoDataRecord) -> Outcome<Obtained> {
        if let Some(folder) = self.dirs.extracted(&record) {
            // Without it the folder counts for nothing; in a cache that is read-only, the new one goes to another.
            let _ = std::fs::remove_file(folder.join("info/repodata_record.json"));
        }
        let gate = Arc::new(Semaphore::new(1));
        self.anew(record, &Semaphore::new(1), &gate).await
    }

    async fn one(
        &self,
        record: RepoDataRecord,
        downloading: &Semaphore,
        extracting: &Arc<Semaphore>,
    ) -> Outcome<Obtained> {
        if let Some(folder) = self.dirs.extracted(&record) {
            let archive = self.dirs.archive(&record);
            return Ok(Obtained { record, folder, archive });
        }
        if let Some(archive) = self.dirs.archive(&record) {
            match self.extract(archive.clone(), record.clone(), extracting).await {
                Ok((record, folder)) => return Ok(Obtained { record, folder, archive: Some(archive) }),
                Err(Unusable::Failed(failure)) => return Err(failure),
                Err(Unusable::Damaged(why)) => tracing::debug!(why, "an archive of the cache is of no use"),
            }
        }
        self.anew(record, downloading, extracting).await
    }

    /// From where the channel has it.
    async fn anew(
        &self,
        record: RepoDataRecord,
        downloading: &Semaphore,
        extracting: &Arc<Semaphore>,
    ) -> Outcome<Obtained> {
        let archive = match record.url.scheme() {
            // Not copied: a local channel is as near as the cache.
            "file" => record
                .url
                .to_file_path()
                .map_err(|()| Failure::Message(format!("{} holds no path of this machine", record.url)))?,
            _ => self.download(&record, downloading).await?,
        };
        let (record, folder) =
            self.extract(archive.clone(), record, extracting).await.map_err(Unusable::into_failure)?;
        Ok(Obtained { record, folder, archive: Some(archive) })
    }

    async fn download(&self, record: &RepoDataRecord, downloading: &Semaphore) -> Outcome<PathBuf> {
        let path = self.dirs.folder_for(record)?.join(layout::file_name(record));
        // Never closed, so that waiting cannot fail.
        let _turn = downloading.acquire().await;
        self.resolver.download(record, &path, self.on).await?;
        Ok(path)
    }

    async fn extract(
        &self,
        archive: PathBuf,
        mut record: RepoDataRecord,
        extracting: &Arc<Semaphore>,
    ) -> Result<(RepoDataRecord, PathBuf), Unusable> {
        let folder = self.dirs.folder_for(&record).map_err(Unusable::Failed)?;
        let turn = Arc::clone(extracting).acquire_owned().await;
        let task = self.on.begin(Stage::Layer, layout::file_name(&record), None, Unit::Items);
        let extracted = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            extract(&archive, &folder, &mut record).map(|folder| (record, folder))
        })
        .await
        .unwrap_or_else(|error| Err(Unusable::Failed(Failure::new(error))))?;
        task.finish(TaskOutcome::Done);
        Ok(extracted)
    }
}
