//! A registry's layer: downloaded when first read, kept in the cache.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use mambox_oci::{Blob, Descriptor, Digest, HashingWriter, MountSource};
use reqwest::header::{CONTENT_RANGE, HeaderMap, RANGE};
use reqwest::{Response, StatusCode};
use tempfile::NamedTempFile;
use tokio::runtime::Handle;

use super::repository::{Repository, patiently};
use super::{BlobCache, RegistryError};

/// A blob of a repository. `open` blocks while it is downloaded, so it belongs on a blocking thread.
pub struct RegistryBlob {
    repository: Arc<Repository>,
    digest: Digest,
    size: u64,
    cache: BlobCache,
    path: PathBuf,
    runtime: Handle,
    /// Held while downloading, so that two readers do not download twice.
    busy: Mutex<()>,
}

impl fmt::Debug for RegistryBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistryBlob({}@{})", self.repository.reference.place(), self.digest)
    }
}

impl RegistryBlob {
    pub(crate) fn new(
        repository: Arc<Repository>,
        descriptor: &Descriptor,
        cache: BlobCache,
        runtime: Handle,
    ) -> Self {
        let (digest, size) = (descriptor.digest, descriptor.size);
        let path = cache.path(digest);
        Self { repository, digest, size, cache, path, runtime, busy: Mutex::new(()) }
    }

    fn is_cached(&self) -> bool {
        self.cache.has(self.digest, self.size)
    }

    /// Downloads on the runtime's threads and waits on this one. `block_on` would panic where the caller
    /// is asynchronous after all; a channel only waits.
    fn download(&self) -> Result<(), RegistryError> {
        if self.repository.registry.settings().offline {
            let reference = format!("{}@{}", self.repository.reference.place(), self.digest);
            return Err(RegistryError::Offline { reference });
        }
        let target = self.cache.begin(self.digest)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let (repository, digest, size) = (self.repository.clone(), self.digest, self.size);
        self.runtime.spawn(async move {
            let download = Download { repository: &repository, digest, size };
            // Nobody listens if the reader is gone.
            let _ = sender.send(download.run(target).await);
        });
        let gone = |_| RegistryError::Interrupted(format!("the download of {}", self.digest));
        let file = receiver.recv().map_err(gone)??;
        self.cache.keep(file, self.digest)
    }
}

impl Blob for RegistryBlob {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let one = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_cached() {
            self.download().map_err(io::Error::other)?;
        }
        drop(one);
        Ok(Box::new(File::open(&self.path)?))
    }

    fn path(&self) -> Option<&Path> {
        self.is_cached().then_some(&*self.path)
    }

    fn mount_source(&self) -> Option<MountSource> {
        Some(self.repository.reference.mount_source())
    }
}

/// One download, which goes on where a broken connection left it.
struct Download<'a> {
    repository: &'a Repository,
    digest: Digest,
    size: u64,
}

/// What has arrived.
struct Arrived {
    file: NamedTempFile,
    hash: HashingWriter<io::Sink>,
    bytes: u64,
}

impl Arrived {
    fn push(&mut self, chunk: &[u8]) -> Result<(), RegistryError> {
        // Page cache, mostly: short enough for a thread of the runtime.
        let written = self.file.write_all(chunk).and_then(|()| self.hash.write_all(chunk));
        written.map_err(|source| self.unwritable(source))?;
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Forgets everything, for a registry that cannot continue in the middle.
    fn restart(&mut self) -> Result<(), RegistryError> {
        let emptied = self.file.as_file().set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(|source| self.unwritable(source))?;
        (self.hash, self.bytes) = (HashingWriter::new(io::sink()), 0);
        Ok(())
    }

    fn unwritable(&self, source: io::Error) -> RegistryError {
        RegistryError::Cache { path: self.file.path().into(), action: "written", source }
    }
}

impl Download<'_> {
    async fn run(&self, target: NamedTempFile) -> Result<NamedTempFile, RegistryError> {
        let mut arrived = Arrived { file: target, hash: HashingWriter::new(io::sink()), bytes: 0 };
        let mut attempt = 0;
        loop {
            match self.go_on(&mut arrived).await {
                Ok(()) if arrived.bytes == self.size => return self.finish(arrived),
                Err(error) if !error.may_pass() => return Err(error),
                outcome => match self.repository.registry.retry().pause(attempt) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => {
                        outcome?;
                        let missing = self.size - arrived.bytes;
                        return Err(self.corrupt(format!("it ends {missing} bytes too early")));
                    }
                },
            }
            attempt += 1;
        }
    }

    /// Asks for the rest and writes it, as far as it comes.
    async fn go_on(&self, arrived: &mut Arrived) -> Result<(), RegistryError> {
        let what = format!(
            "the request for the layer {} of {}",
            self.digest,
            self.repository.reference.repository()
        );
        let url = self.repository.blob_url(self.digest)?;
        let start = arrived.bytes;
        let build = |client: &reqwest::Client| match start {
            0 => client.get(url.clone()),
            start => client.get(url.clone()).header(RANGE, format!("bytes={start}-")),
        };
        let response = self.repository.send(&what, build).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if range_start(response.headers()) == Some(start) => {}
            StatusCode::OK if start == 0 => {}
            StatusCode::OK => arrived.restart()?,
            // The registry has nothing behind what came already.
            StatusCode::RANGE_NOT_SATISFIABLE if start > 0 => return Ok(()),
            StatusCode::NOT_FOUND => {
                let place = self.repository.reference.place();
                return Err(RegistryError::NoBlob { place, digest: self.digest });
            }
            _ => return Err(self.repository.refused(&what, response).await),
        }
        self.write(arrived, &what, response).await
    }

    async fn write(
        &self,
        arrived: &mut Arrived,
        what: &str,
        mut response: Response,
    ) -> Result<(), RegistryError> {
        let (via, registry) = (&self.repository.registry, self.repository.reference.registry());
        while let Some(chunk) = patiently(via, registry, what, response.chunk()).await? {
            if chunk.len() as u64 > self.size - arrived.bytes {
                return Err(
                    self.corrupt(format!("it is longer than the {} bytes its manifest states", self.size))
                );
            }
            arrived.push(&chunk)?;
        }
        Ok(())
    }

    fn finish(&self, arrived: Arrived) -> Result<NamedTempFile, RegistryError> {
        let (_, actual, _) = arrived.hash.finish();
        match actual == self.digest {
            true => Ok(arrived.file),
            false => Err(self.corrupt(format!("it has the digest {actual}"))),
        }
    }

    fn corrupt(&self, problem: String) -> RegistryError {
        RegistryError::Corrupt {
            what: format!("the layer {} from {}", self.digest, self.repository.reference.place()),
            problem,
        }
    }
}

/// The first byte that a partial answer holds: `bytes 100-199/200`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}
