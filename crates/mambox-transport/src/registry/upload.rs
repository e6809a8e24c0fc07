//! One blob on its way into a repository.
//!
//! A session is opened and the whole blob put into it, as containerd does: chunks in several requests
//! are refused or mishandled by too many registries. What breaks off begins anew in a new session.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream;
use mambox_oci::{Digest, Layer, MountSource};
use mambox_progress::Task;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Body, Response, StatusCode, Url};
use tokio::sync::mpsc;

use super::RegistryError;
use super::error::{cause, hint};
use super::repository::Repository;

const CHUNK: usize = 256 << 10;
/// How often progress is reported.
const TICK: Duration = Duration::from_millis(100);
/// A registry may hash a whole large blob before it answers, so it gets more time for that.
const COMMIT_FACTOR: u32 = 5;

/// A blob to have in the repository.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// Where its bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Layer(Layer),
    Bytes(Arc<[u8]>),
}

/// How it came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    Existing,
    Mounted,
    Uploaded,
}

impl Content {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Layer(layer) => Box::new(layer.open()?),
            Self::Bytes(bytes) => Box::new(io::Cursor::new(bytes.clone())),
        })
    }

    /// Another repository of `registry` that has it.
    pub(crate) fn source(&self, registry: &str) -> Option<MountSource> {
        let Self::Layer(layer) = self else { return None };
        layer.blob().mount_source().filter(|source| source.registry == registry)
    }
}

impl Repository {
    /// Brings a blob into the repository; its bytes are read only if there is no other way.
    pub(crate) async fn place(&self, parcel: &Parcel, task: &Task<'_>) -> Result<Placed, RegistryError> {
        if self.has(parcel.digest).await? {
            return Ok(Placed::Existing);
        }
        let source = parcel.content.source(self.reference.registry());
        let mut session = match source.filter(|source| source.repository != self.reference.repository()) {
            Some(source) => match self.mount(parcel.digest, &source).await? {
                Mount::Done => return Ok(Placed::Mounted),
                Mount::Session(session) => session,
            },
            None => None,
        };
        let high_water = HighWater::new(task);
        let (mut attempt, mut asked_again) = (0, false);
        loop {
            let location = match session.take() {
                Some(location) => location,
                None => self.begin(parcel).await?,
            };
            let pause = match self.put(parcel, location, &high_water).await {
                Ok((response, _)) if response.status().is_success() => return Ok(Placed::Uploaded),
                Ok((response, generation)) => {
                    let status = response.status();
                    if status == StatusCode::UNAUTHORIZED && !asked_again {
                        asked_again = true;
                        if self.authorize(&response, generation).await? {
                            continue;
                        }
                    }
                    let retry = self.registry.retry();
                    // The session expired, or another instance of the registry knows nothing of it.
                    let expired = matches!(status, StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE);
                    let pause = retry.pause_after(status, response.headers(), attempt);
                    match pause.or(retry.pause(attempt).filter(|_| expired)) {
                        Some(pause) => pause,
                        None => return Err(self.refused(&upload_of(parcel), response).await),
                    }
                }
                Err(error) => match self.registry.retry().pause(attempt) {
                    Some(pause) if error.may_pass() => pause,
                    _ => return Err(error),
                },
            };
            tracing::debug!(attempt, ?pause, "uploading {} anew", parcel.digest);
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn has(&self, digest: Digest) -> Result<bool, RegistryError> {
        let what = format!("the question for the blob {digest} of {}", self.reference.repository());
        let url = self.blob_url(digest)?;
        let response = self.send(&what, |client| client.head(url.clone())).await?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refused(&what, response).await),
        }
    }

    /// Asks for a blob of another repository. A registry that cannot do that opens a session instead, and
    /// one that will not is no reason to fail: the blob is uploaded then.
    async fn mount(&self, digest: Digest, source: &MountSource) -> Result<Mount, RegistryError> {
        let what = format!("the request to mount {digest} from {}", source.repository);
        let mut url = self.url("blobs/uploads/")?;
        url.query_pairs_mut().extend_pairs([("mount", &*digest.to_string()), ("from", &*source.repository)]);
        let response = self.send(&what, |client| client.post(url.clone()).header(CONTENT_LENGTH, 0)).await?;
        Ok(match response.status() {
            StatusCode::CREATED => Mount::Done,
            StatusCode::ACCEPTED => Mount::Session(self.location(&what, &response).ok()),
            status => {
                tracing::debug!("{what}: {status}");
                Mount::Session(None)
            }
        })
    }

    async fn begin(&self, parcel: &Parcel) -> Result<Url, RegistryError> {
        let what = upload_of(parcel);
        let url = self.url("blobs/uploads/")?;
        let response = self.send(&what, |client| client.post(url.clone()).header(CONTENT_LENGTH, 0)).await?;
        match response.status() {
            StatusCode::ACCEPTED => self.location(&what, &response),
            StatusCode::NOT_FOUND => match self.refused(&what, response).await {
                RegistryError::Status { answer, .. } => {
                    Err(RegistryError::NoRepository { place: self.reference.place(), answer })
                }
                other => Err(other),
            },
            _ => Err(self.refused(&what, response).await),
        }
    }

