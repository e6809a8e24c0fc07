//! Downloads one archive into the cache.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mambox_progress::Task;
use rattler_networking::LazyClient;

use super::{FetchError, Fetched, Wanted};
use crate::{
    blocking::blocking,
    cache::{CacheError, Incoming, PackageCache},
    network_error::NetworkError,
    retry::Retry,
};

/// Wrong bytes are asked for once more: a proxy may have cut or mixed up an answer.
const WRONG_BYTES_TRIES: u32 = 2;

/// Where an archive goes.
#[derive(Clone, Copy)]
pub(crate) enum Destination<'a> {
    /// Under its hash.
    Cache(&'a PackageCache),
    /// Under this path; it grows beside it.
    File(&'a Path),
}

impl Destination<'_> {
    fn incoming(self) -> Result<Incoming, CacheError> {
        match self {
            Self::Cache(cache) => Incoming::new(&cache.incoming_dir()),
            Self::File(path) => Incoming::new(path.parent().unwrap_or(Path::new("."))),
        }
    }
}

pub(crate) struct Download<'a> {
    pub(crate) client: &'a LazyClient,
    pub(crate) to: Destination<'a>,
    pub(crate) retry: Retry,
    pub(crate) wanted: &'a Wanted,
    pub(crate) task: &'a Task<'a>,
}

/// Why one attempt failed.
enum Failure {
    /// It would fail again.
    Final(FetchError),
    /// The connection broke within the answer.
    Broken(FetchError),
    /// The answer was complete and wrong.
    Wrong(FetchError),
}

impl Download<'_> {
    /// Downloads until it succeeds or there is no more hope. Nothing is visible in the cache before that.
    pub(crate) async fn run(&self) -> Result<Fetched, FetchError> {
        let (mut broken, mut wrong) = (0, 0);
        loop {
            let pause = match self.attempt().await {
                Ok(fetched) => return Ok(fetched),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Broken(error)) => {
                    if broken >= self.retry.retries {
                        return Err(error);
                    }
                    broken += 1;
                    self.retry.pause(broken - 1)
                }
                Err(Failure::Wrong(error)) => {
                    wrong += 1;
                    if wrong >= WRONG_BYTES_TRIES {
                        return Err(error);
                    }
                    Duration::ZERO
                }
            };
            tracing::debug!(package = self.wanted.file_name, ?pause, "downloading again");
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self) -> Result<Fetched, Failure> {
        let wanted = self.wanted;
        let tries = self.retry.retries + 1;
        let mut request = self.client.client().get(wanted.url.clone());
        if let Some(sha256) = wanted.sha256 {
            // Lets an OCI channel find the blob without asking for a manifest.
            request = request.header("X-Expected-Sha256", hex::encode(sha256));
        }
        let mut response = request
            .send()
            .await
            .map_err(|error| self.network(NetworkError::of_middleware(&wanted.url, &error, tries)))
            .map_err(Failure::Final)?;
        if !response.status().is_success() {
            let error = NetworkError::of_status(&wanted.url, response.status(), tries);
            return Err(Failure::Final(self.network(error)));
        }
        let mut incoming = self.to.incoming().map_err(|error| self.cache(error))?;
        loop {
            match response.chunk().await {
                Ok(Some(bytes)) => self.take(&mut incoming, &bytes)?,
                Ok(None) => break,
                Err(error) => {
                    return Err(Failure::Broken(self.network(NetworkError::of_reqwest(
                        &wanted.url,
                        &error,
                        tries,
                    ))));
                }
            }
        }
        let size = incoming.length();
        let hashes = incoming.hashes();
        wanted.check(&hashes, size).map_err(Failure::Wrong)?;
        let path = self.publish(incoming).await.map_err(|error| self.cache(error))?;
        Ok(Fetched { path, sha256: hashes.sha256, size })
    }

    /// Reaching the disk may take long; other downloads go on meanwhile.
    async fn publish(&self, incoming: Incoming) -> Result<PathBuf, CacheError> {
        match self.to {
            Destination::Cache(cache) => {
                let (cache, file_name) = (cache.clone(), self.wanted.file_name.clone());
                blocking(move || incoming.publish(&cache, &file_name)).await
            }
            Destination::File(path) => {
                let path = path.to_owned();
                blocking(move || incoming.publish_at(&path).map(|()| path)).await
            }
        }
    }

    fn take(&self, incoming: &mut Incoming, bytes: &[u8]) -> Result<(), Failure> {
        let length = incoming.length() + bytes.len() as u64;
        self.wanted.check_growing(length).map_err(Failure::Wrong)?;
        incoming.write(bytes).map_err(|error| self.cache(error))?;
        self.task.advance(bytes.len() as u64);
        Ok(())
    }

    fn network(&self, source: NetworkError) -> FetchError {
        let package = self.wanted.package();
        match source {
            NetworkError::NotFound { url, .. } => FetchError::Gone { package, url },
            source => FetchError::Network { package, source },
        }
    }

    fn cache(&self, source: CacheError) -> Failure {
        Failure::Final(FetchError::Cache { package: self.wanted.package(), source })
    }
}