    /// Where the upload goes; may be relative, may be another host.
    fn location(&self, what: &str, response: &Response) -> Result<Url, RegistryError> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| response.url().join(location).ok());
        url.ok_or_else(|| self.protocol(what, "it opens an upload without saying where"))
    }

    /// Sends the bytes once.
    async fn put(
        &self,
        parcel: &Parcel,
        mut location: Url,
        progress: &HighWater<'_>,
    ) -> Result<(Response, u64), RegistryError> {
        let what = upload_of(parcel);
        location.query_pairs_mut().append_pair("digest", &parcel.digest.to_string());
        let sending = Sending::begin(parcel.content.clone());
        let request = self
            .client()?
            .put(location)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, parcel.size)
            .body(sending.body);
        let (request, generation) = self.prepare(&what, request).await?;
        let answer = self.client()?.execute(request);
        let outcome = self.watch(answer, &sending.sent, progress).await;
        if let Some(source) = sending.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(RegistryError::Layer { digest: parcel.digest, source });
        }
        match outcome {
            Ok(response) => Ok((response, generation)),
            Err(cause) => {
                let hint = hint(&cause);
                Err(RegistryError::Unreachable {
                    registry: self.reference.registry().into(),
                    what,
                    cause,
                    hint,
                })
            }
        }
    }

    /// Waits for the answer, reports progress, and gives up when nothing moves any more.
    async fn watch(
        &self,
        answer: impl Future<Output = Result<Response, reqwest::Error>>,
        sent: &AtomicU64,
        progress: &HighWater<'_>,
    ) -> Result<Response, String> {
        let patience = self.registry.settings().read_timeout * COMMIT_FACTOR;
        let mut ticks = tokio::time::interval(TICK);
        let (mut last, mut still) = (0, Duration::ZERO);
        tokio::pin!(answer);
        loop {
            tokio::select! {
                outcome = &mut answer => {
                    progress.reach(sent.load(Ordering::Relaxed));
                    return outcome.map_err(|error| cause(&error, self.registry.settings().connect_timeout));
                }
                _ = ticks.tick() => {
                    let now = sent.load(Ordering::Relaxed);
                    progress.reach(now);
                    still = if now == last { still + TICK } else { Duration::ZERO };
                    last = now;
                    if still >= patience {
                        return Err(format!("nothing moved for {} s", patience.as_secs()));
                    }
                }
            }
        }
    }
}

fn upload_of(parcel: &Parcel) -> String {
    format!("the upload of the blob {}", parcel.digest)
}

enum Mount {
    Done,
    Session(Option<Url>),
}

/// Reports only what no earlier try had reached.
struct HighWater<'a> {
    task: &'a Task<'a>,
    reached: AtomicU64,
}

impl<'a> HighWater<'a> {
    fn new(task: &'a Task<'a>) -> Self {
        Self { task, reached: AtomicU64::new(0) }
    }

    fn reach(&self, sent: u64) {
        let before = self.reached.fetch_max(sent, Ordering::Relaxed);
        if sent > before {
            self.task.advance(sent - before);
        }
    }
}

/// A body that a blocking thread reads as fast as the network takes it.
struct Sending {
    body: Body,
    sent: Arc<AtomicU64>,
    /// What kept the thread from reading on.
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Sending {
    fn begin(content: Content) -> Self {
        let (sender, mut receiver) = mpsc::channel::<io::Result<Vec<u8>>>(2);
        let (sent, failure) = (Arc::<AtomicU64>::default(), Arc::<Mutex<Option<io::Error>>>::default());
        let noted = failure.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read_into(&content, &sender) {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                let _ = sender.blocking_send(Err(io::Error::other("the layer cannot be read")));
            }
        });
        let counter = sent.clone();
        let chunks = stream::poll_fn(move |context| {
            let chunk = receiver.poll_recv(context);
            if let std::task::Poll::Ready(Some(Ok(chunk))) = &chunk {
                counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            }
            chunk
        });
        Self { body: Body::wrap_stream(chunks), sent, failure }
    }
}

/// Sends a chunk only once the next is read: the last one must not leave before the reader has verified
/// the whole, or a damaged layer would be complete on the other side.
fn read_into(content: &Content, sender: &mpsc::Sender<io::Result<Vec<u8>>>) -> io::Result<()> {
    let mut reader = content.open()?;
    let mut waiting: Option<Vec<u8>> = None;
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        let ended = chunk.is_empty();
        if let Some(chunk) = waiting.replace(chunk)
            && sender.blocking_send(Ok(chunk)).is_err()
        {
            // The request is over; its answer says why.
            return Ok(());
        }
        if ended {
            return Ok(());
        }
    }
}
